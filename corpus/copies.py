"""Near-identical texts: told by the sequences of words they share, and found by a few of these.

Broder, "On the resemblance and containment of documents" (1997), whose shingles and sketches these are.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

COPY = 0.8
"""Of two documents one is a near copy where so much of the shorter stands, word for word, in the other."""

_SHINGLE_WORDS = 5
_ONE_IN = 16
_AT_LEAST = 8
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
"""Odd, so that no word of a shingle loses a bit; the words' own numbers are random enough."""

_WORD = re.compile(r"\w+")


def shingles(text: str) -> frozenset[int]:
    """The sequences of five words, in lower case, as numbers of 63 bits; a shorter text is one of its own."""
    return frozenset(_shingles(_words(text)).tolist())


def share_of(shorter: frozenset[int], longer: frozenset[int]) -> float:
    """How much of the one is in the other, from 0 to 1: Broder's containment."""
    return len(shorter & longer) / max(len(shorter), 1)


class Said:
    """What a text says, to be compared with what others say."""

    def __init__(self, text: str) -> None:
        self._words = _words(text)
        self._vocabulary = frozenset(self._words)

    @cached_property
    def _shingles(self) -> frozenset[int]:
        return frozenset(_shingles(self._words).tolist())

    def repeats(self, other: Said, share: float) -> bool:
        """Whether so much of it stands in the other, from 0 to 1: most often, too many words are not there at all.

        At the first place of each such word a shingle begins that is not there either, unless the text ends before it.
        """
        lacking = len(self._vocabulary - other._vocabulary) - (_SHINGLE_WORDS - 1)
        return lacking <= (1 - share) * len(self._words) and share_of(self._shingles, other._shingles) >= share


def copied(one: frozenset[int], other: frozenset[int]) -> float:
    """How much of the shorter of two texts is in the longer."""
    return share_of(*sorted((one, other), key=len))


@lru_cache(maxsize=2)  # a document's are asked for when it is stored and when copies of it are looked for
def fingerprints(text: str) -> frozenset[int]:
    """One shingle in sixteen, and at least eight; texts that share shingles share these."""
    numbers = np.unique(_shingles(_words(text)))
    return frozenset((*numbers[numbers % _ONE_IN == 0].tolist(), *numbers[:_AT_LEAST].tolist()))


def _words(text: str) -> list[str]:
    return _WORD.findall(text.lower())


def _shingles(words: Sequence[str]) -> NDArray[np.int64]:
    """A polynomial over the numbers of each five words, modulo 2**64, without its last bit."""
    numbers = np.fromiter(map(_number, words), dtype=np.uint64, count=len(words))
    length = min(_SHINGLE_WORDS, len(words))
    count = len(words) - length + 1 if words else 0
    sums = np.zeros(count, dtype=np.uint64)
    for place in range(length):
        sums = sums * _FACTOR + numbers[place : place + count]
    return (sums >> np.uint64(1)).astype(np.int64)


@lru_cache(maxsize=1 << 16)
def _number(word: str) -> int:
    return int.from_bytes(hashlib.blake2b(word.encode(errors="replace"), digest_size=8).digest())
