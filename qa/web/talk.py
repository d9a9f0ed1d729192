"""A conversation as the page has it at hand."""

from __future__ import annotations

from dataclasses import dataclass

from qa.conversation.kept import KeptTurn
from qa.conversation.model import Exchange


@dataclass(frozen=True, slots=True)
class Talk:
    """A conversation: its turns as they are shown, what a later question may refer to, and the latest question.

    ``id`` is what it is kept under, and ``latest`` its latest turn as it is kept; both from the first answer on.
    ``spelling`` is the latest question as it may have been meant, where that seems misspelt. ``is_fresh`` where the
    latest question was just answered or refused. ``notice`` is shown below the turns, and ``draft`` in the question
    box, until the next question.
    """

    turns: tuple[str, ...] = ()
    before: tuple[Exchange, ...] = ()
    question: str = ""
    id: str = ""
    latest: KeptTurn | None = None
    spelling: str | None = None
    is_fresh: bool = False
    notice: str = ""
    draft: str = ""

    @property
    def searched(self) -> str:
        """The latest question in full; empty where none was answered or refused."""
        return self.before[-1].searched if self.before else ""

    @property
    def searched_otherwise(self) -> str:
        """The latest question in full where it was typed in other words; else empty."""
        return self.searched if self.is_fresh and self.searched != self.question else ""

    @property
    def meant(self) -> str:
        """The latest question as it may have been meant, or as it was typed."""
        return self.question if self.spelling is None else self.spelling

    @property
    def is_refused_in_some(self) -> bool:
        """Whether the latest question was refused where only some sources were searched."""
        latest = self.latest if self.is_fresh else None
        return latest is not None and latest.abstention is not None and latest.filter is not None
