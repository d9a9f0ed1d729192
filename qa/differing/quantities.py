"""Quantities in English texts: sums, shares, measures and counts, in one unit each, so that equal ones are equal."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum

from corpus.model import Span
from index.terms import STOP_WORDS, terms

_ONES = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen"
    " eighteen nineteen"
).split()
_TENS = "twenty thirty forty fifty sixty seventy eighty ninety".split()
_WORDS = {word: float(number) for number, word in enumerate(_ONES)} | {
    word: 10.0 * number for number, word in enumerate(_TENS, start=2)
}
_SCALES = {
    "hundred": 1e2, "dozen": 12.0, "thousand": 1e3, "k": 1e3,
    "million": 1e6, "mn": 1e6, "m": 1e6, "billion": 1e9, "bn": 1e9, "trillion": 1e12,
}  # fmt: skip
_PARTS = {"half": 0.5, "quarter": 0.25, "third": 1 / 3}
_CURRENCIES = {
    "€": "EUR", "eur": "EUR", "euro": "EUR", "$": "USD", "us$": "USD", "usd": "USD", "dollar": "USD",
    "£": "GBP", "gbp": "GBP", "pound": "GBP", "pln": "PLN", "zloty": "PLN", "złoty": "PLN", "zł": "PLN",
}  # fmt: skip
_MEASURES = {
    "km": ("m", 1e3), "kilometre": ("m", 1e3), "kilometer": ("m", 1e3), "metre": ("m", 1.0), "meter": ("m", 1.0),
    "mile": ("m", 1609.344), "kg": ("kg", 1.0), "kilogram": ("kg", 1.0), "kilo": ("kg", 1.0), "gram": ("kg", 1e-3),
    "tonne": ("kg", 1e3), "ton": ("kg", 1e3), "second": ("s", 1.0), "minute": ("s", 60.0), "hour": ("s", 3600.0),
    "day": ("s", 86400.0), "week": ("s", 604800.0), "month": ("s", 2629800.0), "year": ("s", 31557600.0),
}  # fmt: skip

_NUMBER_WORD = "|".join(sorted((*_WORDS, "hundred", "thousand", "million", "billion", "dozen"), key=len, reverse=True))
_BETWEEN = r"(?:(?:(?<=hundred)|(?<=thousand)) and |[ -])"
_DIGITS = r"\d{1,3}(?:[,\u00a0\u202f]\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_SCALE = r"thousand|million|billion|trillion|dozen|bn|mn|k|m(?= ?(?:euro|zlot|dollar|pound))|(?(before)m|(?!))"
_UNIT = (
    r"%|per ?cent|€|(?:euro|dollar|zloty|złoty|pound)s?|zł|EUR|PLN|USD|GBP"
    r"|(?:kilomet(?:re|er)|met(?:re|er)|mile|kilogram|kilo|gram|tonne|ton)s?|km|kg"
    r"|(?:second|minute|hour|day|week|month|year)s?"
)
_FORM = re.compile(
    r"(?<![\w.,-])(?P<before>€|US\$|\$|£|(?:EUR|PLN|USD|GBP)\s?)?"
    rf"(?:(?P<digits>{_DIGITS})"
    rf"|(?P<words>(?:an? )?\b(?:{_NUMBER_WORD})\b(?:{_BETWEEN}(?:{_NUMBER_WORD})\b)*)"
    r"|(?:\ba )?\b(?P<part>half|(?<=\ba )(?:quarter|third))\b(?: of an?| an?)?(?! party))"
    rf"(?:[ \u00a0-]?(?P<scale>{_SCALE})\b)?"
    rf"(?:[ \u00a0-]?(?P<after>{_UNIT})(?!\w))?"
    r"(?!\w|[.,]\d)",
    re.IGNORECASE,
)
_ROUGH = re.compile(r"(?:\b(?:about|around|roughly|some|approximately|nearly|almost|circa|ca\.?|close to)|~) ?$", re.I)
_AT_LEAST = re.compile(r"\b(?:more than|over|at least|above) $", re.IGNORECASE)
_AT_MOST = re.compile(r"\b(?:up to|less than|fewer than|under|at most|below) $", re.IGNORECASE)
_BOUND = 1.5
"""What is "more than 100" may be said to be 150 elsewhere, and not 151."""

_OF_ONE_THING = 100.0
"""Amounts that differ more than so many times are of different things: a ship, and a ticket for it."""

_COUNTED_WORDS = 3


class Unit(StrEnum):
    """Units that are no measure."""

    COUNT = "count"
    SHARE = "%"


@dataclass(frozen=True, slots=True)
class Quantity:
    """A number in a text with its unit: a currency, a share, a measure's base unit, or a count of things.

    ``coarse`` is the place of its last digit that was told ("1.2 million": 100,000); ``least`` and ``most`` bound what
    else it may be said to be; ``counted`` are the terms of what is counted.
    """

    span: Span
    amount: float
    unit: str
    coarse: float
    least: float
    most: float
    counted: frozenset[str] = frozenset()

    @property
    def is_sum(self) -> bool:
        """Whether it is of money."""
        return self.unit in _CURRENCIES.values()

    def compares(self, other: Quantity) -> bool:
        """Whether both are of one unit, count the same things, and are not worlds apart."""
        smaller, larger = sorted((self.amount, other.amount))
        if self.unit != other.unit or larger > _OF_ONE_THING * smaller:
            return False
        return self.unit != Unit.COUNT or self.counted == other.counted or not self.counted.isdisjoint(other.counted)

    def agrees(self, other: Quantity) -> bool:
        """Whether both may be one quantity, as far as each is told exactly."""
        return self._allows(other) or other._allows(self)

    def _allows(self, other: Quantity) -> bool:
        return self.least <= other.amount * (1 + 1e-9) and other.amount <= self.most * (1 + 1e-9)


def quantities(text: str) -> list[Quantity]:
    """The quantities in a text, in their order; numbers that are part of a name ("E5", "Five Eyes") are none."""
    found = [_quantity(text, match) for match in _FORM.finditer(text) if not _is_of_a_name(text, match)]
    return [each for each in found if not (each.amount == 1 and each.unit == Unit.COUNT and not each.counted)]


def _is_of_a_name(text: str, match: re.Match[str]) -> bool:
    first = text[match.start()]
    at_start = not text[: match.start()].strip() or text[: match.start()].rstrip()[-1] in '.!?:“"('
    return first.isupper() and match["before"] is None and not at_start


def _quantity(text: str, match: re.Match[str]) -> Quantity:
    amount, coarse = _number(match)
    scale = _SCALES[match["scale"].lower()] if match["scale"] else 1.0
    unit, factor = _unit(match)
    if unit == Unit.COUNT and match["part"]:
        unit, factor = Unit.SHARE, 100.0
    amount, coarse = amount * scale * factor, coarse * scale * factor
    least, most = _bounds(text[: match.start()], amount, coarse, exact="." not in (match["digits"] or ""))
    counted = _counted(text[match.end() :]) if unit == Unit.COUNT else frozenset()
    return Quantity(Span(*match.span()), amount, unit, coarse, least, most, counted)


def _number(match: re.Match[str]) -> tuple[float, float]:
    """The number and the place of its last digit that is not a zero before the point."""
    if match["digits"]:
        digits = re.sub(r"[^\d.]", "", match["digits"])
        whole, _, decimals = digits.partition(".")
        zeros = len(whole) - len(whole.rstrip("0"))
        return float(digits), 10.0 ** (-len(decimals) if decimals else min(zeros, max(len(whole) - 1, 0)))
    if match["part"]:
        return _PARTS[match["part"].lower()], 0.01
    total = current = 0.0
    for word in re.findall(r"[a-z]+", match["words"].lower()):
        if word in _WORDS:
            current += _WORDS[word]
        elif word in _SCALES:
            current = (current or 1.0) * _SCALES[word]
            if _SCALES[word] >= 1e3:
                total, current = total + current, 0.0
    number = total + current
    digits = f"{number:.0f}"
    return number, 10.0 ** min(len(digits) - len(digits.rstrip("0")), len(digits) - 1)


def _unit(match: re.Match[str]) -> tuple[str, float]:
    for told in (match["before"], match["after"]):
        name = "" if told is None else told.strip().lower()
        name = name[:-1] if len(name) > 2 and name.endswith("s") else name
        if name in _CURRENCIES:
            return _CURRENCIES[name], 1.0
        if name in _MEASURES:
            return _MEASURES[name]
        if name.startswith(("%", "per")):
            return Unit.SHARE, 1.0
    return Unit.COUNT, 1.0


def _bounds(before: str, amount: float, coarse: float, exact: bool) -> tuple[float, float]:
    if _AT_LEAST.search(before):
        return amount, amount * _BOUND
    if _AT_MOST.search(before):
        return amount / _BOUND, amount
    if _ROUGH.search(before) or not exact:
        return amount - coarse / 2, amount + coarse / 2
    return amount, amount


def _counted(after: str) -> frozenset[str]:
    """The terms of the next words, as far as no punctuation and no word of grammar stands before them."""
    words = re.match(r"(?:[ -]+[^\W\d_][\w'’-]*)*", after)
    following: list[str] = []
    for word in (words[0] if words else "").split()[:_COUNTED_WORDS]:
        if word.lower() in STOP_WORDS:
            break
        following.append(word)
    return frozenset(terms(" ".join(following)))
