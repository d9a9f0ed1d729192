"""Reference rankings by exhaustive reckoning, which share no code with the indexes: cosine, BM25, and both fused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import reduce

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from index.encoder import Vectors, normalized
from index.fusion import fuse
from index.search import Word
from index.terms import terms
from tests.benchmarks.growth.texts import Passages

DEPTH = 50
"""How far down the retriever reads each ranking before it fuses them."""

_K1, _B = 1.2, 0.75

Scores = NDArray[np.floating]
"""Of passages (rows) for questions (columns); nothing is found by a score of -inf."""

Ranking = list[tuple[int, float]]
"""Numbers of passages with their scores, best first, ties by number."""


def by_cosine(passages: Passages, questions: Vectors) -> list[Ranking]:
    """The best passages for each question, by the vectors as a library stores them: in float16."""
    return _best(
        (numbers, normalized(passages.vectors(numbers).astype(np.float16)) @ questions.T)
        for numbers in passages.blocks()
    )


def by_keywords(passages: Passages, questions: Sequence[Sequence[Word]]) -> list[Ranking]:
    """The best passages for each question by BM25, as ``index.search.KeywordSearch`` means it."""
    words = list(dict.fromkeys(word for question in questions for word in question))
    postings = _Postings(passages, words)
    holding, length = np.zeros(len(words)), 0.0
    for _, frequencies, lengths in postings:
        holding += (frequencies > 0).sum(axis=0)
        length += lengths.sum()
    count = len(passages.recipes)
    idf = np.log1p((count - holding + 0.5) / (holding + 0.5))
    column = {word: number for number, word in enumerate(words)}
    asked = np.zeros((len(words), len(questions)))
    for number, question in enumerate(questions):
        asked[[column[word] for word in question], number] = 1

    def scores(frequencies: csr_array, lengths: Scores) -> Scores:
        norm = _K1 * (1 - _B + _B * lengths * count / length)
        weights = frequencies.copy()
        norms = np.repeat(norm, np.diff(frequencies.indptr))
        weights.data = idf[weights.indices] * (_K1 + 1) * weights.data / (weights.data + norms)
        found = weights @ asked
        return np.where(found > 0, found, -np.inf)

    return _best((numbers, scores(frequencies, lengths)) for numbers, frequencies, lengths in postings)


def hybrid(dense: Sequence[Ranking], keyword: Sequence[Ranking]) -> list[Ranking]:
    """Both rankings of each question, fused."""
    pairs = zip(dense, keyword, strict=True)
    return [fuse([number for number, _ in ranking] for ranking in pair) for pair in pairs]


class _Postings:
    """How often each passage holds each word, and how many terms it has, a block of passages at a time.

    The terms of a passage are those of its parts, and a word is as frequent as the most frequent of its terms.
    """

    def __init__(self, passages: Passages, words: Sequence[Word]) -> None:
        self._passages = passages
        column = {term: number for number, term in enumerate(dict.fromkeys(term for word in words for term in word))}
        most = max(map(len, words))
        self._columns = [[column[word[min(place, len(word) - 1)]] for word in words] for place in range(most)]
        used = set(passages.recipes.ravel().tolist())
        held = [terms(part) if number in used else [] for number, part in enumerate(passages.pool.parts)]
        self._lengths = np.array([*map(len, held), 0], dtype=np.float64)
        counts = [Counter(column[term] for term in each if term in column) for each in held]
        self._counts = csr_array(
            (
                np.array([count for each in counts for count in each.values()], dtype=np.float64),
                np.array([number for each in counts for number in each], dtype=np.int32),
                np.cumsum([0, *map(len, counts), 0]),
            ),
            shape=(len(held) + 1, len(column)),
        )

    def __iter__(self) -> Iterator[tuple[range, csr_array, Scores]]:
        """Numbers of passages; frequencies, of shape (numbers, words); lengths in terms."""
        for numbers in self._passages.blocks():
            recipes = self._passages.recipes[numbers.start : numbers.stop]
            rows = np.arange(0, recipes.size + 1, recipes.shape[1])
            chosen = csr_array(
                (np.ones(recipes.size), recipes.ravel() % self._counts.shape[0], rows),
                shape=(len(numbers), self._counts.shape[0]),
            )
            of_terms = (chosen @ self._counts).tocsc()
            alternatives = (of_terms[:, columns].tocsr() for columns in self._columns)
            yield numbers, reduce(csr_array.maximum, alternatives), self._lengths[recipes].sum(axis=1)


def _best(blocks: Iterable[tuple[range, Scores]]) -> list[Ranking]:
    """The best of each column, from scores that come block by block."""
    best: list[Ranking] = []
    for numbers, scores in blocks:
        best = best or [[] for _ in range(scores.shape[1])]
        for question, column in enumerate(scores.T):
            best[question] = _merged(best[question], numbers.start, column)
    return best


def _merged(before: Ranking, start: int, scores: Scores) -> Ranking:
    """The best of those before and of a block; what ties with the last that would be taken is looked at as well."""
    depth = min(DEPTH, len(scores))
    least = max(np.partition(scores, -depth)[-depth], np.finfo(scores.dtype).min)
    new = [(start + int(place), float(scores[place])) for place in np.flatnonzero(scores >= least)]
    return sorted([*before, *new], key=lambda each: (-each[1], each[0]))[:DEPTH]
