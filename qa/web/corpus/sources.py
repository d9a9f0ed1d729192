"""The part of the Corpus tab that lists the public sources of the catalogue and fetches those that are ticked."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import gradio as gr
from anyascii import anyascii

from corpus.catalogue import CatalogueEntry, Mark, held_sources, shipped_catalogue
from corpus.fetching.files import catalogued, fetch_files
from qa.web.corpus.batches import Job, Stop
from qa.web.corpus.panel import BATCH, build_panel
from qa.web.corpus.render import render_message
from qa.web.events import QUIETLY, Updates
from qa.web.opening import Opening
from qa.wording import readable_date

_NOTHING = "Tick the sources that are to be fetched."


def build_sources(opening: Opening, tab: gr.Tab) -> None:
    """The components inside their tab, and what they do."""
    catalogue = shipped_catalogue()

    def listed(words: str, marks: list[str], with_held: bool, ticked: list[str]) -> Any:
        held = held_sources(catalogue, opening.parts.library.entries())
        found = [
            entry
            for entry in catalogue.values()
            if entry.mark in marks and (with_held or entry.id not in held) and _has(entry, words)
        ]
        ids = {entry.id for entry in found}
        return gr.update(
            choices=[(_line(entry, entry.id in held), entry.id) for entry in found],
            value=[id for id in ticked if id in ids],
            label=f"{len(found)} of {len(catalogue)} public sources",
        )

    def fetch(ids: list[str], stop: Stop) -> Iterator[Updates]:
        if not ids:
            yield [render_message(_NOTHING), *[gr.update()] * (len(panel.shown) - 1)]
            return
        fetcher = opening.parts.make_fetcher()
        jobs = [Job(url, fetch_files([(url, known)], fetcher)) for url, known in catalogued(catalogue, ids)]
        for _, updates in panel.add(jobs, stop):
            yield updates

    with gr.Row():
        with gr.Column():
            words = gr.Textbox(label="Find", placeholder="Publisher, title, date or language", elem_id="find-source")
            marks = gr.CheckboxGroup(
                [mark.value for mark in Mark], value=[Mark.OFFICIAL.value, Mark.PRESS.value], label="Kind of source"
            )
            with_held = gr.Checkbox(label="Those too that the library has")
            ids = gr.CheckboxGroup(label="Public sources", show_select_all=True, elem_id="sources", elem_classes="rows")
            fetching = gr.Button("Fetch the ticked ones", variant="primary", elem_id="fetch")
        with gr.Column():
            panel = build_panel(opening, "fetching")
    asked = [words, marks, with_held, ids]
    gr.on([tab.select, words.change, marks.change, with_held.change], listed, asked, ids, **QUIETLY)
    fetching.click(fetch, [ids, panel.stop], panel.shown, **BATCH).then(listed, asked, ids, **QUIETLY)


def _line(entry: CatalogueEntry, held: bool) -> str:
    date = None if entry.date is None else readable_date(entry.date)
    about = [entry.mark.value, date, entry.language, entry.id, "in the library" if held else None]
    return f"{entry.reference.publisher}: {entry.title} ({', '.join(part for part in about if part)})"


def _has(entry: CatalogueEntry, words: str) -> bool:
    """Whether each of the words stands somewhere in what is said of a source, in any spelling of its letters."""
    said = anyascii(_line(entry, False)).lower()
    return all(word in said for word in anyascii(words).lower().split())
