"""What a report tells, whatever it is written in: figures as text, and the questions by what became of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from qa.evaluation.metrics import MEASURES, Metric, figure
from qa.evaluation.records import Record, Verdict
from qa.evaluation.summary import Summary

MEANINGS = {measure.name: measure.meaning for measure in MEASURES}

_WORST_FIRST = (
    Verdict.FALSE_ANSWER, Verdict.WRONG, Verdict.FALSE_REFUSAL, Verdict.LOWER, Verdict.UNJUDGED, Verdict.RIGHT
)  # fmt: skip
_FOUND_SHOWN = 10


def metric_rows(metrics: Mapping[str, Metric]) -> list[dict[str, str]]:
    """A row for each metric: its name, meaning, value and interval."""
    return [
        {
            "name": name,
            "meaning": MEANINGS[name],
            "value": figure(name, metric.value),
            "interval": f"{figure(name, metric.low)} to {figure(name, metric.high)}",
        }
        for name, metric in metrics.items()
    ]


def tag_rows(summary: Summary) -> list[dict[str, Any]]:
    """A row for each tag: how many questions have it, and each metric of the run, None where these have none."""
    counts = {tag: sum(tag in record.question.tags for record in summary.run.records) for tag in summary.by_tag}
    return [
        {"tag": tag, "questions": counts[tag], "values": [_value(name, metrics) for name in summary.metrics]}
        for tag, metrics in summary.by_tag.items()
    ]


def settings_rows(summary: Summary) -> list[tuple[str, str]]:
    """What the run was made of, by name."""
    header = summary.run.header
    return [
        ("set", f"{header.set} ({header.format}, SHA-256 {header.set_digest})"),
        *((name, str(value)) for name, value in header.settings.items()),
        ("encoder", f"{header.encoder} ({header.encoder_fingerprint})"),
        ("corpus", f"{len(header.documents):,} documents (SHA-256 {header.corpus})"),
        *((f"version of {name}", version) for name, version in header.versions.items()),
    ]


def by_verdict(records: Sequence[Record]) -> Iterator[tuple[Verdict, list[Record]]]:
    """The questions of each verdict that has any, the worst first."""
    for verdict in _WORST_FIRST:
        having = [record for record in records if record.verdict is verdict]
        if having:
            yield verdict, having


def expected(record: Record) -> list[str]:
    """What would be right, a line for each alternative."""
    question = record.question
    if not question.answerable:
        return ["The sources do not say it."]
    alternatives = [" … and … ".join(part.given for part in alternative) for alternative in question.evidence]
    return list(dict.fromkeys([*question.answers, *alternatives]))


def found_documents(record: Record) -> list[tuple[str, bool]]:
    """The first documents that were found, each with whether it is relevant."""
    relevant = {document for document, _ in record.question.relevant}
    return [(document, document in relevant) for document in (record.found or ())[:_FOUND_SHOWN]]


def _value(name: str, metrics: Mapping[str, Metric]) -> str | None:
    return figure(name, metrics[name].value) if name in metrics else None
