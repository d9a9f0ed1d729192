"""The functions by which the statements of MIGRATIONS reckon what older formats did not store."""

from __future__ import annotations

import json
import sqlite3

from corpus.copies import fingerprints
from corpus.model import Passage, Span


def teach(db: sqlite3.Connection) -> None:
    """Give a connection the functions."""
    db.create_function("fingerprints", 1, lambda text: json.dumps(sorted(fingerprints(text))), deterministic=True)
    db.create_function("digests", 2, _digests, deterministic=True)
    db.create_function("unhexed", 1, bytes.fromhex, deterministic=True)


def _digests(text: str, places: str) -> str:
    """The digests in hexadecimal by passage id, as JSON, of passages given as id, start, end and headings."""
    return json.dumps(
        {
            id: Passage("", "", Span(start, end), text[start:end], tuple(json.loads(headings))).digest.hex()
            for id, start, end, headings in json.loads(places)
        }
    )
