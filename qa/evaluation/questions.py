"""Questions of a scored set: what is asked, and what counts as right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from corpus.blocks import sentences
from corpus.model import Span
from qa.model import Quote

_MOST_SENTENCES, _MOST_WORDS = 3, 80

Place = tuple[str, Span]
"""A document id and a span of it."""


class Part(NamedTuple):
    """A piece of evidence as the set gives it, and the places where it stands, any of which will do."""

    given: str
    places: tuple[Place, ...]


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a set.

    ``history`` holds the questions asked before it, oldest first, and ``spelled_out`` says in full what it means after
    them, where that is more than its own words; ``answers`` are accepted short answers; ``evidence``
    has alternatives, each the parts that are all needed; ``document_id`` is the text that it was asked about;
    ``relevant`` are the documents that are to be found, with grades above 0.
    """

    id: str
    text: str
    answerable: bool
    history: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    evidence: tuple[tuple[Part, ...], ...] = ()
    document_id: str | None = None
    relevant: tuple[tuple[str, int], ...] = ()
    tags: tuple[str, ...] = ()
    note: str = ""
    spelled_out: str = ""

    @property
    def places(self) -> list[Place]:
        """Where evidence stands, whichever of it."""
        return [place for alternative in self.evidence for part in alternative for place in part.places]


def holds_evidence(question: Question, quotes: Sequence[Quote]) -> bool:
    """Whether all parts of one alternative stand wholly inside quotes of at most 3 sentences and 80 words."""
    return any(
        all(any(_holds(quote, place) for quote in quotes for place in part.places) for part in alternative)
        for alternative in question.evidence
    )


def _holds(quote: Quote, place: Place) -> bool:
    document, span = place
    return (
        quote.address.document_id == document
        and span in quote.address.span
        and len(sentences(quote.text)) <= _MOST_SENTENCES
        and len(quote.text.split()) <= _MOST_WORDS
    )
