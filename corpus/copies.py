"""Near-identical texts: told by the sequences of words they share, and found by a few of these.

Broder, "On the resemblance and containment of documents" (1997), whose shingles and sketches these are.
"""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Iterator

COPY = 0.8
"""Of two documents one is a near copy where so much of the shorter stands, word for word, in the other."""

_SHINGLE_WORDS = 5
_ONE_IN = 16
_AT_LEAST = 8

_WORD = re.compile(r"\w+")


def shingles(text: str) -> frozenset[str]:
    """The sequences of five words, in lower case; a shorter text is one of its own."""
    return frozenset(_shingles(text))


def share_of(shorter: frozenset[str], longer: frozenset[str]) -> float:
    """How much of the one is in the other, from 0 to 1: Broder's containment."""
    return len(shorter & longer) / max(len(shorter), 1)


def copied(one: frozenset[str], other: frozenset[str]) -> float:
    """How much of the shorter of two texts is in the longer."""
    return share_of(*sorted((one, other), key=len))


def fingerprints(text: str) -> frozenset[int]:
    """Hashes of 63 bits of one shingle in sixteen, and of at least eight; texts that share shingles share these."""
    hashes = {_hash(shingle) for shingle in _shingles(text)}
    return frozenset((*(number for number in hashes if number % _ONE_IN == 0), *heapq.nsmallest(_AT_LEAST, hashes)))


def _shingles(text: str) -> Iterator[str]:
    words = _WORD.findall(text.lower())
    for start in range(max(len(words) - _SHINGLE_WORDS + 1, min(len(words), 1))):
        yield " ".join(words[start : start + _SHINGLE_WORDS])


def _hash(shingle: str) -> int:
    return int.from_bytes(hashlib.blake2b(shingle.encode(errors="replace"), digest_size=8).digest()) >> 1
