"""Names of people, places and organisations, told by their capitals, and when two of them may be of the same."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.model import Span
from index.terms import STOP_WORDS, terms

_CAPITAL = r"(?:[^\W\d_a-z]\.|[^\W\d_a-z][\w’']*(?:-\w+)*)"
_RUN = re.compile(rf"(?<![\w-])(?:{_CAPITAL})(?: (?:(?:of|de|der|van|von|la|du) )?{_CAPITAL})*")
_HEAD = re.compile(r"(?: [a-z]+){1,3}")
_NO_NAMES = STOP_WORDS | frozenset(
    "admiral captain chancellor colonel commissioner count deputy doctor dr general king lady lord major minister mr"
    " mrs ms president prime prof professor rear secretary sir state under-secretary vice chief foreign defence"
    " monday tuesday wednesday thursday friday saturday sunday january february march april may june july august"
    " september october november december zero one two three four five six seven eight nine ten eleven twelve thirteen"
    " fourteen fifteen sixteen seventeen eighteen nineteen twenty thirty forty fifty hundred thousand some about around"
    " roughly almost nearly over since after before from last so today he she we you its his her our all both each most"
    " many few half according eur pln usd gbp".split()
)
"""Capitalised words that begin no name: titles, days and months, numbers, and words that open sentences."""

_NUMBERS = "zero one two three four five six seven eight nine".split()


@dataclass(frozen=True, slots=True)
class Name:
    """A name in a text, without titles.

    ``words`` are the terms of each of its words, in all spellings; ``head`` those of the words that it stands before
    ("German *ministry*"); ``opens`` where it is one word at the start of a sentence, so that it may be none.
    """

    span: Span
    text: str
    words: tuple[frozenset[str], ...]
    head: frozenset[str]
    opens: bool

    def compares(self, other: Name) -> bool:
        """Whether both are of one shape: a word each or several, before the same noun or none."""
        of_one_shape = (len(self.words) > 1) == (len(other.words) > 1)
        return of_one_shape and (self.head == other.head or not self.head.isdisjoint(other.head))

    def agrees(self, other: Name) -> bool:
        """Whether they may name the same: one holds the words of the other, or is short for it."""
        shorter, longer = sorted((self.words, other.words), key=len)
        held = all(any(not word.isdisjoint(each) for each in longer) for word in shorter)
        return held or self._is_short_for(other) or other._is_short_for(self)

    def _is_short_for(self, other: Name) -> bool:
        short = re.sub(r"\W", "", self.text)
        if re.fullmatch(r"[A-Z][2-9]", short):  # "E5" for "European Group of Five"
            return other.text.startswith(short[0]) and other.text.lower().endswith(_NUMBERS[int(short[1])])
        return len(short) > 1 and short == "".join(word[0] for word in other.text.split() if word[0].isupper())


def names(text: str) -> list[Name]:
    """The names in a text, in their order."""
    return [name for match in _RUN.finditer(text) for name in _named(text, match)]


def _named(text: str, match: re.Match[str]) -> Iterator[Name]:
    start, words = match.start(), match[0].split(" ")
    while words and words[0].lower().rstrip(".") in _NO_NAMES:
        start += len(words.pop(0)) + 1
    said = re.sub(r"['’]s?$", "", " ".join(words))
    keys = tuple(key for word in said.split() if (key := frozenset(terms(word))))
    if keys:
        before = text[:start].rstrip()
        head = _HEAD.match(text, start + len(said))
        yield Name(
            span=Span(start, start + len(said)),
            text=said,
            words=keys,
            head=frozenset(terms(head[0])) if head and len(keys) == 1 else frozenset(),
            opens=len(keys) == 1 and (not before or before[-1] in '.!?:“"'),
        )
