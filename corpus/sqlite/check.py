"""Whether the rows of a library agree with one another: every kind of damage, told in a line."""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from corpus.copies import fingerprints
from corpus.errors import LibraryError
from corpus.library import Manifest
from corpus.model import Passage, Span, version_of
from corpus.sqlite.database import LOG_KEPT
from corpus.sqlite.schema import source_of


def damages(db: sqlite3.Connection, manifest: Manifest, *, log_is_empty: bool) -> Iterator[str]:
    """All that does not agree, a line each."""
    yield from (f"database: {row[0]}" for row in db.execute("PRAGMA integrity_check") if row[0] != "ok")
    yield from _damaged_versions(db)
    yield from _damaged_documents(db)
    yield from _damaged_passages(db, manifest)
    yield from _damaged_digests(db)
    yield from _damaged_retired(db, manifest)
    yield from _damaged_fingerprints(db)
    yield from _damaged_journal(db)
    if any(db.execute("SELECT 1 FROM purged LIMIT 1")):
        yield from _left_of_purged(db)
        yield from () if log_is_empty else (f"database: {LOG_KEPT}",)


def _damaged_versions(db: sqlite3.Connection) -> Iterator[str]:
    for row in db.execute("SELECT * FROM version"):
        id, version = row["document_id"], row["version"]
        if version_of(row["text"]) != version or len(row["text"]) != row["characters"]:
            yield f"{id}: its text is not the one of version {version}"
        try:
            source_of(row["source"])
            json.loads(row["page_starts"])
        except (ValueError, KeyError, TypeError, AttributeError):
            yield f"{id}: what is said about version {version} cannot be read"


def _damaged_documents(db: sqlite3.Connection) -> Iterator[str]:
    lost = db.execute(
        "SELECT d.id FROM document d LEFT JOIN version v ON v.document_id = d.id AND v.version = d.version"
        " WHERE v.version IS NULL"
    )
    yield from (f"{row['id']}: its current version is missing" for row in lost)
    bare = db.execute(
        "SELECT d.id FROM document d WHERE NOT d.withdrawn"
        " AND NOT EXISTS (SELECT 1 FROM passage p WHERE p.document_id = d.id AND p.version = d.version)"
    )
    yield from (f"{row['id']}: it has no passages" for row in bare)


def _damaged_passages(db: sqlite3.Connection, manifest: Manifest) -> Iterator[str]:
    strays = db.execute(
        "SELECT p.id FROM passage p LEFT JOIN document d"
        " ON d.id = p.document_id AND d.version = p.version AND NOT d.withdrawn WHERE d.id IS NULL"
    )
    yield from (f"passage {row['id']}: its version is not current" for row in strays)
    passages = db.execute(
        "SELECT p.*, json_valid(p.headings) AS is_json, v.characters"
        " FROM passage p JOIN version v USING (document_id, version)"
    )
    for row in passages:
        if not 0 <= row["span_start"] < row["span_end"] <= row["characters"]:
            yield f"passage {row['id']}: its span lies outside its document"
        if not row["is_json"]:
            yield f"passage {row['id']}: its headings cannot be read"
        if not _is_unit_vector(row["vector"], manifest.dimension):
            yield f"passage {row['id']}: its vector is not one of {manifest.encoder}"


def _damaged_digests(db: sqlite3.Connection) -> Iterator[str]:
    for id, version, text in db.execute("SELECT document_id, version, text FROM version"):
        rows = db.execute(
            "SELECT * FROM passage WHERE document_id = ? AND version = ? AND json_valid(headings)", (id, version)
        )
        for row in rows:
            start, end = row["span_start"], row["span_end"]
            headings = json.loads(row["headings"])
            if (
                0 <= start < end
                and Passage(id, version, Span(start, end), text[start:end], headings).digest != row["digest"]
            ):
                yield f"passage {row['id']}: its digest is not the one of its text"


