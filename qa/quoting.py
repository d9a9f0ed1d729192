"""Quotes made of what a reader finds: each cut anew from the library, verified, and said once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, partial
from itertools import chain
from typing import TypeVar

from corpus.errors import DocumentNotFound
from corpus.library import Entry, Library, State
from corpus.model import Address, Document, Kind, Passage, Span
from index.search import Hit
from qa.differing.altered import altered_in_copies
from qa.differing.grouping import Statements
from qa.listing import asks_for_several, with_whole_list
from qa.model import Occurrence, Quote
from qa.reader import Finding

_WEAKEST_SHARE = 0.1
"""A further quote is shown only where it is at least so many times as sure as the first."""

Told = TypeVar("Told")


class Quoter:
    """Quotes for one question: none says what another says, and sources precede summaries of them."""

    def __init__(self, library: Library, question: str) -> None:
        self._question = question
        self._statements = Statements(question)
        self._stored = cache(partial(_stored, library))  # the quotes of an answer are often of the same passage

    def best(self, findings: Iterable[Finding], most: int) -> list[tuple[Finding, Quote]]:
        """The best findings, at most so many, each with its quote."""
        chosen: list[Finding] = []
        for finding in findings:
            if len(chosen) == most or (chosen and finding.confidence < _WEAKEST_SHARE * chosen[0].confidence):
                break
            for each in (finding, *altered_in_copies(finding)):
                if len(chosen) < most and self._add(each):
                    chosen.append(each)
        return _sources_first(list(zip(chosen, self._statements.quotes, strict=True)))

    def by_theme(self, themes: Iterable[Sequence[Finding]], most: int) -> list[list[Quote]]:
        """The quotes of the first themes that have some, of so many themes at most; none has a highlight."""
        quotes, chosen = self._statements.quotes, list[range]()
        for theme in themes:
            before = len(quotes)
            for finding in theme:
                self._add(replace(finding, highlight=None))
            if len(quotes) > before:
                chosen.append(range(before, len(quotes)))
            if len(chosen) == most:
                break
        quoted = [_sources_first([(place, quotes[place]) for place in theme]) for theme in chosen]
        ordered = _sources_first([(theme, theme[0][1]) for theme in quoted])
        return [[quote for _, quote in theme] for theme, _ in ordered]

    def with_whole_list(self, quotes: Sequence[Quote]) -> tuple[Quote, ...]:
        """The quotes, of which the first is a whole list where one is asked for, and the others are not of that."""
        stored = self._stored(quotes[0].passage) if quotes and asks_for_several(self._question) else None
        if stored is None:
            return tuple(quotes)
        first = with_whole_list(self._question, quotes[0], stored[0])
        place = first.address
        others = (
            quote
            for quote in quotes[1:]
            if quote.address.document_id != place.document_id or quote.address.span not in place.span
        )
        return (first, *others)

    def _add(self, finding: Finding) -> bool:
        """Quote a finding; whether the library has it still, and nothing before says the same."""
        stored = self._stored(finding.hit.passage)
        return stored is not None and self._statements.add(_cut(finding, *stored))


def _stored(library: Library, passage: Passage) -> tuple[Document, Entry] | None:
    """The document of a passage as the library has it; None where it is no longer current or says otherwise."""
    try:
        document, entry = library.resolve(Address.of(passage.document_id, passage.version, passage.span))
    except DocumentNotFound:
        return None
    if entry.state is not State.CURRENT or document.slice(passage.span) != passage.text:
        return None
    return document, entry


def _cut(finding: Finding, document: Document, entry: Entry) -> Quote:
    """The quote, cut anew from the document as it is stored."""
    pages = document.pages_of(finding.quote)
    return Quote(
        address=Address.of(document.id, document.version, finding.quote),
        version=document.version,
        pages=tuple(pages),
        text=document.slice(finding.quote),
        highlight=None if finding.highlight is None else finding.highlight.shift(-finding.quote.start),
        confidence=finding.confidence,
        source=document.source,
        passage=finding.hit.passage,
        by_ocr=entry.provenance.report.is_by_ocr(pages),
    )


def with_elsewhere(quote: Quote, hits: Sequence[Hit]) -> Quote:
    """The quote with where else it stands, word for word before other words for it."""
    also = tuple(_elsewhere(quote, hits))
    told = {occurrence.address.document_id for occurrence in also}
    return replace(
        quote, also=also, reworded=tuple(each for each in quote.reworded if each.address.document_id not in told)
    )


def _elsewhere(quote: Quote, hits: Sequence[Hit]) -> Iterator[Occurrence]:
    """Where the quote stands word for word in other documents that were found, one place in each."""
    told = {quote.address.document_id}
    for passage, source in chain.from_iterable(((hit.passage, hit.source), *hit.copies) for hit in hits):
        start = passage.text.find(quote.text)
        if start >= 0 and passage.document_id not in told:
            told.add(passage.document_id)
            span = Span(start, start + len(quote.text)).shift(passage.span.start)
            yield Occurrence(Address.of(passage.document_id, passage.version, span), source)


def _sources_first(chosen: list[tuple[Told, Quote]]) -> list[tuple[Told, Quote]]:
    """The order as it is, but a brief comes after the quotes of sources that it rests on."""

    def rests_on(brief: Quote, other: Quote) -> bool:
        names = {other.address.document_id, other.source.url} - {None}
        return other.source.kind is not Kind.BRIEF and any(
            names & {reference.id, reference.url} for reference in brief.source.references
        )

    ordered: list[tuple[Told, Quote]] = []
    waiting = list(chosen)
    while waiting:
        ready = next(
            each
            for each in waiting
            if each[1].source.kind is not Kind.BRIEF or not any(rests_on(each[1], other) for _, other in waiting)
        )
        waiting.remove(ready)
        ordered.append(ready)
    return ordered
