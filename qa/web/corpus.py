"""The Corpus tab: add documents and see how they were read, look at what is there, withdraw what should not answer."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import gradio as gr

from corpus.errors import KrakowQAError
from corpus.files import File, find_files
from corpus.library import Entry, Filter, Library
from corpus.model import Passage
from corpus.parsing.archives import SUFFIXES
from corpus.parsing.formats import READABLE
from index.intake import Added, IfChanged
from qa.assembly import Parts
from qa.web.render import render_added, render_document, render_message

Rows = list[list[str]]

COLUMNS = ("id", "title", "publisher", "kind", "date", "language", "pages", "passages", "state", "added")

_IF_CHANGED = (
    ("tell me, and change nothing", IfChanged.FAIL.value),
    ("replace it; the old text stays citable", IfChanged.REPLACE.value),
    ("keep the one that is there", IfChanged.KEEP.value),
)

_WHAT_FIRST = "Choose a document in the table, and tick the box to say that it should answer no more."


def build_corpus(parts: Parts, page: gr.Blocks) -> None:
    """The tab's components and what they do, inside the page that is being built."""

    def rows() -> Rows:
        return [_row(entry) for entry in parts.library.entries()]

    def add(paths: list[str] | None, if_changed: str) -> Iterator[tuple[str, Rows]]:
        files = _uploaded(paths)
        results: list[Added] = []
        for added in parts.intake.add(files, IfChanged(if_changed)):
            results.append(added)
            yield render_added(results, len(files)), rows()
        parts.refresh()

    def preview(paths: list[str] | None) -> Iterator[str]:
        files = _uploaded(paths)
        results: list[Added] = []
        for read in parts.intake.preview(files):
            results.append(read)
            yield render_added(results, len(files))

    def show(event: gr.SelectData) -> tuple[str, str]:
        id = str(event.row_value[0])
        entry = parts.library.entry(id)
        if entry is None:
            return render_message(f"The library has no document {id!r} any more."), ""
        return render_document(entry, parts.library.document(id), _passages(parts.library, id)), id

    def withdraw(id: str, sure: bool) -> tuple[str, Rows, bool]:
        said = _withdrawn(parts, id) if id and sure else _WHAT_FIRST
        return render_message(said), rows(), False

    with gr.Row():
        with gr.Column(scale=1):
            files = gr.File(
                label="PDF, Word, web pages, Markdown, text, ODT, EPUB, EML, or ZIP archives of them",
                file_count="multiple",
                file_types=sorted(READABLE | SUFFIXES),
                elem_id="upload",
            )
            if_changed = gr.Radio(
                _IF_CHANGED, value=IfChanged.FAIL.value, label="Where a document is there with another text"
            )
            with gr.Row():
                adding = gr.Button("Add", variant="primary", elem_id="add")
                trying = gr.Button("Only show how they are read", elem_id="preview")
                stopping = gr.Button("Stop", elem_id="stop")
            results = gr.HTML(elem_id="added", js_on_load=None)
        with gr.Column(scale=1):
            document = gr.HTML(
                render_message("Choose a document in the table below."), elem_id="document", js_on_load=None
            )
            with gr.Row():
                sure = gr.Checkbox(label="It should answer no more", elem_id="sure")
                withdrawing = gr.Button("Withdraw", elem_id="withdraw")
    table = gr.Dataframe(
        headers=list(COLUMNS),
        datatype="str",
        interactive=False,
        show_search="filter",
        wrap=True,
        column_widths=["13%", "31%", "12%", "8%", "8%", "7%", "5%", "6%", "6%", "8%"],
        label="Documents",
        elem_id="documents",
    )
    id = gr.State("")
    private: dict[str, Any] = {"api_visibility": "private"}
    added = adding.click(add, [files, if_changed], [results, table], concurrency_id="add", **private)
    tried = trying.click(preview, files, results, concurrency_id="add", **private)
    stopping.click(None, None, None, cancels=[added, tried], **private)
    table.select(show, None, [document, id], **private)
    withdrawing.click(withdraw, [id, sure], [document, table, sure], **private)
    page.load(rows, None, table, **private)


def _uploaded(paths: Sequence[str] | None) -> list[File]:
    """The files as they were called where they came from; where they lie here says nothing to anybody."""
    found = find_files(Path(path) for path in paths or ())
    return [replace(file, origin=f"upload/{Path(file.origin).name}") for file in found]


def _withdrawn(parts: Parts, id: str) -> str:
    try:
        parts.library.withdraw(id)
    except KrakowQAError as error:
        return str(error)
    parts.refresh()
    return f"Withdrew {id}; its quotes still resolve, and adding it again brings it back."


def _passages(library: Library, id: str) -> list[Passage]:
    ids = library.passage_ids(Filter(documents=frozenset({id})))
    found = library.passages(ids.tolist())
    return [found[number].passage for number in sorted(found)]


def _row(entry: Entry) -> list[str]:
    source, report = entry.source, entry.provenance.report
    return [
        entry.id,
        source.title,
        source.publisher or "",
        source.kind.value,
        source.date or "",
        source.language or "",
        str(report.pages or ""),
        str(entry.passages),
        entry.state.value,
        entry.added_at[:10],
    ]
