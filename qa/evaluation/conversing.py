"""Questions that follow others, asked in their conversation, by themselves, or spelled out."""

from __future__ import annotations

from dataclasses import dataclass

from qa.conversation.asking import Asker
from qa.conversation.model import Exchange
from qa.evaluation.questions import Question
from qa.evaluation.task import FollowUps
from qa.model import Answer


@dataclass(frozen=True, slots=True)
class Conversation:
    """Asks each question of a set after those of its history."""

    asker: Asker
    follow_ups: FollowUps

    def before(self, question: Question) -> tuple[Exchange, ...]:
        """The history of a question, asked; nothing where it is asked without."""
        return self.asker.exchanges(question.history) if self.follow_ups is FollowUps.UNDERSTOOD else ()

    def answer(self, question: Question, before: tuple[Exchange, ...]) -> Answer:
        """The answer to a question; raises BadQuestion."""
        spelled_out = question.spelled_out if self.follow_ups is FollowUps.SPELLED_OUT else ""
        return self.asker.ask(spelled_out or question.text, before).answer
