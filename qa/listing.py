"""Lists in documents: a question that asks for several things gets the whole list that its best quote is of."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from corpus.blocks import Block, BlockKind, blocks, sentences_within, trim
from corpus.model import Address, Document, Span
from index.terms import terms
from qa.conversation.clauses import Clause
from qa.model import Quote

_MOST_CHARACTERS = 1500
"""A longer list is quoted in part."""

_SEVERAL = r"(?:[\w-]*[b-hj-rt-z]s|[\w-]+(?:ie|e|o|a)s|people|men|women|children|criteria)"
_ASKS_FOR_ALL = re.compile(
    r"\W*(?:(?:please |can you |could you )*(?:list|name|enumerate) "
    r"|(?:please |can you |could you )*(?:give|show|tell) (?:me |us )?(?:a|the) (?:\w+ )?list of "
    r"|who (?:all|are|were|attended|attends|took part|takes part|participated|participates|signed|joined|came)\b"
    r"|who (?:was|is) (?:all )?(?:present|there|invited|involved|at)\b"
    r"|what (?:are|were) (?:the|its|their|your|our|all) )",
    re.IGNORECASE,
)
_NAMED = re.compile(rf"\b{_SEVERAL}\b", re.IGNORECASE)
_SMALL = frozenset("is was has does this its his as us whose these those".split())
_ASKING = frozenset(
    terms(
        "who whom what which when where why how do does did were has have had can could you name list all tell give"
        " show me us take took part participate attend come came please present main many most"
    )
)
_ORDINALS = (
    r"first(?:ly)?",
    r"second(?:ly)?",
    r"third(?:ly)?",
    r"fourth(?:ly)?",
    r"fifth(?:ly)?",
    r"sixth",
    r"seventh",
)
_OPENS_WITH = [re.compile(rf"(?:(?:the|a|its|their|and|our) )?{ordinal}\b", re.IGNORECASE) for ordinal in _ORDINALS]
_LETTERED = re.compile(r"\(?(?:[a-z]|[ivx]{1,4}|\d{1,2})\)\s")
_KINDS = (BlockKind.ITEM, BlockKind.ROW)
_GAP = 2
"""So many other sentences may stand between "first" and "second"."""


@dataclass(frozen=True, slots=True)
class Listing:
    """A list in a document: its items, and the sentence that leads in to it, where one stands right before it.

    ``under`` is the heading over it; "" where there is none.
    """

    lead: Span | None
    items: tuple[Span, ...]
    under: str

    @property
    def span(self) -> Span:
        """All of it."""
        return Span(self.items[0].start if self.lead is None else self.lead.start, self.items[-1].end)


def asks_for_several(question: str) -> bool:
    """Whether a question asks for several things, by its form."""
    if _ASKS_FOR_ALL.match(question):
        return True
    clause = Clause(question)
    asks = clause.begins_asking == 0 and clause.small[0] in {"what", "which"}
    return asks and _named(clause.said(1, clause.asked_for)) is not None


def with_whole_list(question: str, quote: Quote, document: Document) -> Quote:
    """The quote with the rest of the list that it is of, where the question asks after what that lists.

    The highlight stays where it is; that others say the same was of the sentence alone. Of a list of more than 1,500
    characters the quote is a part, and ``whole`` says where all of it stands.
    """
    found = quote.address.span
    listing = next((each for each in _listings(document, found) if each.span.overlaps(found)), None)
    if listing is None or not _is_asked_after(question, listing, document.text):
        return quote
    part = _bounded(listing, found)
    if part is None:
        return quote
    span = Span(min(part.start, found.start), max(part.end, found.end))
    around = Span(min(quote.passage.span.start, span.start), max(quote.passage.span.end, span.end))
    return replace(
        quote,
        address=Address.of(document.id, document.version, span),
        pages=tuple(document.pages_of(span)),
        text=document.slice(span),
        highlight=None if quote.highlight is None else quote.highlight.shift(found.start - span.start),
        passage=replace(quote.passage, span=around, text=document.slice(around)),
        reworded=(),
        whole=None if listing.span in span else Address.of(document.id, document.version, listing.span),
    )


def items_of(text: str) -> tuple[Span, ...]:
    """The items of the list in a quote, without their markers; none where it has not one list of two items or more."""
    runs = [
        [_unmarked(text, block) for block in run if block.kind is not BlockKind.RULE]
        for is_listed, run in groupby(blocks(text), lambda block: block.kind in (*_KINDS, BlockKind.RULE))
        if is_listed
    ]
    return tuple(runs[0]) if len(runs) == 1 and len(runs[0]) > 1 else ()


def _unmarked(text: str, block: Block) -> Span:
    """The content of an item; of a row what stands between its outer bars."""
    span = block.content
    row = text[span.start : span.end]
    between = row.strip("| \t") if block.kind is BlockKind.ROW else row
    start = span.start + row.index(between)
    return Span(start, start + len(between)) if between else span


def _listings(document: Document, place: Span) -> Iterator[Listing]:
    """The lists between the headings before and after a place."""
    text = document.text
    section: list[Block] = []
    under = ""
    for block in blocks(text):
        if block.kind is BlockKind.HEADING:
            if block.content.start > place.start:
                break
            section, under = [], text[block.content.start : block.content.end]
        else:
            section.append(block)
    yield from _of_items(document, section, under)
    yield from _of_ordinals(document, section, under)


def _of_items(document: Document, section: Sequence[Block], under: str) -> Iterator[Listing]:
    """Items, rows or lettered paragraphs, two or more without anything between them."""
    text = document.text
    run: list[Span] = []
    before: Block | None = None
    for block in [*section, None]:
        if block is not None and (block.kind in _KINDS or _LETTERED.match(text, block.content.start)):
            start = text.rfind("\n", 0, block.content.start) + 1
            run.append(trim(text, start, block.content.end) or block.content)
        elif block is None or block.kind is not BlockKind.RULE or not run:  # a rule parts a table's head from its rows
            if len(run) > 1:
                yield Listing(_last_sentence(document, before), tuple(run), under)
            run, before = [], block


def _last_sentence(document: Document, block: Block | None) -> Span | None:
    if block is None or block.kind is not BlockKind.PARAGRAPH:
        return None
    return [block.content, *sentences_within(document.text, block.content, document.source.language)][-1]


def _of_ordinals(document: Document, section: Sequence[Block], under: str) -> Iterator[Listing]:
    """Sentences that begin with "first", "second" and so on, near each other, after the sentence before them."""
    text = document.text
    said = [
        sentence
        for block in section
        if block.kind is BlockKind.PARAGRAPH
        for sentence in sentences_within(text, block.content, document.source.language)
    ]
    for first in range(len(said)):
        run: list[int] = []
        for place in range(first, len(said)):
            if len(run) < len(_OPENS_WITH) and _OPENS_WITH[len(run)].match(text, said[place].start):
                run.append(place)
            elif not run or place - run[-1] > _GAP:
                break
        if len(run) > 1:
            ends = [*(said[after - 1].end for after in run[1:]), said[run[-1]].end]
            items = tuple(Span(said[place].start, end) for place, end in zip(run, ends, strict=True))
            yield Listing(said[first - 1] if first else None, items, under)


def _is_asked_after(question: str, listing: Listing, text: str) -> bool:
    """Whether what leads in to a list, or the heading over it, names what is asked for."""
    lead = "" if listing.lead is None else text[listing.lead.start : listing.lead.end]
    told = frozenset(terms(f"{listing.under} {lead}"))
    asked = terms(_named(question) or question)
    return any(term in told and term not in _ASKING for term in asked)


def _named(text: str) -> str | None:
    """The first word for several things."""
    return next((found[0] for found in _NAMED.finditer(text) if found[0].lower() not in _SMALL), None)


def _bounded(listing: Listing, found: Span) -> Span | None:
    """As much of a list as may be quoted, with what was found in it; None where no two items of it fit."""
    starts = [listing.span.start, *(item.start for item in listing.items[1:])]
    for number, start in enumerate(starts):
        if number and start > found.start:
            break
        ends = [item.end for item in listing.items[number:] if item.end - start <= _MOST_CHARACTERS]
        if len(ends) > 1 and ends[-1] >= found.end:
            return Span(start, ends[-1])
    return None
