"""Keyword search: tantivy finds candidates, BM25 ranks them, and the folder catches up with the library."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from corpus.library import Change, Filter, Library, StoredPassage
from index.derived import Derived
from index.keywords.bm25 import bm25
from index.keywords.counts import Counts
from index.keywords.fields import (
    Query,
    among,
    any_of,
    conditions_of,
    entry_of,
    framed,
    in_range,
    terms_of,
    with_id,
    with_ids,
)
from index.keywords.folder import Folder, Mark
from index.search import Found, Word

_SPARE = 16
_DEEP = 512
_ROUNDED = 1.001
"""So much more than tantivy's score of a passage its score may be, by what tantivy rounds."""

_EQUAL = 1e-5
"""Scores of tantivy that differ by no larger a share are equal."""

_BROAD = 8
"""A filter that may let through more than one passage in so many is looked at after the search, not within it."""

_STEP = 100_000
"""So many passages are committed at once, and read at once."""

Hit = tuple[float, tantivy.DocAddress]


class TantivyKeywords(Derived):
    """``KeywordSearch`` with BM25 (k1 = 1.2, b = 0.75): tantivy finds the candidates, and they are scored here.

    Tantivy's own scores go by rounded lengths, and by passages that are gone; see ``Counts``. They are near enough to
    tell when no other passage can be among the k best.

    Whichever process first meets a newer library brings the folder up to date; its mark says how far that has been
    done. Tantivy's commits are atomic and the mark is put after them, so that a crash between the two repeats a step
    and loses none.
    """

    def __init__(self, library: Library, folder: Path) -> None:
        super().__init__(library)
        self._folder = Folder(folder / "keywords")
        self._counts = self._folder.read(None, None)

    def search(self, query: Sequence[Word], k: int, filter: Filter | None = None) -> list[Found]:
        self.refresh()
        counts = self._counts
        weighed = [(word, counts.idf(word)) for word in query]
        holding = self._holding(counts, weighed)
        conditions = [] if filter is None else conditions_of(self._folder.schema, filter)
        passing = counts.passages if filter is None else counts.at_most(filter)
        for depth in (2 * k + _SPARE, max(_DEEP, 8 * k)):
            hits = self._hits(counts, holding, depth, conditions, passing)
            best, is_all = _best(counts, weighed, hits, k)
            if is_all or len(hits) < depth:
                return best
        return _best(counts, weighed, self._first_of_ties(counts, holding, conditions, hits), k)[0]

    def ids(self) -> NDArray[np.int64]:
        return np.concatenate([np.empty(0, dtype=np.int64), *self._ids(self._counts.searcher)])

    def holds(self, stored: StoredPassage) -> bool:
        searcher = self._counts.searcher
        hits = searcher.search(with_id(self._folder.schema, stored.id), 2, count=False).hits
        return [searcher.doc(place)["terms"] for _, place in hits] == [[framed(terms_of(stored))]]

    # Candidates

    def _holding(self, counts: Counts, weighed: Sequence[tuple[Word, float]]) -> Query:
        """The passages that hold any of the words, each term with the weight of its word.

        Terms alone, side by side, since only then does tantivy skip passages that cannot be among the best.
        """
        own = {term: counts.idf_of_tantivy(term) for word, _ in weighed for term in word}
        return any_of(
            Query.boost_query(Query.term_query(self._folder.schema, "terms", term, "freq"), idf / weight)
            for word, idf in weighed
            for term in word
            if (weight := own[term]) is not None
        )

    def _hits(self, counts: Counts, holding: Query, depth: int, conditions: Sequence[Query], passing: int) -> list[Hit]:
        """The best by tantivy's scores of the passages that meet the conditions, which at most so many do."""
        search = counts.searcher.search
        if not conditions:
            return search(holding, depth, count=False).hits
        if passing * _BROAD > counts.passages:
            wider = 2 * depth * counts.passages // passing
            hits = search(holding, wider, count=False).hits
            ids = _numbers(counts.searcher, "id", hits)
            these = among(with_ids(self._folder.schema, ids), conditions)
            allowed = set(_numbers(counts.searcher, "id", search(these, wider, count=False).hits))
            kept = [hit for hit, id in zip(hits, ids, strict=True) if id in allowed]
            if len(kept) >= depth or len(hits) < wider:
                return kept[:depth]
        return search(among(holding, conditions), depth, count=False).hits

    def _first_of_ties(
        self, counts: Counts, holding: Query, conditions: Sequence[Query], hits: Sequence[Hit]
    ) -> list[Hit]:
        """As many hits, where more passages than these tie with the last: of those that tie, the first by id.

        Which of them tantivy gives depends on its segments, and to look at all of them may be to look at everything.
        """
        tie = hits[-1][0]
        higher = [hit for hit in hits if hit[0] > tie * (1 + _EQUAL)]
        wanted, last = len(hits) - len(higher), len(hits)
        while True:
            first = among(holding, [*conditions, in_range(self._folder.schema, "id", 0, last)])
            found = counts.searcher.search(first, 4 * len(hits), count=False).hits
            ties = [hit for hit in found if abs(hit[0] / tie - 1) <= _EQUAL]
            if len(ties) >= wanted:
                ids = _numbers(counts.searcher, "id", ties)
                by_id = sorted(zip(ids, ties, strict=True), key=lambda each: each[0])
                return [*higher, *(hit for _, hit in by_id[:wanted])]
            last *= 2

    def _ids(self, searcher: tantivy.Searcher) -> Iterator[NDArray[np.int64]]:
        """The ids of all passages, ascending, so many at a time."""
        last = sum(value for value, _ in searcher.search(Query.all_query(), 1, order_by_field="id").hits)
        for first in range(0, last + 1, _STEP):
            some = in_range(self._folder.schema, "id", first, first + _STEP - 1)
            hits = searcher.search(some, _STEP, count=False).hits
            yield np.sort(np.array(_numbers(searcher, "id", hits), dtype=np.int64))

    # Catching up

    def _catch_up(self) -> None:
        counts, mark = self._look(self._counts)
        while mark.generation < self._library.generation():
            with self._folder.writing() as writer:
                counts, mark = self._look(counts)
                self._step(writer, counts, mark)
            counts, mark = self._look(counts)
        self._counts = counts
        self._generation = mark.generation  # the last step, at which other threads cease to wait

    def _look(self, before: Counts) -> tuple[Counts, Mark]:
        """The folder as it is; the mark is read first, since the index may be ahead of it."""
        mark = self._folder.mark()
        return self._folder.read(mark.terms, before), mark

    def _step(self, writer: tantivy.IndexWriter, counts: Counts, mark: Mark) -> None:
        """Take in the next changes, as many as are committed at once."""
        changes = self._library.changes(mark.generation)
        if not changes:
            return
        self._folder.put_mark(Mark(mark.generation, None))
        if any(change.purged for change in changes):
            terms = self._write_anew(writer)
        else:
            changes = changes[: _first(changes)]
            known = self._ids(counts.searcher) if mark.terms is None else iter(())
            removed = self._remove(writer, counts, [id for change in changes for id in change.removed])
            terms = counts.terms - removed + self._add(writer, changes, {id for ids in known for id in ids.tolist()})
            writer.commit()
        self._folder.put_mark(Mark(changes[-1].generation, terms))

    def _remove(self, writer: tantivy.IndexWriter, counts: Counts, ids: Sequence[int]) -> int:
        """Let go of passages; how many terms they had."""
        terms = 0
        for start in range(0, len(ids), _STEP):
            some = with_ids(self._folder.schema, ids[start : start + _STEP])
            hits = counts.searcher.search(some, _STEP, count=False).hits
            terms += sum(_numbers(counts.searcher, "length", hits))
            writer.delete_documents_by_query(some)
        return terms

    def _add(self, writer: tantivy.IndexWriter, changes: Sequence[Change], known: set[int]) -> int:
        """Take in the passages that came and are still there, but for known ones; how many terms they have."""
        added = (stored for change in changes if change.added for stored in self._library.stored(change.added))
        return sum(_put(writer, stored) for stored in added if stored.id not in known)

    def _write_anew(self, writer: tantivy.IndexWriter) -> int | None:
        """Make all segments anew: what was deleted stays in its segment until that happens to be merged.

        How many terms all passages have, or None where later changes have come in between.
        """
        generation = self._library.generation()
        writer.delete_all_documents()
        ids = self._library.passage_ids()
        terms = 0
        for batch in np.split(ids, range(1000, len(ids), 1000)):
            if len(batch) > 0:
                terms += sum(_put(writer, each) for each in self._library.stored(range(batch[0], batch[-1] + 1)))
        writer.commit()
        writer.garbage_collect_files()
        return terms if self._library.generation() == generation else None


