"""The fields of answers, quotes, hits and documents as JSON, each with what it is; programs rely on their names.

The functions of ``qa.payload`` fill them in; the HTTP API and the MCP server make their schemas of them.
"""

from __future__ import annotations

from pydantic import ConfigDict, with_config
from typing_extensions import TypedDict

STRICT = ConfigDict(extra="forbid", use_attribute_docstrings=True)


@with_config(STRICT)
class ReferenceFields(TypedDict):
    """A public source that a document is, or that a brief of ours rests on."""

    id: str
    title: str
    publisher: str | None
    date: str | None
    url: str | None


class PlaceFields(TypedDict):
    """Where a text stands."""

    address: str
    """Where the text stands, for anybody to look up again: document@version#start-end."""
    document: str
    """The id of the document."""
    version: str
    """SHA-256 of the document's text, 64 hex digits."""
    start: int
    """Offset of the first character in the document's text, in code points."""
    end: int
    """Offset after the last one."""
    page: int | None
    """The page it begins on, counted from 1, where the document has pages."""
    last_page: int | None


class WhoFields(TypedDict):
    """Who says a text."""

    title: str
    """The title of the document."""
    kind: str
    """statement, remarks, press release, article, analysis, document; or brief, which is a summary of our own."""
    publisher: str | None
    speaker: str | None
    date: str | None


class AboutFields(WhoFields):
    """What a text is from."""

    sources: list[ReferenceFields]
    """Who says it: the document itself, or what a brief rests on."""


@with_config(STRICT)
class OccurrenceFields(WhoFields):
    """Another place where a quote stands word for word."""

    address: str


@with_config(STRICT)
class RewordedFields(WhoFields):
    """A quote of another document that says the same in other words."""

    address: str
    text: str


@with_config(STRICT)
class QuoteFields(PlaceFields, AboutFields):
    """Text cut from a stored document, character by character."""

    by_ocr: bool
    """Whether a page of it was read by OCR."""
    text: str
    """The quote: exactly what stands between start and end."""
    highlight: list[int] | None
    """Start and end, inside of the quote, of what answers the question."""
    confidence: float | None
    """How likely it is, 0 to 1, that the quote answers the question; null in an overview, which was not measured."""
    also: list[OccurrenceFields]
    """Where else it stands word for word in what was found."""
    reworded: list[RewordedFields]
    whole: str | None
    """Where the quote is a part of a long list: the address of all of it."""


@with_config(STRICT)
class SideFields(WhoFields):
    """One of the quotes that differ."""

    quote: int
    """Its place among the quotes, counted from 0."""
    address: str
    span: list[int]
    """Start and end, inside of the quote, of the value that differs."""
    value: str


@with_config(STRICT)
class DifferenceFields(TypedDict):
    """Sources that give different values for the same thing."""

    kind: str
    sides: list[SideFields]


@with_config(STRICT)
class FilterFields(TypedDict):
    """Which documents were searched; what is null let all through."""

    documents: list[str] | None
    publishers: list[str] | None
    kinds: list[str] | None
    languages: list[str] | None
    since: str | None
    until: str | None


@with_config(STRICT)
class ThemeFields(TypedDict):
    """Quotes under one heading."""

    title: str
    """The heading over the first of them, or its document's title."""
    quotes: list[int]
    """Their places among the quotes, counted from 0."""


@with_config(STRICT)
class AnswerFields(TypedDict):
    """What the sources say to a question, or that they do not seem to say it."""

    schema: int
    """Raised when a field is renamed or dropped."""
    question: str
    answered: bool
    """Whether quotes answer it; where false, the sources do not seem to say it."""
    confidence: float | None
    """How likely it is, 0 to 1, that the sources answer the question; null in an overview, which was not measured."""
    uncalibrated_languages: list[str]
    """Languages of the quotes for which the confidence is not calibrated."""
    reason: str | None
    """Why there is no answer."""
    short_answer: str | None
    """The words of the first quote that answer the question."""
    quotes: list[QuoteFields]
    """The answer: best first; empty where there is none."""
    themes: list[ThemeFields]
    """Where the question is too broad for one answer: the quotes are key passages, by theme; empty where it is not."""
    differences: list[DifferenceFields]
    closest: list[QuoteFields]
    """Where there is no answer: what came closest, which is no answer."""
    missing: list[str]
    """Where there is no answer: words and names of the question that stand in no source, as they were typed."""
    spelling: str | None
    """The question as it may have been meant, where words of it seem misspelt; it was not searched for."""
    filter: FilterFields | None
    """Null where all documents were searched."""
    timings_ms: dict[str, float]
    settings: str
    """Digest of how the question was answered."""
    generation: int
    """How often the library had changed."""


@with_config(STRICT)
class TurnFields(AnswerFields):
    """An answer in a conversation."""

    searched: str
    """The question in full, as it was searched for."""


@with_config(STRICT)
class ScoreFields(TypedDict):
    """Why a passage was found; null where it does not apply, and higher is better."""

    fused: float
    cosine: float | None
    bm25: float | None
    reader: float | None


@with_config(STRICT)
class HitFields(PlaceFields, AboutFields):
    """A passage that was found."""

    rank: int
    text: str
    headings: list[str]
    """The headings above it, outermost first."""
    scores: ScoreFields
    copies: list[str]
    """The addresses of passages that say nothing but what this one says."""


@with_config(STRICT)
class ReportFields(TypedDict):
    """How the text of a document differs from its file."""

    pages: int | None
    textless_pages: list[int]
    ocr_pages: list[int]
    language: str | None
    mended: dict[str, int]
    left_out: list[str]
    warnings: list[str]


@with_config(STRICT)
class EntryFields(AboutFields):
    """A document as the library lists it."""

    id: str
    version: str
    """SHA-256 of its text, 64 hex digits."""
    publisher: str | None
    date: str | None
    language: str | None
    url: str | None
    licence: str | None
    state: str
    """current, superseded or withdrawn; only current ones answer."""
    added_at: str
    ended_at: str | None
    added_by: str
    origin: str
    parser: str
    file_digest: str
    report: ReportFields
    characters: int
    passages: int


@with_config(STRICT)
class NearFields(TypedDict):
    """A document whose text is nearly another's."""

    id: str
    share: float
    """How much of the shorter text stands in both, 0 to 1."""


@with_config(STRICT)
class DocumentFields(EntryFields):
    """A document with its text."""

    copies: list[NearFields]
    text: str


@with_config(STRICT)
class ResolvedFields(PlaceFields, AboutFields):
    """The text at an address, how its version stands, and what is around it."""

    by_ocr: bool
    text: str
    """Exactly what stands between start and end."""
    highlight: list[int] | None
    confidence: float | None
    state: str
    """current; or superseded or withdrawn, where the library answers from this version no more."""
    ended_at: str | None
    context: str
    """The text with what stands around it."""


@with_config(STRICT)
class AddedFields(TypedDict):
    """What became of a file."""

    path: str
    outcome: str
    """added, replaced, unchanged, changed (the library has another text, and nothing was done), read, or failed."""
    id: str | None
    version: str | None
    characters: int
    passages: int
    report: ReportFields | None
    notes: list[str]
    present: EntryFields | None
    """The document as the library has it, where the outcome is changed."""
    error: str | None


@with_config(STRICT)
class FoundFields(TypedDict):
    """The passages that fit a query, best first."""

    hits: list[HitFields]
