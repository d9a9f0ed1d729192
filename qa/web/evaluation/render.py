"""What the Evaluate tab shows as HTML, with all that sets, documents and runs say escaped."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from qa.evaluation.comparing import Comparison
from qa.evaluation.metrics import figure
from qa.evaluation.records import Record
from qa.evaluation.reporting import content
from qa.evaluation.reporting.plots import plots
from qa.evaluation.run import Run
from qa.evaluation.summary import Summary
from qa.web.corpus.render import time_left
from qa.web.evaluation.reports import report_path
from qa.web.render import render_answer
from qa.web.templating import template

_TURN = 0
"""The number of the turn that a drill-down shows; those of the chat begin at 1."""


def render_running(run: Run, left_s: float | None, stopped: bool) -> str:
    """How far a run is, or where it was stopped."""
    return template("running.html").render(
        run=run,
        done=len(run.records),
        total=run.header.questions,
        left=None if left_s is None else time_left(left_s),
        stopped=stopped,
    )


def render_summary(name: str, summary: Summary) -> str:
    """The metrics of a run with its plots, by tag, and where its report is."""
    return template("evaluation.html").render(
        summary=summary,
        metrics=content.metric_rows(summary.metrics),
        tags=content.tag_rows(summary),
        plots={title: Markup(svg) for title, svg in plots(summary).items()},  # noqa: S704
        settings=content.settings_rows(summary),
        report=report_path(name),
    )


def render_record(record: Record) -> str:
    """What became of a question, what would have been right, and the answer as the chat shows it."""
    answer = None
    if record.answer is not None:
        answer = Markup(render_answer(replace(record.answer, question=record.question.text), _TURN))  # noqa: S704
    return template("record.html").render(
        record=record, answer=answer, expected=content.expected(record), found=content.found_documents(record)
    )


def render_comparison(comparison: Comparison, other: str) -> str:
    """A run beside an earlier one."""
    return template("comparison.html").render(
        comparison=comparison,
        other=other,
        rows=[
            {
                "name": each.name,
                "one": figure(each.name, each.one),
                "other": figure(each.name, each.other),
                "p": f"{each.p:.3f}",
                "change": "" if each.gain == 0 else "better" if each.gain > 0 else "worse",
            }
            for each in comparison.metrics
        ],
    )
