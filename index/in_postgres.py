"""Both searches in the database of a library in PostgreSQL: candidates by SQL, scored here as all engines score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from corpus.library import Change, Filter, StoredPassage
from corpus.postgres.library import PostgresLibrary
from corpus.postgres.postings import Posted
from corpus.postgres.searches import Damping, Held
from index.codes import dot_products
from index.derived import Derived, best_first
from index.encoder import Vectors, normalized
from index.keywords.bm25 import K1, B, bm25, idf
from index.search import Found, Word, found_by, told_of
from index.slips import within_slips
from index.terms import STOP_WORDS, folded, passage_terms, query_words, words

_GRAPH_FROM = 5000
"""From so many passages on a graph is searched; fewer are compared one by one."""

_LOOKED_AT_LEAST, _LOOKED_AT_TIMES = 300, 6
"""Of so many that the database finds nearest, and so many times as many as are wanted, the cosines are computed."""

_STEP = 2000
"""So many passages are posted in one transaction, for which those who change the library wait."""


class PostgresVectors:
    """``VectorSearch`` by pgvector, which follows every change by itself."""

    def __init__(self, library: PostgresLibrary) -> None:
        self._library = library

    @property
    def kind(self) -> str:
        """How the passages are searched."""
        return "hnsw" if self._library.searches.has_graph else "exact"

    def search(self, query: Vectors, k: int, filter: Filter | None = None) -> list[Found]:
        """The k best, ties by id; ``query`` has shape (dimension,) and length 1."""
        count = max(_LOOKED_AT_TIMES * k, _LOOKED_AT_LEAST)
        nearest = self._library.searches.nearest(query, count, filter)
        if len(nearest.ids) == 0:
            return []
        cosines = dot_products(normalized(nearest.vectors), query)
        order = np.lexsort((nearest.ids, -cosines))[:k]
        return [Found(int(nearest.ids[place]), float(cosines[place])) for place in order]

    def refresh(self) -> None:
        """Nothing is behind the library."""

    def save_if_grown(self) -> None:
        """Make the graph where the passages have become many."""
        searches = self._library.searches
        if not searches.has_graph and searches.passages() >= _GRAPH_FROM:
            searches.make_graph(self._library.manifest.dimension)

    def ids(self) -> NDArray[np.int64]:
        """The ids that can be found, ascending."""
        return self._library.passage_ids()

    def check(self) -> list[str]:
        """Nothing: the vectors that are searched are those of the library."""
        return []


class PostgresKeywords(Derived):
    """``KeywordSearch`` with BM25 by postings in the database, which whoever meets a newer library brings up to it."""

    def __init__(self, library: PostgresLibrary) -> None:
        super().__init__(library)
        self._searches = library.searches

    def search(self, query: Sequence[Word], k: int, filter: Filter | None = None) -> list[Found]:
        """The k best of those that hold at least one of the words, ties by id."""
        self.refresh()
        with self._searches.terms() as terms:
            counted = terms.counted([term for word in query for term in word])
            mean_length = counted.terms / counted.passages if counted.terms > 0 else 1.0
            idfs = [idf(counted.passages, max(counted.holding[term] for term in word)) for word in query]
            damping = Damping(K1 * (1 - B), K1 * B / mean_length)

            def find(depth: int) -> list[tuple[int, float]]:
                held = terms.best(query, [weight * (K1 + 1) for weight in idfs], damping, depth, filter)
                return [(each.id, scored(each)) for each in held]

            def scored(held: Held) -> float:
                weights = [idfs[number] for number in held.frequencies]
                return bm25(weights, held.frequencies.values(), held.terms, mean_length)

            return [Found(id, score) for id, score in best_first(find, k)]

    def holding(self, text: str, k: int) -> list[int]:
        """The ids of at most k passages that hold every word of a text, each in any of its forms."""
        self.refresh()
        return self._searches.holding([(each, folded(word)) for word in words(text) for each in query_words(word)], k)

    def spelled_like(self, word: str, distance: int, apart_from: Collection[str], k: int) -> list[int]:
        """The ids of at most k passages that hold a word within so many slips, 2 at most, of a folded one.

        It is none of the folded words in ``apart_from``.
        """
        self.refresh()
        possible = set(self._searches.words_like(word, distance)).difference(apart_from)
        like = [other for other in possible if within_slips(word, other, distance)]
        return self._searches.holding_any(like, k)

    def ids(self) -> NDArray[np.int64]:
        return self._searches.posted_ids()

    def holds(self, stored: StoredPassage) -> bool:
        return self._searches.frequencies(stored.id) == Counter(_terms_of(stored))

    def _catch_up(self) -> None:
        target = self._library.generation()
        while self._generation < target:
            with self._searches.posting() as posting:
                changes = _first(self._library.changes(posting.generation))
                for change in changes:
                    for stored in self._library.stored(change.added) if change.added else ():
                        posting.added.append(_posted(stored))
                posting.generation = max([posting.generation, *(change.generation for change in changes)])
            self._generation = posting.generation


def _terms_of(stored: StoredPassage) -> list[str]:
    return passage_terms(found_by(stored.passage))


def _posted(stored: StoredPassage) -> Posted:
    told = {folded(word) for word in words(told_of(stored))} - STOP_WORDS - {""}
    return Posted(stored.passage.document_id, stored.id, Counter(_terms_of(stored)), told)


def _first(changes: Sequence[Change]) -> Sequence[Change]:
    """The first changes, until so many passages have come as are posted at once."""
    sums = accumulate(len(change.added) for change in changes)
    return changes[: next((number for number, sum in enumerate(sums, start=1) if sum >= _STEP), len(changes))]
