"""The part of the Corpus tab that shows what is there: the table, and the document that is chosen in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import gradio as gr

from corpus.library import Entry, Library, State
from qa.web.corpus.render import render_about, render_message, render_text
from qa.web.opening import Opening
from qa.wording import added_by

Row = list[str | int | None]

_COLUMNS = (
    ("title", "str", 210),
    ("publisher", "str", 125),
    ("kind", "str", 95),
    ("date", "str", 100),
    ("language", "str", 92),
    ("pages", "number", 64),
    ("passages", "number", 96),
    ("added by", "str", 95),
    ("added", "str", 100),
    ("state", "str", 88),
    ("id", "str", 170),
)
"""Name, type and width in pixels; dates are ISO, so that they sort as text."""

_ORDERS: dict[str, tuple[Callable[[Entry], Any], bool]] = {
    "title": (lambda entry: entry.source.title.casefold(), False),
    "publisher": (lambda entry: (entry.source.publisher or "").casefold(), False),
    "date, newest first": (lambda entry: entry.source.date or "", True),
    "added, newest first": (lambda entry: entry.added_at, True),
    "passages, most first": (lambda entry: entry.passages, True),
    "pages, most first": (lambda entry: entry.provenance.report.pages, True),
    "id": (lambda entry: entry.id, False),
}
"""How the table can be sorted, and whether the greatest comes first; its header sorts too, by mouse."""

_CHOOSE = "Choose a document in the table."


@dataclass(frozen=True, slots=True)
class Table:
    """The table, whether it has what was withdrawn, and how it is sorted."""

    rows: gr.Dataframe
    withdrawn: gr.Checkbox
    order: gr.Dropdown

    @property
    def wanted(self) -> list[Any]:
        """What ``table_rows`` is told."""
        return [self.withdrawn, self.order]


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of the documents, and what can be done with the chosen one; ``id`` is empty where none is."""

    opening: Opening
    table: Table
    id: gr.State
    said: gr.HTML
    about: gr.HTML
    text: gr.HTML
    replacing: gr.Button
    withdrawing: gr.Button
    reinstating: gr.Button
    purging: gr.Button

    @property
    def components(self) -> list[Any]:
        """What ``updates`` are for."""
        buttons = [self.replacing, self.withdrawing, self.reinstating, self.purging]
        return [self.table.rows, self.id, self.said, self.about, self.text, *buttons]

    def updates(self, id: str, withdrawn: bool, order: str, said: str = "") -> list[Any]:
        """The table and a document as they are now, and a sentence on what was done."""
        return [table_rows(self.opening.parts.library, withdrawn, order), *self.chosen(id, said)]

    def chosen(self, id: str, said: str = "") -> list[Any]:
        """All but the table."""
        library = self.opening.parts.library
        entry = library.entry(id) if id else None
        sentence = render_message(said) if said else ""
        buttons = [gr.update(visible=visible) for visible in _possible(entry)]
        if entry is None:
            return ["", gr.update(value=sentence or render_message(_CHOOSE), visible=True), "", "", *buttons]
        document = library.document(id)
        size, copies = library.original_bytes(entry.provenance.file_digest), library.copies_of(document)
        about, text = (
            render_about(entry, size, copies),
            render_text(document, [each.passage for each in library.passages_of(id)]),
        )
        return [id, gr.update(value=sentence, visible=bool(said)), about, text, *buttons]


def build_table() -> Table:
    """The table, which can be filtered and sorted by every column."""
    with gr.Row(equal_height=True):
        order = gr.Dropdown(list(_ORDERS), value="id", label="Sort by", elem_id="order")
        withdrawn = gr.Checkbox(label="Show withdrawn documents too", elem_id="withdrawn")
    rows = gr.Dataframe(
        headers=[name for name, _, _ in _COLUMNS],
        datatype=[kind for _, kind, _ in _COLUMNS],  # type: ignore[misc]
        type="array",
        interactive=False,
        show_search="filter",
        wrap=True,
        column_widths=[width for _, _, width in _COLUMNS],
        max_height=320,
        label="Documents",
        buttons=[],
        elem_id="documents",
    )
    return Table(rows, withdrawn, order)


def build_document(opening: Opening, table: Table, beside: gr.Column) -> Shown:
    """The chosen document's particulars, the buttons for what can be done with it, and its text ``beside`` them."""
    said = gr.HTML(render_message(_CHOOSE), elem_id="said", js_on_load=None)
    about = gr.HTML(elem_id="about", js_on_load=None)
    with gr.Row(elem_id="actions"):
        replacing = gr.Button("Replace", visible=False, size="sm", min_width=80, elem_id="replace")
        withdrawing = gr.Button("Withdraw", visible=False, size="sm", min_width=80, elem_id="withdraw")
        reinstating = gr.Button("Reinstate", visible=False, size="sm", min_width=80, elem_id="reinstate")
        purging = gr.Button("Purge", visible=False, size="sm", min_width=80, elem_id="purge")
    with beside:
        text = gr.HTML(elem_id="text", js_on_load=None)
    return Shown(opening, table, gr.State(""), said, about, text, replacing, withdrawing, reinstating, purging)


def table_rows(library: Library, withdrawn: bool, order: str) -> list[Row]:
    """A row for each document."""
    key, greatest_first = _ORDERS[order]
    return [_row(entry) for entry in sorted(library.entries(withdrawn=withdrawn), key=key, reverse=greatest_first)]


def _row(entry: Entry) -> Row:
    source = entry.source
    return [
        source.title,
        source.publisher or "",
        source.kind.value,
        source.date or "",
        source.language or "",
        entry.provenance.report.pages or None,
        entry.passages,
        added_by(entry),
        entry.added_at[:10],
        entry.state.value,
        entry.id,
    ]


def _possible(entry: Entry | None) -> tuple[bool, bool, bool, bool]:
    """Whether a document can be replaced, withdrawn, reinstated and purged."""
    if entry is None:
        return False, False, False, False
    is_current = entry.state is State.CURRENT
    return is_current, is_current, not is_current, True
