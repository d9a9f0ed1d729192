"""The part of the Evaluate tab that shows a run: figures, plots, its questions, and the answer to the chosen one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from qa.evaluation.folder import BadRun
from qa.evaluation.records import Record
from qa.evaluation.reporting.content import by_verdict
from qa.web.corpus.render import render_message
from qa.web.evaluation.render import render_record, render_run
from qa.web.evaluation.runs import Runs
from qa.web.events import PRIVATE, QUIETLY, Updates

_NONE = "No set has been run here yet. Begin under Run."
_CHOOSE = "Choose a question in the table to see its answer."
_ALL = ""

Row = list[str | int | float | None]

_COLUMNS = (
    ("no.", "number", 60),
    ("question", "str", 460),
    ("verdict", "str", 160),
    ("confidence", "number", 106),
    ("tags", "str", 200),
    ("id", "str", 130),
)
"""Name, type and width in pixels."""


@dataclass(frozen=True, slots=True)
class Results:
    """The components; ``seen`` is which run is shown, and how much of it."""

    runs: Runs
    run: gr.Dropdown
    going_on: gr.Button
    about: gr.HTML
    verdict: gr.Dropdown
    questions: gr.Dataframe
    opened: gr.HTML
    seen: gr.State

    @property
    def shown(self) -> list[Any]:
        """What ``show`` updates."""
        return [self.about, self.going_on, self.verdict, self.questions, self.opened, self.seen]

    def listed(self, chosen: str | None) -> Any:
        """The runs to choose from; the newest is chosen where none is."""
        names = self.runs.names()
        return gr.update(choices=self.runs.choices(), value=chosen if chosen in names else next(iter(names), None))

    def show(self, name: str | None, seen: str) -> Updates:
        """A run, unless it is shown already."""
        if name is None:
            return self._nothing(_NONE)
        try:
            summary = self.runs.summary(name)
        except BadRun as error:
            return self._nothing(self.runs.said(error))
        run = summary.run
        now = f"{len(run.records)} of {name}"
        if now == seen:
            return [gr.update()] * len(self.shown)
        counts = [(f"{verdict.value} ({len(records)})", verdict.value) for verdict, records in by_verdict(run.records)]
        return [
            render_run(name, summary),
            gr.update(visible=not run.complete),
            gr.update(choices=[(f"all ({len(run.records)})", _ALL), *counts], value=_ALL, visible=True),
            gr.update(value=question_rows(run.records), visible=True),
            render_message(_CHOOSE),
            now,
        ]

    def _nothing(self, said: str) -> Updates:
        hidden = gr.update(visible=False)
        return [render_message(said), hidden, hidden, hidden, "", ""]


def build_results(runs: Runs) -> Results:
    """The components, and what happens when a question or a verdict is chosen."""

    def filtered(name: str, verdict: str) -> list[Row]:
        return question_rows(runs.summary(name).run.records, verdict)

    def open_question(name: str, event: gr.SelectData) -> str:
        return render_record(runs.summary(name).run.records[int(event.row_value[0]) - 1], "opened")

    with gr.Row(equal_height=True):
        run = gr.Dropdown([], label="Run", scale=4, elem_id="run")
        going_on = gr.Button("Go on with it", visible=False, min_width=120, elem_id="go-on")
    about = gr.HTML(elem_id="run-about", js_on_load=None)
    verdict = gr.Dropdown(
        [("all", _ALL)], value=_ALL, label="Questions that came out", visible=False, elem_id="verdict"
    )
    questions = question_table("questions")
    opened = gr.HTML(elem_id="opened", js_on_load=None)
    results = Results(runs, run, going_on, about, verdict, questions, opened, gr.State(""))
    verdict.input(filtered, [run, verdict], questions, **QUIETLY)
    questions.select(open_question, run, opened, **QUIETLY)
    run.input(results.show, [run, results.seen], results.shown, show_progress_on=about, **PRIVATE)
    return results


def question_table(name: str, columns: Sequence[tuple[str, str, int]] = _COLUMNS) -> gr.Dataframe:
    """A table of questions that has yet to get its rows; the first column numbers them."""
    return gr.Dataframe(
        headers=[column for column, _, _ in columns],
        datatype=[kind for _, kind, _ in columns],  # type: ignore[misc]
        type="array",
        interactive=False,
        show_search="filter",
        wrap=True,
        column_widths=[width for _, _, width in columns],
        max_height=360,
        label="Questions",
        buttons=[],
        visible=False,
        elem_id=name,
        elem_classes="questions",
    )


def question_rows(records: Sequence[Record], verdict: str = _ALL) -> list[Row]:
    """A row for each question with that verdict, numbered as in the run."""
    return [
        _row(number, record)
        for number, record in enumerate(records, start=1)
        if verdict in {_ALL, record.verdict.value}
    ]


def _row(number: int, record: Record) -> Row:
    question, answer = record.question, record.answer
    confidence = None if answer is None else round(answer.confidence, 2)
    return [number, question.text, record.verdict.value, confidence, ", ".join(question.tags), question.id]
