"""The words of a question as they were typed, and for which other words each may be a slip."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.model import Span
from index.terms import folded, query_terms, terms
from qa.guiding.english import ordinary_words

_TOKEN = re.compile(r"\S+")
_CODE = re.compile(r"[\d_/@\\]|\w[.:]\w")
"""What has this is a code or an address, and not spelled."""

_RUN = re.compile(r"[^\W\d_]+(?P<contracted>['’](?:t|re|ve|ll|d|m)\b)?")

_LEAST_FOR_ONE, _LEAST_FOR_TWO = 4, 9
"""From so many letters on, one slip and two slips are looked for."""

_MOST_LETTERS = 40

_LEAST_OF_KNOWN_NAME, _LEAST_OF_NAME, _LEAST_OF_NO_NAME = 5, 6, 7
"""In a shorter word with a capital, letters may be swapped, but another letter makes another name.

It depends on what it may be a slip for: a name that is an ordinary word too, another name, or no name.
"""


@dataclass(frozen=True, slots=True)
class Typed:
    """A word as it was typed; ``opens`` where it is the question's first."""

    text: str
    span: Span
    opens: bool

    @property
    def plain(self) -> str:
        """The word folded."""
        return folded(self.text)

    @property
    def most_slips(self) -> int:
        """How many may be in it: none in abbreviations, and in words with other letters than English has."""
        if self.text.isupper() or not self.text.isascii() or len(self.text) > _MOST_LETTERS:
            return 0
        return (len(self.text) >= _LEAST_FOR_ONE) + (len(self.text) >= _LEAST_FOR_TWO)

    @property
    def is_name(self) -> bool:
        """Whether it is written as a name."""
        return self.text[0].isupper() and not self.opens


def typed_words(question: str) -> list[Typed]:
    """The words of a question that are spelled, in order."""
    return [Typed(question[span.start : span.end], span, at == 0) for at, span in enumerate(_spans(question))]


def may_be_meant(word: Typed, other: str, forms: Counter[str]) -> bool:
    """Whether a word may be a slip for another, which is no form of it; ``forms`` are how sources write the other.

    The first letter of a slip is right, or swapped with the second, and what it has too much is not an ending.
    """
    plain = word.plain
    swapped = sorted(plain) == sorted(other)
    if plain[0] != other[0] and not (swapped and plain[:2] == other[1::-1]):
        return False
    if terms(other) in ([], terms(plain)) or (plain.startswith(other) and plain[-1] != other[-1]):
        return False
    if not word.is_name or swapped:
        return True
    is_known = other in ordinary_words()
    if 2 * sum(count for form, count in forms.items() if form[0].isupper()) > forms.total():
        return len(plain) >= (_LEAST_OF_KNOWN_NAME if is_known else _LEAST_OF_NAME)
    return is_known and len(plain) >= _LEAST_OF_NO_NAME


def spells_the_same(plain: str, other: str) -> bool:
    """Whether a word is searched for as another one that is no name, since a name is spelled in more than one way."""
    return other in ordinary_words() and not set(query_terms(plain)).isdisjoint(query_terms(other))


def written(word: Typed, forms: Counter[str]) -> str:
    """A word as the sources write it: with a capital where it was typed so, and small where they have it so too."""
    if word.text.islower() and any(form.islower() for form in forms):
        forms = Counter({form: count for form, count in forms.items() if form.islower()})
    form = max(forms, key=lambda form: (form[0].isupper() or not word.is_name, not form.isupper(), forms[form]))
    return form[0].upper() + form[1:] if word.text[0].isupper() else form


def _spans(question: str) -> Iterator[Span]:
    for token in _TOKEN.finditer(question):
        if not _CODE.search(token[0]):
            for run in _RUN.finditer(token[0]):
                if not run["contracted"]:
                    yield Span(*run.span()).shift(token.start())
