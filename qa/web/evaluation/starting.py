"""The part of the Evaluate tab that puts a set to the library: which set, how much of it, and how far it is."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from corpus.errors import KrakowQAError
from qa.evaluation.task import SHIPPED
from qa.settings import Settings
from qa.web.corpus.batches import Stop
from qa.web.corpus.render import render_message
from qa.web.corpus.uploads import forget
from qa.web.evaluation.render import render_progress
from qa.web.evaluation.running import Progress, Runner
from qa.web.evaluation.runs import Runs
from qa.web.events import QUIETLY, Updates

RUN: dict[str, Any] = {**QUIETLY, "concurrency_limit": None}
"""A second run is told at once that there is a first."""

_OWN = "own"

_SETS = (
    ("krakow.jsonl: 168 questions on our briefs, to tell how good the answers are. Nothing is tuned on them.",
     "krakow.jsonl"),
    ("krakow-tune.jsonl: 89 other questions on our briefs, to try settings on and to tune by.", "krakow-tune.jsonl"),
    ("krakow-follow.jsonl: 102 questions on our briefs, most of which follow others.", "krakow-follow.jsonl"),
    ("krakow-follow-tune.jsonl: 48 others that follow, to work by.", "krakow-follow-tune.jsonl"),
    ("A set of your own: questions on the documents of this library", _OWN),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Starting:
    """The components of a run that is begun, and what they say of it."""

    runs: Runs
    runner: Runner
    set: gr.Radio
    file: gr.File
    limit: gr.Number
    running: gr.Button
    stop: gr.State
    stopping: gr.Button
    progress: gr.HTML

    @property
    def wanted(self) -> list[Any]:
        """What ``begin`` is told."""
        return [self.set, self.file, self.limit, self.stop]

    def changed(self, tabs: gr.Tabs, run: gr.Dropdown) -> list[Any]:
        """What a run updates: these, the tabs that it is seen in, and the choice of a run to show."""
        return [self.file, self.progress, self.running, self.stopping, tabs, run]

    def about(self) -> str:
        """How the questions will be asked."""
        return render_message(_about(self.runner.settings))

    def begin(self, chosen: str, path: str | None, limit: int | None, stop: Stop) -> Iterator[Updates]:
        """Run the chosen set; what was uploaded is deleted when the run has ended, which keeps what it needs."""
        set = SHIPPED.get(chosen) or (Path(path) if path else None)
        if set is None:
            yield [gr.update(), *_said("Choose a file with questions first.")]
            return
        if limit is not None and limit < 0:
            yield [gr.update(), *_said(f"{limit} questions cannot be asked. Give 1 or more, or 0 for all of them.")]
            return
        for progress, updates in self._steps(
            lambda: self.runner.begin(set, None if limit in {None, 0} else limit, stop), set.parent
        ):
            has_ended = progress is not None and progress.end is not None
            if has_ended and chosen == _OWN:
                forget([str(set)])
            yield [None if has_ended else gr.update(), *updates]

    def go_on(self, name: str, stop: Stop) -> Iterator[Updates]:
        """Go on with an unfinished run."""
        for _, updates in self._steps(lambda: self.runner.go_on(name, stop), self.runs.folder):
            yield [gr.update(), *updates]

    def _steps(self, run: Callable[[], Iterator[Progress]], folder: Path) -> Iterator[tuple[Progress | None, Updates]]:
        """Each step of a run with what to show of it; an error says nothing of where files lie."""
        begun = False
        try:
            for progress in run():
                begun = True
                yield progress, self._updates(progress)
        except KrakowQAError as error:
            yield None, _said(str(error).replace(f"{folder}/", ""), *(_IDLE if begun else ()))

    def _updates(self, progress: Progress) -> Updates:
        shown = render_progress(progress)
        if progress.end is None:
            return [shown, *_BUSY, gr.update(), gr.update()]
        run = gr.update(choices=self.runs.choices(), value=progress.name)
        return [shown, *_IDLE, gr.update(selected="results"), run]


def build_starting(runs: Runs, runner: Runner) -> Starting:
    """The components, and what happens when a set is chosen or the run is to stop."""

    def ask_to_stop(stop: Stop) -> Any:
        stop.asked = True
        return gr.update(value="Stopping after this one", interactive=False)

    with gr.Row():
        with gr.Column():
            set = gr.Radio(list(_SETS), value=_SETS[0][1], label="Questions", elem_id="set", elem_classes="rows")
            file = gr.File(
                label="Questions in our format, .jsonl or .csv", height=150, visible=False, elem_id="set-file"
            )
            limit = gr.Number(0, label="Ask a sample of", info="0 asks all of them.", precision=0, elem_id="limit")
            running = gr.Button("Run", variant="primary", min_width=120, elem_id="run-set")
        with gr.Column():
            stop, stopping = gr.State(Stop()), gr.Button("Stop", visible=False, size="sm", elem_id="run-stop")
            progress = gr.HTML(elem_id="run-progress", js_on_load=None)
    set.input(lambda chosen: gr.update(visible=chosen == _OWN), set, file, **QUIETLY)
    stopping.click(ask_to_stop, stop, stopping, **QUIETLY)
    return Starting(runs, runner, set, file, limit, running, stop, stopping, progress)


_BUSY = (gr.update(interactive=False), gr.update(visible=True))
_IDLE = (gr.update(interactive=True), gr.update(visible=False, value="Stop", interactive=True))
"""The buttons that begin and stop a run, while one goes on and while none does."""


def _about(settings: Settings) -> str:
    return (
        f"The questions are asked as the chat asks them, of the reader {settings.reader} at strictness"
        f" {settings.strictness:g}. You can go on asking in the chat meanwhile. Every answer is kept in the library's"
        " folder, under “runs”, where the command line finds it too."
    )


def _said(sentence: str, *buttons: Any) -> Updates:
    """A sentence in the place of a run's progress."""
    return [render_message(sentence), *(buttons or [gr.update()] * len(_IDLE)), gr.update(), gr.update()]
