"""The vocabulary of answers: Quote, Difference, Theme, Abstention, Answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from corpus.library import Filter
from corpus.model import Address, Passage, Source, Span
from index.search import Hit
from qa.settings import Settings


@dataclass(frozen=True, slots=True)
class Occurrence:
    """Another place where a quote stands word for word."""

    address: Address
    source: Source


@dataclass(frozen=True, slots=True)
class Quote:
    """Text cut from a stored document.

    ``text`` equals the document's slice at the address; ``highlight`` is a span inside ``text``; ``passage`` is what
    stands around it; ``confidence`` in [0, 1] is that the quote answers the question; ``by_ocr`` where one of its
    pages was read by OCR; ``also`` is where else it stands word for word in what was found, ``reworded`` where other
    documents say it in other words. Where it is a part of a long list, ``whole`` is where all of that stands.
    """

    address: Address
    version: str
    pages: tuple[int, ...]
    text: str
    highlight: Span | None
    confidence: float
    source: Source
    passage: Passage
    by_ocr: bool = False
    also: tuple[Occurrence, ...] = ()
    reworded: tuple[Quote, ...] = ()
    whole: Address | None = None

    @property
    def parts(self) -> tuple[str, str, str]:
        """The text before its highlight, the highlight, and the rest; all of it comes first where there is none."""
        return self.parts_of(Span(0, len(self.text)))

    def parts_of(self, span: Span) -> tuple[str, str, str]:
        """The same of a span inside the quote."""
        start, end = span.start, span.end
        mark = self.highlight
        if mark is None or mark.end <= start or end <= mark.start:
            return self.text[start:end], "", ""
        first, last = max(start, mark.start), min(end, mark.end)
        return self.text[start:first], self.text[first:last], self.text[last:end]


class ValueKind(StrEnum):
    """What sort of thing sources may give differently."""

    DATE = "date"
    SUM = "sum"
    SHARE = "share"
    NUMBER = "number"
    NAME = "name"


@dataclass(frozen=True, slots=True)
class Side:
    """What one source gives: ``span`` is of the value inside the quote, which is told by its place among the quotes."""

    quote: int
    span: Span


@dataclass(frozen=True, slots=True)
class Difference:
    """Quotes of different documents that say the same with values that cannot all be right; two sides or more."""

    kind: ValueKind
    sides: tuple[Side, ...]


@dataclass(frozen=True, slots=True)
class Theme:
    """Quotes under one heading: ``title`` stands above the first of them, or is its document's title; ``quotes`` are
    their places among the answer's, one after the other."""

    title: str
    quotes: tuple[int, ...]


class Abstention(StrEnum):
    """Why a question was not answered."""

    EMPTY_LIBRARY = "the library holds no documents"
    NO_DOCUMENT_PASSES = "no document passes the filter"
    NOTHING_FOUND = "nothing in the sources has to do with the question"
    NOT_IN_SOURCES = "the sources do not seem to say this"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the sources say to a question, or that they do not say it.

    ``quotes`` is empty where ``abstention`` is set, and ``closest`` where it is None. ``confidence`` is that the
    sources answer the question, which is not calibrated for passages in ``foreign_languages``, that the reader was not
    trained on; ``timings_ms`` are milliseconds by step; ``differences`` are between the quotes; ``filter`` is which
    documents were searched, None where all were. ``spelling`` is the question as it may have been meant; ``missing``
    are the words and names of a refused question that stand in no document, searched or not, and None where that was
    not looked up.

    Where the question is too broad for one answer, the quotes are key passages, and each is of one of the ``themes``:
    they are no answer to be sure of, and the confidence, which was measured for questions that want one, is not shown.
    """

    question: str
    confidence: float
    short_answer: str | None
    quotes: tuple[Quote, ...]
    closest: tuple[Quote, ...]
    hits: tuple[Hit, ...]
    abstention: Abstention | None
    timings_ms: Mapping[str, float]
    settings: Settings
    generation: int
    foreign_languages: tuple[str, ...] = ()
    differences: tuple[Difference, ...] = ()
    filter: Filter | None = None
    themes: tuple[Theme, ...] = ()
    spelling: str | None = None
    missing: tuple[str, ...] | None = None

    @property
    def answered(self) -> bool:
        """Whether quotes answer the question."""
        return self.abstention is None
