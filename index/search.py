"""What searching means: the two Protocols of the engines, what they find, and Hit."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.library import Filter, StoredPassage
from corpus.model import Passage, Source
from index.encoder import Vectors


def found_by(passage: Passage) -> str:
    """The text by which a passage is found: the headings above it, which say what it is about, and its own."""
    return "\n".join((*passage.headings, passage.text))


def told_of(stored: StoredPassage) -> str:
    """All that is told of a passage: the text by which it is found, its document's title, and who says it."""
    source = stored.source
    names = [source.title, source.publisher, source.speaker]
    names += [name for reference in source.references for name in (reference.title, reference.publisher)]
    return "\n".join([found_by(stored.passage), *(name for name in names if name is not None)])


@dataclass(frozen=True, slots=True)
class Found:
    """A passage id and how well it fits; higher is better."""

    passage_id: int
    score: float


class VectorSearch(Protocol):
    """Finds passages by the cosine of their vector."""

    def search(self, query: Vectors, k: int, filter: Filter | None = None) -> list[Found]:
        """The k best, ties by id; ``query`` has shape (dimension,) and length 1."""


Word = Sequence[str]
"""A word that is searched for, as the terms it may stand as: a passage holds it as often as all of them together."""


class KeywordSearch(Protocol):
    """Finds passages by BM25 over the terms that ``index.terms`` finds passages by."""

    def search(self, query: Sequence[Word], k: int, filter: Filter | None = None) -> list[Found]:
        """The k best of those that hold at least one of the words, ties by id."""


class Index(Protocol):
    """What is searched beside the library's own tables, and follows it."""

    def refresh(self) -> None:
        """Catch up with the library."""

    def check(self) -> list[str]:
        """How it disagrees with the library, a line each; empty where it agrees."""


class VectorIndex(VectorSearch, Index, Protocol):
    """A ``VectorSearch`` that grows with the library."""

    @property
    def kind(self) -> str:
        """How the passages are searched, in a word."""

    def save_if_grown(self) -> None:
        """Do what makes later searches quick, where there is much more than when it was last done."""


class KeywordIndex(KeywordSearch, Index, Protocol):
    """A ``KeywordSearch`` that grows with the library, and knows its words."""

    def holding(self, text: str, k: int) -> list[int]:
        """The ids of at most k passages that hold every word of a text, each in any of its forms."""

    def spelled_like(self, word: str, distance: int, apart_from: Collection[str], k: int) -> list[int]:
        """The ids of at most k passages that hold a word within so many slips, 2 at most, of a folded one.

        They hold none of the folded words in ``apart_from``.
        """


@dataclass(frozen=True, slots=True)
class Scores:
    """Why a passage was found, each None where it does not apply; higher is better.

    ``cosine`` is in [-1, 1], ``bm25`` above 0, ``fused`` the sum of reciprocal ranks.
    """

    fused: float
    cosine: float | None = None
    bm25: float | None = None
    reader: float | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A passage that was found; ``rank`` counts from 1.

    ``copies`` are passages of lower rank that say nothing but what this one says, each with its document's source.
    """

    passage: Passage
    source: Source
    rank: int
    scores: Scores
    copies: tuple[tuple[Passage, Source], ...] = ()
