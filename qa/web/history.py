"""The earlier conversations of whoever uses the page: chosen from a list, opened again, deleted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from corpus.errors import KrakowQAError
from qa.accounts.model import AT_HOME
from qa.conversation.kept import KeptTurn
from qa.conversation.shelves import AccountShelf, BrowserShelf, Listed, Shelf, conversations_in
from qa.database import Database
from qa.web.acting import user_now
from qa.web.events import QUIETLY, Updates
from qa.web.opening import Opening
from qa.web.talk import Talk
from qa.wording import readable_date

_SHOWN_CHARACTERS = 70

_CIPHER = "krakow-qa"
"""Gradio enciphers what the browser keeps; a key that is new at every start would lose it at every start."""


class NotKept(KrakowQAError):
    """A conversation that is chosen and not there."""


@dataclass(frozen=True, slots=True)
class History:
    """The components; ``kept`` is what the browser keeps, which is nothing of those who have an account."""

    database: Database
    kept: gr.BrowserState
    part: gr.Accordion
    earlier: gr.Dropdown
    opening: gr.Button
    deleting: gr.Button
    clearing: gr.Button
    cleared: gr.Button

    @property
    def shown(self) -> list[Any]:
        """What changes with what is kept."""
        return [self.kept, self.part, self.earlier, self.cleared]

    def listed(self, kept: Any) -> Updates:
        """The list as it is."""
        return self._updates(self._shelf(kept))

    def keep(self, talk: Talk, kept: Any) -> Updates:
        """The list with the latest turn in it, where there was one."""
        shelf = self._shelf(kept)
        if talk.latest is not None:
            shelf.keep(talk.id, len(talk.before), talk.latest)
        return self._updates(shelf)

    def turns(self, id: str | None, kept: Any) -> tuple[KeptTurn, ...]:
        """The turns of the chosen conversation; raises NotKept."""
        turns = () if id is None else self._shelf(kept).turns(id)
        if not turns:
            raise NotKept("This conversation is not kept any more. Choose another, or ask anew")
        return turns

    def delete(self, id: str | None, kept: Any) -> Updates:
        """The list without the chosen conversation."""
        shelf = self._shelf(kept)
        if id is not None:
            shelf.delete(id)
        return self._updates(shelf)

    def clear(self, kept: Any) -> Updates:
        """An empty list."""
        shelf = self._shelf(kept)
        shelf.clear()
        return self._updates(shelf)

    def _shelf(self, kept: Any) -> Shelf:
        user = user_now()
        return BrowserShelf(kept) if user is AT_HOME else AccountShelf(self.database, user.name)

    def _updates(self, shelf: Shelf) -> Updates:
        kept = shelf.value if isinstance(shelf, BrowserShelf) else gr.skip()
        listed = shelf.listed()
        choices = [(_label(each), each.id) for each in listed]
        return [
            kept,
            gr.update(visible=bool(listed), label=f"Earlier conversations ({len(listed)})"),
            gr.update(choices=choices, value=listed[0].id if listed else None),
            gr.update(visible=False),
        ]


def build_history(opening: Opening, page: gr.Blocks) -> History:
    """The components, and what happens when a conversation is deleted; the list is there as soon as the page is."""
    kept = gr.BrowserState([], storage_key="krakow-qa-conversations", secret=_CIPHER)
    with gr.Accordion("Earlier conversations", open=False, visible=False, elem_id="history") as part:
        earlier = gr.Dropdown([], label="Conversation", elem_id="earlier")
        with gr.Row():
            again = gr.Button("Open", size="sm", min_width=90, elem_id="open-earlier")
            deleting = gr.Button("Delete", size="sm", min_width=90, elem_id="delete-earlier")
            clearing = gr.Button("Delete all", size="sm", min_width=90, elem_id="delete-all")
            cleared = gr.Button(
                "Yes, delete all", size="sm", min_width=90, variant="stop", visible=False, elem_id="yes-delete-all"
            )
    history = History(conversations_in(opening.folder), kept, part, earlier, again, deleting, clearing, cleared)
    page.load(history.listed, kept, history.shown, **QUIETLY)
    deleting.click(history.delete, [earlier, kept], history.shown, **QUIETLY)
    clearing.click(lambda: gr.update(visible=True), None, cleared, **QUIETLY)
    cleared.click(history.clear, kept, history.shown, **QUIETLY)
    return history


def _label(listed: Listed) -> str:
    question = " ".join(listed.question.split())
    shortened = question if len(question) <= _SHOWN_CHARACTERS else question[:_SHOWN_CHARACTERS].rstrip() + "…"
    turns = "1 question" if listed.turns == 1 else f"{listed.turns} questions"
    return f"{shortened} · {readable_date(listed.began[:10])} · {turns}"
