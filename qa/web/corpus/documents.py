"""The part of the Corpus tab that shows what is there: the table, and the document that is chosen in it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from corpus.library import Entry, Filter, Library, State
from corpus.model import Passage
from qa.assembly import Parts
from qa.web.corpus.render import render_about, render_message, render_text
from qa.wording import added_by

Row = list[str | int | None]

_COLUMNS = (
    ("title", "str", 225),
    ("publisher", "str", 130),
    ("kind", "str", 85),
    ("date", "str", 92),
    ("language", "str", 82),
    ("pages", "number", 64),
    ("passages", "number", 85),
    ("added by", "str", 95),
    ("added", "str", 92),
    ("state", "str", 88),
    ("id", "str", 170),
)
"""Name, type and width in pixels; dates are ISO, so that they sort as text."""

_CHOOSE = "Choose a document in the table."


@dataclass(frozen=True, slots=True)
class Shown:
    """What is shown of the documents, and what can be done with the chosen one; ``id`` is empty where none is."""

    parts: Parts
    table: gr.Dataframe
    withdrawn: gr.Checkbox
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
        return [self.table, self.id, self.said, self.about, self.text, *buttons]

    def updates(self, id: str, withdrawn: bool, said: str = "") -> list[Any]:
        """The table and a document as they are now, and a sentence on what was done."""
        library = self.parts.library
        return [table_rows(library, withdrawn), *self.chosen(id, said)]

    def chosen(self, id: str, said: str = "") -> list[Any]:
        """All but the table."""
        library = self.parts.library
        entry = library.entry(id) if id else None
        sentence = render_message(said) if said else ""
        buttons = [gr.update(visible=visible) for visible in _possible(entry)]
        if entry is None:
            return ["", sentence or render_message(_CHOOSE), "", "", *buttons]
        about = render_about(entry, library.original_bytes(entry.provenance.file_digest))
        return [id, sentence, about, render_text(library.document(id), _passages(library, id)), *buttons]


def build_table() -> tuple[gr.Dataframe, gr.Checkbox]:
    """The table, which can be filtered and sorted by every column, and whether it has what was withdrawn."""
    withdrawn = gr.Checkbox(label="Show withdrawn documents too", elem_id="withdrawn")
    table = gr.Dataframe(
        headers=[name for name, _, _ in _COLUMNS],
        datatype=[kind for _, kind, _ in _COLUMNS],  # type: ignore[misc]
        type="array",
        interactive=False,
        show_search="filter",
        wrap=True,
        column_widths=[width for _, _, width in _COLUMNS],
        max_height=380,
        label="Documents",
        buttons=[],
        elem_id="documents",
    )
    return table, withdrawn


def build_document(parts: Parts, table: gr.Dataframe, withdrawn: gr.Checkbox, beside: gr.Column) -> Shown:
    """The chosen document's particulars, the buttons for what can be done with it, and its text ``beside`` them."""
    said = gr.HTML(render_message(_CHOOSE), elem_id="said", js_on_load=None)
    about = gr.HTML(elem_id="about", js_on_load=None)
    with gr.Row(elem_id="actions"):
        replacing = gr.Button("Replace …", visible=False, min_width=100, elem_id="replace")
        withdrawing = gr.Button("Withdraw …", visible=False, min_width=100, elem_id="withdraw")
        reinstating = gr.Button("Reinstate", visible=False, min_width=100, elem_id="reinstate")
        purging = gr.Button("Purge …", visible=False, min_width=100, elem_id="purge")
    with beside:
        text = gr.HTML(elem_id="text", js_on_load=None)
    return Shown(parts, table, withdrawn, gr.State(""), said, about, text, replacing, withdrawing, reinstating, purging)


def table_rows(library: Library, withdrawn: bool) -> list[Row]:
    """A row for each document."""
    return [_row(entry) for entry in library.entries(withdrawn=withdrawn)]


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


def _passages(library: Library, id: str) -> list[Passage]:
    ids = library.passage_ids(Filter(documents=frozenset({id})))
    found = library.passages(ids.tolist())
    return [found[number].passage for number in sorted(found)]
