"""krakow-qa: each text is a file that goes through the whole intake, and one passage of the library."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from corpus.files import File
from index.retriever import Retrieval
from qa.assembly import load_encoder, make_library, open_parts
from qa.settings import Settings


class Krakow:
    """A ``System`` that asks both indexes, with a reader."""

    retrieval = Retrieval.HYBRID

    def __init__(self, weights: Path, folder: Path) -> None:
        encoder = load_encoder(None)
        make_library(folder, encoder, empty=True, passage_tokens=None)
        self._parts = open_parts(folder, Settings(), encoder=encoder)
        self._count = 0

    def fill(self, texts: Sequence[str]) -> None:
        self._take_in(text_file(position, text) for position, text in enumerate(texts))
        self._count = len(texts)
        self._parts.refresh()

    def find(self, question: str, k: int) -> list[int]:
        hits = self._parts.retriever.search(question, k, retrieval=self.retrieval)
        return [int(hit.passage.document_id.rpartition("-")[2]) for hit in hits]

    def add(self, text: str) -> None:
        self._take_in([text_file(self._count, text)])
        self._count += 1

    def ask(self, question: str) -> object:
        return self._parts.answerer.ask(question)

    def _take_in(self, files: Iterable[File]) -> None:
        for added in self._parts.intake.add(files):
            if added.error is not None:
                raise ValueError(f"{added.path} was not added: {added.error}")


class KrakowDense(Krakow):
    """A ``System`` that asks the vectors only."""

    retrieval = Retrieval.DENSE


def text_file(position: int, text: str) -> File:
    """A text as a file; its name, which becomes the document's id, ends with its position."""
    name = f"text-{position}.txt"
    return File(name, name, text.encode)
