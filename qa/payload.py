"""Answers, quotes, hits and documents as JSON: field names that programs rely on."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

from corpus.library import Entry, Filter, Report
from corpus.model import Address, Document, Source, Span
from qa.wording import added_by, differing_values, public_sources

if TYPE_CHECKING:
    from corpus.catalogue import CatalogueEntry
    from index.intake import Added
    from index.search import Hit
    from qa import fields
    from qa.conversation.model import Turn
    from qa.conversation.verifying import Verified
    from qa.model import Answer, Difference, Quote
    from qa.showing import Shown
    from qa.suggesting.fields import SuggestionFields
    from qa.suggesting.suggestions import Suggestion

SCHEMA = 1
"""Raised when a field is renamed or dropped; new fields do not raise it."""

_CONTEXT_CHARACTERS = 600

Payload = dict[str, Any]


def turn_payload(turn: Turn) -> fields.TurnFields:
    """What ``ask --json`` prints: an answer, with its question as it was typed and as it was searched for."""
    return {**answer_payload(turn.answer), "question": turn.question, "searched": turn.searched}


def answer_payload(answer: Answer) -> fields.AnswerFields:
    """An answer with its quotes."""
    is_measured = not answer.themes
    return {
        "schema": SCHEMA,
        "question": answer.question,
        "answered": answer.answered,
        "confidence": round(answer.confidence, 4) if is_measured else None,
        "uncalibrated_languages": list(answer.foreign_languages),
        "reason": None if answer.abstention is None else answer.abstention.value,
        "short_answer": answer.short_answer,
        "quotes": [quote_payload(quote, is_measured) for quote in answer.quotes],
        "themes": [{"title": theme.title, "quotes": list(theme.quotes)} for theme in answer.themes],
        "differences": [_difference_payload(difference, answer.quotes) for difference in answer.differences],
        "closest": [quote_payload(quote) for quote in answer.closest],
        "missing": list(answer.missing or ()),
        "spelling": answer.spelling,
        "filter": None if answer.filter is None else _filter_payload(answer.filter),
        "timings_ms": dict(answer.timings_ms),
        "settings": answer.settings.digest,
        "generation": answer.generation,
    }


def _filter_payload(filter: Filter) -> fields.FilterFields:
    """Which documents were searched."""
    return {
        "documents": _sorted(filter.documents),
        "publishers": _sorted(filter.publishers),
        "kinds": _sorted(filter.kinds),
        "languages": _sorted(filter.languages),
        "since": filter.since,
        "until": filter.until,
    }


def quote_payload(quote: Quote, is_measured: bool = True) -> fields.QuoteFields:
    """A quote: ``text`` equals the document's ``text[start:end]``; that its confidence ``is_measured`` is not said of
    overviews."""
    return {
        **_place(quote.address, quote.version, quote.pages),
        "by_ocr": quote.by_ocr,
        "text": quote.text,
        "highlight": None if quote.highlight is None else [quote.highlight.start, quote.highlight.end],
        "confidence": round(quote.confidence, 4) if is_measured else None,
        **_about(quote.address.document_id, quote.source),
        "also": [{"address": str(other.address), **_who(other.source)} for other in quote.also],
        "reworded": [
            {"address": str(other.address), "text": other.text, **_who(other.source)} for other in quote.reworded
        ],
        "whole": None if quote.whole is None else str(quote.whole),
    }


def _difference_payload(difference: Difference, quotes: Sequence[Quote]) -> fields.DifferenceFields:
    """Quotes that differ: ``quote`` is a place in ``quotes``, from 0, and ``span`` that of the value in its text."""
    sides = zip(difference.sides, differing_values(difference, quotes), strict=True)
    return {
        "kind": difference.kind.value,
        "sides": [
            {
                "quote": side.quote,
                "address": str(quote.address),
                "span": [side.span.start, side.span.end],
                "value": value,
                **_who(quote.source),
            }
            for side, (_, value, quote) in sides
        ],
    }


def hit_payload(hit: Hit) -> fields.HitFields:
    """What ``search --json`` prints of a passage."""
    passage = hit.passage
    address = Address.of(passage.document_id, passage.version, passage.span)
    scores = hit.scores
    return {
        "rank": hit.rank,
        **_place(address, passage.version, ()),
        "text": passage.text,
        "headings": list(passage.headings),
        "scores": {
            "fused": scores.fused,
            "cosine": scores.cosine,
            "bm25": scores.bm25,
            "reader": scores.reader,
        },
        **_about(passage.document_id, hit.source),
        "copies": [str(Address.of(copy.document_id, copy.version, copy.span)) for copy, _ in hit.copies],
    }


def suggestion_payload(suggestion: Suggestion) -> SuggestionFields:
    """What ``suggest --json`` prints of a question."""
    return {
        "question": suggestion.question,
        "address": str(suggestion.address),
        "document": suggestion.address.document_id,
        "confidence": round(suggestion.confidence, 4),
        **_who(suggestion.source),
    }


def added_payload(added: Added) -> fields.AddedFields:
    """What ``add --json`` prints of a file."""
    return {
        "path": added.path,
        "outcome": added.outcome.value,
        "id": added.id,
        "version": added.version,
        "characters": added.characters,
        "passages": added.passages,
        "report": None if added.report is None else report_payload(added.report),
        "notes": list(added.notes),
        "present": None if added.present is None else entry_payload(added.present),
        "error": added.error,
    }


def report_payload(report: Report) -> fields.ReportFields:
    """How a text differs from its file."""
    return {
        "pages": report.pages or None,
        "textless_pages": list(report.textless_pages),
        "ocr_pages": list(report.ocr_pages),
        "language": report.language,
        "mended": dict(report.mended),
        "left_out": list(report.left_out),
        "warnings": list(report.warnings),
    }


def entry_payload(entry: Entry) -> fields.EntryFields:
    """What ``list --json`` prints of a document."""
    source = entry.source
    return {
        "id": entry.id,
        "version": entry.version,
        **_about(entry.id, source),
        "publisher": source.publisher,
        "date": source.date,
        "language": source.language,
        "url": source.url,
        "licence": source.licence,
        "state": entry.state.value,
        "added_at": entry.added_at,
        "ended_at": entry.ended_at,
        "added_by": added_by(entry),
        "origin": entry.provenance.origin,
        "parser": entry.provenance.parser,
        "file_digest": entry.provenance.file_digest,
        "report": report_payload(entry.provenance.report),
        "characters": entry.characters,
        "passages": entry.passages,
    }


def source_payload(source: CatalogueEntry, held: Collection[str]) -> Payload:
    """What ``catalogue --json`` prints of a public source; ``held`` are the ids of those that the library has."""
    return {
        "id": source.id,
        "mark": source.mark.value,
        "publisher": source.publisher,
        "title": source.title,
        "date": source.date,
        "language": source.language,
        "url": source.url,
        "in_library": source.id in held,
    }


def resolved_payload(address: Address, document: Document, entry: Entry) -> fields.ResolvedFields:
    """What ``show ADDRESS --json`` prints: the quote, how its version stands, and what is around it."""
    span = address.span
    pages = document.pages_of(span)
    return {
        **_place(address, document.version, pages),
        "by_ocr": entry.provenance.report.is_by_ocr(pages),
        "text": document.slice(span),
        "highlight": None,
        "confidence": None,
        **_about(document.id, document.source),
        "state": entry.state.value,
        "ended_at": entry.ended_at,
        "context": document.slice(_around(document, span)),
    }


def verified_payload(verified: Verified) -> Payload:
    """What ``verify --json`` prints."""
    return {
        "stands": verified.stands,
        "quotes": [
            {
                "question": proof.claim.turn,
                "address": proof.claim.address,
                "text": proof.claim.text,
                "stands": proof.fault is None,
                "fault": proof.fault,
            }
            for proof in verified.quotes
        ],
        "faults": list(verified.faults),
    }


def _place(address: Address, version: str, pages: Sequence[int]) -> fields.PlaceFields:
    return {
        "address": str(address),
        "document": address.document_id,
        "version": version,
        "start": address.span.start,
        "end": address.span.end,
        "page": pages[0] if pages else None,
        "last_page": pages[-1] if pages else None,
    }


def _sorted(names: Collection[str] | None) -> list[str] | None:
    return None if names is None else sorted(names)


def _who(source: Source) -> fields.WhoFields:
    return {
        "title": source.title,
        "kind": source.kind.value,
        "publisher": source.publisher,
        "speaker": source.speaker,
        "date": source.date,
    }


def _about(document_id: str, source: Source) -> fields.AboutFields:
    return {
        **_who(source),
        "sources": [
            {
                "id": reference.id,
                "title": reference.title,
                "publisher": reference.publisher,
                "date": reference.date,
                "url": reference.url,
            }
            for reference in public_sources(document_id, source)
        ],
    }


def shown_payload(shown: Shown) -> fields.ResolvedFields | fields.DocumentFields:
    """What ``show --json`` prints."""
    if shown.address is not None:
        return resolved_payload(shown.address, shown.document, shown.entry)
    near: list[fields.NearFields] = [{"id": copy.id, "share": round(copy.share, 3)} for copy in shown.copies]
    return {**entry_payload(shown.entry), "copies": near, "text": shown.document.text}


def _around(document: Document, span: Span) -> Span:
    """The span with the rest of its paragraphs, or with whole words where these are long."""
    text = document.text
    before, after = text.rfind("\n\n", 0, span.start), text.find("\n\n", span.end)
    start = 0 if before == -1 else before + 2
    end = len(text) if after == -1 else after
    if span.start - start > _CONTEXT_CHARACTERS:
        start = text.find(" ", span.start - _CONTEXT_CHARACTERS, span.start) + 1 or span.start
    if end - span.end > _CONTEXT_CHARACTERS:
        cut = text.rfind(" ", span.end, span.end + _CONTEXT_CHARACTERS)
        end = span.end if cut == -1 else cut
    return Span(start, end)
