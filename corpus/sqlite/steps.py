"""The steps of which every change is made, within its transaction: passages out, passages in, a line of the journal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from corpus.copies import fingerprints
from corpus.library import Entry, Matrix, Provenance, State, StoredPassage
from corpus.model import Document, Passage
from corpus.stored import as_json, now_utc


def put_version(db: sqlite3.Connection, document: Document, provenance: Provenance, now: str) -> list[str]:
    """A version as the one that has not ended; the digests of files that it was read from before."""
    same_text = (document.id, document.version)
    before = db.execute("SELECT file_digest FROM version WHERE (document_id, version) = (?, ?)", same_text)
    digests = [row["file_digest"] for row in before]
    db.execute("UPDATE version SET ended_at = ? WHERE document_id = ? AND ended_at IS NULL", (now, document.id))
    db.execute(
        "INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, NULL, ?)"
        " ON CONFLICT DO UPDATE SET source = excluded.source, page_starts = excluded.page_starts,"
        " origin = excluded.origin, file_digest = excluded.file_digest, parser = excluded.parser,"
        " added_at = excluded.added_at, ended_at = NULL",
        (
            document.id,
            document.version,
            len(document.text),
            as_json(document.source),
            json.dumps(document.page_starts),
            provenance.origin,
            provenance.file_digest,
            provenance.parser,
            now,
            document.text,
        ),
    )
    report = (document.id, document.version, as_json(provenance.report))
    db.execute("INSERT OR REPLACE INTO report VALUES (?, ?, ?)", report)
    return digests


def put_passages(
    db: sqlite3.Connection, document: Document, passages: Sequence[Passage], vectors: Matrix, now: str
) -> None:
    """Passages, vectors and fingerprints in the place of the document's present ones, and the journal's line of it."""
    (dimension,) = db.execute("SELECT dimension FROM manifest").fetchone()
    if vectors.shape != (len(passages), dimension):
        raise ValueError(f"vectors of shape {vectors.shape} for {len(passages)} passages and dimension {dimension}")
    removed = drop_passages(db, document.id)
    (last,) = db.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'passage'").fetchone()
    db.executemany(
        "INSERT INTO passage VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                passage.document_id,
                passage.version,
                passage.span.start,
                passage.span.end,
                as_json(passage.headings),
                vector.tobytes(),
                passage.digest,
            )
            for passage, vector in zip(passages, vectors.astype(np.float16), strict=True)
        ),
    )
    db.executemany(
        "INSERT INTO fingerprint VALUES (?, ?)", ((hash, document.id) for hash in fingerprints(document.text))
    )
    db.execute(
        "DELETE FROM retired WHERE document_id = ?1 AND digest IN (SELECT digest FROM passage WHERE document_id = ?1)",
        (document.id,),
    )
    write_journal(db, document.id, now, removed, added=range(last + 1, last + 1 + len(passages)))


def put_history(
    db: sqlite3.Connection,
    history: Sequence[tuple[Document, Entry]],
    passages: Sequence[StoredPassage],
    originals: Mapping[str, bytes],
) -> None:
    """A document that is not there, with all its versions, the latest last, and its files."""
    for document, entry in history:
        put_version(db, document, entry.provenance, entry.added_at)
        db.execute(
            "UPDATE version SET ended_at = ? WHERE document_id = ? AND version = ?",
            (entry.ended_at, document.id, document.version),
        )
    for digest, data in originals.items():
        put_original(db, digest, data)
    document, entry = history[-1]
    is_current = entry.state is State.CURRENT
    db.execute("INSERT INTO document VALUES (?, ?, ?)", (document.id, document.version, not is_current))
    if is_current:
        vectors = np.stack([stored.vector for stored in passages])
        put_passages(db, document, [stored.passage for stored in passages], vectors, now_utc())
    else:
        write_journal(db, document.id, now_utc(), removed=range(0), added=range(0))


def put_original(db: sqlite3.Connection, digest: str, data: bytes) -> None:
    """The file with a SHA-256, unless it is there."""
    db.execute("INSERT INTO original VALUES (?, ?) ON CONFLICT DO NOTHING", (digest, data))


def mark_purged(db: sqlite3.Connection, id: str, at: str) -> None:
    """Note that a document was purged."""
    db.execute("INSERT INTO purged VALUES (?, ?) ON CONFLICT (document_id) DO UPDATE SET at = excluded.at", (id, at))


def retire(db: sqlite3.Connection, id: str) -> None:
    """Keep the vectors of a document's passages, which are about to go, for when the same text comes again."""
    db.execute(
        "INSERT OR IGNORE INTO retired SELECT digest, document_id, vector FROM passage WHERE document_id = ?", (id,)
    )


def drop_passages(db: sqlite3.Connection, id: str) -> range:
    """Delete a document's passages, and the fingerprints of its text; the ids of the passages."""
    (first, last) = db.execute("SELECT min(id), max(id) FROM passage WHERE document_id = ?", (id,)).fetchone()
    for table in ("passage", "fingerprint"):
        db.execute(f"DELETE FROM {table} WHERE document_id = ?", (id,))
    return range(0) if first is None else range(first, last + 1)


def erase(db: sqlite3.Connection, id: str, now: str) -> None:
    """Delete all that there is of a document but the journal's lines, and note that it was purged."""
    write_journal(db, id, now, removed=drop_passages(db, id), added=range(0), purged=True)
    digests = [row[0] for row in db.execute("SELECT file_digest FROM version WHERE document_id = ?", (id,))]
    tables = {"report": "document_id", "retired": "document_id", "version": "document_id", "document": "id"}
    for table, column in tables.items():
        db.execute(f"DELETE FROM {table} WHERE {column} = ?", (id,))
    drop_originals(db, digests)
    mark_purged(db, id, now)


def drop_originals(db: sqlite3.Connection, digests: Iterable[str]) -> None:
    """Delete those of the files that no version was read from any more."""
    db.executemany(
        "DELETE FROM original WHERE file_digest = ?1 AND NOT EXISTS (SELECT 1 FROM version WHERE file_digest = ?1)",
        [(digest,) for digest in digests],
    )


def write_journal(
    db: sqlite3.Connection, id: str, now: str, removed: range, added: range, *, purged: bool = False
) -> None:
    """One change more, which raises the generation."""
    db.execute(
        "INSERT INTO journal VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
        (id, now, removed.start, removed.stop, added.start, added.stop, purged),
    )
