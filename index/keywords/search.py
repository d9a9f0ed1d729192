"""Keyword search over a library: the folder catches up with its journal, and questions are put to it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from corpus.library import Change, Filter, Library, StoredPassage
from index.analysis import ranked_by
from index.derived import Derived
from index.keywords.asked import Asked
from index.keywords.counts import Counts
from index.keywords.fields import Query, entry_of, framed, in_range, numbers, with_id, with_ids
from index.keywords.folder import Folder, Mark
from index.keywords.words import holding, spelled_like
from index.search import Found, Word

_STEP = 100_000
"""So many passages are committed at once, and read at once."""


class TantivyKeywords(Derived):
    """``KeywordSearch`` with BM25 (k1 = 1.2, b = 0.75): tantivy finds the candidates, and they are scored here.

    Tantivy's own scores go by rounded lengths, and by passages that are gone; see ``Counts``.

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
        return Asked(self._counts, self._folder.schema, query, filter).best(k)

    def holding(self, text: str, k: int) -> list[int]:
        """The ids of at most k passages that hold every word of a text, each in any of its forms."""
        return self._some(holding(self._folder.schema, text), k)

    def spelled_like(self, word: str, distance: int, apart_from: Collection[str], k: int) -> list[int]:
        """The ids of at most k passages that hold a word within so many slips, 2 at most, of a folded one.

        They hold none of the folded words in ``apart_from``.
        """
        return self._some(spelled_like(self._folder.schema, word, distance, apart_from), k)

    def _some(self, query: Query, k: int) -> list[int]:
        self.refresh()
        searcher = self._counts.searcher
        return numbers(searcher, "id", searcher.search(query, k, count=False).hits)

    def ids(self) -> NDArray[np.int64]:
        return np.concatenate([np.empty(0, dtype=np.int64), *self._ids(self._counts.searcher)])

    def differing(self, passages: Sequence[StoredPassage]) -> list[int]:
        return [stored.id for stored in passages if not self._holds(stored)]

    def _holds(self, stored: StoredPassage) -> bool:
        """Whether what is kept of a passage equals what the library has."""
        searcher = self._counts.searcher
        hits = searcher.search(with_id(self._folder.schema, stored.id), 2, count=False).hits
        return [searcher.doc(place)["terms"] for _, place in hits] == [[framed(ranked_by(stored))]]

    def _ids(self, searcher: tantivy.Searcher) -> Iterator[NDArray[np.int64]]:
        """The ids of all passages, ascending, so many at a time."""
        last = sum(value for value, _ in searcher.search(Query.all_query(), 1, order_by_field="id").hits)
        for first in range(0, last + 1, _STEP):
            some = in_range(self._folder.schema, "id", first, first + _STEP - 1)
            hits = searcher.search(some, _STEP, count=False).hits
            yield np.sort(np.array(numbers(searcher, "id", hits), dtype=np.int64))

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
            terms += sum(numbers(counts.searcher, "length", hits))
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


def _put(writer: tantivy.IndexWriter, stored: StoredPassage) -> int:
    """Take in a passage; how many terms it has."""
    terms = ranked_by(stored)
    writer.add_document(entry_of(stored, terms))
    return len(terms)


def _first(changes: Sequence[Change]) -> int:
    """How many changes it takes until so many passages come or go as are committed at once."""
    sizes = np.cumsum([len(change.added) + len(change.removed) for change in changes])
    return int(np.searchsorted(sizes, _STEP)) + 1
