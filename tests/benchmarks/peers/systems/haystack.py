"""Haystack: a pipeline that fills an in-memory store, and one that searches it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Haystack:
    """A ``System`` whose store is written to one JSON file."""

    def __init__(self, weights: Path, folder: Path) -> None:
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self._weights = str(weights)
        self._file = str(folder / "store.json")
        self._count = 0
        self._use(InMemoryDocumentStore(embedding_similarity_function="cosine"))
        self._indexing.warm_up()

    def fill(self, texts: Sequence[str]) -> None:
        from haystack import Document

        documents = [
            Document(content=text, meta={"position": position}) for position, text in enumerate(texts, self._count)
        ]
        self._indexing.run({"embedder": {"documents": documents}})
        self._count += len(documents)

    def find(self, question: str, k: int) -> list[int]:
        found = self._querying.run({"embedder": {"text": question}, "retriever": {"top_k": k}})
        return [document.meta["position"] for document in found["retriever"]["documents"]]

    def add(self, text: str) -> None:
        self.fill([text])

    def save(self) -> None:
        self._store.save_to_disk(self._file)

    def load(self) -> None:
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        self._use(InMemoryDocumentStore.load_from_disk(self._file))

    def _use(self, store: Any) -> None:
        """Put both pipelines over a store; all embedders with the same weights share one model in a process."""
        from haystack import Pipeline
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever
        from haystack.components.writers import DocumentWriter
        from haystack_integrations.components.embedders.sentence_transformers import (
            SentenceTransformersDocumentEmbedder,
            SentenceTransformersTextEmbedder,
        )

        self._store = store
        self._indexing, self._querying = Pipeline(), Pipeline()
        self._indexing.add_component("embedder", SentenceTransformersDocumentEmbedder(model=self._weights))
        self._indexing.add_component("writer", DocumentWriter(document_store=store))
        self._indexing.connect("embedder.documents", "writer.documents")
        self._querying.add_component("embedder", SentenceTransformersTextEmbedder(model=self._weights))
        self._querying.add_component("retriever", InMemoryEmbeddingRetriever(store))
        self._querying.connect("embedder.embedding", "retriever.query_embedding")
