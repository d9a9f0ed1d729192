"""What is counted over all passages: exact, and without looking at them all."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

import tantivy

from index.keywords.bm25 import idf
from index.keywords.fields import Query
from index.keywords.removed import Places, Removed, terms_of_removed
from index.search import Word


class Counts:
    """The passages as they were when the index was last read, and what is counted over them when it is asked for.

    Tantivy counts a removed passage among those that hold its terms until it happens to merge the segment, so that a
    withdrawn document would go on weighing in every answer: what the removed ones hold is taken off.
    """

    def __init__(
        self, searcher: tantivy.Searcher, places: Mapping[str, Places], terms: int | None, before: Counts | None
    ) -> None:
        """``places`` are those of removed passages by segment; of them, what was counted ``before`` is not read again.

        ``terms`` is the sum of the lengths of all passages; it is added up where it is not known.
        """
        self.searcher = searcher
        self.passages: int = searcher.num_docs
        self._places = places
        self._ever = self.passages + sum(map(len, places.values()))
        self._terms = terms
        self._known: Mapping[str, Removed] = {} if before is None else before._known

    @cached_property
    def terms(self) -> int:
        """The sum of the lengths of all passages."""
        if self._terms is not None:
            return self._terms
        sums = self.searcher.aggregate(Query.all_query(), {"terms": {"sum": {"field": "length"}}})
        return round(sums["terms"]["value"] or 0)

    @property
    def mean_length(self) -> float:
        """In terms; 1 where there are none."""
        return self.terms / self.passages if self.terms > 0 else 1.0

    @property
    def underrated(self) -> float:
        """At most so many times tantivy's score of a passage its score is, since tantivy's mean length is another."""
        removed = sum(each.terms for each in self._removed.values())
        mean_length = (self.terms + removed) / self._ever if self._ever > 0 else 1.0
        return max(1.0, self.mean_length / max(1.0, mean_length))

    def idf(self, word: Word) -> float:
        """The weight of a word, which counts as held by as many passages as the most frequent of its terms."""
        return idf(self.passages, max(self._holding(term) for term in word))

    def idf_of_tantivy(self, term: str) -> float | None:
        """The weight that tantivy gives a term; None where no passage ever held it."""
        holding = self.searcher.doc_freq("terms", term)
        return idf(self._ever, holding) if holding > 0 else None

    def _holding(self, term: str) -> int:
        removed = sum(each.holding[term] for each in self._removed.values())
        return self.searcher.doc_freq("terms", term) - removed

    @cached_property
    def _removed(self) -> Mapping[str, Removed]:
        self._known = terms_of_removed(self.searcher, self._places, self._known)
        return self._known
