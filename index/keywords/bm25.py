"""BM25: how well passages fit the words of a question."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

K1, B = 1.2, 0.75


def idf(passages: int, holding: int) -> float:
    """The weight of a word that so many of the passages hold, as Lucene has it: never negative."""
    return math.log1p((passages - holding + 0.5) / (holding + 0.5))


def bm25(idfs: Sequence[float], frequencies: Iterable[int], length: int, mean_length: float) -> float:
    """The score of a passage by how often it holds each word; lengths are in terms.

    S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.4. The sum is
    exact before it is rounded, so that passages which hold the same tie.
    """
    norm = K1 * (1 - B + B * length / mean_length)
    return math.fsum(
        idf * (K1 + 1) * frequency / (frequency + norm)
        for idf, frequency in zip(idfs, frequencies, strict=True)
        if frequency > 0
    )
