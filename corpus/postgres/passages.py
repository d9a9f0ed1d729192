"""Passages as they are read from the database: whole, or their ids or vectors alone."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.library import Filter, StoredPassage, StoredVectors
from corpus.model import Passage, Span
from corpus.postgres.connecting import Connection
from corpus.postgres.database import Database
from corpus.postgres.rows import CURRENT, RANGES, condition_of, ids_in, stored_vectors, vectors_of
from corpus.stored import Row, headings_of, source_of

_BATCH = 10_000
"""So many vectors are read at once."""

_STORED = """
    SELECT p.id, p.document_id, p.version, p.span_start, p.span_end, p.headings, p.vector, v.source,
        substring(v.text FROM p.byte_start + 1 FOR p.byte_end - p.byte_start) AS text
    FROM passage p JOIN version v USING (document_id, version)
"""


class Passages:
    """The passages of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def by_id(self, ids: Collection[int]) -> Iterator[StoredPassage]:
        return self._stored("p.id = ANY(%s)", [[int(id) for id in ids]])

    def within(self, ids: range) -> Iterator[StoredPassage]:
        return self._stored("p.id >= %s AND p.id < %s", [ids.start, ids.stop])

    def of(self, document_id: str) -> Iterator[StoredPassage]:
        return self._stored("p.document_id = %s", [document_id])

    def vectors(self, ids: NDArray[np.int64]) -> StoredVectors:
        with self._database.reading() as db, db.cursor(binary=True) as cursor:
            rows = cursor.execute(
                "SELECT id, vector FROM passage WHERE id = ANY(%s) ORDER BY id", (ids.tolist(),)
            ).fetchall()
        return stored_vectors(rows)

    def vectors_from(self, first: int) -> Iterator[StoredVectors]:
        with self._database.at_one_moment() as db, db.cursor("vectors") as cursor:
            cursor.execute("SELECT id, vector FROM passage WHERE id >= %s ORDER BY id", (first,), binary=True)
            while rows := cursor.fetchmany(_BATCH):
                yield stored_vectors(rows)

    def ids(self) -> NDArray[np.int64]:
        with self._database.reading() as db:
            (row,) = db.execute("SELECT coalesce(array_agg(id ORDER BY id), '{}') AS ids FROM passage")
        return np.array(row["ids"], dtype=np.int64)

    def ids_of(self, filter: Filter) -> NDArray[np.int64]:
        """Of the passages that a filter lets through."""
        with self._database.reading() as db:
            return ids_of(db, filter)

    def _stored(self, condition: str, values: Sequence[Any]) -> Iterator[StoredPassage]:
        with self._database.reading() as db, db.cursor(binary=True) as cursor:
            rows = cursor.execute(f"{_STORED} WHERE {condition} ORDER BY p.id", values).fetchall()
        return _passages_of(rows)


def ids_of(db: Connection, filter: Filter) -> NDArray[np.int64]:
    """Of the passages that a filter lets through, ascending; no passage is read."""
    condition, values = condition_of(filter)
    with db.cursor(binary=True) as cursor:
        cursor.execute(f"SELECT {RANGES} FROM document d {CURRENT} WHERE passages > 0 AND {condition}", values)
        (row,) = cursor
    return ids_in(row)


def _passages_of(rows: Iterable[Row]) -> Iterator[StoredPassage]:
    for row in rows:
        span = Span(row["span_start"], row["span_end"])
        text, headings = row["text"].decode(), headings_of(row["headings"])
        passage = Passage(row["document_id"], row["version"], span, text, headings)
        yield StoredPassage(row["id"], passage, source_of(row["source"]), vectors_of([row["vector"]])[0])
