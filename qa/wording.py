"""How sources are named to people: who says it, and when; a brief is always called our summary."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from corpus.library import Entry
from corpus.model import Kind, Reference, Source
from qa.model import Abstention

if TYPE_CHECKING:
    from qa.model import Answer, Difference, Quote

UPLOADED = "upload/"
"""How the origin begins of a file that came through the page."""

BROAD = "Your question is broad: the key passages by theme"
"""What is said of an overview in the place of a confidence, which was measured for questions that want one answer."""

_MONTHS = ("January February March April May June July August September October November December").split()
_NAMED_PUBLISHERS = 3


def whole_characters(text: str) -> str:
    """The text with a question mark for each half of a character, which programs and terminals can send."""
    return text.encode(errors="replace").decode()


def public_sources(document_id: str, source: Source) -> tuple[Reference, ...]:
    """The public sources behind a document: itself, or what a brief rests on."""
    if source.kind is Kind.BRIEF:
        return source.references
    return (Reference(document_id, source.title, source.publisher, source.date, source.url),)


def linked_sources(document_id: str, source: Source) -> list[tuple[str, str, str]]:
    """Of the public sources those that a link can lead to: who published each, its title and its URL."""
    return [
        (reference.publisher or reference.title, reference.title, reference.url)
        for reference in public_sources(document_id, source)
        if reference.url is not None and reference.url.startswith(("https://", "http://"))
    ]


def attribution(source: Source) -> str:
    """Who says it: "our summary, after EEAS, Reuters and 3 more", or publisher, speaker and kind; and the date."""
    date = None if source.date is None else readable_date(source.date)
    who = (_summary(source),) if source.kind is Kind.BRIEF else (source.publisher, source.speaker, source.kind.value)
    return " · ".join(part for part in (*who, date) if part)


def named(source: Source) -> str:
    """A title with who says it."""
    return f"{source.title} ({attribution(source)})"


def elsewhere(quote: Quote) -> str:
    """Who else says it: "also in Harbour Post; word for word in Radio Wawel", each once; empty where nobody."""
    told = {quote.source.publisher or quote.source.title}
    parts = []
    for how, sources in (
        ("also in", [other.source for other in quote.reworded]),
        ("word for word in", [other.source for other in quote.also]),
    ):
        publishers = dict.fromkeys(source.publisher or source.title for source in sources)
        new = [publisher for publisher in publishers if publisher not in told]
        told.update(new)
        parts += [f"{how} {', '.join(new)}"] if new else []
    return "; ".join(parts)


def differing_in(difference: Difference) -> str:
    """What sources differ in: "Sources differ in the date"."""
    return f"Sources differ in the {difference.kind.value}"


def differing_values(difference: Difference, quotes: Sequence[Quote]) -> list[tuple[int, str, Quote]]:
    """Each side's number, as quotes are numbered for people, with its value and its quote."""
    sides = [(side, quotes[side.quote]) for side in difference.sides]
    return [(side.quote + 1, quote.text[side.span.start : side.span.end], quote) for side, quote in sides]


def headed(answer: Answer) -> dict[int, str]:
    """The title of each theme by the place of the quote that it begins with; empty where the answer is no overview."""
    return {theme.quotes[0]: theme.title for theme in answer.themes}


def goes_on(quote: Quote) -> str | None:
    """Where all of a list stands of which the quote is a part."""
    return None if quote.whole is None else f"The list is longer; all of it: {quote.whole}"


def paged(pages: Sequence[int], by_ocr: bool) -> str:
    """What a title is followed by where a quote has pages: ", page 3", and whether one was read by OCR."""
    if not pages:
        return ""
    said = f", page {pages[0]}" if len(pages) == 1 else f", pages {pages[0]}–{pages[-1]}"
    return f"{said}, read by OCR" if by_ocr else said


def added_by(entry: Entry) -> str:
    """How a document came into the library."""
    origin = entry.provenance.origin
    if entry.source.kind is Kind.BRIEF:
        return "our brief"
    if origin.startswith(UPLOADED):
        return "upload"
    return "fetched" if origin.lower().startswith(("https://", "http://")) else "command line"


def sureness(confidence: float, foreign_languages: Sequence[str]) -> str:
    """A confidence, and where it cannot be relied on, why: "0.71, not calibrated for text in 'pl'"."""
    if not foreign_languages:
        return f"{confidence:.2f}"
    return f"{confidence:.2f}, not calibrated for text in {', '.join(map(repr, foreign_languages))}"


def refusal(answer: Answer) -> str:
    """Why there is no answer, which claims nothing of what a filter kept out; empty where there is an answer."""
    if answer.abstention is None:
        return ""
    why = answer.abstention.value
    if answer.filter is None or answer.abstention in {Abstention.EMPTY_LIBRARY, Abstention.NO_DOCUMENT_PASSES}:
        return why
    return f"{why}; only those named above were searched"


def lacking(missing: Sequence[str] | None, *, then: bool = False) -> list[str]:
    """What a refusal says of the question's words: "“Tokyo” stands in no source."; nothing where none were looked up.

    ``then`` where it was refused before, since the sources may have others by now.
    """
    if missing is None:
        return []
    stands, stand = ("stood", "stood") if then else ("stands", "stand")
    if not missing:
        return [f"All words of the question {stand} in the sources, in one form or another, but no answer was found."]
    *others, last = [f"“{' '.join(words.split())}”" for words in missing]
    return [f"{', '.join(others)} and {last} {stand} in no source." if others else f"{last} {stands} in no source."]


def purged(id: str, runs: Sequence[str]) -> str:
    """What a purge did; ``runs`` are the kept runs that it took along."""
    with_runs = f" and {len(runs)} kept {'run that quotes' if len(runs) == 1 else 'runs that quote'} it" if runs else ""
    return f"Purged {id}{with_runs}; its addresses now say so"


def readable_date(date: str) -> str:
    """An ISO date, month or year in words: "20 February 2026"."""
    year, *rest = date.split("-")
    month = [_MONTHS[int(rest[0]) - 1]] if rest else []
    day = [str(int(rest[1]))] if len(rest) > 1 else []
    return " ".join([*day, *month, year])


def _summary(source: Source) -> str:
    publishers = list(dict.fromkeys(reference.publisher or reference.title for reference in source.references))
    named, more = publishers[:_NAMED_PUBLISHERS], len(publishers) - _NAMED_PUBLISHERS
    if not named:
        return "our summary"
    if more > 0:
        return f"our summary, after {', '.join(named)} and {more} more"
    *others, last = named
    return f"our summary, after {', '.join(others)} and {last}" if others else f"our summary, after {last}"


def passage_rate(passages_per_s: float | None) -> str | None:
    """How fast passages come: "115 passages/s"; None where that is not known or nothing came."""
    return f"{passages_per_s:,.0f} passages/s" if passages_per_s else None
