"""Reciprocal rank fusion of rankings."""

from collections import defaultdict
from collections.abc import Iterable, Sequence

RANK_CONSTANT = 60
"""The constant of Cormack, Clarke and Büttcher, "Reciprocal Rank Fusion", SIGIR 2009, page 758."""


def fuse(rankings: Iterable[Sequence[int]]) -> list[tuple[int, float]]:
    """Ids with the sum of 1 / (60 + rank) over the rankings that hold them, best first, ties by id."""
    scores: defaultdict[int, float] = defaultdict(float)
    for ranking in rankings:
        for rank, id in enumerate(ranking, start=1):
            scores[id] += 1 / (RANK_CONSTANT + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))
