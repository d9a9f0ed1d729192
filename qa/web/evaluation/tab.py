"""The Evaluate tab: running a set of questions, the results of runs, two of them compared, and what people said."""

from __future__ import annotations

from typing import Any

import gradio as gr

from qa.web.evaluation.comparison import build_comparing
from qa.web.evaluation.feedback import build_reviewing
from qa.web.evaluation.results import build_results
from qa.web.evaluation.running import Runner
from qa.web.evaluation.runs import Runs
from qa.web.evaluation.starting import RUN, build_starting
from qa.web.events import PRIVATE, QUIETLY
from qa.web.opening import Opening


def build_evaluation(opening: Opening, page: gr.Blocks) -> None:
    """The tab's components and what they do, inside the page that is being built."""
    runs = Runs.of(opening.folder)
    with gr.Tabs() as tabs:
        with gr.Tab("Run", id="run"):
            starting = build_starting(runs, Runner(opening))
        with gr.Tab("Results", id="results") as seen:
            results = build_results(runs)
        with gr.Tab("Compare", id="compare") as comparing_tab:
            comparing = build_comparing(runs)
    with gr.Accordion("Feedback", open=False, elem_id="said") as said:
        reviewing = build_reviewing(opening)
    said.expand(reviewing.listed, None, reviewing.shown, **QUIETLY)
    run = results.run
    changed = starting.changed(tabs, run)
    show: dict[str, Any] = {
        "fn": results.show,
        "inputs": [run, results.seen],
        "outputs": results.shown,
        "show_progress_on": results.about,
        **PRIVATE,
    }
    page.load(starting.about, None, starting.progress, **QUIETLY)
    starting.running.click(starting.begin, starting.wanted, changed, **RUN).then(**show)
    results.going_on.click(lambda: gr.update(selected="run"), None, tabs, **PRIVATE).then(
        starting.go_on, [run, starting.stop], changed, **RUN
    ).then(**show)
    seen.select(results.listed, run, run, **QUIETLY).then(**show)
    both = [comparing.one, comparing.other]
    run.change(comparing.propose, run, both, **QUIETLY)
    comparing_tab.select(comparing.listed, both, both, **QUIETLY)
