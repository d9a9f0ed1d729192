"""The part of the Evaluate tab that runs a set: which one, how far it is, and how it is stopped and gone on with."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

import gradio as gr

from corpus.errors import KrakowQAError
from qa.assembly import Parts
from qa.evaluation.command import run_through
from qa.evaluation.setup import over_library
from qa.evaluation.task import Task
from qa.web.corpus.batches import Stop
from qa.web.corpus.panel import PRIVATE
from qa.web.corpus.render import render_message
from qa.web.evaluation.render import render_running
from qa.web.evaluation.runs import Runs

_UPLOADED = "A set of your own"
_SHIPPED = {
    "Questions on our briefs, to tune by": "krakow-tune.jsonl",
    "Questions on our briefs, to report on": "krakow.jsonl",
}
_CHOOSE = "Choose a file with your set, .jsonl or .csv."

_RUN: dict[str, Any] = {**PRIVATE, "concurrency_id": "evaluation", "show_progress": "hidden"}
"""One run at a time, which shows its own progress; the chat answers meanwhile."""


@dataclass(frozen=True, slots=True)
class Running:
    """The components by which sets are run; ``done`` changes when a run has ended: its name, and how much it has."""

    progress: gr.HTML
    done: gr.State


def build_running(parts: Parts, runs: Runs, resuming: gr.Button, chosen: gr.Dropdown) -> Running:
    """The components, and what they do; ``resuming`` goes on with the ``chosen`` run."""

    def start(which: str, path: str | None, sample: float | None, stop: Stop) -> Iterator[list[Any]]:
        file = Path(path or "") if which == _UPLOADED else _shipped(_SHIPPED[which])
        if which == _UPLOADED and path is None:
            yield [render_message(_CHOOSE), gr.update(), gr.update()]
            return
        task = Task(file, limit=int(sample) if sample else None)
        yield from _told(parts, runs, task, None, stop)

    def go_on(name: str, stop: Stop) -> Iterator[list[Any]]:
        try:
            task = runs.task(name)
        except KrakowQAError as error:
            yield [render_message(str(error)), gr.update(), gr.update()]
            return
        yield from _told(parts, runs, task, name, stop)

    def ask_to_stop(stop: Stop) -> Any:
        stop.asked = True
        return gr.update(value="Stopping after this question", interactive=False)

    which = gr.Radio([*_SHIPPED, _UPLOADED], value=next(iter(_SHIPPED)), label="Question set", elem_id="set")
    path = gr.File(
        label="Your set: .jsonl or .csv, as docs/evaluation.md has it",
        file_types=[".jsonl", ".csv", ".tsv"],
        height=150,
        visible=False,
        elem_id="set-file",
    )
    sample = gr.Number(
        label="Ask a sample of so many questions, 0 for all", value=0, minimum=0, precision=0, elem_id="sample"
    )
    running = gr.Button("Run", variant="primary", elem_id="run")
    stopping = gr.Button("Stop", visible=False, size="sm", elem_id="run-stop")
    progress = gr.HTML(elem_id="run-progress", js_on_load=None)
    stop, done = gr.State(Stop()), gr.State((None, 0))
    shown = [progress, stopping, done]
    quiet: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}
    which.change(lambda which: gr.update(visible=which == _UPLOADED), which, path, **quiet)
    running.click(start, [which, path, sample, stop], shown, **_RUN)
    resuming.click(go_on, [chosen, stop], shown, **_RUN)
    stopping.click(ask_to_stop, stop, stopping, **quiet)
    return Running(progress, done)


def _told(parts: Parts, runs: Runs, task: Task, name: str | None, stop: Stop) -> Iterator[list[Any]]:
    """What to show while a set is run, anew or the rest of a run."""
    stop.asked = False
    folder = None
    try:
        setup = over_library(task, parts)
        folder = runs.new_folder(task) if name is None else runs.folder(name)
        out, resume = (folder, None) if name is None else (None, folder)
        started, before = time.monotonic(), None
        with closing(run_through(task, setup, out=out, resume=resume)) as steps:
            for run in steps:
                if before is None:
                    before = len(run.records)
                    if out is not None:
                        runs.keep_set(task, folder)
                asked = len(run.records) - before
                left = run.header.questions - len(run.records)
                left_s = (time.monotonic() - started) / asked * left if asked else None
                stopped = stop.asked and not run.complete
                yield [
                    render_running(run, left_s, stopped),
                    gr.update(visible=not run.complete and not stopped, value="Stop", interactive=not stop.asked),
                    gr.update(),
                ]
                if stop.asked:
                    break
    except KrakowQAError as error:
        yield [render_message(str(error)), gr.update(visible=False), gr.update()]
        return
    yield [gr.update(), gr.update(visible=False), (folder.name, len(run.records))]


def _shipped(name: str) -> Path:
    return Path(str(files("qa.evaluation").joinpath(name)))
