"""The keyword index: BM25 with tantivy, kept on disk and shared by all processes."""

from __future__ import annotations

import math
import tempfile
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from corpus.errors import LibraryError
from corpus.library import Filter, Library, StoredPassage
from index.derived import Derived, Pending, best_first, replacing
from index.search import Found, Word, found_by
from index.terms import terms

_BATCH = 1000
_WRITER_BYTES = 16_000_000
_LOCK_TIMEOUT_S = 60.0
_K1, _B = 1.2, 0.75
_COUNTED = 10_000
"""So many words are remembered with how many passages hold them."""


class _State:
    """The passages as they were when the index was last reloaded, with what is counted over all of them, once each."""

    def __init__(self, index: tantivy.Index) -> None:
        self.searcher = index.searcher()
        self._schema = index.schema
        self.idf = lru_cache(maxsize=_COUNTED)(self._idf)

    @cached_property
    def mean_length(self) -> float:
        """In terms; 1 where there are none."""
        lengths = self.searcher.aggregate(tantivy.Query.all_query(), {"mean": {"avg": {"field": "length"}}})
        return float(lengths["mean"]["value"] or 1)

    def _idf(self, word: tuple[str, ...]) -> float:
        found = self.searcher.search(_best_of(self._schema, word), 1, count=True)
        holding: int = found.count  # type: ignore[attr-defined]  # missing in tantivy's stubs
        return math.log1p((self.searcher.num_docs - holding + 0.5) / (holding + 0.5))


