"""A conversation as the page has it at hand."""

from __future__ import annotations

from dataclasses import dataclass

from qa.conversation.kept import KeptTurn
from qa.conversation.model import Exchange


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation: its turns as they are shown, what a later question may refer to, and the latest question.

    ``id`` is what it is kept under, and ``latest`` its latest turn as it is kept; both from the first answer on.
    """

    turns: tuple[str, ...] = ()
    before: tuple[Exchange, ...] = ()
    question: str = ""
    id: str = ""
    latest: KeptTurn | None = None

    @property
    def searched(self) -> str:
        """The latest question in full; empty where none was answered or refused."""
        return self.before[-1].searched if self.before else ""
