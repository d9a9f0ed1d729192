"""Both searches in the database of a library in PostgreSQL: what it finds is scored here as all engines score."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from corpus.library import Change, Filter, StoredPassage
from corpus.postgres.library import PostgresLibrary
from corpus.postgres.postings import Posted
from corpus.postgres.terms import Held
from index.analysis import ranked_by, words_told
from index.codes import dot_products
from index.derived import Derived
from index.encoder import Vectors, normalized
from index.keywords.postings import best
from index.search import Found, Word
from index.slips import within_slips
from index.terms import folded, query_words, words

_GRAPH_FROM = 5000
"""From so many passages on a graph is searched; fewer are compared one by one."""

_LOOKED_AT_LEAST, _LOOKED_AT_TIMES = 100, 3
"""Of so many that the database finds nearest, and so many times as many as are wanted, the cosines are computed."""

_STEP = 8000
"""So many passages are posted in one transaction, for which those who change the library wait."""


class PostgresVectors:
    """``VectorSearch`` by pgvector, which follows every change by itself."""

    def __init__(self, library: PostgresLibrary) -> None:
        self._library = library

    @property
    def kind(self) -> str:
        """How the passages are searched."""
        return "hnsw" if self._library.graph.is_made else "exact"

    def search(self, query: Vectors, k: int, filter: Filter | None = None) -> list[Found]:
        """The k best, ties by id; ``query`` has shape (dimension,) and length 1."""
        count = max(_LOOKED_AT_TIMES * k, _LOOKED_AT_LEAST)
        nearest = self._library.graph.nearest(query, count, filter)
        if len(nearest.ids) == 0:
            return []
        cosines = dot_products(normalized(nearest.vectors), query)
        order = np.lexsort((nearest.ids, -cosines))[:k]
        return [Found(int(nearest.ids[place]), float(cosines[place])) for place in order]

    def refresh(self) -> None:
        """Nothing is behind the library."""

    def save_if_grown(self) -> None:
        """Make the graph where the passages have become many."""
        graph = self._library.graph
        if not graph.is_made and graph.passages() >= _GRAPH_FROM:
            graph.make(self._library.manifest.dimension)

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
        self._terms = library.terms

    def search(self, query: Sequence[Word], k: int, filter: Filter | None = None) -> list[Found]:
        """The k best of those that hold at least one of the words, ties by id."""
        self.refresh()
        with self._terms.at_one_moment() as moment:
            counted = moment.counted()
            holding = moment.holding({term for word in query for term in word})
            among = None if filter is None else moment.ids_of(filter)
        rows = [[holding[term] for term in word if term in holding] for word in query]
        return best(rows, counted.passages, counted.mean_length, k, among=among)

    def holding(self, text: str, k: int) -> list[int]:
        """The ids of at most k passages that hold every word of a text, each in any of its forms."""
        self.refresh()
        sought = [(each, folded(word)) for word in words(text) for each in query_words(word)]
        ids = self._terms.holding_all(sought) if sought else self._terms.ids()
        return [int(id) for id in ids[:k]]

    def spelled_like(self, word: str, distance: int, apart_from: Collection[str], k: int) -> list[int]:
        """The ids of at most k passages that hold a word within so many slips, 2 at most, of a folded one.

        They hold none of the folded words in ``apart_from``.
        """
        self.refresh()
        like = [other for other in self._terms.words_like(word, distance) if within_slips(word, other, distance)]
        ids = np.setdiff1d(self._terms.holding_any(like), self._terms.holding_any(apart_from), assume_unique=True)
        return [int(id) for id in ids[:k]]

    def ids(self) -> NDArray[np.int64]:
        return self._terms.ids()

    def differing(self, passages: Sequence[StoredPassage]) -> list[int]:
        held = self._terms.held_by(range(passages[0].id, passages[-1].id + 1)) if passages else {}
        return [stored.id for stored in passages if held[stored.id] != _held(_posted(stored))]

    def _catch_up(self) -> None:
        target = self._library.generation()
        while self._generation < target:
            with self._terms.posting() as posting:
                changes = _first(self._library.changes(posting.generation))
                came = [change.added for change in changes if change.added]
                if came:
                    posting.added.extend(map(_posted, self._library.stored(range(came[0].start, came[-1].stop))))
                posting.generation = max([posting.generation, *(change.generation for change in changes)])
            self._generation = posting.generation


def _posted(stored: StoredPassage) -> Posted:
    return Posted(stored.passage.document_id, stored.id, Counter(ranked_by(stored)), words_told(stored))


def _held(posted: Posted) -> Held:
    """What is to be read of a passage that was posted so."""
    stems = {stem: (frequency, posted.length) for stem, frequency in posted.frequencies.items()}
    return Held(stems, set(posted.words))


def _first(changes: Sequence[Change]) -> Sequence[Change]:
    """The first changes, until so many passages have come as are posted at once."""
    sums = accumulate(len(change.added) for change in changes)
    return changes[: next((number for number, sum in enumerate(sums, start=1) if sum >= _STEP), len(changes))]
