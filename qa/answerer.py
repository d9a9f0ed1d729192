"""The way from a question to an answer: retrieve, read, quote, or abstain."""

from __future__ import annotations

import time
from collections.abc import Sequence
from itertools import accumulate, pairwise, starmap
from typing import TYPE_CHECKING, Protocol

from corpus.errors import KrakowQAError
from corpus.library import Filter, Library
from corpus.model import is_unicode
from index.search import Hit
from qa.differing.grouping import differences
from qa.model import Abstention, Answer, Quote
from qa.narrowing import checked_filter
from qa.overview.breadth import Broad, breadth
from qa.overview.themes import LEAST_THEMES, PASSAGES, key_findings, on_topic, themed
from qa.quoting import Quoter, with_elsewhere
from qa.reader import Finding, Reader
from qa.settings import QUESTION_CHARACTERS, Settings

if TYPE_CHECKING:
    from qa.guiding import Guide

_MORE_READINGS = 2
"""How often a question is read again because the library changed meanwhile."""


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
    if not is_unicode(question):
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

    def __init__(self, finder: Finder, reader: Reader, settings: Settings, guide: Guide | None = None) -> None:
        """Without a guide nothing is said of a question's words."""
        self.settings = settings
        self._library = finder.library
        self._finder = finder
        self._reader = reader
        self._guide = guide

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
        answer = self._specific(question, filter) if overview is None else overview
        return answer if self._guide is None else self._guide.beside(answer)

    def _specific(self, question: str, filter: Filter | None) -> Answer:
        """The quotes that answer it, or what came closest."""
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
        quoter = Quoter(self._library, question)
        chosen = quoter.best(reading.findings, settings.quotes if abstention is None else settings.closest)
        found = tuple(quote for _, quote in chosen)
        listed = quoter.with_whole_list(found) if abstention is None else found
        quotes = tuple(with_elsewhere(quote, hits) for quote in listed)
        if abstention is None and not quotes:
            abstention = Abstention.NOT_IN_SOURCES
        clock.lap("quote")
        return Answer(
            question=question,
            confidence=reading.confidence,
            short_answer=_short_answer(chosen) if abstention is None and listed == found else None,
            quotes=quotes if abstention is None else (),
            closest=() if abstention is None else quotes,
            hits=tuple(hits),
            abstention=abstention,
            timings_ms=clock.timings_ms(),
            settings=settings,
            generation=generation,
            foreign_languages=self._foreign(quotes),
            differences=differences(question, quotes) if abstention is None else (),
            filter=filter,
        )

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
        most = max(self.settings.quotes, LEAST_THEMES)
        themes = Quoter(self._library, question).by_theme(key_findings(broad, reading.findings), most)
        if len(themes) < LEAST_THEMES:
            return None
        quotes = tuple(with_elsewhere(quote, hits) for theme in themes[: self.settings.quotes] for quote in theme)
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

    def _why_nothing(self, filter: Filter | None) -> Abstention:
        """Why no passage was found."""
        if len(self._library.passage_ids()) == 0:
            return Abstention.EMPTY_LIBRARY
        if filter is not None and len(self._library.passage_ids(filter)) == 0:
            return Abstention.NO_DOCUMENT_PASSES
        return Abstention.NOTHING_FOUND

    def _foreign(self, quotes: Sequence[Quote]) -> tuple[str, ...]:
        """The languages of the quotes that the reader was not trained on."""
        found = {quote.source.language for quote in quotes} - {None}
        known = self._reader.languages
        return () if known is None else tuple(sorted(str(language) for language in found - known))


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


def _short_answer(chosen: Sequence[tuple[Finding, Quote]]) -> str | None:
    finding, quote = chosen[0]
    if not finding.is_short_answer or quote.highlight is None:
        return None
    return quote.parts[1]
