"""The way from a question to an answer: retrieve, read, choose quotes, verify them, or abstain."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from itertools import accumulate, chain, pairwise, starmap
from typing import Protocol, TypeVar

from corpus.errors import DocumentNotFound, KrakowQAError
from corpus.library import Entry, Filter, Library, State
from corpus.model import Address, Document, Kind, Passage, Span
from index.search import Hit
from qa.differing.altered import altered_in_copies
from qa.differing.grouping import Statements, differences
from qa.listing import asks_for_several, with_whole_list
from qa.model import Abstention, Answer, Occurrence, Quote
from qa.narrowing import checked_filter
from qa.overview.breadth import Broad, breadth
from qa.overview.themes import LEAST_THEMES, PASSAGES, key_findings, on_topic, themed
from qa.reader import Finding, Reader
from qa.settings import QUESTION_CHARACTERS, Settings

_WEAKEST_SHARE = 0.1
"""A further quote is shown only where it is at least so many times as sure as the first."""

_MORE_READINGS = 2
"""How often a question is read again because the library changed meanwhile."""


Told = TypeVar("Told")


class BadQuestion(KrakowQAError):
    """A question that is empty or too long."""


def checked_question(question: str) -> str:
    """The question without what stands around it; raises BadQuestion where it is empty, too long or no text."""
    question = question.strip()
    if not question:
        raise BadQuestion("The question is empty. Ask for instance: What is LEAP?")
    if len(question) > QUESTION_CHARACTERS:
        raise BadQuestion(
            f"The question has {len(question)} characters, and at most {QUESTION_CHARACTERS} are read. Shorten it"
        )
    if any("\ud800" <= character <= "\udfff" for character in question):
        raise BadQuestion("The question holds half of a character, an unpaired surrogate. Write the whole character")
    return question


class Finder(Protocol):
    """Finds the passages of a library that a reader is to read."""

    @property
    def library(self) -> Library:
        """Where the passages stand."""

    def search(self, question: str, k: int, filter: Filter | None = None) -> list[Hit]:
        """The k best passages, best first, of the documents that pass the filter."""


class Answerer:
    """Answers questions from a library."""

    def __init__(self, finder: Finder, reader: Reader, settings: Settings) -> None:
        self.settings = settings
        self._library = finder.library
        self._finder = finder
        self._reader = reader

    def ask(self, question: str, filter: Filter | None = None) -> Answer:
        """The answer with its quotes, or an abstention with what came closest; raises BadQuestion and BadFilter."""
        question, filter = checked_question(question), checked_filter(filter)
        broad = breadth(question)
        answer = self._answer(question, filter, broad)
        for _ in range(_MORE_READINGS):
            if answer.generation == self._library.generation():
                break
            # A document may have gone whose passages decided the confidence.
            answer = self._answer(question, filter, broad)
        return answer

    def _answer(self, question: str, filter: Filter | None, broad: Broad | None) -> Answer:
        overview = None if broad is None else self._overview(question, filter, broad)
        return self._specific(question, filter) if overview is None else overview

    def _overview(self, question: str, filter: Filter | None, broad: Broad) -> Answer | None:
        """The key passages by theme; None where what is found is not spread over enough of them."""
        generation = self._library.generation()
        clock = _Clock()
        hits = on_topic(broad, self._finder.search(broad.query, PASSAGES, filter))
        clock.lap("retrieve")
        if not hits:
            return None
        reading = self._reader.read(question, hits)
        clock.lap("read")
        themes = self._key_passages(question, key_findings(broad, reading.findings))
        if len(themes) < LEAST_THEMES:
            return None
        quotes = tuple(_with_elsewhere(quote, hits) for theme in themes[: self.settings.quotes] for quote in theme)
        ends = accumulate(map(len, themes[: self.settings.quotes]), initial=0)
        clock.lap("quote")
        return Answer(
            question=question,
            confidence=reading.confidence,
            short_answer=None,
            quotes=quotes,
            closest=(),
            hits=tuple(hits),
            abstention=None,
            timings_ms=clock.timings_ms(),
            settings=self.settings,
            generation=generation,
            foreign_languages=self._foreign(quotes),
            filter=filter,
            themes=themed(starmap(range, pairwise(ends)), quotes),
        )

    def _key_passages(self, question: str, themes: Iterable[Sequence[Finding]]) -> list[list[Quote]]:
        """The first themes as verified quotes: none says what another says, and sources precede summaries of them."""
        chosen: list[list[int]] = []
        statements = Statements(question)
        resolve = cache(self._resolved)
        for theme in themes:
            before = len(statements.quotes)
            for finding in theme:
                stored = resolve(finding.hit.passage)
                if stored is not None:
                    statements.add(_cut(replace(finding, highlight=None), *stored))
            if len(statements.quotes) > before:
                chosen.append(list(range(before, len(statements.quotes))))
            if len(chosen) == max(self.settings.quotes, LEAST_THEMES):
                break
        quoted = [_sources_first([(place, statements.quotes[place]) for place in theme]) for theme in chosen]
        ordered = _sources_first([(theme, theme[0][1]) for theme in quoted])
        return [[quote for _, quote in theme] for theme, _ in ordered]

    def _specific(self, question: str, filter: Filter | None) -> Answer:
        settings = self.settings
        generation = self._library.generation()
        clock = _Clock()
        hits = self._finder.search(question, settings.passages, filter)
        clock.lap("retrieve")
        reading = self._reader.read(question, hits)
        clock.lap("read")
        abstention = None
        if not hits:
            abstention = self._why_nothing(filter)
        elif reading.confidence < 1 - settings.strictness:
            abstention = Abstention.NOT_IN_SOURCES
        chosen = self._choose(question, reading.findings, settings.quotes if abstention is None else settings.closest)
        quotes = tuple(_with_elsewhere(quote, hits) for _, quote in chosen)
        listed = self._with_list(question, quotes) if abstention is None else quotes
        if abstention is None and not quotes:
            abstention = Abstention.NOT_IN_SOURCES
        clock.lap("quote")
        return Answer(
            question=question,
            confidence=reading.confidence,
            short_answer=_short_answer(chosen) if abstention is None and listed == quotes else None,
            quotes=listed if abstention is None else (),
            closest=() if abstention is None else quotes,
            hits=tuple(hits),
            abstention=abstention,
            timings_ms=clock.timings_ms(),
            settings=settings,
            generation=generation,
            foreign_languages=self._foreign(quotes),
            differences=differences(question, listed) if abstention is None else (),
            filter=filter,
        )

    def _why_nothing(self, filter: Filter | None) -> Abstention:
        """Why no passage was found."""
        if len(self._library.passage_ids()) == 0:
            return Abstention.EMPTY_LIBRARY
        if filter is not None and len(self._library.passage_ids(filter)) == 0:
            return Abstention.NO_DOCUMENT_PASSES
        return Abstention.NOTHING_FOUND

    def _with_list(self, question: str, quotes: tuple[Quote, ...]) -> tuple[Quote, ...]:
        """The quotes, of which the first is a whole list where one is asked for, and the others are not of that."""
        stored = self._resolved(quotes[0].passage) if quotes and asks_for_several(question) else None
        if stored is None:
            return quotes
        first = with_whole_list(question, quotes[0], stored[0])
        place = first.address
        others = (
            quote
            for quote in quotes[1:]
            if quote.address.document_id != place.document_id or quote.address.span not in place.span
        )
        return (first, *others)

    def _foreign(self, quotes: Sequence[Quote]) -> tuple[str, ...]:
        """The languages of the quotes that the reader was not trained on."""
        found = {quote.source.language for quote in quotes} - {None}
        known = self._reader.languages
        return () if known is None else tuple(sorted(str(language) for language in found - known))

    def _choose(self, question: str, findings: Iterable[Finding], most: int) -> list[tuple[Finding, Quote]]:
        """The best findings as verified quotes: none says what another says, and sources precede summaries of them."""
        chosen: list[Finding] = []
        statements = Statements(question)
        resolve = cache(self._resolved)  # for this answer alone, whose quotes are often of the same passage
        for finding in findings:
            if len(chosen) == most or (chosen and finding.confidence < _WEAKEST_SHARE * chosen[0].confidence):
                break
            for each in (finding, *altered_in_copies(finding)):
                stored = resolve(each.hit.passage)
                if stored is not None and len(chosen) < most and statements.add(_cut(each, *stored)):
                    chosen.append(each)
        return _sources_first(list(zip(chosen, statements.quotes, strict=True)))

    def _resolved(self, passage: Passage) -> tuple[Document, Entry] | None:
        """The document of a passage as the library has it; None where it is no longer current or says otherwise."""
        try:
            document, entry = self._library.resolve(Address.of(passage.document_id, passage.version, passage.span))
        except DocumentNotFound:
            return None
        if entry.state is not State.CURRENT or document.slice(passage.span) != passage.text:
            return None
        return document, entry


class _Clock:
    """Milliseconds since the lap before, by name."""

    def __init__(self) -> None:
        self._start = self._last = time.perf_counter()
        self._laps: dict[str, float] = {}

    def lap(self, name: str) -> None:
        now = time.perf_counter()
        self._laps[name] = round(1000 * (now - self._last), 2)
        self._last = now

    def timings_ms(self) -> dict[str, float]:
        return {**self._laps, "total": round(1000 * (self._last - self._start), 2)}


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


def _short_answer(chosen: Sequence[tuple[Finding, Quote]]) -> str | None:
    finding, quote = chosen[0]
    if not finding.is_short_answer or quote.highlight is None:
        return None
    return quote.parts[1]


def _with_elsewhere(quote: Quote, hits: Sequence[Hit]) -> Quote:
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
