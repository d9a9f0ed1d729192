"""Ids of passages as arrays."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.int64]


def contained(ids: Ids, ascending: Ids) -> NDArray[np.bool_]:
    """Whether each of the ids is among the ascending ones."""
    if len(ascending) == 0:
        return np.zeros(len(ids), dtype=np.bool_)
    places = np.searchsorted(ascending, ids)
    found: NDArray[np.bool_] = ascending.take(places, mode="clip") == ids
    return found


def in_ranges(firsts: Sequence[int], numbers: Sequence[int]) -> Ids:
    """So many ids from each first one on, one range after the other."""
    starts, lengths = np.array(firsts, dtype=np.int64), np.array(numbers, dtype=np.int64)
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())
