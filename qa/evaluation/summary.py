"""What a run says on the whole: its metrics, for all questions and by tag, as JSON and as text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from statistics import median
from typing import Any

from qa.evaluation.metrics import Columns, Metric, by_tag, columns_of, figure, metrics, payload_of
from qa.evaluation.run import Run


@dataclass(frozen=True)
class Summary:
    """The metrics of a run, computed when they are asked for."""

    run: Run

    @cached_property
    def columns(self) -> Columns:
        """What each question says."""
        return columns_of(self.run.records, self.run.latencies_ms)

    @cached_property
    def metrics(self) -> Mapping[str, Metric]:
        """All metrics that the run supports."""
        return metrics(self.columns)

    @cached_property
    def by_tag(self) -> Mapping[str, Mapping[str, Metric]]:
        """The same for the questions with each tag."""
        return by_tag(self.run.records, self.columns)

    @cached_property
    def median_quote_words(self) -> float | None:
        """How many words a quote of an answer has; None where there are none."""
        answers = [record.answer for record in self.run.records if record.answer is not None]
        words = [len(quote.text.split()) for answer in answers for quote in answer.quotes]
        return median(words) if words else None

    def payload(self) -> dict[str, Any]:
        """What ``evaluate --json`` prints."""
        return {
            "set": self.run.header.set,
            "questions": len(self.run.records),
            "settings": self.run.header.settings,
            "metrics": payload_of(self.metrics),
            "by_tag": {tag: payload_of(found) for tag, found in self.by_tag.items()},
        }

    def text(self) -> str:
        """The metrics as a table, each with its interval."""
        lines = [self.asked, "", *(_line(name, metric) for name, metric in self.metrics.items())]
        if self.median_quote_words is not None:
            lines += ["", f"median quote: {self.median_quote_words:.0f} words"]
        return "\n".join(lines)

    @property
    def asked(self) -> str:
        """Which set, and how many of its questions."""
        run = self.run
        unanswerable = sum(not record.question.answerable for record in run.records)
        of = "" if run.complete else f" of {run.header.questions}"
        noun = "question" if run.header.questions == 1 else "questions"
        return f"{run.header.set}: {len(run.records)}{of} {noun}, {unanswerable} of them without an answer"


def _line(name: str, metric: Metric) -> str:
    value, low, high = (figure(name, each) for each in (metric.value, metric.low, metric.high))
    return f"{name:<20} {value}   {low} to {high}"
