"""Dates as English texts give them, as far as each is known: the day, the month, the year, the day of the week."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.model import Span

_MONTHS = "January February March April May June July August September October November December".split()
_DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
_ORDINALS = (
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth fourteenth fifteenth"
    " sixteenth seventeenth eighteenth nineteenth twentieth twenty-first twenty-second twenty-third twenty-fourth"
    " twenty-fifth twenty-sixth twenty-seventh twenty-eighth twenty-ninth thirtieth thirty-first"
).split()

_MONTH = rf"(?:{'|'.join(_MONTHS)}|(?:Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\b\.?)"
_DAY = rf"(?:[12]\d|3[01]|0?[1-9])(?:st|nd|rd|th)?|{'|'.join(sorted(_ORDINALS, key=len, reverse=True))}"
_YEAR = r"(?:19|20)\d\d"
_WEEKDAY = rf"(?:(?P<weekday>{'|'.join(_DAYS)}),? (?:the )?)?"
_FORMS = tuple(
    re.compile(rf"(?<![\w.,€$£-])(?:{form})(?![\w%]|[.,]\d)")
    for form in (
        rf"{_WEEKDAY}(?P<day>{_DAY})(?: of)? (?P<month>{_MONTH})(?:,? (?P<year>{_YEAR}))?",
        rf"{_WEEKDAY}(?P<month>{_MONTH}) (?P<day>{_DAY})(?:,? (?P<year>{_YEAR}))?",
        r"(?P<year>(?:19|20)\d\d)-(?P<month>[01]\d)-(?P<day>[0-3]\d)",
        r"(?P<day>[0-3]?\d)\.(?P<month>[01]?\d)\.(?P<year>(?:19|20)\d\d)",
        rf"(?P<month>{_MONTH})(?:,? (?P<year>{_YEAR}))?",
        rf"(?P<year>{_YEAR})(?! (?:euro|dollar|zlot|people|soldier|troop))",
        rf"(?P<weekday>{'|'.join(_DAYS)})",
    )
)


@dataclass(frozen=True, slots=True)
class Date:
    """A date in a text, each part None where it is not told; a weekday is reckoned where all else is."""

    span: Span
    year: int | None
    month: int | None
    day: int | None
    weekday: int | None

    def agrees(self, other: Date) -> bool:
        """Whether both may be one day: what both tell is the same."""
        return all(
            mine is None or theirs is None or mine == theirs
            for mine, theirs in zip(self._parts(), other._parts(), strict=True)
        )

    def compares(self, other: Date) -> bool:
        """Whether both tell a part in common, so that they can differ."""
        return any(
            mine is not None and theirs is not None for mine, theirs in zip(self._parts(), other._parts(), strict=True)
        )

    def _parts(self) -> tuple[int | None, ...]:
        return self.year, self.month, self.day, self.weekday


def dates(text: str) -> list[Date]:
    """The dates in a text, in their order."""
    found: list[Date] = []
    for form in _FORMS:  # longer forms first, and none inside of one found
        for match in form.finditer(text):
            span = Span(*match.span())
            if not any(span.overlaps(other.span) for other in found):
                found.extend(_date(span, match))
    return sorted(found, key=lambda date: date.span)


def _date(span: Span, match: re.Match[str]) -> Iterator[Date]:
    told = {"year": None, "month": None, "day": None, "weekday": None} | match.groupdict()
    year = None if told["year"] is None else int(told["year"])
    month = None if told["month"] is None else _month(told["month"])
    day = None if told["day"] is None else _day(told["day"])
    weekday = None if told["weekday"] is None else _DAYS.index(told["weekday"])
    if year is not None and month is not None and day is not None:
        try:
            weekday = datetime.date(year, month, day).weekday()
        except ValueError:  # no such day
            return
    yield Date(span, year, month, day, weekday)


def _month(told: str) -> int:
    if told.isdigit():
        return int(told)
    return next(number for number, name in enumerate(_MONTHS, start=1) if name.startswith(told[:3]))


def _day(told: str) -> int:
    return _ORDINALS.index(told) + 1 if told in _ORDINALS else int(re.sub(r"\D", "", told))
