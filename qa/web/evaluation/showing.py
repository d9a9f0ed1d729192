"""The part of the Evaluate tab that shows a run: its metrics and plots, its questions, and one as in the chat."""

from __future__ import annotations

from typing import Any

import gradio as gr

from corpus.errors import KrakowQAError
from qa.evaluation.comparing import compare
from qa.evaluation.records import Record, Verdict
from qa.evaluation.summary import Summary
from qa.web.corpus.panel import PRIVATE
from qa.web.corpus.render import render_message
from qa.web.evaluation.render import render_comparison, render_record, render_summary
from qa.web.evaluation.runs import Runs, label

_ALL = "all"
_COLUMNS = (
    ("question", "str", 240),
    ("verdict", "str", 120),
    ("confidence", "str", 110),
    ("tags", "str", 140),
    ("id", "str", 80),
)
"""Name, type and width in pixels."""

_NONE = "No run is kept here yet. Run a set."
_CHOOSE = "Choose a question in the table to see its answer."


def build_choosing() -> tuple[gr.Dropdown, gr.Dropdown, gr.Button]:
    """The run that is shown, the one that it is compared with, and the button that goes on with the first."""
    run = gr.Dropdown([], label="Run", elem_id="runs", filterable=False)
    other = gr.Dropdown([], label="Compare with", elem_id="compare", filterable=False)
    resuming = gr.Button("Go on with this run", visible=False, size="sm", elem_id="go-on")
    return run, other, resuming


def build_showing(runs: Runs, run: gr.Dropdown, other: gr.Dropdown, resuming: gr.Button, done: gr.State) -> None:
    """The components that show the run that is chosen, and what changes them; ``done`` does when a run has ended."""

    def show(name: str | None, verdict: str) -> list[Any]:
        if name is None:
            return [render_message(_NONE), [], "", gr.update(visible=False), gr.update()]
        others = gr.update(choices=choices(runs.names()))
        try:
            summary = runs.summary(name)
        except KrakowQAError as error:
            return [render_message(str(error)), [], "", gr.update(visible=False), others]
        resumable = gr.update(visible=not summary.run.complete)
        return [render_summary(name, summary), _rows(summary, verdict), render_message(_CHOOSE), resumable, others]

    def filtered(name: str | None, verdict: str) -> Any:
        return [] if name is None else _rows(runs.summary(name), verdict)

    def open_question(name: str, event: gr.SelectData) -> str:
        wanted = str(event.row_value[-1])
        records = runs.summary(name).run.records
        return next((render_record(record) for record in records if record.question.id == wanted), "")

    def compared(name: str | None, with_name: str | None) -> str:
        if name is None or with_name in {None, name}:
            return ""
        try:
            return render_comparison(compare(runs.summary(with_name).run, runs.summary(name).run), with_name)
        except KrakowQAError as error:
            return render_message(str(error))

    quiet: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}
    comparison = gr.HTML(elem_id="comparison", js_on_load=None)
    result = gr.HTML(elem_id="result", js_on_load=None)
    with gr.Row():
        with gr.Column(scale=1):
            verdict = gr.Dropdown([_ALL, *Verdict], value=_ALL, label="Show questions that came out", elem_id="verdict")
            table = gr.Dataframe(
                headers=[name for name, _, _ in _COLUMNS],
                datatype=[kind for _, kind, _ in _COLUMNS],  # type: ignore[misc]
                type="array",
                interactive=False,
                wrap=True,
                column_widths=[width for _, _, width in _COLUMNS],
                max_height=520,
                label="Questions",
                buttons=[],
                elem_id="questions",
                elem_classes="records",
            )
        with gr.Column(scale=1):
            record = gr.HTML(elem_id="record", js_on_load=None)
    gr.on([run.change, done.change], show, [run, verdict], [result, table, record, resuming, other], **quiet)
    verdict.change(filtered, [run, verdict], table, **quiet)
    gr.on([other.change, run.change], compared, [run, other], comparison, **quiet)
    table.select(open_question, run, record, **quiet)


def choices(names: list[str]) -> list[tuple[str, str]]:
    """Runs as a dropdown has them."""
    return [(label(name), name) for name in names]


def _rows(summary: Summary, verdict: str) -> list[list[str]]:
    return [_row(record) for record in summary.run.records if verdict in {_ALL, record.verdict.value}]


def _row(record: Record) -> list[str]:
    question, answer = record.question, record.answer
    sure = "" if answer is None else f"{answer.confidence:.2f}"
    return [question.text, record.verdict.value, sure, ", ".join(question.tags), question.id]
