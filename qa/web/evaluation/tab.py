"""The Evaluate tab: a set is run over the library, and runs are looked at and compared."""

from __future__ import annotations

from typing import Any

import gradio as gr

from qa.assembly import Parts
from qa.web.corpus.panel import PRIVATE
from qa.web.evaluation.running import build_running
from qa.web.evaluation.runs import Runs
from qa.web.evaluation.showing import build_choosing, build_showing, choices


def build_evaluation(parts: Parts, tab: gr.Tab) -> None:
    """The tab's components and what they do, inside the page that is being built."""
    runs = Runs(parts.folder)

    def listed(chosen: str | None) -> Any:
        names = runs.names()
        return gr.update(choices=choices(names), value=chosen if chosen in names else next(iter(names), None))

    with gr.Row():
        setting, choosing = gr.Column(scale=3), gr.Column(scale=3)
    with choosing:
        run, other, resuming = build_choosing()
    with setting:
        running = build_running(parts, runs, resuming, run)
    build_showing(runs, run, other, resuming, running.done)
    quiet: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}
    tab.select(listed, run, run, **quiet)
    running.done.change(lambda done: listed(done[0]), running.done, run, **quiet)
