"""Two quotes of different documents compared: whether they answer a question with one value, or with two."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.blocks import sentences
from corpus.model import Span
from index.terms import query_words, terms
from qa.differing.dates import Date, dates
from qa.differing.names import Name, names
from qa.differing.values import Value, agree, asked_values, comparable, kind_of, values_like
from qa.model import Quote

_SUBJECT_SHARE = 0.5
"""Both quotes hold so much of what a question is about, and the same of it."""

_ASKING = frozenset(
    terms(
        "who whom whose what which when where why how did do does were has have had can could would should many much"
        " long far large any date day year month"
    )
)
_PLANNED = re.compile(
    r"\b(?:will|would|shall|may|might|could|aim(?:s|ed)?|plan(?:s|ned)?|hope[sd]?|want(?:s|ed)?|expect(?:s|ed)?|due|going"
    r"|intend(?:s|ed)?|target(?:s|ed)?|proposed?|draft|(?:is|are|was|were) to|to be)\b"
)
"""What is only planned is not gainsaid by what came."""

_ALSO = re.compile(r"\b(?:also|too|as well|among|including|another|other)\b", re.IGNORECASE)
_SAYS = r"(?:said|says|told|reported|reports|wrote|writes|announced|explained|recalled|confirmed)"
_IS_SAYING = re.compile(rf",? (?:[a-z]+ ){{0,2}}{_SAYS}\b")
_SAID_BY = re.compile(rf"\b(?:according to|{_SAYS}(?: to| by)?)(?: the| its)? $", re.IGNORECASE)
_ORDINAL = re.compile(r"\b(?:\d+(?:st|nd|rd|th)|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth)\b")


@dataclass(frozen=True, slots=True)
class Pair:
    """The values with which two quotes answer a question, each with its place in its quote."""

    one: Value
    other: Value
    agree: bool


def compared(question: str, one: Quote, other: Quote) -> Pair | None:
    """With which values two quotes answer; None where they are of one document, or not seen to be of the same thing."""
    if one.address.document_id == other.address.document_id or not _share_subject(question, one, other):
        return None
    pairs = [(a, b) for a in _given(question, one) for b in _given(question, other) if comparable(a, b)]
    if not pairs:
        return None
    agreeing = next((pair for pair in pairs if agree(*pair)), None)
    a, b = agreeing or pairs[0]
    if not _of_one_thing(_sentence(one.text, a.span), a, _sentence(other.text, b.span), b):
        return None
    if agreeing is None and (_tells(other, a) or _tells(one, b) or not _are_about(question, one, other)):
        return None
    return Pair(a, b, agreeing is not None)


def _are_about(question: str, *quotes: Quote) -> bool:
    """Whether every name in the question stands in the passage of each quote, or above it."""
    asked = [name for name in names(question) if not name.opens]
    for quote in quotes:
        told = names("\n".join((quote.source.title, *quote.passage.headings, quote.passage.text)))
        if not all(any(agree(name, each) for each in told) for name in asked):
            return False
    return True


def _share_subject(question: str, one: Quote, other: Quote) -> bool:
    """Whether both hold enough words of what is asked about; a single word is too little to tell it by."""
    subject = [word for word in query_words(question) if word[0] not in _ASKING]
    both = frozenset(terms(one.text)) & frozenset(terms(other.text))
    held = sum(not both.isdisjoint(word) for word in subject)
    return len(subject) > 1 and held >= _SUBJECT_SHARE * len(subject)


def _given(question: str, quote: Quote) -> list[Value]:
    """The values that answer: those in the highlight, else the only one of the quote."""
    found = asked_values(question, quote.text, quote.highlight)
    marked = [each for each in found if quote.highlight is not None and each.span.overlaps(quote.highlight)]
    return marked or (found if len(found) == 1 else [])


def _tells(quote: Quote, value: Value) -> bool:
    """Whether a source says another's value as well, a name anywhere in the passage."""
    text = quote.passage.text if isinstance(value, Name) else quote.text
    return any(agree(value, each) for each in values_like(value, text))


def _of_one_thing(mine: str, a: Value, theirs: str, b: Value) -> bool:
    """Whether nothing else in the sentences of two values tells that they are of different things."""
    if kind_of(a) is not kind_of(b) or (_PLANNED.search(mine) is None) is not (_PLANNED.search(theirs) is None):
        return False
    if isinstance(a, Name) and not agree(a, b) and (_ALSO.search(mine) or _ALSO.search(theirs)):
        return False
    return not any(_circumstances_differ(mine, a, theirs, b))


def _circumstances_differ(mine: str, a: Value, theirs: str, b: Value) -> Iterator[bool]:
    """For each sort of circumstance whether both tell one, and each another."""
    first, second = set(_ORDINAL.findall(mine)), set(_ORDINAL.findall(theirs))
    yield bool(first and second) and first.isdisjoint(second)
    if not isinstance(a, Date):
        when, then = dates(mine), dates(theirs)
        yield bool(when and then) and not any(agree(x, y) for x in when for y in then)
    here, there = _involved(mine, a), _involved(theirs, b)
    alone_here = [each for each in here if not any(agree(each, x) for x in names(theirs))]
    alone_there = [each for each in there if not any(agree(each, x) for x in names(mine))]
    yield any(x.opens is y.opens for x in alone_here for y in alone_there)


def _involved(sentence: str, value: Value) -> list[Name]:
    """The names in a sentence but the value itself and who is only cited."""
    return [
        name
        for name in names(sentence)
        if not (isinstance(value, Name) and agree(name, value))
        and not _IS_SAYING.match(sentence, name.span.end)
        and not _SAID_BY.search(sentence[: name.span.start])
    ]


def _sentence(text: str, span: Span) -> str:
    """The sentence of a text that holds the start of a span."""
    return next((text[each.start : each.end] for each in sentences(text) if each.start <= span.start < each.end), text)
