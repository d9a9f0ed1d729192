"""The keyword index: BM25 with tantivy, kept on disk and shared by all processes."""

from __future__ import annotations

import hashlib
import shutil
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

from corpus.errors import LibraryError
from corpus.library import Filter, Library, StoredPassage
from index.derived import Derived, replace_file
from index.search import Found, found_by
from index.terms import terms

_WRITER_BYTES = 16_000_000
_LOCK_TIMEOUT_S = 60.0
_SPARE_HITS = 16
"""So that of equal scores at the end of the list those with the lower ids are taken."""


class TantivyKeywords(Derived):
    """``KeywordSearch`` with tantivy's BM25 (k1 = 1.2, b = 0.75).

    Whichever process first meets a newer library brings the folder up to date; the file ``generation`` says how far
    that has been done. Tantivy's commits are atomic and the file is written after them, so that a crash between the
    two repeats a step and loses none.
    """

    def __init__(self, library: Library, folder: Path) -> None:
        super().__init__(library)
        self._folder = folder / "keywords"
        self._mark = self._folder / "generation"
        self._index = self._open()
        self._writer: tantivy.IndexWriter | None = None

    def search(self, query: Sequence[str], k: int, filter: Filter | None = None) -> list[Found]:
        self.refresh()
        if not query:
            return []
        holding = _any_of([self._term("terms", term) for term in query])
        if filter is not None:
            allowed = self._library.passage_ids(filter).tolist()
            among = tantivy.Query.term_set_query(self._index.schema, "id", allowed)
            holding = _all_of([holding, tantivy.Query.const_score_query(among, 0.0)])
        found = [Found(id, score) for id, score in self._hits(holding, k + _SPARE_HITS)]
        return sorted(found, key=lambda each: (-each.score, each.passage_id))[:k]

    def ids(self) -> NDArray[np.int64]:
        everything = self._hits(tantivy.Query.all_query(), max(1, self._index.searcher().num_docs))
        return np.array(sorted(id for id, _ in everything), dtype=np.int64)

    def holds(self, stored: StoredPassage) -> bool:
        searcher = self._index.searcher()
        hits = searcher.search(self._term("id", stored.id), 2, count=False).hits
        return [searcher.doc(place)["digest"] for _, place in hits] == [[_digest(_terms(stored))]]

    def _catch_up(self) -> None:
        self._take_over()
        if self._generation == self._library.generation():
            return
        self._writer = self._lock_folder()
        try:
            self._take_over()
            super()._catch_up()
        finally:
            self._writer.wait_merging_threads()
            self._writer = None
        replace_file(self._mark, str(self._generation).encode())
        self._index.reload()

    def _update(self, added: Iterator[Sequence[StoredPassage]], removed: Sequence[int]) -> None:
        for id in removed:
            self._writer.delete_documents_by_query(self._term("id", id))
        for stored in (stored for batch in added for stored in batch):
            # Not delete_documents_by_term: it takes the id for a signed number and deletes nothing.
            self._writer.delete_documents_by_query(self._term("id", stored.id))
            words = _terms(stored)
            document = tantivy.Document()
            document.add_unsigned("id", stored.id)
            document.add_text("terms", words)
            document.add_text("digest", _digest(words))
            self._writer.add_document(document)
        self._writer.commit()

    def _take_over(self) -> None:
        """Take what other processes have done; the mark is read first, since the index may be ahead of it."""
        try:
            self._generation = int(self._mark.read_text())
        except (OSError, ValueError):
            self._generation = 0
        self._index.reload()

    def _hits(self, query: tantivy.Query, limit: int) -> list[tuple[int, float]]:
        searcher = self._index.searcher()
        hits = searcher.search(query, limit, count=False).hits
        ids = searcher.fast_field_values("id", [place for _, place in hits])
        return [(int(id), float(score)) for id, (score, _) in zip(ids, hits, strict=True)]

    def _term(self, field: str, value: str | int) -> tantivy.Query:
        return tantivy.Query.term_query(self._index.schema, field, value)

    def _open(self) -> tantivy.Index:
        """The index in the folder; a damaged one is made anew, since the library has all that it held."""
        if self._folder.is_dir():
            try:
                return tantivy.Index.open(str(self._folder))
            except ValueError:
                shutil.rmtree(self._folder)
        self._folder.mkdir(parents=True, exist_ok=True)
        return tantivy.Index(_schema(), path=str(self._folder), reuse=True)

    def _lock_folder(self) -> tantivy.IndexWriter:
        """The writer, of which there is one at a time among all processes."""
        end = time.monotonic() + _LOCK_TIMEOUT_S
        while True:
            try:
                return self._index.writer(_WRITER_BYTES, num_threads=1)
            except ValueError as error:
                if "LockBusy" not in str(error) or time.monotonic() > end:
                    raise LibraryError(
                        f"{self._folder} cannot be written ({error}). Close what else has it open and try again"
                    ) from error
                time.sleep(0.01)


def _schema() -> tantivy.Schema:
    return (
        tantivy.SchemaBuilder()
        .add_unsigned_field("id", stored=True, indexed=True, fast=True)
        .add_text_field("terms", tokenizer_name="whitespace", index_option="freq")
        .add_text_field("digest", stored=True, tokenizer_name="raw", index_option="basic")
        .build()
    )


def _any_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Should, query) for query in queries])


def _all_of(queries: Sequence[tantivy.Query]) -> tantivy.Query:
    return tantivy.Query.boolean_query([(tantivy.Occur.Must, query) for query in queries])


def _terms(stored: StoredPassage) -> str:
    return " ".join(terms(found_by(stored.passage)))


def _digest(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:16]
