"""Candidates asked, and kept where their own sentence is what answers them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol

from corpus.library import Library
from corpus.model import VERSION_DIGITS, Address, Source
from index.encoder import Encoder, Vectors
from qa.answerer import Answerer
from qa.model import Answer
from qa.suggesting.candidates import Candidate, candidates

LEAST_CONFIDENCE = 0.7
"""A question is suggested only where the confidence that the sources answer it is at least this."""

_SAME = 0.9
"""Questions whose cosine is greater are one question in other words."""

MOST_ASKED = 400
"""So many candidates are asked of one library."""


class Answering(Protocol):
    """What questions are asked of."""

    @property
    def library(self) -> Library:
        """Where the documents are."""

    @property
    def encoder(self) -> Encoder:
        """What tells how near questions are."""

    @property
    def answerer(self) -> Answerer:
        """What answers."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A question that was answered by the sentence at ``address``; ``vector`` is the question's, of length 1."""

    question: str
    address: Address
    source: Source
    confidence: float
    vector: Vectors = field(compare=False, repr=False)

    def cosine(self, vector: Vectors) -> float:
        """How near another question is, by its vector."""
        return float((self.vector * vector).sum())  # ``@`` would set other threads to work


def suggestions(parts: Answering, goes_on: Callable[[], bool] = lambda: True) -> Iterator[Suggestion]:
    """The questions that a library answers, one of each sentence, newest documents first, as soon as each is proven.

    It ends where the library has changed, since they may be answered otherwise then, and where ``goes_on``, which is
    called before each question, says so.
    """
    generation = parts.library.generation()
    kept: list[Suggestion] = []
    if not goes_on():
        return
    for candidate in islice(candidates(parts.library), MOST_ASKED):
        vector = parts.encoder.encode([candidate.question])[0]
        if any(candidate.address == each.address or each.cosine(vector) > _SAME for each in kept):
            continue
        if not goes_on():
            return
        answer = parts.answerer.ask(candidate.question)
        if answer.generation != generation:
            return
        if is_answered(candidate, answer):
            kept.append(Suggestion(candidate.question, candidate.address, candidate.source, answer.confidence, vector))
            yield kept[-1]


def is_answered(candidate: Candidate, answer: Answer) -> bool:
    """Whether the first quote is of the sentence that the question was made of, and surely answers."""
    if not answer.answered or answer.themes or answer.confidence < LEAST_CONFIDENCE:
        return False
    return touch(answer.quotes[0].address, candidate.address)


def touch(one: Address, other: Address) -> bool:
    """Whether two places in one version of a document overlap."""
    if (one.document_id, one.version[:VERSION_DIGITS]) != (other.document_id, other.version[:VERSION_DIGITS]):
        return False
    return one.span.overlaps(other.span)
