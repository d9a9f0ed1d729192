"""The reader's contract: passages in; the places that may answer, and how sure, out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from corpus.errors import KrakowQAError
from corpus.model import Span
from index.search import Hit


class ReaderUnavailable(KrakowQAError):
    """A reader that is not there, or whose weights are missing or damaged."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One to three whole sentences of a passage that may answer the question.

    ``quote`` and ``highlight`` are spans of the document, the second inside the first. ``confidence`` in [0, 1] is that
    the quote answers. ``is_short_answer`` tells that the highlighted words alone are an answer.
    """

    hit: Hit
    quote: Span
    highlight: Span | None
    confidence: float
    is_short_answer: bool = False

    @property
    def text(self) -> str:
        """What the quote says."""
        passage = self.hit.passage
        return passage.text[self.quote.start - passage.span.start : self.quote.end - passage.span.start]


@dataclass(frozen=True, slots=True)
class Reading:
    """What a reader makes of the passages: findings best first, and the confidence that they answer at all."""

    findings: tuple[Finding, ...]
    confidence: float


class Reader(Protocol):
    """Finds the sentences that answer a question, and knows when there are none.

    ``languages`` are the ISO 639-1 codes of those that it was trained on; None where that is not known.
    """

    name: str
    languages: frozenset[str] | None

    def read(self, question: str, hits: Sequence[Hit]) -> Reading: ...
