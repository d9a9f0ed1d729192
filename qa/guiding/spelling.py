"""Words of a question that may be misspelt, and what the sources have in their place."""

from __future__ import annotations

from collections import Counter

from corpus.library import Library
from index.search import told_of
from index.slips import within_slips
from index.terms import folded, words
from qa.guiding.english import is_english, is_ordinary
from qa.guiding.slips import Typed, may_be_meant, spells_the_same, typed_words, written
from qa.guiding.vocabulary import Vocabulary

_MOST_WORDS = 8
"""So many words are looked for, so that a question of nothing but slips holds nobody up."""

_LOOKED_AT = 8
_ROUNDS = 8
"""So many passages are looked at, so often, for other words that are spelled like one."""

_COUNTED = 64
"""Words that stand in so many passages are equally frequent."""


class Speller:
    """Tells what may have been meant, in words of the library as it is at that moment."""

    def __init__(self, vocabulary: Vocabulary, library: Library) -> None:
        self._vocabulary = vocabulary
        self._library = library

    def corrected(self, question: str) -> str | None:
        """The question with its misspelt words as the sources spell them; None where there are none."""
        typed = typed_words(question)
        strange = [word for word in typed if not self._is_right(word)]
        if not is_english({word.plain for word in typed}, len(strange)):
            return None
        corrected = question
        for word in reversed(strange[:_MOST_WORDS]):
            meant = self._meant(word)
            if meant is not None:
                corrected = f"{corrected[: word.span.start]}{meant}{corrected[word.span.end :]}"
        return None if corrected == question else corrected

    def _is_right(self, word: Typed) -> bool:
        """Whether it is an ordinary word, or stands in the sources as it is."""
        return is_ordinary(word.plain) or bool(self._vocabulary.spelled_like(word.plain, 0, (), 1))

    def _meant(self, word: Typed) -> str | None:
        """The word of the sources that it is most likely a slip for, as they write it."""
        if word.most_slips == 0:
            return None
        is_found = bool(self._vocabulary.holding(word.text, 1))
        for slips in range(1, 2 if is_found else word.most_slips + 1):
            possible = {
                other: forms
                for other, forms in self._spelled_like(word.plain, slips).items()
                if may_be_meant(word, other, forms) and (not is_found or spells_the_same(word.plain, other))
            }
            if possible:
                meant = max(possible, key=lambda other: self._likely(word, other))
                return written(word, self._forms(meant) or possible[meant])
        return None

    def _likely(self, word: Typed, other: str) -> tuple[bool, int]:
        """What puts one word before another: letters are swapped, dropped or doubled rather than replaced."""
        replaced = len(other) == len(word.plain) and sorted(other) != sorted(word.plain)
        return not replaced, len(self._vocabulary.holding(other, _COUNTED))

    def _spelled_like(self, plain: str, slips: int) -> dict[str, Counter[str]]:
        """The folded words of the sources that are so near, each with the ways in which it is written."""
        found: dict[str, Counter[str]] = {}
        for _ in range(_ROUNDS):
            ids = self._vocabulary.spelled_like(plain, slips, found, _LOOKED_AT)
            new: dict[str, Counter[str]] = {}
            stored = self._library.passages(ids).values()
            for word, count in Counter(word for each in stored for word in words(told_of(each))).items():
                other = folded(word) if abs(len(word) - len(plain)) <= slips else plain
                if other != plain and other not in found and within_slips(plain, other, slips):
                    new.setdefault(other, Counter())[word] = count
            if not new:
                break
            found |= new
        return found

    def _forms(self, plain: str) -> Counter[str]:
        """The ways in which texts write a folded word, since titles have capitals of their own."""
        stored = self._library.passages(self._vocabulary.holding(plain, 2 * _LOOKED_AT)).values()
        return Counter(word for each in stored for word in words(each.passage.text) if folded(word) == plain)
