"""Passages as they are read from the file: whole, or their ids or vectors alone."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterator, Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corpus.library import StoredPassage, StoredVectors
from corpus.model import Passage, Span
from corpus.sqlite.database import Database
from corpus.stored import headings_of, source_of

_BATCH = 10_000
"""So many vectors are read at once."""

_LONG = 20_000
"""A longer text, in characters, is read whole and kept for a while: SQLite would read all of it for each passage."""


class Passages:
    """The passages of a database; what is kept of them in memory never differs from the file."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._text = lru_cache(maxsize=64)(self._read_text)

    def forget(self) -> None:
        """Let go of what was kept of texts."""
        self._text.cache_clear()

    def by_id(self, ids: Collection[int]) -> Iterator[StoredPassage]:
        return self._stored("p.id IN (SELECT value FROM json_each(?))", [json.dumps([int(id) for id in ids])])

    def within(self, ids: range) -> Iterator[StoredPassage]:
        return self._stored("p.id >= ? AND p.id < ?", [ids.start, ids.stop])

    def of(self, document_id: str) -> Iterator[StoredPassage]:
        return self._stored("p.document_id = ?", [document_id])

    def vectors(self, ids: NDArray[np.int64]) -> StoredVectors:
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT id, vector FROM passage WHERE id IN (SELECT value FROM json_each(?)) ORDER BY id",
                (json.dumps(ids.tolist()),),
            ).fetchall()
        return _vectors_of(rows)

    def vectors_from(self, first: int) -> Iterator[StoredVectors]:
        with self._database.reading() as db:
            rows = db.execute("SELECT id, vector FROM passage WHERE id >= ? ORDER BY id", (first,))
            while batch := rows.fetchmany(_BATCH):
                yield _vectors_of(batch)

    def ids(self) -> NDArray[np.int64]:
        with self._database.reading() as db:
            rows = db.execute("SELECT id FROM passage ORDER BY id")
            return np.fromiter((id for (id,) in rows), dtype=np.int64)

    def _stored(self, condition: str, values: Sequence[int | str]) -> Iterator[StoredPassage]:
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT p.id, p.document_id, p.version, p.span_start, p.span_end, p.headings, p.vector, v.source,"
                f" CASE WHEN v.characters <= {_LONG}"
                " THEN substr(v.text, p.span_start + 1, p.span_end - p.span_start) END"
                " FROM passage p JOIN version v USING (document_id, version)"
                f" WHERE {condition} ORDER BY p.id",
                values,
            ).fetchall()
        for id, document_id, version, start, end, headings, vector, source, cut in rows:
            is_whole = cut is not None and len(cut) == end - start  # SQLite takes a text to end at a NUL
            text = cut if is_whole else self._text(document_id, version)[start:end]
            passage = Passage(document_id, version, Span(start, end), text, headings_of(headings))
            yield StoredPassage(id, passage, source_of(source), np.frombuffer(vector, dtype=np.float16))

    def _read_text(self, document_id: str, version: str) -> str:
        with self._database.reading() as db:
            row = db.execute("SELECT text FROM version WHERE document_id = ? AND version = ?", (document_id, version))
            return str(row.fetchone()["text"])


def _vectors_of(rows: Sequence[sqlite3.Row]) -> StoredVectors:
    ids = np.array([id for id, _ in rows], dtype=np.int64)
    vectors = np.frombuffer(b"".join([vector for _, vector in rows]), dtype=np.float16)
    return StoredVectors(ids, vectors.reshape(len(ids), -1) if len(ids) else vectors.reshape(0, 0))
