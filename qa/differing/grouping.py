"""The quotes of an answer put beside each other: which say the same, and what they say differently."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from index.terms import terms
from qa.differing.comparing import Pair, compared
from qa.differing.values import kind_of
from qa.model import Difference, Quote, Side

_SAME_SHARE = 0.85
"""Two quotes say the same where the shorter shares so many of its terms with the other."""

_ALIKE_SHARE = 0.5
"""Quotes of two documents that answer with one value need share no more."""

_MAY_DIFFER = 0.7
"""A quote that less probably answers the question gainsays none."""


class Statements:
    """The quotes of an answer while they are chosen, the surest first; none says what another says."""

    def __init__(self, question: str) -> None:
        self.quotes: list[Quote] = []
        self._question = question
        self._said: list[frozenset[str]] = []

    def add(self, quote: Quote) -> bool:
        """Take a quote in; whether it says anything new. Where not, it joins the one before that says no more."""
        words = frozenset(terms(quote.text))
        for place, said in enumerate(self._said):
            pair = compared(self._question, self.quotes[place], quote)
            if _say_the_same(said, words, pair):
                if pair is not None or _marked(self.quotes[place]) <= words:
                    self.quotes[place] = _joined(self.quotes[place], quote)
                return False
        self.quotes.append(quote)
        self._said.append(words)
        return True


def differences(question: str, quotes: Sequence[Quote]) -> tuple[Difference, ...]:
    """What the quotes say differently, the surest first; each quote is in one difference at most."""
    found: list[Difference] = []
    told = {place for place, quote in enumerate(quotes) if quote.confidence < _MAY_DIFFER}
    for first in range(len(quotes)):
        if first not in told and (difference := _from(question, quotes, first, told)) is not None:
            found.append(difference)
            told.update(side.quote for side in difference.sides)
    return tuple(found)


def _from(question: str, quotes: Sequence[Quote], first: int, told: set[int]) -> Difference | None:
    """What later quotes say otherwise than the first, and than each other."""
    sides: list[tuple[int, Pair]] = []
    for place in (place for place in range(first + 1, len(quotes)) if place not in told):
        pair = compared(question, quotes[first], quotes[place])
        if pair is None or pair.agree or (sides and kind_of(pair.one) is not kind_of(sides[0][1].one)):
            continue
        others = [compared(question, quotes[side], quotes[place]) for side, _ in sides]
        if all(other is not None and not other.agree for other in others):
            sides.append((place, pair))
    if not sides:
        return None
    mine = sides[0][1].one
    return Difference(kind_of(mine), (Side(first, mine.span), *(Side(place, pair.other.span) for place, pair in sides)))


def _say_the_same(said: frozenset[str], words: frozenset[str], pair: Pair | None) -> bool:
    share = len(said & words) / max(min(len(said), len(words)), 1)
    return share >= _SAME_SHARE if pair is None else pair.agree and share >= _ALIKE_SHARE


def _marked(quote: Quote) -> frozenset[str]:
    """The terms of what answers in a quote."""
    span = quote.highlight
    return frozenset(terms(quote.text if span is None else quote.text[span.start : span.end]))


def _joined(quote: Quote, other: Quote) -> Quote:
    """The quote with another document's words for it, once for each document."""
    told = {quote.address.document_id, *(each.address.document_id for each in quote.reworded)}
    if other.address.document_id in told or other.text == quote.text:
        return quote
    return replace(quote, reworded=(*quote.reworded, other))
