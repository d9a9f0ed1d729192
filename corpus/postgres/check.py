"""Whether the rows of a library in PostgreSQL agree with one another, as they are at one moment."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from corpus.agreement import TABLES_OF_DOCUMENTS, damages, left_of_purged
from corpus.library import Manifest
from corpus.postgres.database import Connection
from corpus.postgres.rows import byte_offsets, vectors_of

_AT_ONCE = 1000


def damages_in(db: Connection, manifest: Manifest) -> Iterator[str]:
    """All that does not agree, a line each."""
    rows = _Rows(db)
    yield from damages(rows, manifest)
    yield from left_of_purged(rows, (*TABLES_OF_DOCUMENTS, "posted", "posting"))
    yield from _misplaced(rows)
    yield from _miscounted(rows)


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
    """The words that are said to stand in more or fewer passages than they do."""
    wrong = rows(
        "SELECT coalesce(v.word, c.word) AS word FROM vocabulary v FULL JOIN"
        " (SELECT word, count(*) AS passages FROM posted, unnest(words) AS word GROUP BY word) c ON c.word = v.word"
        " WHERE v.passages IS DISTINCT FROM c.passages"
    )
    yield from (f"word {row['word']}: it does not stand in as many passages as the vocabulary says" for row in wrong)
