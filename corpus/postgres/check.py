"""Whether the rows of a library in PostgreSQL agree with one another, as they are at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from corpus.agreement import TABLES_OF_DOCUMENTS, damages, left_of_purged
from corpus.ids import contained
from corpus.library import Manifest
from corpus.postgres.connecting import Connection
from corpus.postgres.postings import ROWS, Field
from corpus.postgres.rows import RANGES, byte_offsets, ids_in, vectors_of

_AT_ONCE = 1000


def damages_in(db: Connection, manifest: Manifest) -> Iterator[str]:
    """All that does not agree, a line each."""
    rows = _Rows(db)
    yield from damages(rows, manifest)
    yield from left_of_purged(rows, (*TABLES_OF_DOCUMENTS, "posted"))
    yield from _misplaced(rows)
    yield from _miscounted(rows)
    yield from _misposted(rows)


class _Rows:
    """Asks the database as ``corpus.agreement`` does: each statement with a cursor of its own."""

    def __init__(self, db: Connection) -> None:
        self._db = db
        self._asked = 0

    def __call__(self, statement: str, *values: str) -> Iterator[dict[str, Any]]:
        self._asked += 1
        with self._db.cursor(f"asked_{self._asked}") as cursor:
            cursor.itersize = _AT_ONCE
            cursor.execute(statement.replace("?", "%s"), values, binary=True)
            for row in cursor:
                yield row | {name: _as_stored(name, row[name]) for name in ("text", "vector") if name in row}


def _as_stored(name: str, value: bytes) -> str | bytes:
    """A text from its bytes, and the bytes of a vector's float16."""
    return value.decode(errors="replace") if name == "text" else vectors_of([value]).tobytes()


def _misplaced(rows: _Rows) -> Iterator[str]:
    """The passages whose places in the bytes of their text are not those of their spans."""
    for version in rows("SELECT document_id, version, text FROM version"):
        offsets = byte_offsets(version["text"])
        of = (version["document_id"], version["version"])
        for row in rows("SELECT * FROM passage WHERE document_id = ? AND version = ?", *of):
            span = (row["span_start"], row["span_end"])
            inside = 0 <= span[0] < span[1] < len(offsets)
            if inside and (row["byte_start"], row["byte_end"]) != (offsets[span[0]], offsets[span[1]]):
                yield f"passage {row['id']}: its place in the bytes of its text is not the one of its span"


def _miscounted(rows: _Rows) -> Iterator[str]:
    """The documents that are said to have other passages than they have."""
    wrong = rows(
        "SELECT d.id FROM document d"
        " LEFT JOIN (SELECT document_id, min(id) AS first, max(id) AS last, count(*) AS number FROM passage"
        " GROUP BY document_id) p ON p.document_id = d.id WHERE d.passages <> coalesce(p.number, 0)"
        " OR d.passages > 0 AND (d.first_passage, d.first_passage + d.passages - 1) IS DISTINCT FROM (p.first, p.last)"
    )
    yield from (f"{row['id']}: it does not have as many passages as it says" for row in wrong)


def _misposted(rows: _Rows) -> Iterator[str]:
    """The passages that only postings have, and words that are in these or in the vocabulary alone.

    Whether postings lack something is seen where they are compared with the passages.
    """
    words = rows(
        "SELECT coalesce(v.word, p.term) AS word FROM vocabulary v"
        " FULL JOIN (SELECT DISTINCT term FROM posting WHERE field = 'word') p ON p.term = v.word"
        " WHERE v.word IS NULL OR p.term IS NULL"
    )
    yield from (f"word {row['word']}: it stands in the vocabulary alone, or in the postings" for row in words)
    (posted,) = rows(f"SELECT {RANGES} FROM posted")
    ids = ids_in(posted)
    for row in rows("SELECT field, term, held FROM posting"):
        held = np.frombuffer(row["held"], dtype=ROWS[Field(row["field"])])
        if not contained(held["passage"], ids).all():
            yield f"{row['field']} {row['term']}: it is said to stand in a passage that is not there"
