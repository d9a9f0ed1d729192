"""Reciprocal rank fusion of rankings."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from math import fsum

RANK_CONSTANT = 60
"""The constant of Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion", SIGIR 2009, page 758."""


def fuse(rankings: Iterable[Sequence[int]]) -> list[tuple[int, float]]:
    """Ids with the sum of 1 / (60 + rank) over the rankings that hold them, best first, ties by id.

    The sums are exact before they are rounded, so that the order of the rankings breaks no tie.
    """
    shares: defaultdict[int, list[float]] = defaultdict(list)
    for ranking in rankings:
        for rank, id in enumerate(ranking, start=1):
            shares[id].append(1 / (RANK_CONSTANT + rank))
    scores = {id: fsum(parts) for id, parts in shares.items()}
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
