"""The part of the Evaluate tab that holds two runs against each other, and shows what each said to a question."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from qa.evaluation.comparing import Changed, Comparison, compare
from qa.evaluation.folder import BadRun
from qa.web.corpus.render import render_message
from qa.web.evaluation.render import render_changed, render_comparison
from qa.web.evaluation.results import Row, question_table
from qa.web.evaluation.runs import Runs, label
from qa.web.events import PRIVATE, QUIETLY, Updates

_TWO = "Choose two runs of the same questions."
_CHOOSE = "Choose a question in the table to see what each run said."

_COLUMNS = (
    ("no.", "number", 60),
    ("question", "str", 566),
    ("one", "str", 180),
    ("other", "str", 180),
    ("id", "str", 130),
)


@dataclass(frozen=True, slots=True)
class Comparing:
    """The two runs to choose."""

    runs: Runs
    one: gr.Dropdown
    other: gr.Dropdown

    def listed(self, one: str | None, other: str | None) -> list[Any]:
        """The runs to choose from. What is chosen stays so, unless its run has gone."""
        names, choices = self.runs.names(), self.runs.choices()
        return [
            gr.update(choices=choices) if chosen is None or chosen in names else gr.update(choices=choices, value=None)
            for chosen in (one, other)
        ]

    def propose(self, shown: str | None) -> list[Any]:
        """The run that is shown, and the one of the same set before it."""
        names = self.runs.names()
        chosen = (None if shown is None else self.runs.earlier(shown), shown)
        return [gr.update(choices=self.runs.choices(), value=name if name in names else None) for name in chosen]


def build_comparing(runs: Runs) -> Comparing:
    """The components, and what happens when two runs are compared."""

    def show(one: str | None, other: str | None) -> Updates:
        if one is None or other is None or one == other:
            return [render_message(_TWO), gr.update(visible=False), "", None]
        try:
            found = compare(runs.summary(one).run, runs.summary(other).run)
        except BadRun as error:
            return [render_message(runs.said(error)), gr.update(visible=False), "", None]
        rows = [_row(number, changed) for number, changed in enumerate(found.changed, start=1)]
        return [
            render_comparison(found),
            gr.update(value=rows, visible=bool(rows)),
            render_message(_CHOOSE) if rows else "",
            (found, one, other),
        ]

    def open_question(compared: tuple[Comparison, str, str], event: gr.SelectData) -> str:
        found, one, other = compared
        return render_changed(found.changed[int(event.row_value[0]) - 1], label(one), label(other))

    with gr.Row(equal_height=True):
        one = gr.Dropdown([], label="One run", scale=4, min_width=260, elem_id="one")
        other = gr.Dropdown([], label="The other", scale=4, min_width=260, elem_id="other")
        comparing = gr.Button("Compare", variant="primary", min_width=120, elem_id="compare")
    compared = gr.State(None)
    about = gr.HTML(elem_id="comparison", js_on_load=None)
    questions = question_table("changed", _COLUMNS)
    opened = gr.HTML(elem_id="both", js_on_load=None)
    shown = [about, questions, opened, compared]
    comparing.click(show, [one, other], shown, show_progress_on=about, **PRIVATE)
    questions.select(open_question, compared, opened, **QUIETLY)
    return Comparing(runs, one, other)


def _row(number: int, changed: Changed) -> Row:
    question = changed.one.question
    return [number, question.text, changed.one.verdict.value, changed.other.verdict.value, question.id]
