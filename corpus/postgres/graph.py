"""The passages near a vector, as the database finds them: all are compared, or those that a graph leads to."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from corpus.library import Filter, StoredVectors
from corpus.postgres.connecting import Connection
from corpus.postgres.database import Database
from corpus.postgres.rows import CURRENT, condition_of, stored_vectors

NAME = "passage_by_vector"
"""The name of the HNSW index, where there is one."""

_LINKS, _LOOKED_AT_BUILDING = 16, 64
"""pgvector's m and ef_construction; how many a search looks at, hnsw.ef_search, is set with each connection."""

_IS_MADE = f"SELECT 1 FROM pg_index WHERE indexrelid = to_regclass('{NAME}') AND indisvalid"

_MAKING = "hashtext('krakow-qa graph'), hashtext(current_schema())"
"""The lock of who makes the graph."""


def nearest_by(
    query: NDArray[np.float32], count: int, filter: Filter | None, *, along_graph: bool
) -> tuple[str, list[object]]:
    """The statement that finds the nearest, and its values: all are compared, or those that the graph leads to."""
    join, condition, values = "", "true", list[object]()
    if filter is not None:
        join = f"JOIN document d ON d.id = p.document_id {CURRENT}"
        condition, values = condition_of(filter)
    halfvec = f"halfvec({len(query)})"
    distance = f"(p.vector::{halfvec}) <#> %s::{halfvec}" if along_graph else "p.vector <#> %s::halfvec, p.id"
    asked = f"[{','.join(map(str, query.tolist()))}]"
    statement = f"SELECT p.id, p.vector FROM passage p {join} WHERE {condition} ORDER BY {distance} LIMIT %s"
    return statement, [*values, asked, count]


class Graph:
    """Search by vector over the passages of a database, with HNSW from when it is made."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @property
    def is_made(self) -> bool:
        """Whether vectors are searched along the graph."""
        with self._database.reading() as db:
            return _is_made(db)

    def passages(self) -> int:
        """How many passages there are."""
        with self._database.reading() as db:
            (row,) = db.execute("SELECT coalesce(sum(passages), 0) AS passages FROM document")
            return int(row["passages"])

    def make(self, dimension: int) -> None:
        """Make the graph of all vectors, of that dimension, which follows all later changes by itself.

        Nobody waits for it, so that it cannot be one transaction: what a killed process leaves is made anew. Where
        another makes it at this moment, it is left to that one.
        """
        with self._database.outside() as db:
            (row,) = db.execute(f"SELECT pg_try_advisory_lock({_MAKING}) AS is_ours")
            if not row["is_ours"]:
                return
            try:
                if not _is_made(db):
                    _make(db, dimension)
            finally:
                db.execute(f"SELECT pg_advisory_unlock({_MAKING})")

    def nearest(self, query: NDArray[np.float32], count: int, filter: Filter | None) -> StoredVectors:
        """The passages whose vectors have the highest inner products with it, at most so many, by ascending id.

        All are compared, in 16 bits; where there is a graph, those that it leads to.
        """
        with self._database.reading() as db, db.cursor(binary=True) as cursor:
            rows = cursor.execute(*nearest_by(query, count, filter, along_graph=_is_made(db))).fetchall()
        return stored_vectors(sorted(rows, key=lambda row: int(row["id"])))


def _is_made(db: Connection) -> bool:
    return db.execute(_IS_MADE).fetchone() is not None


def _make(db: Connection, dimension: int) -> None:
    db.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}")
    db.execute(
        f"CREATE INDEX CONCURRENTLY {NAME} ON passage USING hnsw ((vector::halfvec({dimension})) halfvec_ip_ops)"
        f" WITH (m = {_LINKS}, ef_construction = {_LOOKED_AT_BUILDING})"
    )
    db.execute("ANALYZE passage, document, version")
