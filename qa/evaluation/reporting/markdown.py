"""A run as Markdown, for where an HTML file cannot go: issues, wikis, mails."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from qa.evaluation.records import Record
from qa.evaluation.reporting import content
from qa.evaluation.summary import Summary
from qa.wording import attribution, paged, sureness

_SPECIAL = re.compile(r"[\\`*_\[\]|~$]")
_ENTITIES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "@": "&#64;", "#": "&#35;"})
"""What would begin HTML, or have a forge link a web page, a person or an issue."""


def markdown_report(summary: Summary) -> str:
    """The report; the same run gives the same bytes."""
    return "\n".join(_lines(summary)) + "\n"


def escaped(text: str) -> str:
    """A text in one line that no Markdown takes for more than text."""
    return _SPECIAL.sub(r"\\\g<0>", " ".join(text.split())).translate(_ENTITIES).replace("://", "&#58;//")


def _lines(summary: Summary) -> Iterator[str]:
    yield f"# {escaped(summary.run.header.set)}"
    yield from ("", f"{escaped(summary.asked)}.", "", "## Metrics", "")
    yield from _table(
        ["metric", "value", "95% interval", "what it says"],
        [
            [f"`{row['name']}`", row["value"], row["interval"], row["meaning"]]
            for row in content.metric_rows(summary.metrics)
        ],
    )
    if summary.by_tag:
        yield from ("", "## By tag", "")
        yield from _table(
            ["tag", "questions", *(f"`{name}`" for name in summary.metrics)],
            [
                [escaped(row["tag"]), str(row["questions"]), *(value or "–" for value in row["values"])]
                for row in content.tag_rows(summary)
            ],
        )
    yield from ("", "## Questions")
    for verdict, records in content.by_verdict(summary.run.records):
        yield from ("", f"### {verdict.value.capitalize()}: {len(records)}")
        for record in records:
            yield from ("", *_question(record))
    yield from ("", "## What the run was made of", "")
    yield from _table(["what", "which"], [(name, escaped(value)) for name, value in content.settings_rows(summary)])


def _question(record: Record) -> Iterator[str]:
    question, answer = record.question, record.answer
    yield f"**{escaped(question.text)}** {escaped(', '.join([question.id, *question.tags]))}"
    searched = [answer.question] if answer is not None and answer.question != question.text else []
    about = [
        ("Note", [question.note] if question.note else []),
        ("Asked after", question.history),
        ("Searched for", searched),
    ]
    for title, lines in (*about, ("Right would be", content.expected(record))):
        if lines:
            yield f"- {title}: {' · '.join(map(escaped, lines))}"
    if answer is not None:
        sure = sureness(answer.confidence, answer.foreign_languages)
        said = "answered" if answer.abstention is None else f"no answer: {answer.abstention.value}"
        short = f", **{escaped(answer.short_answer)}**" if answer.short_answer else ""
        yield f"- {escaped(said)}{short}, confidence {escaped(sure)}"
        for quote in answer.quotes or answer.closest:
            by = f"{quote.source.title}{paged(quote.pages, quote.by_ocr)} · {attribution(quote.source)}"
            yield f"  - “{escaped(quote.text)}” {escaped(by)} `{quote.address}`"
    if record.found is not None:
        documents = (
            f"{escaped(id)}{' (relevant)' if relevant else ''}" for id, relevant in content.found_documents(record)
        )
        yield f"- Found: {', '.join(documents)}"


def _table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """A table of cells that are Markdown already."""
    return (f"| {' | '.join(row)} |" for row in (head, ["---"] * len(head), *rows))
