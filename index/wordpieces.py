"""Texts as BERT's tokens, word by word, so that a word met before is looked up and not cut again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import chain
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

_KEPT_WORDS = 1 << 16
_KEPT_LETTERS = 40
"""So many words of so many letters are kept: looking them up is ten times as fast as cutting them."""


class _Word(NamedTuple):
    """The ids of a word's tokens, and start and end of each in the word, one after the other."""

    ids: tuple[int, ...]
    offsets: tuple[int, ...]


class WordPieces:
    """The tokens that a tokenizer of BERT makes of texts; any number of threads may ask.

    No token reaches over a space, so that a text's tokens are those of its words. ``first`` and ``last`` are the ids
    between which a text is given to the model.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self.first, self.last = tokenizer.encode("").ids
        self._tokenizer = tokenizer  # never changed, since threads share it
        self._kept = lru_cache(_KEPT_WORDS)(self._cut)

    @classmethod
    @lru_cache(maxsize=4)
    def of(cls, folder: Path) -> WordPieces:
        """Those of the model in a folder, kept, since our reader has the encoder's; raises OSError without one."""
        tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text("utf-8"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        return cls(tokenizer)

    def ids(self, text: str) -> Iterator[int]:
        """The ids of a text's tokens; words are cut as far as they are taken."""
        return chain.from_iterable(word.ids for word in self._words(text))

    def count(self, text: str) -> int:
        """How many tokens a text has."""
        return sum(len(word.ids) for word in self._words(text))

    def placed(self, text: str) -> tuple[list[int], NDArray[np.int64]]:
        """The ids of a text's tokens, and where each stands in it: start and end, int64 of shape (tokens, 2)."""
        words = list(self._words(text))
        lengths = np.fromiter(map(len, text.split(" ")), dtype=np.int64)
        starts = np.cumsum(lengths + 1) - lengths - 1
        within = np.array([*chain.from_iterable(word.offsets for word in words)], dtype=np.int64).reshape(-1, 2)
        ids = [*chain.from_iterable(word.ids for word in words)]
        return ids, within + np.repeat(starts, [len(word.ids) for word in words])[:, None]

    def _words(self, text: str) -> Iterator[_Word]:
        return (self._kept(word) if len(word) <= _KEPT_LETTERS else self._cut(word) for word in text.split(" "))

    def _cut(self, word: str) -> _Word:
        encoded = self._tokenizer.encode(word, add_special_tokens=False)
        return _Word(tuple(encoded.ids), tuple(chain.from_iterable(encoded.offsets)))
