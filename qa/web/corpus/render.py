"""What the Corpus tab shows as HTML: batches, questions and documents, with all that files say escaped."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

from corpus.library import Copy, Entry, State
from corpus.model import Document, Passage
from index.intake import Added
from qa.plain import report_lines
from qa.web.corpus.batches import Batch
from qa.web.originals import original_path
from qa.web.templating import template
from qa.wording import added_by, attribution, passage_rate, readable_date

_MINUTE_S = 60
_HOUR_S = 3600


def render_message(message: str) -> str:
    """A sentence."""
    return template("message.html").render(message=message)


def render_batch(batch: Batch) -> str:
    """How far a batch is, what became of each file so far, and how it was read."""
    outcomes = Counter(added.outcome.value for added in batch.results)
    return template("batch.html").render(
        batch=batch,
        summary=", ".join(f"{count} {outcome}" for outcome, count in outcomes.items()),
        rate=passage_rate(batch.passages_per_s),
        left=None if batch.left_s is None else time_left(batch.left_s),
        lines=_said_of,
    )


def render_reading(added: Added, entry: Entry) -> str:
    """How a file was read that is to take the place of a document, beside the document as it is."""
    return template("reading.html").render(added=added, entry=entry, lines=_said_of(added))


def render_about(entry: Entry, original_bytes: int | None, copies: Sequence[Copy] = ()) -> str:
    """What is known of a document, how it was read, its file for download, and which others have nearly its text."""
    source = entry.source
    return template("about.html").render(
        entry=entry,
        source=attribution(source),
        withdrawn=None if entry.state is State.CURRENT else readable_date((entry.ended_at or "")[:10]),
        added=f"{readable_date(entry.added_at[:10])}, {added_by(entry)}",
        url=source.url if (source.url or "").startswith(("https://", "http://")) else None,
        original=original_path(entry.id),
        original_size=None if original_bytes is None else file_size(original_bytes),
        report=report_lines(entry.provenance.report),
        copies=[f"{copy.share:.0%} is also in {copy.source.title} ({copy.id})" for copy in copies],
    )


def render_text(document: Document, passages: Sequence[Passage]) -> str:
    """A document's text with the borders of its passages and pages."""
    return template("text.html").render(document=document, parts=list(_parts_of(document, passages)))


def changed_line(added: Added) -> str:
    """A document that the library has with another text: both in figures, and since when it is there."""
    present = added.present
    if present is None:
        return added.id or added.path
    return (
        f"{present.id}: {present.characters:,} characters in {_passages(present.passages)}, there since"
        f" {readable_date(present.added_at[:10])} → {added.characters:,} characters in {_passages(added.passages)}"
    )


def time_left(seconds: float) -> str:
    """A time as one tells it that is only guessed: "about 3 minutes left"."""
    if seconds < _MINUTE_S:
        return "less than a minute left"
    if seconds < _HOUR_S:
        minutes = round(seconds / _MINUTE_S)
        return f"about {minutes} {'minute' if minutes == 1 else 'minutes'} left"
    hours = round(seconds / _HOUR_S)
    return f"about {hours} {'hour' if hours == 1 else 'hours'} left"


def file_size(size_bytes: int) -> str:
    """A file's size with one unit: "34 KB"."""
    if size_bytes < 1000:
        return f"{size_bytes} bytes"
    if size_bytes < 1_000_000:
        return f"{size_bytes / 1000:.0f} KB"
    return f"{size_bytes / 1_000_000:.1f} MB"


def _passages(count: int) -> str:
    return f"{count} {'passage' if count == 1 else 'passages'}"


def _said_of(added: Added) -> list[str]:
    return [*([] if added.report is None else report_lines(added.report)), *added.notes]


def _parts_of(document: Document, passages: Sequence[Passage]) -> Iterator[dict[str, Any]]:
    """The text cut where a passage or a page begins or ends, with the numbers of the pages that begin there."""
    page_at = {start: number for number, start in enumerate(document.page_starts, start=1)}
    spans = [passage.span for passage in passages]
    borders = {0, len(document.text), *page_at, *(span.start for span in spans), *(span.end for span in spans)}
    starts = [span.start for span in spans]
    for start, end in pairwise(sorted(borders)):
        text, page = document.text[start:end].strip(), page_at.get(start)
        number = bisect_right(starts, start) - 1
        is_inside = number >= 0 and start < spans[number].end
        if text or page is not None:
            yield {
                "text": text,
                "page": page,
                "is_passage": is_inside,
                "continues": is_inside and starts[number] < start,
            }
