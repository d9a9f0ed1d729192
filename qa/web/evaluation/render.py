"""What the Evaluate tab shows as HTML: runs, their questions and their differences, with all that sets say escaped."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from qa.evaluation.comparing import Changed, Comparison, MetricDifference
from qa.evaluation.metrics import figure
from qa.evaluation.records import Record
from qa.evaluation.reporting import content
from qa.evaluation.summary import Summary
from qa.web.corpus.render import time_left
from qa.web.evaluation.reports import report_path
from qa.web.evaluation.running import Progress
from qa.web.render import render_answer
from qa.web.templating import template

_LIKELY = 0.05
"""From which p on a difference may well be chance."""


def render_progress(progress: Progress) -> str:
    """How far a run is, or why it ended."""
    left = None if progress.left_s is None else time_left(progress.left_s)
    return template("progress.html").render(progress=progress, left=left)


def render_run(name: str, summary: Summary) -> str:
    """A run on the whole: figures, plots, and what it was made of."""
    from qa.evaluation.reporting.plots import plots

    return template("run.html").render(
        summary=summary,
        report=report_path(name),
        metrics=content.metric_rows(summary.metrics),
        tags=content.tag_rows(summary),
        plots={title: Markup(svg) for title, svg in plots(summary).items()},  # noqa: S704
        settings=content.settings_rows(summary),
    )


def render_record(record: Record, turn: str) -> str:
    """What became of a question and what was expected, above the answer as the chat shows it."""
    answer = record.answer
    return template("record.html").render(
        record=record,
        expected=content.expected(record),
        found=None if record.found is None else content.found_documents(record),
        answer=None if answer is None else Markup(render_answer(answer, turn)),  # noqa: S704
    )


def render_comparison(comparison: Comparison) -> str:
    """By how much two runs differ, and what is not the same in them."""
    return template("comparison.html").render(
        comparison=comparison, metrics=[_difference(each) for each in comparison.metrics]
    )


def render_changed(changed: Changed, one: str, other: str) -> str:
    """A question that came out otherwise, with the answers of both runs, which have these names."""
    sides = [(one, changed.one, "one"), (other, changed.other, "other")]
    return template("changed.html").render(
        documents=changed.documents,
        sides=[(name, Markup(render_record(record, turn))) for name, record, turn in sides],  # noqa: S704
    )


def _difference(difference: MetricDifference) -> dict[str, Any]:
    name, gain = difference.name, difference.gain
    return {
        "name": name,
        "meaning": content.MEANINGS[name],
        "values": [figure(name, value) for value in (difference.one, difference.other)],
        "gain": ("+" if gain > 0 else "") + figure(name, gain),
        "side": ("better" if gain > 0 else "worse") if difference.p < _LIKELY and gain else "",
        "p": f"{difference.p:.3f}",
    }
