"""Reference rankings by exhaustive reckoning, which share no code with the indexes: cosine, BM25, and both fused."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from index.encoder import Vectors, normalized
from index.fusion import fuse
from index.search import Word
from index.terms import passage_terms
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
    of_term = {term: number for number, term in enumerate(dict.fromkeys(term for word in words for term in word))}
    terms_of_word = [[of_term[term] for term in word] for word in words]
    postings = _Postings(passages, of_term)
    holding, length = np.zeros(len(of_term)), 0.0
    for _, frequencies, lengths in postings:
        holding += (frequencies > 0).sum(axis=0)
        length += lengths.sum()
    count = len(passages.recipes)
    commonest = np.array([holding[terms].max() for terms in terms_of_word])
    idf = np.log1p((count - commonest + 0.5) / (commonest + 0.5))
    of_words = _ones([(term, word) for word, terms in enumerate(terms_of_word) for term in terms], len(of_term))
    number_of = {word: number for number, word in enumerate(words)}
    asked = np.zeros((len(words), len(questions)))
    for number, question in enumerate(questions):
        asked[[number_of[word] for word in question], number] = 1

    def scores(frequencies: csr_array, lengths: Scores) -> Scores:
        norm = _K1 * (1 - _B + _B * lengths * count / length)
        weights = (frequencies @ of_words).tocsr()
        norms = np.repeat(norm, np.diff(weights.indptr))
        weights.data = idf[weights.indices] * (_K1 + 1) * weights.data / (weights.data + norms)
        found = weights @ asked
        return np.where(found > 0, found, -np.inf)

    return _best((numbers, scores(frequencies, lengths)) for numbers, frequencies, lengths in postings)


def hybrid(dense: Sequence[Ranking], keyword: Sequence[Ranking]) -> list[Ranking]:
    """Both rankings of each question, fused."""
    pairs = zip(dense, keyword, strict=True)
    return [fuse([number for number, _ in ranking] for ranking in pair) for pair in pairs]


class _Postings:
    """How often each passage holds each term, and how many terms it has, a block of passages at a time.

    The terms of a passage are those of its parts.
    """

    def __init__(self, passages: Passages, of_term: Mapping[str, int]) -> None:
        self._passages = passages
        used = set(passages.recipes.ravel().tolist())
        held = [passage_terms(part) if number in used else [] for number, part in enumerate(passages.pool.parts)]
        self._lengths = np.array([*map(len, held), 0], dtype=np.float64)
        counts = [Counter(of_term[term] for term in each if term in of_term) for each in held]
        self._counts = csr_array(
            (
                np.array([count for each in counts for count in each.values()], dtype=np.float64),
                np.array([number for each in counts for number in each], dtype=np.int32),
                np.cumsum([0, *map(len, counts), 0]),
            ),
            shape=(len(held) + 1, len(of_term)),
        )

    def __iter__(self) -> Iterator[tuple[range, csr_array, Scores]]:
        """Numbers of passages; frequencies, of shape (numbers, terms); lengths in terms."""
        for numbers in self._passages.blocks():
            recipes = self._passages.recipes[numbers.start : numbers.stop]
            rows = np.arange(0, recipes.size + 1, recipes.shape[1])
            chosen = csr_array(
                (np.ones(recipes.size), recipes.ravel() % self._counts.shape[0], rows),
                shape=(len(numbers), self._counts.shape[0]),
            )
            yield numbers, (chosen @ self._counts).tocsr(), self._lengths[recipes].sum(axis=1)


def _ones(places: Sequence[tuple[int, int]], rows: int) -> csr_array:
    """A matrix that is 1 in these rows and columns."""
    row, column = zip(*places, strict=True)
    return csr_array((np.ones(len(places)), (row, column)), shape=(rows, max(column) + 1))


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