def _damaged_retired(db: sqlite3.Connection, manifest: Manifest) -> Iterator[str]:
    """Vectors that are kept of passages that went, and are of no document or no vectors of the encoder."""
    kept = db.execute("SELECT r.*, d.id FROM retired r LEFT JOIN document d ON d.id = r.document_id")
    for row in kept:
        if row["id"] is None or not _is_unit_vector(row["vector"], manifest.dimension):
            yield f"{row['document_id']}: a vector kept of a former passage is not one of {manifest.encoder}"


def _damaged_fingerprints(db: sqlite3.Connection) -> Iterator[str]:
    current = "SELECT d.id, v.text FROM document d JOIN version v ON v.document_id = d.id AND v.version = d.version"
    for id, text in db.execute(f"{current} WHERE NOT d.withdrawn"):
        held = {row["hash"] for row in db.execute("SELECT hash FROM fingerprint WHERE document_id = ?", (id,))}
        if held != fingerprints(text):
            yield f"{id}: its fingerprints are not those of its text"
    strays = db.execute(
        "SELECT DISTINCT document_id FROM fingerprint"
        " WHERE document_id NOT IN (SELECT id FROM document WHERE NOT withdrawn)"
    )
    yield from (f"{row['document_id']}: it has fingerprints, but is not current" for row in strays)


def _left_of_purged(db: sqlite3.Connection) -> Iterator[str]:
    """Rows of purged documents, files that belong to no version, and freed pages that were not overwritten."""
    tables = ("version", "passage", "fingerprint", "report", "retired")
    columns = {"document": "id", **dict.fromkeys(tables, "document_id")}
    for table, column in columns.items():
        rows = db.execute(f"SELECT DISTINCT {column} FROM {table} WHERE {column} IN (SELECT document_id FROM purged)")
        yield from (f"{row[0]}: it was purged, but the table {table} has it" for row in rows)
    strays = db.execute("SELECT file_digest FROM original WHERE file_digest NOT IN (SELECT file_digest FROM version)")
    yield from (f"file {row[0]}: it belongs to no document" for row in strays)
    file = next(row["file"] for row in db.execute("PRAGMA database_list") if row["name"] == "main")
    yield from (f"database: page {page} is free, and holds what was deleted" for page in _unwiped_pages(file))


def _unwiped_pages(file: str) -> list[int]:
    """The free pages that hold something.

    Another process reads the file: closing it in this one would drop the locks by which SQLite keeps others from
    deleting the log that this process reads and writes (SQLite, "How To Corrupt An SQLite Database File", 2.2).
    """
    try:
        said = subprocess.run(  # noqa: S603, the file is our own
            [sys.executable, str(Path(__file__).with_name("pages.py")), file], capture_output=True, check=True
        ).stdout
    except (OSError, subprocess.CalledProcessError) as error:
        raise LibraryError(f"The free pages of {file} cannot be read. Try it again") from error
    return [int(page) for page in said.split()]


def _is_unit_vector(stored: object, dimension: int) -> bool:
    if not isinstance(stored, bytes) or len(stored) != dimension * np.dtype(np.float16).itemsize:
        return False
    vector = np.frombuffer(stored, dtype=np.float16).astype(np.float32)
    return bool(abs(np.linalg.norm(vector) - 1) < 0.01)


def _damaged_journal(db: sqlite3.Connection) -> Iterator[str]:
    """The documents whose changes do not follow from one another, or do not end at the passages that are there."""
    told: dict[str, range] = {}
    wrong: set[str] = set()
    for row in db.execute("SELECT * FROM journal ORDER BY generation"):
        id = row["document_id"]
        if told.get(id, range(0)) != range(row["removed_start"], row["removed_stop"]):
            wrong.add(id)
        told[id] = range(row["added_start"], row["added_stop"])
    held = {
        id: (number, range(first, last + 1))
        for id, number, first, last in db.execute(
            "SELECT document_id, count(*), min(id), max(id) FROM passage GROUP BY document_id"
        )
    }
    for id in told.keys() | held.keys():
        ids = told.get(id, range(0))
        if held.get(id, (0, range(0))) != (len(ids), ids):
            wrong.add(id)
    yield from (f"{id}: its passages are not those of the journal" for id in sorted(wrong))
