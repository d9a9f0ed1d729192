"""The vocabulary of conversations: Turn, Exchange."""

from __future__ import annotations

from dataclasses import dataclass

from qa.model import Answer


@dataclass(frozen=True, slots=True)
class Exchange:
    """What a later question may refer to: a question as it was typed and as it was searched for, and what it got."""

    question: str
    searched: str
    short_answer: str | None


@dataclass(frozen=True, slots=True)
class Turn:
    """A question of a conversation and its answer.

    ``searched`` is the question in full, as it was searched for: the ``question`` as it was typed wherever that can be
    understood by itself.
    """

    question: str
    searched: str
    answer: Answer

    @property
    def exchange(self) -> Exchange:
        """What is left of it for the questions that follow."""
        return Exchange(self.question, self.searched, self.answer.short_answer)
