"""Answers, hits and documents as plain text, for the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING

from corpus.library import Copy, Entry, Filter, Report, State
from corpus.model import Address, Document
from qa.listing import items_of
from qa.narrowing import in_words
from qa.wording import (
    BROAD,
    added_by,
    attribution,
    differing_in,
    differing_values,
    goes_on,
    headed,
    lacking,
    named,
    paged,
    public_sources,
    readable_date,
    refusal,
    sureness,
)

if TYPE_CHECKING:
    from corpus.catalogue import CatalogueEntry
    from index.intake import Added
    from index.search import Hit
    from qa.conversation.model import Turn
    from qa.conversation.verifying import Verified
    from qa.fields import ResolvedFields
    from qa.model import Answer, Difference, Quote
    from qa.suggesting.suggestions import Suggestion

_WIDTH = 96


def turn_text(turn: Turn) -> str:
    """The answer, under what was searched for where that is not what was typed, and what may have been meant."""
    searched = [] if turn.searched == turn.question else [f"searched for: {turn.searched}"]
    meant = [] if turn.answer.spelling is None else [f"Did you mean: {turn.answer.spelling}"]
    return "\n\n".join([*searched, *meant, answer_text(turn.answer)])


def answer_text(answer: Answer) -> str:
    """The short answer and the quotes, or why there is none and what came closest."""
    only = [] if answer.filter is None else [f"searched only in: {in_words(answer.filter)}"]
    if answer.themes:
        titles = headed(answer)
        quotes = (said for place, quote in enumerate(answer.quotes) for said in _headed(titles, place, quote))
        return "\n\n".join([*only, f"{BROAD}.", *quotes])
    sure = sureness(answer.confidence, answer.foreign_languages)
    if answer.abstention is None:
        head = f"From the sources (confidence {sure}):"
        short = [] if answer.short_answer is None else [answer.short_answer]
        differing = [_difference(difference, answer.quotes) for difference in answer.differences]
        return "\n\n".join([*only, *short, *differing, head, *_quotes(answer.quotes)])
    head = "\n".join([f"No answer: {refusal(answer)} (confidence {sure}).", *lacking(answer.missing)])
    closest = ["What came closest:", *_quotes(answer.closest)] if answer.closest else []
    return "\n\n".join([*only, head, *closest])


def verified_text(verified: Verified) -> str:
    """What does not stand, a line each, and how many quotes do."""
    lines = [
        f"question {proof.claim.turn}, {proof.claim.address or 'a quote without an address'}: {proof.fault}"
        for proof in verified.quotes
        if proof.fault is not None
    ]
    count = len(verified.quotes)
    stand = "quote stands" if count == 1 else "quotes stand"
    return "\n".join([*lines, *verified.faults, f"{verified.standing} of {count} {stand}"])


def hits_text(hits: Sequence[Hit], filter: Filter | None = None) -> str:
    """Passages with their ranks and scores; ``filter`` is which documents were searched."""
    if not hits:
        return "Nothing was found" if filter is None else f"Nothing was found in: {in_words(filter)}"
    return "\n\n".join(_hit(hit) for hit in hits)


def suggestions_text(suggestions: Sequence[Suggestion]) -> str:
    """A question a line."""
    if not suggestions:
        return "No question could be made of the documents. Ask your own: krakow-qa ask"
    return "\n".join(suggestion.question for suggestion in suggestions)


def added_text(added: Added) -> str:
    """One line for a file, and one for each thing that is said of its reading."""
    size = f" ({_size(added.characters, added.passages)})" if added.passages else ""
    said = [] if added.report is None else report_lines(added.report)
    return "\n  ".join([f"{added.outcome.value:<9} {added.id}{size}", *said, *added.notes])


def added_in_all_text(results: Sequence[Added], seconds: float) -> str:
    """How many documents were stored of those that were given, and how fast."""
    from index.intake import Outcome

    stored = [added for added in results if added.outcome in (Outcome.ADDED, Outcome.REPLACED)]
    passages = sum(added.passages for added in stored)
    documents = "1 document" if len(stored) == 1 else f"{len(stored):,} documents"
    return (
        f"Added {documents}, {passages:,} passages in {seconds:.0f} s ({passages / max(seconds, 1e-3):,.0f} passages/s)"
    )


def report_lines(report: Report) -> list[str]:
    """How a text differs from its file, a line each; nothing is said where it does not."""
    pages = [f"{report.pages} {'page' if report.pages == 1 else 'pages'}"] if report.pages else []
    mended = [f"mended: {count} {name}" for name, count in report.mended]
    left_out = [f"left out: {what}" for what in report.left_out]
    return [*pages, *mended, *left_out, *(f"warning: {warning}" for warning in report.warnings)]


def entries_text(entries: Sequence[Entry]) -> str:
    """A line for each document."""
    if not entries:
        return "The library holds no documents. Add some: krakow-qa add FILE"
    width = max(len(entry.id) for entry in entries)
    return "\n".join(
        f"{entry.id:<{width}}  {entry.source.date or '':<10}  {entry.passages:>4}  {entry.source.title}"
        + ("" if entry.state is State.CURRENT else f" ({_state(entry)})")
        for entry in entries
    )


def catalogue_text(sources: Sequence[CatalogueEntry], held: Collection[str]) -> str:
    """A line for each public source; ``held`` are the ids of those that the library has."""
    width = max(len(source.id) for source in sources)
    return "\n".join(
        f"{source.id:<{width}}  {source.mark.value:<8}  {source.date or '':<10}  {source.publisher}: {source.title}"
        + (" (in the library)" if source.id in held else "")
        for source in sources
    )


def document_text(entry: Entry, document: Document, copies: Sequence[Copy] = ()) -> str:
    """What is known about a document, which others have nearly its text, and its text."""
    source = entry.source
    known = {
        "title": source.title,
        "source": attribution(source),
        "url": source.url,
        "licence": source.licence,
        "language": source.language,
        "version": entry.version,
        "state": _state(entry),
        "added": f"{readable_date(entry.added_at[:10])} ({added_by(entry)})",
        "read from": f"{entry.provenance.origin} ({entry.provenance.parser})",
        "size": _size(entry.characters, entry.passages),
    }
    lines = [f"{name}: {value}" for name, value in known.items() if value]
    lines += [f"near copy: {copy.share:.0%} is also in {copy.id} ({copy.source.title})" for copy in copies]
    return "\n".join([*lines, *report_lines(entry.provenance.report), "", document.text])


def resolved_text(payload: ResolvedFields, entry: Entry) -> str:
    """The text at an address, how its version stands, and what is around it."""
    first, last = payload["page"], payload["last_page"]
    pages = range(0) if first is None or last is None else range(first, last + 1)
    return "\n".join(
        [
            f"“{payload['text']}”",
            f"  {entry.source.title}{paged(pages, payload['by_ocr'])}",
            f"  {attribution(entry.source)}",
            f"  {payload['address']} ({_state(entry)})",
            "",
            "In its context:",
            payload["context"],
        ]
    )


def _size(characters: int, passages: int) -> str:
    return f"{characters:,} characters, {passages} {'passage' if passages == 1 else 'passages'}"


def _state(entry: Entry) -> str:
    if entry.state is State.CURRENT or entry.ended_at is None:
        return entry.state.value
    return f"{entry.state.value} on {readable_date(entry.ended_at[:10])}"


def _difference(difference: Difference, quotes: Sequence[Quote]) -> str:
    sides = [
        f"  [{number}] {value} — {named(quote.source)}" for number, value, quote in differing_values(difference, quotes)
    ]
    return "\n".join([f"{differing_in(difference)}:", *sides])


def _headed(titles: Mapping[int, str], place: int, quote: Quote) -> list[str]:
    """A quote, under the title of the theme that it begins."""
    return [*([titles[place]] if place in titles else []), _quote(place + 1, quote)]


def _quotes(quotes: Sequence[Quote]) -> list[str]:
    return [_quote(number, quote) for number, quote in enumerate(quotes, start=1)]


def _quote(number: int, quote: Quote) -> str:
    links = [
        reference.url for reference in public_sources(quote.address.document_id, quote.source)[:1] if reference.url
    ]
    also = [f"also, word for word: {named(other.source)}, {other.address}" for other in quote.also]
    also += [f"also, in other words: {named(other.source)}, {other.address}" for other in quote.reworded]
    more = goes_on(quote)
    lines = [
        *([] if more is None else [more]),
        quote.source.title + paged(quote.pages, quote.by_ocr),
        attribution(quote.source),
        str(quote.address),
        *links,
        *also,
    ]
    said = f"“{quote.text}”"
    indent = f"[{number}] "
    text = "\n".join(
        textwrap.fill(line, _WIDTH, initial_indent="    " if place else indent, subsequent_indent="    ")
        for place, line in enumerate(said.splitlines() if items_of(quote.text) else [said])
    )
    return "\n".join([text, *(f"    {line}" for line in lines)])


def _hit(hit: Hit) -> str:
    passage, scores = hit.passage, hit.scores
    address = Address.of(passage.document_id, passage.version, passage.span)
    numbers = [f"fused {scores.fused:.4f}"]
    numbers += [] if scores.cosine is None else [f"cosine {scores.cosine:.3f}"]
    numbers += [] if scores.bm25 is None else [f"bm25 {scores.bm25:.2f}"]
    text = textwrap.shorten(passage.text, 3 * _WIDTH, placeholder=" …")
    return f"{hit.rank}. {hit.source.title} ({', '.join(numbers)})\n   {address}\n" + textwrap.indent(
        textwrap.fill(text, _WIDTH - 3), "   "
    )
