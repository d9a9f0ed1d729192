"""A question of a conversation, asked: understood after those before it, answered, and made a turn."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from corpus.library import Filter
from qa.conversation.following import understood
from qa.conversation.likeness import Encode
from qa.conversation.model import Exchange, Turn
from qa.model import Answer


@dataclass(frozen=True, slots=True)
class Asker:
    """Asks the questions of conversations; ``answer`` is an answerer's, ``encode`` its encoder's."""

    answer: Callable[[str, Filter | None], Answer]
    encode: Encode

    def ask(
        self,
        question: str,
        before: Sequence[Exchange] = (),
        searched: str | None = None,
        filter: Filter | None = None,
    ) -> Turn:
        """The turn of a question after others, of what passes the filter; raises BadQuestion and BadFilter.

        ``searched`` is what is searched for where somebody has said that; None where it is to be understood.
        """
        question = question.strip()
        if searched is None:
            searched = understood(question, before, self.encode)
        return Turn(question, searched, self.answer(searched, filter))

    def exchanges(self, questions: Iterable[str], filter: Filter | None = None) -> tuple[Exchange, ...]:
        """What is left of a conversation of these questions, oldest first; raises BadQuestion and BadFilter."""
        before: tuple[Exchange, ...] = ()
        for question in questions:
            before = (*before, self.ask(question, before, filter=filter).exchange)
        return before
