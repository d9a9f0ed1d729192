"""The passages of the growth benchmark: real texts as they are, and beyond their number recombinations of sentences."""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.blocks import sentences
from index.encoder import Encoder, Vectors, normalized
from qa.evaluation.sets.beir import read_beir
from qa.evaluation.sets.squad import read_squad

SEED = 6
SENTENCES_EACH = 20_000
"""So many sentences at most are taken of SQuAD's dev set, its training set and SciFact each."""

BLOCK = 10_000
"""So many passages are made, or compared, at a time."""

_CHARACTERS = range(40, 300)
_LEAST, _MOST = 4, 6
_REACH = 30
_FROM_AFAR = 0.1
_ENCODED_AT_ONCE = 2048
_LAST = np.iinfo(np.int32).max

Recipes = NDArray[np.int32]
"""Of which parts of a pool each passage consists, in order: shape (passages, 6), filled up with -1."""


@dataclass(frozen=True)
class Pool:
    """What passages consist of: ``whole`` texts, then sentences; ``vectors`` lie on disk and have a row of zeros more.

    A part that is not encoded yet has zeros too.
    """

    parts: Sequence[str]
    whole: int
    vectors: Vectors

    @classmethod
    def make(cls, folder: Path, whole: Sequence[str], singles: Sequence[str], dimension: int) -> Pool:
        """Write a pool whose parts are not encoded yet."""
        folder.mkdir(parents=True)
        np.save(folder / "vectors.npy", np.zeros((len(whole) + len(singles) + 1, dimension), dtype=np.float32))
        (folder / "parts.json").write_text(json.dumps({"whole": len(whole), "parts": [*whole, *singles]}))
        return cls.open(folder)

    @classmethod
    def open(cls, folder: Path) -> Pool:
        """The pool in a folder."""
        held = json.loads((folder / "parts.json").read_text())
        return cls(held["parts"], held["whole"], np.load(folder / "vectors.npy", mmap_mode="r+"))

    def encode(self, encoder: Encoder, which: NDArray[np.int32]) -> None:
        """Encode those of the parts that have no vector yet, the shortest first; an interrupted run is gone on with."""
        wanted = np.unique(which[which >= 0])
        missing = sorted(wanted[~self.vectors[wanted].any(axis=1)].tolist(), key=lambda part: len(self.parts[part]))
        for start in range(0, len(missing), _ENCODED_AT_ONCE):
            some = missing[start : start + _ENCODED_AT_ONCE]
            self.vectors[some] = encoder.encode([self.parts[number] for number in some])
            sys.stderr.write(f"{start + len(some):,} of {len(missing):,} texts encoded\n")

    def recipes(self, start: int, stop: int) -> Recipes:
        """Of which parts the passages of a range consist: the whole texts first, then sentences put together anew."""
        plain = np.arange(start, min(stop, self.whole), dtype=np.int32)[:, np.newaxis]
        as_they_are = np.pad(plain, ((0, 0), (0, _MOST - 1)), constant_values=-1)
        first, last = max(0, start - self.whole), max(0, stop - self.whole)
        blocks = map(self._recombined, range(first // BLOCK, -(-last // BLOCK)))
        recombined = np.concatenate([as_they_are[:0], *blocks])[first % BLOCK :]
        return np.concatenate([as_they_are, recombined[: last - first]])

    def _recombined(self, block: int) -> Recipes:
        """Four to six sentences for each passage, most from one neighbourhood, in the order in which they stand."""
        chance = np.random.default_rng((SEED, block))
        there = len(self.parts) - self.whole
        reach = min(_REACH, (there - 1) // 2)
        offsets = np.argsort(chance.random((BLOCK, 2 * reach + 1)), axis=1)[:, :_MOST] - reach
        places = (chance.integers(0, there, (BLOCK, 1)) + offsets) % there
        places = np.where(chance.random(places.shape) < _FROM_AFAR, chance.integers(0, there, places.shape), places)
        left_out = np.arange(_MOST) >= chance.integers(_LEAST, _MOST + 1, (BLOCK, 1))
        ordered = np.sort(np.where(left_out, _LAST, places + self.whole), axis=1)
        return np.where(ordered == _LAST, -1, ordered).astype(np.int32)


@dataclass(frozen=True)
class Passages:
    """Passages that are put together of a pool's parts."""

    pool: Pool
    recipes: Recipes

    def texts(self, numbers: range) -> list[str]:
        return [" ".join(self.pool.parts[part] for part in row if part >= 0) for row in self._rows(numbers).tolist()]

    def vectors(self, numbers: range) -> Vectors:
        """The normalised sums of the parts' vectors; float32 of shape (numbers, dimension)."""
        return normalized(self.pool.vectors[self._rows(numbers)].sum(axis=1))

    def blocks(self) -> Iterator[range]:
        """The numbers of all passages, a block at a time."""
        for start in range(0, len(self.recipes), BLOCK):
            yield range(start, min(start + BLOCK, len(self.recipes)))

    def _rows(self, numbers: range) -> Recipes:
        return self.recipes[numbers.start : numbers.stop]


def real_texts(data: Path) -> tuple[list[str], list[str]]:
    """SQuAD's paragraphs (dev, then after SciFact's abstracts those of train), and sentences of each of the three."""
    dev, train = (read_squad(data / "squad" / f"{name}-v1.1.json.gz") for name in ("dev", "train"))
    abstracts, _ = read_beir(data / "scifact")
    sources = [[each.text for each in dev], [each.text for each in abstracts], [each.text for each in train]]
    singles = chain.from_iterable(islice(_sentences(texts), SENTENCES_EACH) for texts in sources)
    whole = chain.from_iterable(sources)
    return list(dict.fromkeys(text.strip() for text in whole)), list(dict.fromkeys(singles))


def real_questions(data: Path) -> list[str]:
    """The questions of SQuAD's dev set, in an order that is drawn once."""
    asked = [question.text for each in read_squad(data / "squad" / "dev-v1.1.json.gz") for question in each.questions]
    return random.Random(SEED).sample(list(dict.fromkeys(asked)), len(set(asked)))


def _sentences(texts: Sequence[str]) -> Iterator[str]:
    for text in texts:
        found = (text[span.start : span.end] for span in sentences(text))
        yield from (sentence for sentence in found if len(sentence) in _CHARACTERS and "\n" not in sentence)
