"""Where a batch shows how far it is, is stopped, and asks about documents that the library has with another text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import gradio as gr

from corpus.files import File
from index.intake import IfChanged, Outcome
from qa.web.corpus.batches import Batch, Job, Stop, TakeIn, work_off
from qa.web.corpus.render import changed_line, render_batch, render_message
from qa.web.events import QUIETLY, Updates
from qa.web.opening import Opening

BATCH: dict[str, Any] = {**QUIETLY, "concurrency_id": "batch"}
"""One batch at a time, which shows its own progress."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The components of a batch, and the states behind them: the stop, and the files that wait for an answer."""

    opening: Opening
    stop: gr.State
    stopping: gr.Button
    results: gr.HTML
    question: gr.Group
    changed: gr.CheckboxGroup
    waiting: gr.State

    @property
    def shown(self) -> list[Any]:
        """What a batch changes."""
        return [self.results, self.stopping, self.question, self.changed, self.waiting]

    def run(self, jobs: Sequence[Job], take_in: TakeIn, stop: Stop) -> Iterator[tuple[Batch, Updates]]:
        """Work off a batch; each of its steps, with what to show of it."""
        with self.opening.work.in_steps(stop):
            for batch in work_off(jobs, take_in, stop):
                yield batch, self._updates(batch)
        self.opening.metrics.taken_in(added.outcome for added in batch.results)
        self.opening.parts.refresh()

    def add(self, jobs: Sequence[Job], stop: Stop) -> Iterator[tuple[Batch, Updates]]:
        """Add a batch, and ask about what has changed."""
        return self.run(jobs, self.opening.parts.intake.add, stop)

    def _updates(self, batch: Batch) -> Updates:
        ended = batch.in_hand is None
        asked = [added for added in batch.results if added.outcome is Outcome.CHANGED] if ended else []
        choices = [(changed_line(added), number) for number, added in enumerate(asked)]
        return [
            render_batch(batch),
            gr.update(visible=not ended, value="Stop", interactive=True),
            gr.update(visible=bool(asked)),
            gr.update(choices=choices, value=[]),
            batch.changed if ended else (),
        ]


def build_panel(opening: Opening, name: str) -> Panel:
    """The components, named after the tab that they are in, and what happens at an answer."""

    def ask_to_stop(stop: Stop) -> Any:
        stop.asked = True
        return gr.update(value="Stopping after those in hand", interactive=False)

    def replace(ticked: list[int], waiting: tuple[File, ...], stop: Stop) -> Iterator[Updates]:
        if not ticked:
            kept = f"All {len(waiting)} were kept as they are." if len(waiting) > 1 else "It was kept as it is."
            yield [render_message(kept), *[gr.update(visible=False)] * 2, gr.update(), ()]
            return
        jobs = [Job(waiting[number].name, [waiting[number]]) for number in ticked]
        add = partial(opening.parts.intake.add, if_changed=IfChanged.REPLACE)
        for _, updates in panel.run(jobs, add, stop):
            yield updates

    stop = gr.State(Stop())
    stopping = gr.Button("Stop", visible=False, size="sm", elem_id=f"{name}-stop")
    results = gr.HTML(elem_id=f"{name}-results", js_on_load=None)
    with gr.Group(visible=False, elem_id=f"{name}-question", elem_classes="decision") as question:
        changed = gr.CheckboxGroup(
            label="These documents are in the library with another text. Which are to be replaced?",
            info="The others stay as they are, and quotes of a replaced text still resolve. A file that is another"
            " document and only has the same name can be renamed and added again.",
            show_select_all=True,
            elem_classes="rows",
        )
        answering = gr.Button("Replace the ticked ones, keep the others", variant="primary")
    panel = Panel(opening, stop, stopping, results, question, changed, gr.State(()))
    stopping.click(ask_to_stop, stop, stopping, **QUIETLY)
    answering.click(replace, [changed, panel.waiting, stop], panel.shown, **BATCH)
    return panel
