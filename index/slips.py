"""How near words are to one another, counted in slips."""

from __future__ import annotations


def within_slips(one: str, other: str, most: int) -> bool:
    """Whether it takes at most so many slips from one word to another: a letter more, less or other, or two swapped."""
    from symspellpy.editdistance import DistanceAlgorithm, EditDistance

    # One serves one thread alone, since it counts in lists of its own.
    slips: int = EditDistance(DistanceAlgorithm.DAMERAU_OSA).compare(one, other, most)
    return 0 <= slips <= most
