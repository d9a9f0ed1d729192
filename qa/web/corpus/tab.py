"""The Corpus tab: the documents that are there, adding more of them, and the public sources of the catalogue."""

from __future__ import annotations

from typing import Any

import gradio as gr

from qa.web.corpus.adding import build_adding
from qa.web.corpus.changing import build_changing
from qa.web.corpus.documents import build_document, build_table, table_rows
from qa.web.corpus.sources import build_sources
from qa.web.events import QUIETLY
from qa.web.opening import Opening


def build_corpus(opening: Opening, page: gr.Blocks) -> None:
    """The tab's components and what they do, inside the page that is being built."""

    def rows(withdrawn: bool, order: str) -> list[Any]:
        return table_rows(opening.parts.library, withdrawn, order)

    def show(event: gr.SelectData) -> list[Any]:
        return [*shown.chosen(str(event.row_value[-1])), *[gr.update(visible=False)] * len(questions)]

    with gr.Tab("Documents") as documents:
        table = build_table()
        with gr.Row():
            about, text = gr.Column(scale=2), gr.Column(scale=3)
        with about:
            shown = build_document(opening, table, text)
            questions = build_changing(opening, shown)
    with gr.Tab("Add"):
        build_adding(opening)
    with gr.Tab("Sources") as sources:
        build_sources(opening, sources)
    table.rows.select(show, None, [*shown.components[1:], *questions], **QUIETLY)
    gr.on(
        [page.load, documents.select, table.withdrawn.change, table.order.change],
        rows,
        table.wanted,
        table.rows,
        **QUIETLY,
    )