class TantivyKeywords(Derived):
    """``KeywordSearch`` with BM25 (k1 = 1.2, b = 0.75): tantivy finds the candidates, and they are scored here.

    Tantivy's own scores count deleted passages until their segments happen to be merged, so that a withdrawn document
    would go on weighing in every answer; and they round the lengths of passages.

    Whichever process first meets a newer library brings the folder up to date; the file ``generation`` says how far
    that has been done. Tantivy's commits are atomic and the file is written after them, so that a crash between the
    two repeats a step and loses none.
    """

    def __init__(self, library: Library, folder: Path) -> None:
        super().__init__(library)
        self._folder = folder / "keywords"
        self._mark = self._folder / "generation"
        self._files = self._folder / ".managed.json"
        self._index = self._open()
        self._state = _State(self._index)

    def search(self, query: Sequence[Word], k: int, filter: Filter | None = None) -> list[Found]:
        self.refresh()
        if not query:
            return []
        holding = _any_of([_best_of(self._index.schema, word) for word in query])
        if filter is not None:
            allowed = self._library.passage_ids(filter).tolist()
            among = tantivy.Query.term_set_query(self._index.schema, "id", allowed)
            holding = _all_of([holding, tantivy.Query.const_score_query(among, 0.0)])
        state = self._state
        candidates = best_first(lambda depth: _hits(state.searcher, holding, depth), 2 * k)
        scores = self._scores(state, query, {id: _words(state.searcher, place) for id, _, place in candidates})
        return [Found(id, score) for id, score in sorted(scores.items(), key=lambda item: (-item[1], item[0]))[:k]]

    def ids(self) -> NDArray[np.int64]:
        searcher = self._index.searcher()
        everything = _hits(searcher, tantivy.Query.all_query(), max(1, searcher.num_docs))
        return np.array(sorted(id for id, *_ in everything), dtype=np.int64)

    def holds(self, stored: StoredPassage) -> bool:
        searcher = self._index.searcher()
        hits = searcher.search(self._term("id", stored.id), 2, count=False).hits
        return [_words(searcher, place) for _, place in hits] == [_terms(stored)]

    def _scores(self, state: _State, query: Sequence[Word], passages: Mapping[int, Sequence[str]]) -> dict[int, float]:
        """BM25 over the passages that are there now; a word is as frequent as the most frequent of its terms.

        S. Robertson, H. Zaragoza, "The Probabilistic Relevance Framework: BM25 and Beyond", 2009, section 3.4, with
        Lucene's idf, which is never negative.
        """

        idfs = [state.idf(tuple(word)) for word in query]
        scores = {}
        for id, passage in passages.items():
            counts = Counter(passage)
            frequencies = [max(counts[term] for term in word) for word in query]
            norm = _K1 * (1 - _B + _B * len(passage) / state.mean_length)
            scores[id] = math.fsum(
                idf * (_K1 + 1) * frequency / (frequency + norm)
                for idf, frequency in zip(idfs, frequencies, strict=True)
            )
        return scores

    def _catch_up(self) -> None:
        self._take_over()
        if self._generation == self._library.generation():
            return
        writer = self._lock_folder()
        try:
            self._take_over()
            pending = self._pending()
            self._write(writer, pending)
        finally:
            writer.wait_merging_threads()
        with replacing(self._mark) as mark:
            mark.write(str(pending.generation).encode())
        self._index.reload()
        self._state = _State(self._index)
        self._generation = pending.generation  # the last step, at which other threads cease to wait

    def _write(self, writer: tantivy.IndexWriter, pending: Pending) -> None:
        if pending.purged:
            self._write_anew(writer)
            return
        for id in pending.removed:
            writer.delete_documents_by_query(self._term("id", id))
        for stored in (stored for batch in pending.added for stored in batch):
            # Not delete_documents_by_term: it takes the id for a signed number and deletes nothing.
            writer.delete_documents_by_query(self._term("id", stored.id))
            writer.add_document(_document(stored))
        writer.commit()

    def _write_anew(self, writer: tantivy.IndexWriter) -> None:
        """Make all segments anew: what was deleted stays in its segment until that happens to be merged."""
        writer.delete_all_documents()
        ids = self._library.passage_ids()
        for batch in np.split(ids, range(_BATCH, len(ids), _BATCH)):
            if len(batch) > 0:
                for stored in self._library.stored(range(int(batch[0]), int(batch[-1]) + 1)):
                    writer.add_document(_document(stored))
        writer.commit()
        writer.garbage_collect_files()

    def _take_over(self) -> None:
        """Take what other processes have done; the mark is read first, since the index may be ahead of it."""
        try:
            generation = int(self._mark.read_text())
        except (OSError, ValueError):
            generation = 0
        self._index.reload()
        self._state = _State(self._index)
        self._generation = generation

    def _term(self, field: str, value: str | int) -> tantivy.Query:
        return tantivy.Query.term_query(self._index.schema, field, value)

    def _open(self) -> tantivy.Index:
        """The index in the folder; a damaged one is made anew, since the library has all that it held."""
        damaged = self._folder.exists()
        if damaged:
            with suppress(ValueError):
                index = tantivy.Index.open(str(self._folder))
                if index.schema == _schema():
                    return index
        with tempfile.TemporaryDirectory(prefix=".", dir=self._folder.parent) as beside:
            if damaged:
                self._folder.rename(Path(beside, "damaged"))
            # Made beside and renamed in, so that no process meets a half-made one; the first to come has it.
            new = Path(beside, "new")
            new.mkdir()
            tantivy.Index(_schema(), path=str(new))
            with suppress(OSError):
                new.rename(self._folder)
        return tantivy.Index.open(str(self._folder))

    def _lock_folder(self) -> tantivy.IndexWriter:
        """The writer, of which there is one at a time among all processes.

        Tantivy reads its list of files when an index is opened, and a writer deletes and keeps on record only what is
        in it. So each writer begins with the list as the one before left it, and deletes what a killed one left: that
        holds terms, and may have the name of a file that is to be written.
        """
        end = time.monotonic() + _LOCK_TIMEOUT_S
        while True:
            try:
                listed = self._files.read_bytes()
                writer = tantivy.Index.open(str(self._folder)).writer(_WRITER_BYTES, num_threads=1)
            except (OSError, ValueError) as error:
                if "LockBusy" not in str(error) or time.monotonic() > end:
                    raise LibraryError(
                        f"{self._folder} cannot be written ({error}). Close what else has it open and try again"
                    ) from error
                time.sleep(0.01)
                continue
            if self._files.read_bytes() == listed:
                writer.garbage_collect_files()
                return writer
            writer.wait_merging_threads()


def _schema() -> tantivy.Schema:
    return (
        tantivy.SchemaBuilder()
        .add_unsigned_field("id", stored=True, indexed=True, fast=True)
        .add_unsigned_field("length", fast=True)
        .add_text_field("terms", stored=True, tokenizer_name="whitespace", index_option="freq")
        .build()
    )


def _document(stored: StoredPassage) -> tantivy.Document:
    words = _terms(stored)
    document = tantivy.Document()
    document.add_unsigned("id", stored.id)
    document.add_unsigned("length", len(words))
    document.add_text("terms", " ".join(words))
    return document


def _best_of(schema: tantivy.Schema, word: Word) -> tantivy.Query:
    return tantivy.Query.disjunction_max_query([tantivy.Query.term_query(schema, "terms", term) for term in word])


def _any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _all_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])


def _hits(searcher: tantivy.Searcher, query: tantivy.Query, limit: int) -> list[tuple[int, float, tantivy.DocAddress]]:
    hits = searcher.search(query, limit, count=False).hits
    ids = searcher.fast_field_values("id", [place for _, place in hits])
    return [(int(id or 0), float(score), place) for id, (score, place) in zip(ids, hits, strict=True)]


def _words(searcher: tantivy.Searcher, place: tantivy.DocAddress) -> list[str]:
    return [word for text in searcher.doc(place)["terms"] for word in text.split()]


def _terms(stored: StoredPassage) -> list[str]:
    return terms(found_by(stored.passage))
