"""The contract of what knows the words of a library's current passages, as they stand at that moment."""

from __future__ import annotations

from collections.abc import Collection
from typing import Protocol


class Vocabulary(Protocol):
    """Finds current passages by their words, and by who says them, without ranking them."""

    def holding(self, text: str, k: int) -> list[int]:
        """The ids of at most k passages that hold every word of a text, each in any of its forms."""

    def spelled_like(self, word: str, distance: int, apart_from: Collection[str], k: int) -> list[int]:
        """The ids of at most k passages that hold a word within so many slips, 2 at most, of a folded one.

        They hold none of the folded words in ``apart_from``.
        """
