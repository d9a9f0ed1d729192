"""Kept turns opened again: each quote cut anew from its stored version, and how that stands by now."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

from corpus.blocks import BlockKind, blocks
from corpus.errors import DocumentNotFound
from corpus.library import Entry, Library, State
from corpus.model import Address, Document, Passage
from qa.conversation.kept import KeptQuote, KeptTurn
from qa.conversation.model import Turn
from qa.differing.grouping import differences
from qa.model import Answer, Occurrence, Quote, Theme
from qa.overview.themes import themed


class Standing(StrEnum):
    """How a quote stands in a library, as people are told it."""

    STANDS = "stands"
    CHANGED = "its document has a newer text"
    WITHDRAWN = "its document was withdrawn"
    PURGED = "its document was purged"
    MISSING = "this library does not have it"


@dataclass(frozen=True, slots=True)
class Stored:
    """How the stretch at an address stands; where it is there, the document version that it is in, and its entry."""

    standing: Standing
    document: Document | None = None
    entry: Entry | None = None


@dataclass(frozen=True, slots=True)
class ReopenedQuote:
    """A kept quote, how it stands, and the quote cut anew; None where the library does not have it any more."""

    kept: KeptQuote
    standing: Standing
    quote: Quote | None


@dataclass(frozen=True, slots=True)
class Reopened:
    """A kept turn, what is shown of it again, and all its quotes in order, those too that are lost."""

    kept: KeptTurn
    turn: Turn
    quotes: tuple[ReopenedQuote, ...]

    @property
    def standings(self) -> dict[Address, Standing]:
        """By the address that is shown of a quote, how it stands."""
        return {each.quote.address: each.standing for each in self.quotes if each.quote is not None}


def stored_at(library: Library, address: Address) -> Stored:
    """How a stretch of a document version stands in a library."""
    try:
        document, entry = library.resolve(address)
    except DocumentNotFound:
        was_purged = library.purged_at(address.document_id) is not None
        return Stored(Standing.PURGED if was_purged else Standing.MISSING)
    latest = library.entry(address.document_id)
    if latest is not None and latest.state is State.WITHDRAWN:
        return Stored(Standing.WITHDRAWN, document, entry)  # an older text of a withdrawn document too
    return Stored(Standing.STANDS if entry.state is State.CURRENT else Standing.CHANGED, document, entry)


def reopened(kept: KeptTurn, library: Library) -> Reopened:
    """What is shown of a kept turn, with the text that the library has."""
    answering, closest = ([_reopened(each, library) for each in part] for part in (kept.quotes, kept.closest))
    first = answering[0].quote if answering else None
    quotes = tuple(_found(answering))
    answer = Answer(
        question=kept.searched,
        confidence=kept.confidence,
        short_answer=first.parts[1] or None if kept.short and first is not None else None,
        quotes=quotes,
        closest=tuple(_found(closest)),
        hits=(),
        abstention=kept.abstention,
        timings_ms={},
        settings=kept.settings,
        generation=kept.generation,
        foreign_languages=kept.foreign_languages,
        differences=() if kept.themes else differences(kept.searched, quotes),
        missing=kept.missing,
        filter=kept.filter,
        themes=_themes(kept, answering, quotes),
    )
    return Reopened(kept, Turn(kept.question, kept.searched, answer), (*answering, *closest))


def _themes(kept: KeptTurn, answering: Sequence[ReopenedQuote], quotes: Sequence[Quote]) -> tuple[Theme, ...]:
    """The themes with the quotes that are left of them, named anew."""
    shown = [place for place, each in enumerate(answering) if each.quote is not None]
    return themed(([shown.index(place) for place in theme if place in shown] for theme in kept.themes), quotes)


def _found(quotes: list[ReopenedQuote]) -> Iterator[Quote]:
    return (each.quote for each in quotes if each.quote is not None)


def _reopened(kept: KeptQuote, library: Library) -> ReopenedQuote:
    stored = stored_at(library, kept.address)
    if stored.document is None or stored.entry is None:
        return ReopenedQuote(kept, stored.standing, None)
    return ReopenedQuote(kept, stored.standing, _cut(kept, stored.document, stored.entry, library))


def _cut(kept: KeptQuote, document: Document, entry: Entry, library: Library) -> Quote:
    span = kept.address.span
    pages = document.pages_of(span)
    text = document.slice(span)
    around = kept.around if span in kept.around and kept.around.end <= len(document.text) else span
    return Quote(
        address=Address.of(document.id, document.version, span),
        version=document.version,
        pages=tuple(pages),
        text=text,
        highlight=kept.highlight if kept.highlight is not None and kept.highlight.end <= len(text) else None,
        confidence=kept.confidence,
        source=document.source,
        passage=Passage(
            document.id, document.version, around, document.slice(around), _headings(document.text, around.start)
        ),
        by_ocr=entry.provenance.report.is_by_ocr(pages),
        also=tuple(_elsewhere(kept.also, library)),
        whole=None if kept.whole is None else Address.of(document.id, document.version, kept.whole),
    )


def _headings(text: str, place: int) -> tuple[str, ...]:
    """The path of headings over the first text at or after a place, outermost first."""
    path: list[tuple[int, str]] = []
    for block in blocks(text):
        if block.kind is BlockKind.HEADING:
            path = [above for above in path if above[0] < block.level]
            path.append((block.level, text[block.content.start : block.content.end]))
        elif block.content.end > place:
            break
    return tuple(title for _, title in path)


def _elsewhere(places: tuple[Address, ...], library: Library) -> Iterator[Occurrence]:
    """The other places that still stand."""
    for place in places:
        stored = stored_at(library, place)
        if stored.standing is Standing.STANDS and stored.document is not None:
            yield Occurrence(place, stored.document.source)
