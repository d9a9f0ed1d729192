"""BM25 over postings that are at hand: all passages that hold a word are scored at once, the best of them exactly."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.ids import Ids, contained
from index.keywords.bm25 import K1, B, bm25, idf
from index.search import Found

Rows = NDArray[np.void]
"""Passages that hold a term, by ascending id, each once.

``passage`` is its id, ``frequency`` how often it holds the term, ``length`` how many terms it has, counting each time.
"""

_ROUNDING = 1e-9
"""Sums of floats differ by less than this share of them, in whatever order they are added."""


def best(
    words: Sequence[Sequence[Rows]], passages: int, mean_length: float, k: int, *, among: Ids | None = None
) -> list[Found]:
    """The k passages of the highest BM25, ties by id, and each of ``among`` where that is given, ascending.

    A word is given as the rows of the terms that it may stand as, and is held as often as they are together. There are
    so many ``passages`` in all, of which one has ``mean_length`` terms.
    """
    sought = [rows for rows in words if rows]
    idfs = [idf(passages, max(map(len, rows))) for rows in sought]
    held = [_within(_together(rows), among) for rows in sought]
    if sum(map(len, held)) == 0:
        return []
    ids, scores = _scored(held, idfs, mean_length)
    kth = np.partition(scores, -k)[-k] if len(scores) > k else 0.0
    candidates = ids[scores >= kth * (1 - _ROUNDING)]
    frequencies, lengths = _held_by(candidates, held)
    found = [
        Found(id, bm25(idfs, row, length, mean_length))
        for id, row, length in zip(candidates.tolist(), frequencies.tolist(), lengths.tolist(), strict=True)
    ]
    return sorted(found, key=lambda each: (-each.score, each.passage_id))[:k]


def _together(rows: Sequence[Rows]) -> Rows:
    """The rows of several terms as those of one."""
    if len(rows) == 1:
        return rows[0]
    all_rows = np.concatenate(rows)
    all_rows = all_rows[np.argsort(all_rows["passage"], kind="stable")]
    starts = _starts(all_rows["passage"])
    together = all_rows[starts]
    together["frequency"] = np.add.reduceat(all_rows["frequency"], starts)
    return together


def _within(rows: Rows, among: Ids | None) -> Rows:
    if among is None:
        return rows
    return rows[contained(rows["passage"], among)]


def _scored(held: Sequence[Rows], idfs: Sequence[float], mean_length: float) -> tuple[Ids, NDArray[np.float64]]:
    """All passages, ascending, with their scores but for the factor that all have, and for rounding."""
    rows = np.concatenate(held)
    damping = K1 * (1 - B) + (K1 * B / mean_length) * rows["length"]
    scores = np.repeat(idfs, list(map(len, held))) * rows["frequency"] / (rows["frequency"] + damping)
    order = np.argsort(rows["passage"], kind="stable")
    ids = rows["passage"][order]
    starts = _starts(ids)
    return ids[starts], np.add.reduceat(scores[order], starts)


def _held_by(ids: Ids, held: Sequence[Rows]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """How often passages hold each word, with shape (passages, words), and their lengths."""
    frequencies = np.zeros((len(ids), len(held)), dtype=np.int64)
    lengths = np.zeros(len(ids), dtype=np.int64)
    for word, rows in enumerate(held):
        some = rows[contained(rows["passage"], ids)]
        places = np.searchsorted(ids, some["passage"])
        frequencies[places, word] = some["frequency"]
        lengths[places] = some["length"]
    return frequencies, lengths


def _starts(ids: Ids) -> NDArray[np.int64]:
    """Where each id begins in ids that ascend, of which there is one at least."""
    return np.flatnonzero(np.concatenate([[True], ids[1:] != ids[:-1]]))
