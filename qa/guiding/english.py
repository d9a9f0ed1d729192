"""Which words are ordinary English, by the list that symspellpy brings, and whether a question is."""

from __future__ import annotations

from collections.abc import Collection
from functools import cache
from importlib.resources import files

_TELLING = frozenset(
    "who whom whose what which when where why how the is are were does did have had of and with from about".split()
)
"""Small words that stand in nearly every English question, and that few other languages have."""

_MOST_STRANGE = 1
"""What has none of them is taken for English keywords where no more of its words are strange."""


@cache
def ordinary_words() -> frozenset[str]:
    """English words with their inflections, and well-known names, in small letters."""
    dictionary = files("symspellpy") / "frequency_dictionary_en_82_765.txt"
    words_and_counts = dictionary.read_text("utf-8-sig").split()
    return frozenset(words_and_counts[::2])


def is_ordinary(word: str) -> bool:
    """Whether a folded word is an ordinary one, in British or American spelling, or the plural of one."""
    known = ordinary_words()
    return word in known or word.replace("z", "s") in known or (word[-1:] == "s" and word[:-1] in known)


def is_english(words: Collection[str], strange: int) -> bool:
    """Whether a question of these folded words is English; so many are neither ordinary nor in the library."""
    return not _TELLING.isdisjoint(words) or strange <= _MOST_STRANGE
