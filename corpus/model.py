"""The vocabulary of the corpus: Span, Reference, Source, Document, Passage, Address."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum

from corpus.errors import BadAddress

VERSION_DIGITS = 12
"""Hex digits of a version that an address shows."""

ID_PATTERN = re.compile(r"[a-z0-9]+(?:-+[a-z0-9]+)*")
"""What a document id looks like."""

_ADDRESS = re.compile(
    rf"({ID_PATTERN.pattern})@([0-9a-f]{{{VERSION_DIGITS}}})#(0|[1-9][0-9]{{0,17}})-([1-9][0-9]{{0,17}})"
)


class Kind(StrEnum):
    """What sort of text a document is; only a BRIEF is our own."""

    STATEMENT = "statement"
    REMARKS = "remarks"
    PRESS_RELEASE = "press release"
    ARTICLE = "article"
    ANALYSIS = "analysis"
    BRIEF = "brief"
    DOCUMENT = "document"


def is_unicode(text: str) -> bool:
    """Whether a text can be stored and sent on; half of a surrogate pair cannot."""
    return not any("\ud800" <= character <= "\udfff" for character in text)


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Half-open range of code points, ``0 <= start < end``; raises ValueError otherwise."""

    start: int
    end: int

    def __post_init__(self) -> None:
        if not 0 <= self.start < self.end:
            raise ValueError(f"not a span: {self.start}-{self.end}")

    def __contains__(self, other: Span) -> bool:
        return self.start <= other.start and other.end <= self.end

    def overlaps(self, other: Span) -> bool:
        """Whether some code point is in both."""
        return self.start < other.end and other.start < self.end

    def shift(self, by: int) -> Span:
        """The same length, moved by so many code points."""
        return Span(self.start + by, self.end + by)


@dataclass(frozen=True, slots=True)
class Reference:
    """A public source that a document is, or rests on."""

    id: str
    title: str
    publisher: str | None = None
    date: str | None = None
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Where a text comes from. Dates are ISO 8601, to the day, month or year that is known."""

    title: str
    kind: Kind = Kind.DOCUMENT
    publisher: str | None = None
    date: str | None = None
    language: str | None = None
    url: str | None = None
    speaker: str | None = None
    licence: str | None = None
    references: tuple[Reference, ...] = ()

    @property
    def day(self) -> str | None:
        """The day that its date counts as when documents are filtered: the first of a month or year."""
        return None if self.date is None else f"{self.date}-01-01"[:10]


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a text; ``version`` is the SHA-256 of the text, which never changes.

    ``page_starts`` holds the offset at which each page begins; it is empty where there are no pages.
    """

    id: str
    version: str
    source: Source
    text: str
    page_starts: tuple[int, ...] = ()

    @classmethod
    def of(cls, id: str, source: Source, text: str, page_starts: tuple[int, ...] = ()) -> Document:
        """The document with the version that its text has."""
        return cls(id, version_of(text), source, text, page_starts)

    def slice(self, span: Span) -> str:
        """The text at a span; raises ValueError where the span leaves the text."""
        if span.end > len(self.text):
            raise ValueError(f"{span} lies outside {self.id}, which has {len(self.text)} characters")
        return self.text[span.start : span.end]

    def pages_of(self, span: Span) -> range:
        """The pages that a span stands on, counted from 1; empty where there are no pages."""
        first, last = (bisect_right(self.page_starts, place) for place in (span.start, span.end - 1))
        return range(max(first, 1), last + 1)


@dataclass(frozen=True, slots=True)
class Passage:
    """A stretch of one document version; ``text`` equals the document's slice at ``span``.

    ``headings`` is the path of headings above it, outermost first.
    """

    document_id: str
    version: str
    span: Span
    text: str
    headings: tuple[str, ...] = ()

    @property
    def digest(self) -> bytes:
        """16 bytes that tell the text and the headings over it from all others, wherever they stand."""
        return hashlib.blake2b("\0".join((*self.headings, self.text)).encode(), digest_size=16).digest()


@dataclass(frozen=True, slots=True)
class Address:
    """Where a quote stands, for anyone to look up again: ``id@12 hex digits#start-end``."""

    document_id: str
    version: str
    span: Span

    def __str__(self) -> str:
        return f"{self.document_id}@{self.version}#{self.span.start}-{self.span.end}"

    @classmethod
    def of(cls, document_id: str, version: str, span: Span) -> Address:
        """The address of a span of a document version, given by all its digits or the first of them."""
        return cls(document_id, version[:VERSION_DIGITS], span)

    @classmethod
    def parse(cls, text: str) -> Address:
        """Read an address; raises BadAddress where it has another form."""
        match = _ADDRESS.fullmatch(text)
        if match is None or int(match[3]) >= int(match[4]):
            raise BadAddress(f"{text!r} is not an address; one looks like brief-leap@0123456789ab#100-180")
        return cls(match[1], match[2], Span(int(match[3]), int(match[4])))


def version_of(text: str) -> str:
    """SHA-256 of the UTF-8 text, 64 hex digits."""
    return hashlib.sha256(text.encode()).hexdigest()
