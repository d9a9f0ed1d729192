"""Whether the rows of a library agree with one another, whatever the engine: every kind of damage, told in a line."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Protocol

import numpy as np

from corpus.copies import fingerprints
from corpus.library import Manifest
from corpus.model import Passage, Span, version_of
from corpus.stored import Row, source_of

TABLES_OF_DOCUMENTS = ("version", "passage", "fingerprint", "retired")
"""The tables that hold something of a document under its ``document_id``, with all engines."""


class Ask(Protocol):
    """Asks the database: ``?`` stands for a value, and vectors come as the bytes of float16."""

    def __call__(self, statement: str, *values: str) -> Iterable[Row]:
        """The rows, all of them as they were at one moment."""


def damages(ask: Ask, manifest: Manifest) -> Iterator[str]:
    """All that does not agree, a line each."""
    yield from _damaged_versions(ask)
    yield from _damaged_documents(ask)
    yield from _damaged_passages(ask, manifest)
    yield from _damaged_digests(ask)
    yield from _damaged_retired(ask, manifest)
    yield from _damaged_fingerprints(ask)
    yield from _damaged_journal(ask)


def left_of_purged(ask: Ask, tables: Iterable[str] = TABLES_OF_DOCUMENTS) -> Iterator[str]:
    """Rows of purged documents, and files that belong to no version."""
    columns = {"document": "id", **dict.fromkeys(tables, "document_id")}
    for table, column in columns.items():
        purged = f"{column} IN (SELECT document_id FROM purged)"
        for row in ask(f"SELECT DISTINCT {column} AS id FROM {table} WHERE {purged}"):
            yield f"{row['id']}: it was purged, but the table {table} has it"
    strays = ask("SELECT file_digest FROM original WHERE file_digest NOT IN (SELECT file_digest FROM version)")
    yield from (f"file {row['file_digest']}: it belongs to no document" for row in strays)


def _damaged_versions(ask: Ask) -> Iterator[str]:
    for row in ask("SELECT * FROM version"):
        id, version = row["document_id"], row["version"]
        if version_of(row["text"]) != version or len(row["text"]) != row["characters"]:
            yield f"{id}: its text is not the one of version {version}"
        try:
            source_of(row["source"])
            json.loads(row["page_starts"])
        except (ValueError, KeyError, TypeError, AttributeError):
            yield f"{id}: what is said about version {version} cannot be read"


def _damaged_documents(ask: Ask) -> Iterator[str]:
    lost = ask(
        "SELECT d.id FROM document d LEFT JOIN version v ON v.document_id = d.id AND v.version = d.version"
        " WHERE v.version IS NULL"
    )
    yield from (f"{row['id']}: its current version is missing" for row in lost)
    bare = ask(
        "SELECT d.id FROM document d WHERE NOT d.withdrawn"
        " AND NOT EXISTS (SELECT 1 FROM passage p WHERE p.document_id = d.id AND p.version = d.version)"
    )
    yield from (f"{row['id']}: it has no passages" for row in bare)


def _damaged_passages(ask: Ask, manifest: Manifest) -> Iterator[str]:
    strays = ask(
        "SELECT p.id FROM passage p LEFT JOIN document d"
        " ON d.id = p.document_id AND d.version = p.version AND NOT d.withdrawn WHERE d.id IS NULL"
    )
    yield from (f"passage {row['id']}: its version is not current" for row in strays)
    passages = ask("SELECT p.*, v.characters FROM passage p JOIN version v USING (document_id, version)")
    for row in passages:
        if not 0 <= row["span_start"] < row["span_end"] <= row["characters"]:
            yield f"passage {row['id']}: its span lies outside its document"
        if _headings_of(row) is None:
            yield f"passage {row['id']}: its headings cannot be read"
        if not _is_unit_vector(row["vector"], manifest.dimension):
            yield f"passage {row['id']}: its vector is not one of {manifest.encoder}"


def _damaged_digests(ask: Ask) -> Iterator[str]:
    for version in ask("SELECT document_id, version, text FROM version"):
        id, number, text = version["document_id"], version["version"], version["text"]
        for row in ask("SELECT * FROM passage WHERE document_id = ? AND version = ?", id, number):
            start, end, headings = row["span_start"], row["span_end"], _headings_of(row)
            if headings is None or not 0 <= start < end:
                continue
            if Passage(id, number, Span(start, end), text[start:end], headings).digest != row["digest"]:
                yield f"passage {row['id']}: its digest is not the one of its text"


def _headings_of(row: Row) -> tuple[str, ...] | None:
    """The headings of a passage; None where they cannot be read."""
    try:
        return tuple(json.loads(row["headings"]))
    except (ValueError, TypeError):
        return None


def _damaged_retired(ask: Ask, manifest: Manifest) -> Iterator[str]:
    """Vectors that are kept of passages that went, and are of no document or no vectors of the encoder."""
    for row in ask("SELECT r.*, d.id FROM retired r LEFT JOIN document d ON d.id = r.document_id"):
        if row["id"] is None or not _is_unit_vector(row["vector"], manifest.dimension):
            yield f"{row['document_id']}: a vector kept of a former passage is not one of {manifest.encoder}"


def _damaged_fingerprints(ask: Ask) -> Iterator[str]:
    current = "SELECT d.id, v.text FROM document d JOIN version v ON v.document_id = d.id AND v.version = d.version"
    for row in ask(f"{current} WHERE NOT d.withdrawn"):
        held = {each["hash"] for each in ask("SELECT hash FROM fingerprint WHERE document_id = ?", row["id"])}
        if held != fingerprints(row["text"]):
            yield f"{row['id']}: its fingerprints are not those of its text"
    strays = ask(
        "SELECT DISTINCT document_id FROM fingerprint"
        " WHERE document_id NOT IN (SELECT id FROM document WHERE NOT withdrawn)"
    )
    yield from (f"{row['document_id']}: it has fingerprints, but is not current" for row in strays)


def _is_unit_vector(stored: object, dimension: int) -> bool:
    if not isinstance(stored, bytes) or len(stored) != dimension * np.dtype(np.float16).itemsize:
        return False
    vector = np.frombuffer(stored, dtype=np.float16).astype(np.float32)
    return bool(abs(np.linalg.norm(vector) - 1) < 0.01)


def _damaged_journal(ask: Ask) -> Iterator[str]:
    """The documents whose changes do not follow from one another, or do not end at the passages that are there."""
    told: dict[str, range] = {}
    wrong: set[str] = set()
    for row in ask("SELECT * FROM journal ORDER BY generation"):
        id = row["document_id"]
        if told.get(id, range(0)) != range(row["removed_start"], row["removed_stop"]):
            wrong.add(id)
        told[id] = range(row["added_start"], row["added_stop"])
    counted = ask(
        "SELECT document_id, count(*) AS number, min(id) AS first, max(id) AS last FROM passage GROUP BY document_id"
    )
    held = {row["document_id"]: (row["number"], range(row["first"], row["last"] + 1)) for row in counted}
    for id in told.keys() | held.keys():
        ids = told.get(id, range(0))
        if held.get(id, (0, range(0))) != (len(ids), ids):
            wrong.add(id)
    yield from (f"{id}: its passages are not those of the journal" for id in sorted(wrong))
