"""LangChain: its FAISS vector store with the embeddings of its Hugging Face package."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path


class LangChain:
    """A ``System`` that keeps its texts in memory, and on disk as a faiss file and a pickle."""

    def __init__(self, weights: Path, folder: Path) -> None:
        import faiss
        from langchain_community.docstore.in_memory import InMemoryDocstore
        from langchain_community.vectorstores import FAISS
        from langchain_huggingface import HuggingFaceEmbeddings

        self._embeddings = HuggingFaceEmbeddings(model_name=str(weights))
        self._folder = str(folder)
        self._store = FAISS(
            embedding_function=self._embeddings,
            index=faiss.IndexFlatL2(len(self._embeddings.embed_query("hello world"))),
            docstore=InMemoryDocstore(),
            index_to_docstore_id={},
        )

    def fill(self, texts: Sequence[str]) -> None:
        from langchain_core.documents import Document

        first = len(self._store.index_to_docstore_id)
        documents = [
            Document(page_content=text, metadata={"position": position}) for position, text in enumerate(texts, first)
        ]
        self._store.add_documents(documents)

    def find(self, question: str, k: int) -> list[int]:
        return [document.metadata["position"] for document in self._store.similarity_search(question, k=k)]

    def add(self, text: str) -> None:
        self.fill([text])

    def save(self) -> None:
        self._store.save_local(self._folder)

    def load(self) -> None:
        from langchain_community.vectorstores import FAISS

        self._store = FAISS.load_local(self._folder, self._embeddings, allow_dangerous_deserialization=True)