def _best(
    counts: Counts, weighed: Sequence[tuple[Word, float]], hits: Sequence[Hit], k: int
) -> tuple[list[Found], bool]:
    """The k best of the hits by BM25, ties by id, and whether no passage that tantivy ranks below them is better.

    The hits are looked at in tantivy's order, and no further than that can be told.
    """
    searcher, mean_length = counts.searcher, counts.mean_length
    words = [[f" {term} " for term in word] for word, _ in weighed]
    idfs = [idf for _, idf in weighed]
    ids, lengths = (_numbers(searcher, field, hits) for field in ("id", "length"))
    found: list[Found] = []
    highest: list[float] = []  # a heap of the k highest scores
    for id, length, (rounded, place) in zip(ids, lengths, hits, strict=True):
        if len(highest) == k and rounded * _ROUNDED < highest[0]:
            break
        count = searcher.doc(place)["terms"][0].count
        score = bm25(idfs, [sum(map(count, word)) for word in words], length, mean_length)
        found.append(Found(id, score))
        (heapq.heappush if len(highest) < k else heapq.heappushpop)(highest, score)
    best = sorted(found, key=lambda each: (-each.score, each.passage_id))[:k]
    return best, len(found) < len(hits)


def _numbers(searcher: tantivy.Searcher, field: str, hits: Sequence[Hit]) -> list[int]:
    return [int(value or 0) for value in searcher.fast_field_values(field, [place for _, place in hits])]


def _put(writer: tantivy.IndexWriter, stored: StoredPassage) -> int:
    """Take in a passage; how many terms it has."""
    terms = terms_of(stored)
    writer.add_document(entry_of(stored, terms))
    return len(terms)


def _first(changes: Sequence[Change]) -> int:
    """How many changes it takes until so many passages come or go as are committed at once."""
    sizes = np.cumsum([len(change.added) + len(change.removed) for change in changes])
    return int(np.searchsorted(sizes, _STEP)) + 1
