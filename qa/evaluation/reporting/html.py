"""A run as one HTML file: no script, no request, light and dark, the questions that went wrong first."""

from __future__ import annotations

from typing import Any

from markupsafe import Markup

from qa.evaluation.records import Record, Verdict
from qa.evaluation.reporting import content
from qa.evaluation.reporting.plots import plots
from qa.evaluation.summary import Summary
from qa.model import Quote
from qa.templating import templates
from qa.wording import attribution, paged, sureness


def html_report(summary: Summary) -> str:
    """The report; the same run gives the same bytes."""
    return (
        templates("qa.evaluation.reporting")
        .get_template("report.html")
        .render(
            summary=summary,
            metrics=content.metric_rows(summary.metrics),
            tags=content.tag_rows(summary),
            plots={title: Markup(svg) for title, svg in plots(summary).items()},  # noqa: S704
            settings=content.settings_rows(summary),
            documents=summary.run.header.documents,
            groups=[
                (verdict, verdict not in {Verdict.RIGHT, Verdict.UNJUDGED}, [_told(record) for record in records])
                for verdict, records in content.by_verdict(summary.run.records)
            ],
        )
    )


def _told(record: Record) -> dict[str, Any]:
    answer = record.answer
    quotes = () if answer is None else answer.quotes or answer.closest
    return {
        "question": record.question,
        "answer": answer,
        "sure": "" if answer is None else sureness(answer.confidence, answer.foreign_languages),
        "quotes": [_quote(quote) for quote in quotes],
        "expected": content.expected(record),
        "found": content.found_documents(record),
    }


def _quote(quote: Quote) -> dict[str, str]:
    lead, marked, rest = quote.parts
    by = f"{quote.source.title}{paged(quote.pages, quote.by_ocr)} · {attribution(quote.source)}"
    return {"lead": lead, "marked": marked, "rest": rest, "by": by, "address": str(quote.address)}
