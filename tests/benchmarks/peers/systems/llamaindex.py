"""LlamaIndex: a vector store index over its own in-memory store."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class LlamaIndex:
    """A ``System`` whose documents become one node each, as long as none has more than 1,024 tokens."""

    def __init__(self, weights: Path, folder: Path) -> None:
        from llama_index.core import VectorStoreIndex
        from llama_index.embeddings.huggingface import HuggingFaceEmbedding

        self._embeddings = HuggingFaceEmbedding(model_name=str(weights))
        self._folder = str(folder)
        self._index = VectorStoreIndex([], embed_model=self._embeddings)

    def fill(self, texts: Sequence[str]) -> None:
        from llama_index.core import Document, VectorStoreIndex

        documents = [Document(text=text, id_=str(position)) for position, text in enumerate(texts)]
        self._index = VectorStoreIndex.from_documents(documents, embed_model=self._embeddings)
        nodes = len(self._index.docstore.docs)
        if nodes != len(texts):
            raise ValueError(f"{len(texts)} texts became {nodes} nodes; leave out those of more than 1,024 tokens")

    def find(self, question: str, k: int) -> list[int]:
        found = self._index.as_retriever(similarity_top_k=k).retrieve(question)
        return [int(hit.node.ref_doc_id) for hit in found]

    def add(self, text: str) -> None:
        from llama_index.core import Document

        self._index.insert(Document(text=text, id_=str(len(self._index.docstore.docs))))

    def save(self) -> None:
        self._index.storage_context.persist(self._folder)

    def load(self) -> None:
        from llama_index.core import StorageContext, load_index_from_storage

        storage = StorageContext.from_defaults(persist_dir=self._folder)
        self._index = load_index_from_storage(storage, embed_model=self._embeddings)
