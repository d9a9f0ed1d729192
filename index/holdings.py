"""The vectors in memory: a small library's whole, a large one's as codes, and how the nearest are found among them."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.ids import Ids, contained
from corpus.library import StoredVectors
from index.codes import BitCodes, dot_products
from index.encoder import Vectors, normalized
from index.search import Found

Fetch = Callable[[Ids], StoredVectors]
"""Gives the vectors of the passages that are still there."""

_WHOLE_MOST = 30_000
"""Up to so many vectors are compared one by one, in about 2 ms; a scan of codes takes as long with what follows it."""

_NEW_MOST = 2_000
"""So many new vectors at most are kept whole beside codes."""

_REFINED_LEAST, _REFINED_TIMES = 300, 6
"""Of so many that seem nearest, and so many times as many as are wanted, the cosines are computed."""

_SPARE = 16
"""So many more are looked at, to see whether the last one that is refined ties with others."""

_SCANNED_FOR_ONE = 5
"""Rather than to scan to so many times as many as a filter lets through, the cosines of all of these are computed."""


class Kind(StrEnum):
    """How an index searches: all vectors compared, or codes scanned and the nearest of them compared."""

    EXACT = "exact"
    QUANTISED = "quantised"


class Growing:
    """Rows of an array at whose end others are put, in time that does not grow with it; those there never change."""

    def __init__(self, rows: NDArray[Any]) -> None:
        self._room = rows
        self._count = len(rows)

    @property
    def rows(self) -> NDArray[Any]:
        return self._room[: self._count]

    def append(self, rows: NDArray[Any]) -> None:
        count = self._count + len(rows)
        if count > len(self._room):
            room = np.empty((max(count, 2 * len(self._room)), *rows.shape[1:]), dtype=self._room.dtype)
            room[: self._count] = self.rows
            self._room = room
        self._room[self._count : count] = rows
        self._count = count


class Holdings:
    """Passages by ascending id: first those that are coded, then those whose vectors are whole; one thread at a time.

    A passage that went is masked, and its code overwritten.
    """

    def __init__(self, ids: Ids, is_there: NDArray[np.bool_], whole: Vectors, codes: BitCodes) -> None:
        """``whole`` are the vectors of the last ids, ``codes`` those of the ids before.

        ``gone`` counts the masked ones, ``unsaved`` those that came and went since it was last set to 0.
        """
        self._ids, self._is_there, self._whole = Growing(ids), Growing(is_there), Growing(whole)
        self._codes = codes
        self.gone = len(is_there) - int(np.count_nonzero(is_there))
        self.unsaved = 0

    @classmethod
    def empty(cls, dimension: int) -> Holdings:
        return cls(
            np.empty(0, dtype=np.int64),
            np.empty(0, dtype=np.bool_),
            np.empty((0, dimension), dtype=np.float32),
            BitCodes(dimension),
        )

    def __len__(self) -> int:
        return len(self._ids.rows)

    @property
    def kind(self) -> Kind:
        return Kind.QUANTISED if len(self._codes) else Kind.EXACT

    @property
    def last(self) -> int:
        """The highest id; 0 where there is none."""
        return int(self._ids.rows[-1]) if len(self) else 0

    def ids(self) -> Ids:
        """Of the passages that can be found."""
        ids: Ids = self._ids.rows[self._is_there.rows]
        return ids

    def take(self, new: StoredVectors) -> None:
        """Take in passages, whose ids are above those held."""
        self._ids.append(new.ids)
        self._is_there.append(np.ones(len(new.ids), dtype=np.bool_))
        self._whole.append(normalized(new.vectors))
        self.unsaved += len(new.ids)
        if len(self._whole.rows) > (_NEW_MOST if len(self._codes) else _WHOLE_MOST):
            self._codes.add(self._whole.rows)
            self._whole = Growing(self._whole.rows[:0].copy())

    def drop(self, ids: range) -> None:
        """Let go of the passages of a range."""
        first, stop = (int(place) for place in np.searchsorted(self._ids.rows, [ids.start, ids.stop]))
        is_there = self._is_there.rows[first:stop]
        dropped = int(np.count_nonzero(is_there))
        is_there[:] = False
        self._codes.blank(range(first, min(stop, len(self._codes))))
        self.gone += dropped
        self.unsaved += dropped

    def compact(self) -> None:
        """Let go of the whole vectors that are masked."""
        coded = len(self._codes)
        is_there = self._is_there.rows.copy()
        is_there[:coded] = True
        self._whole = Growing(self._whole.rows[is_there[coded:]])
        self._ids, self._is_there = Growing(self._ids.rows[is_there]), Growing(self._is_there.rows[is_there])
        self.gone = len(self) - int(np.count_nonzero(self._is_there.rows))

    def parts(self) -> tuple[Ids, NDArray[np.bool_], Vectors, NDArray[np.uint8]]:
        """What it is made of, as it stays whatever is done later: ids, whether each is there, whole vectors, codes."""
        return self._ids.rows, self._is_there.rows.copy(), self._whole.rows, self._codes.to_bytes()

    def holds(self, id: int, vector: NDArray[np.float16]) -> bool:
        """Whether what is held of a passage is that vector."""
        place = int(np.searchsorted(self._ids.rows, id))
        coded = len(self._codes)
        if place < coded:
            return self._codes.holds(place, normalized(vector))
        return bool(np.array_equal(self._whole.rows[place - coded], normalized(vector)))

    def nearest(self, query: Vectors, k: int, allowed: Ids | None, fetch: Fetch) -> list[Found]:
        """The k best of those that are ``allowed``, ascending, or of all; ties by id."""
        ids, cosines = self._nearest_whole(query, allowed)
        if len(self._codes):
            coded = fetch(self._candidates(query, max(_REFINED_TIMES * k, _REFINED_LEAST), allowed))
            ids = np.concatenate([coded.ids, ids])
            cosines = np.concatenate([dot_products(normalized(coded.vectors), query), cosines])
        return _best(ids, cosines, k)

    def _nearest_whole(self, query: Vectors, allowed: Ids | None) -> tuple[Ids, Vectors]:
        coded = len(self._codes)
        ids, passes = self._ids.rows[coded:], self._is_there.rows[coded:]
        if allowed is not None:
            passes = passes & contained(ids, allowed)
        cosines = dot_products(self._whole.rows, query)
        return (ids, cosines) if passes.all() else (ids[passes], cosines[passes])

    def _candidates(self, query: Vectors, count: int, allowed: Ids | None) -> Ids:
        """The coded passages that seem nearest, so many, or all that are allowed where these are few."""
        coded = len(self._codes)
        depth = count + _SPARE
        if allowed is not None:
            allowed = allowed[: np.searchsorted(allowed, self._ids.rows[coded - 1], side="right")]
            depth *= 2 * coded // max(len(allowed), 1)
        while True:
            if allowed is not None and depth > _SCANNED_FOR_ONE * len(allowed):
                return allowed
            depth = min(depth, coded)
            places, estimates = self._codes.nearest(query, depth)
            passes = self._is_there.rows[places]
            if allowed is not None:
                passes &= contained(self._ids.rows[places], allowed)
            fit = estimates[passes]
            if depth == coded or (len(fit) > count and estimates[-1] < fit[count - 1]):
                found = self._ids.rows[places[passes]]
                best: Ids = found[np.lexsort((found, -fit))][:count]
                return best
            depth *= 4


def _best(ids: Ids, cosines: Vectors, k: int) -> list[Found]:
    if len(ids) > k:
        passes = cosines >= np.partition(cosines, -k)[-k]
        ids, cosines = ids[passes], cosines[passes]
    order = np.lexsort((ids, -cosines))[:k]
    return [Found(id, cosine) for id, cosine in zip(ids[order].tolist(), cosines[order].tolist(), strict=True)]
