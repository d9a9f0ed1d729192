"""The part of the Corpus tab that adds files and pages of the web, or only shows how they are read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import PurePath

import gradio as gr

from corpus.errors import BadManifest
from corpus.fetching.files import Fetches, fetch_files
from corpus.manifest import NAMES
from corpus.parsing.archives import SUFFIXES
from corpus.parsing.formats import READABLE
from index.intake import Outcome
from qa.web.corpus.batches import Job, Stop
from qa.web.corpus.panel import BATCH, build_panel
from qa.web.corpus.render import render_message
from qa.web.corpus.uploads import forget, uploaded
from qa.web.events import Updates
from qa.web.opening import Opening

_NOTHING = "Choose files, or write a URL, and then add them."


def build_adding(opening: Opening) -> None:
    """The components, and what they do."""

    def add(paths: list[str] | None, urls: str, stop: Stop) -> Iterator[Updates]:
        jobs, missing = _jobs(paths, urls, opening.parts.make_fetcher())
        if not jobs:
            yield [gr.update(), gr.update(), *only(missing)]
            return
        for batch, updates in panel.add(jobs, stop):
            if batch.in_hand is not None or batch.stopped:
                yield [gr.update(), gr.update(), *updates]
                continue
            forget(paths or ())
            failed = {added.path for added in batch.results if added.outcome is Outcome.FAILED}
            yield [None, "\n".join(url for url in _urls(urls) if url in failed), *updates]

    def preview(paths: list[str] | None, urls: str, stop: Stop) -> Iterator[Updates]:
        jobs, missing = _jobs(paths, urls, opening.parts.make_fetcher())
        if not jobs:
            yield only(missing)
            return
        for _, updates in panel.run(jobs, opening.parts.intake.preview, stop):
            yield updates

    def only(sentence: str) -> Updates:
        return [render_message(sentence), *[gr.update()] * (len(panel.shown) - 1)]

    with gr.Row():
        with gr.Column():
            files = gr.File(
                label="Files: PDF, Word, web pages, Markdown, text, ODT, EPUB, EML, or ZIP archives of them,"
                " maybe with a manifest.csv",
                file_count="multiple",
                file_types=sorted(READABLE | SUFFIXES | {PurePath(name).suffix for name in NAMES}),
                height=210,
                elem_id="upload",
            )
            urls = gr.Textbox(
                label="URLs of pages and files, one a line",
                info="They are fetched from public hosts only, and where robots.txt allows it.",
                placeholder="https://example.org/statement.pdf",
                lines=2,
                max_lines=8,
                elem_id="urls",
                html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=False),
            )
            with gr.Row(equal_height=True):
                adding = gr.Button("Add", variant="primary", min_width=120, elem_id="add")
                trying = gr.Button("Only show how they are read", min_width=120, elem_id="preview")
        with gr.Column():
            panel = build_panel(opening, "adding")
    wanted = [files, urls, panel.stop]
    adding.click(add, wanted, [files, urls, *panel.shown], **BATCH)
    trying.click(preview, wanted, panel.shown, **BATCH)


def _jobs(paths: Sequence[str] | None, urls: str, fetcher: Fetches) -> tuple[list[Job], str]:
    """The uploaded files and the pages, each fetched when it is its turn; and what is missing where there is none."""
    try:
        files = [Job(file.name, [file]) for file in uploaded(paths or ())]
    except BadManifest as error:
        return [], str(error)
    return [*files, *(Job(url, fetch_files([(url, {})], fetcher)) for url in _urls(urls))], _NOTHING


def _urls(text: str) -> list[str]:
    """The lines, each once."""
    return list(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
