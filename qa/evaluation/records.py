"""What a run leaves of each question: all that metrics are computed from, and that reports show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from qa.evaluation.questions import Question
from qa.model import Answer


class Verdict(StrEnum):
    """What became of a question."""

    RIGHT = "right"
    LOWER = "right, but not first"
    WRONG = "wrong"
    FALSE_REFUSAL = "false refusal"
    FALSE_ANSWER = "false answer"
    UNJUDGED = "not judged"


@dataclass(frozen=True, slots=True)
class Record:
    """A question with what came of it, and how that scored.

    ``found`` are the documents that were found for it, best first, None where none were ranked; ``answer`` is without
    hits and timings, None where nothing was read. Of the answer: ``position`` is how many quotes, from the first, it
    takes to hold the evidence, None where they never do; ``right_first`` whether the first quote holds it, shown as an
    answer or as what came closest; ``exact_match`` and ``f1`` are of the short answer, None where the set accepts none;
    ``intact`` counts the quotes that equal the stored text.
    """

    question: Question
    found: tuple[str, ...] | None = None
    answer: Answer | None = None
    position: int | None = None
    right_first: bool = False
    exact_match: float | None = None
    f1: float | None = None
    intact: int = 0

    @property
    def shown(self) -> int:
        """How many quotes there are, as answers or as what came closest."""
        return 0 if self.answer is None else len(self.answer.quotes + self.answer.closest)

    @property
    def answered(self) -> bool:
        """Whether there is an answer that is no refusal."""
        return self.answer is not None and self.answer.answered

    @property
    def verdict(self) -> Verdict:
        """By the evidence where there is some, else by accepted answers; of a search, by its first document."""
        question, answer = self.question, self.answer
        if answer is None:
            return self._of_search()
        if answer.answered != question.answerable:
            return Verdict.FALSE_ANSWER if answer.answered else Verdict.FALSE_REFUSAL
        if not question.answerable:
            return Verdict.RIGHT
        if question.evidence:
            return _by_place(self.position)
        if question.answers:
            return Verdict.RIGHT if self.exact_match else Verdict.WRONG
        return Verdict.UNJUDGED

    def _of_search(self) -> Verdict:
        relevant = {document for document, _ in self.question.relevant}
        places = [place for place, id in enumerate(self.found or (), start=1) if id in relevant]
        return _by_place(places[0] if places else None) if relevant else Verdict.UNJUDGED


def _by_place(place: int | None) -> Verdict:
    if place is None:
        return Verdict.WRONG
    return Verdict.RIGHT if place == 1 else Verdict.LOWER
