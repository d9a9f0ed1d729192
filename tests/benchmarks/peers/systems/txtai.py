"""txtai: an embeddings index with its defaults, and one with BM25 beside the vectors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any


class Txtai:
    """A ``System`` that keeps vectors and positions."""

    options: dict[str, Any] = {}  # noqa: RUF012  it is never written to

    def __init__(self, weights: Path, folder: Path) -> None:
        from txtai import Embeddings

        self._embeddings = Embeddings(path=str(weights), **self.options)
        self._folder = folder

    def fill(self, texts: Sequence[str]) -> None:
        self._embeddings.index(texts)

    def find(self, question: str, k: int) -> list[int]:
        return [position for position, _ in self._embeddings.search(question, k)]

    def add(self, text: str) -> None:
        self._embeddings.upsert([(self._embeddings.count(), text)])

    def save(self) -> None:
        self._embeddings.save(str(self._folder))

    def load(self) -> None:
        self._embeddings.load(str(self._folder))


class TxtaiHybrid(Txtai):
    """A ``System`` that has BM25 too."""

    options = {"hybrid": True}  # noqa: RUF012
