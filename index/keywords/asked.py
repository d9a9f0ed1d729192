"""One question to the keyword index: candidates by tantivy, ranked by BM25, no further than is needed."""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Sequence

import tantivy

from corpus.library import Filter
from index.keywords.bm25 import bm25
from index.keywords.counts import Counts
from index.keywords.fields import Hit, Query, among, any_of, best_of, conditions_of, in_range, numbers
from index.search import Found, Word

_SPARE = 16
_DEEP = 512

_ROUNDED = 1.02
"""So many times tantivy's score of a passage its score may be, since tantivy rounds lengths and what it adds up."""

_EQUAL = 1e-5
"""Scores of tantivy that differ by no larger a share are equal."""


class Asked:
    """The words that are searched for, weighed, and which passages may be found.

    Tantivy is given all terms side by side, since only then does it skip passages that cannot be among the best. So
    its score of a passage is at least the passage's own: it is higher where a word stands there in two spellings.
    """

    def __init__(self, counts: Counts, schema: tantivy.Schema, query: Sequence[Word], filter: Filter | None) -> None:
        self._counts = counts
        self._schema = schema
        self._words = [[f" {term} " for term in word] for word in query]
        self._idfs = [counts.idf(word) for word in query]
        self._conditions = [] if filter is None else conditions_of(schema, filter)
        self._terms = [
            [
                Query.boost_query(Query.term_query(schema, "terms", term, "freq"), idf / weight)
                for term in word
                if (weight := counts.idf_of_tantivy(term)) is not None
            ]
            for word, idf in zip(query, self._idfs, strict=True)
        ]

    def best(self, k: int) -> list[Found]:
        """The k best by BM25, ties by id.

        Where the second look cannot prove that none is missed either, there are two reasons. Many passages tie: the
        first of them by id are taken. And many may be overrated for words in two spellings: those are looked at too
        that are best by the more frequent spelling of each word in them.
        """
        side_by_side = any_of(term for word in self._terms for term in word)
        for depth in (2 * k + _SPARE, max(_DEEP, 8 * k)):
            hits = self._hits(side_by_side, depth)
            found, is_proven = self._scored(hits, k)
            if is_proven or len(hits) < depth:
                return _first(found, k)
        if hits[-1][0] >= hits[k - 1][0] * (1 - _EQUAL):
            found, _ = self._scored(self._first_of_ties(side_by_side, hits), k)
        if any(len(word) > 1 for word in self._terms):
            by_spelling = self._hits(any_of(best_of(word) for word in self._terms if word), depth)
            found += self._scored(by_spelling, depth)[0]
        return _first(set(found), k)

    def _hits(self, holding: Query, depth: int) -> list[Hit]:
        """The best passages by tantivy's scores."""
        if self._conditions:
            holding = among(holding, self._conditions)
        return self._counts.searcher.search(holding, depth, count=False).hits

    def _first_of_ties(self, holding: Query, hits: Sequence[Hit]) -> list[Hit]:
        """As many hits, where more passages than these tie with the last: of those that tie, the first by id.

        Which of them tantivy gives depends on its segments, and to look at all of them may be to look at everything.
        """
        searcher, tie = self._counts.searcher, hits[-1][0]
        higher = [hit for hit in hits if hit[0] > tie * (1 + _EQUAL)]
        wanted, last = len(hits) - len(higher), len(hits)
        while True:
            first = among(holding, [*self._conditions, in_range(self._schema, "id", 0, last)])
            found = searcher.search(first, last + 1, count=False).hits
            ties = [hit for hit in found if abs(hit[0] / tie - 1) <= _EQUAL]
            if len(ties) >= wanted:
                by_id = sorted(zip(numbers(searcher, "id", ties), ties, strict=True), key=lambda each: each[0])
                return [*higher, *(hit for _, hit in by_id[:wanted])]
            last *= 4

    def _scored(self, hits: Sequence[Hit], k: int) -> tuple[list[Found], bool]:
        """The hits with their scores, and whether k of them are proven to be the best of all passages.

        They are looked at in tantivy's order, and no further than it takes to prove it.
        """
        searcher, mean_length = self._counts.searcher, self._counts.mean_length
        underrated = _ROUNDED * self._counts.underrated
        ids, lengths = (numbers(searcher, field, hits) for field in ("id", "length"))
        found: list[Found] = []
        highest: list[float] = []  # a heap of the k highest scores
        for id, length, (rated, place) in zip(ids, lengths, hits, strict=True):
            if len(highest) == k and rated * underrated < highest[0]:
                return found, True
            count = searcher.doc(place)["terms"][0].count
            score = bm25(self._idfs, [sum(map(count, word)) for word in self._words], length, mean_length)
            found.append(Found(id, score))
            (heapq.heappush if len(highest) < k else heapq.heappushpop)(highest, score)
        return found, False


def _first(found: Iterable[Found], k: int) -> list[Found]:
    return sorted(found, key=lambda each: (-each.score, each.passage_id))[:k]
