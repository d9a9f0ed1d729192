"""What the rows of a library in PostgreSQL mean, and how vectors and texts are written into them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.ids import Ids, in_ranges
from corpus.library import Filter, StoredVectors
from corpus.stored import Row

ENTRIES = """
    SELECT d.id, v.version, v.source, d.withdrawn, d.version = v.version AS latest, v.origin, v.file_digest,
        v.parser, v.added_at, v.ended_at, v.characters, v.report,
        CASE WHEN d.version = v.version THEN d.passages ELSE 0 END AS passages
    FROM document d JOIN version v ON v.document_id = d.id
"""
"""One row a version, with how it stands."""

CURRENT = "JOIN version v ON v.document_id = d.id AND v.version = d.version"
"""Joins a document to the latest of its versions."""

RANGES = """
    coalesce(array_agg(first_passage ORDER BY first_passage), '{}') AS firsts,
    coalesce(array_agg(passages ORDER BY first_passage), '{}') AS numbers
"""
"""Of documents, their first passages and how many follow one another from there."""


def as_halfvec(vector: NDArray[np.float16]) -> bytes:
    """A vector as pgvector's ``halfvec`` in binary: its dimension in 16 bits, 16 of nothing, then its halves."""
    return len(vector).to_bytes(2, "big") + b"\0\0" + vector.astype(">f2").tobytes()


def vectors_of(stored: list[bytes]) -> NDArray[np.float16]:
    """Vectors in rows from ``halfvec`` in binary; shape (0, 0) where there are none."""
    if not stored:
        return np.empty((0, 0), dtype=np.float16)
    halves = np.frombuffer(b"".join([each[4:] for each in stored]), dtype=">f2")
    return halves.astype(np.float16).reshape(len(stored), -1)


def stored_vectors(rows: Sequence[Row]) -> StoredVectors:
    """Ids with their vectors, from rows in binary."""
    ids = np.array([row["id"] for row in rows], dtype=np.int64)
    return StoredVectors(ids, vectors_of([row["vector"] for row in rows]))


def ids_in(row: Row) -> Ids:
    """The ids of passages, ascending, from what ``RANGES`` gives."""
    return in_ranges(row["firsts"], row["numbers"])


def byte_offsets(text: str) -> NDArray[np.int64]:
    """Where each code point of a text begins in its UTF-8, and at last where it ends."""
    points = np.frombuffer(text.encode("utf-32-le"), dtype=np.uint32)
    lengths = 1 + (points > 0x7F) + (points > 0x7FF) + (points > 0xFFFF)
    return np.concatenate([[0], np.cumsum(lengths, dtype=np.int64)])


def condition_of(filter: Filter) -> tuple[str, list[Any]]:
    """The filter as SQL over ``version v``."""
    conditions, values = ["true"], list[Any]()
    sets = {
        "document_id": filter.documents,
        "publisher": filter.publishers,
        "kind": filter.kinds,
        "language": filter.languages,
    }
    for column, allowed in sets.items():
        if allowed is not None:
            conditions.append(f"v.{column} = ANY(%s)")
            values.append([str(each) for each in sorted(allowed)])
    for comparison, date in ((">=", filter.since), ("<=", filter.until)):
        if date is not None:
            conditions.append(f'v.day COLLATE "C" {comparison} %s')
            values.append(date)
    return " AND ".join(conditions), values
