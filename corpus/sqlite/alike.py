"""Finds the documents of a library whose text is nearly that of another: by fingerprints, then word for word."""

from __future__ import annotations

import json
import sqlite3

from corpus.alike import COMPARED, near_copies
from corpus.copies import fingerprints
from corpus.library import Copy
from corpus.model import Document
from corpus.stored import source_of


def copies_of(db: sqlite3.Connection, document: Document) -> list[Copy]:
    """Other current documents with nearly the same text, the nearest first."""
    hashes = json.dumps(sorted(fingerprints(document.text)))
    rows = db.execute(
        "SELECT d.id, v.source, v.text FROM document d"
        " JOIN version v ON v.document_id = d.id AND v.version = d.version WHERE d.id IN"
        " (SELECT document_id FROM fingerprint WHERE hash IN (SELECT value FROM json_each(?))"
        " AND document_id != ? GROUP BY document_id ORDER BY count(*) DESC LIMIT ?)",
        (hashes, document.id, COMPARED),
    )
    return near_copies(document, [(row["id"], source_of(row["source"]), row["text"]) for row in rows])
