"""Values in a text, of all kinds, and the kind that a question asks for."""

from __future__ import annotations

import re

from corpus.model import Span
from qa.differing.dates import Date, dates
from qa.differing.names import Name, names
from qa.differing.quantities import Quantity, Unit, quantities
from qa.model import ValueKind

Value = Date | Quantity | Name

_WHEN = re.compile(
    r"\bwhen\b|\b(?:what|which|whose) (?:date|year|day|month|weekday|week)\b|\bby which\b", re.IGNORECASE
)
_HOW_MUCH = re.compile(
    r"\bhow (?:many|much|far|long|large|big|high|old|heavy|deep|wide|tall|fast)\b"
    r"|\b(?:share|percentage|number|sum|cost|costs|price|budget|pay|paid|spent|spend)\b",
    re.IGNORECASE,
)
_WHO = re.compile(r"\b(?:who|whom|whose|where|which|what (?:company|country|city|place|person))\b", re.IGNORECASE)
_SEVERAL = re.compile(
    r"\b(?:which|what) (?:\w+ )?(?:countries|ministers|companies|cities|people|firms|states|members|\w+ies)\b"
    r"|\bwho (?:are|were|else)\b"
    r"|\bwho\b.*\b(?:(?:attend|join|participat|visit|critici[sz]|prais)\w*|(?:came|come|part|spoke|speak|said|say|met|meet|present)\b)",
    re.IGNORECASE,
)
"""Questions that several names may answer, none of which gainsays another."""


def kind_of(value: Value) -> ValueKind:
    """What a reader of the page would call it."""
    if isinstance(value, Date):
        return ValueKind.DATE
    if isinstance(value, Name):
        return ValueKind.NAME
    if value.is_sum:
        return ValueKind.SUM
    return ValueKind.SHARE if value.unit == Unit.SHARE else ValueKind.NUMBER


def amounts(text: str) -> list[Quantity]:
    """The quantities in a text that are no part of a date."""
    taken = [date.span for date in dates(text)]
    return [each for each in quantities(text) if not any(each.span.overlaps(span) for span in taken)]


def asked_values(question: str, text: str, within: Span | None) -> list[Value]:
    """The values of the kind that a question asks for in a text; names only ``within`` a span of it.

    None of the question's own values is among them, and where the question asks for no kind, all dates and quantities
    within the span are.
    """
    found: list[Value] = []
    if _WHEN.search(question):
        own_dates = dates(question)
        found = [each for each in dates(text) if not any(each.agrees(own) for own in own_dates)]
    elif _HOW_MUCH.search(question):
        found = list(amounts(text))
    elif _WHO.search(question):
        if within is not None and not _SEVERAL.search(question):
            found = _names_within(question, text, within)
    elif within is not None:
        all_values: list[Value] = [*dates(text), *amounts(text)]
        found = [each for each in all_values if each.span in within]
    return found


def _names_within(question: str, text: str, within: Span) -> list[Value]:
    own = names(question)
    part = [_shifted(each, within.start) for each in names(text[within.start : within.end])]
    return [each for each in part if not any(each.agrees(mine) for mine in own)]


def _shifted(name: Name, by: int) -> Name:
    return Name(name.span.shift(by), name.text, name.words, name.head, name.opens)


def comparable(one: Value, other: Value) -> bool:
    """Whether both are of one kind and unit, so that they agree or differ."""
    match one, other:
        case Date(), Date():
            return one.compares(other)
        case Quantity(), Quantity():
            return one.compares(other)
        case Name(), Name():
            return one.compares(other)
    return False


def agree(one: Value, other: Value) -> bool:
    """Whether both may be right at once, told more or less exactly."""
    match one, other:
        case Date(), Date():
            return one.agrees(other)
        case Quantity(), Quantity():
            return one.compares(other) and one.agrees(other)
        case Name(), Name():
            return one.agrees(other)
    return False


def values_like(value: Value, text: str) -> list[Value]:
    """The values in a text that are of the same class."""
    if isinstance(value, Date):
        return list(dates(text))
    return list(amounts(text) if isinstance(value, Quantity) else names(text))
