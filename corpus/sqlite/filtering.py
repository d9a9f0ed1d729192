"""The passages that a filter lets through: counted once, then brought up with the documents that changed."""

from __future__ import annotations

import json
import sqlite3
import threading

import numpy as np

from corpus.ids import Ids, in_ranges
from corpus.library import Filter
from corpus.sqlite.database import Database
from corpus.sqlite.schema import condition_of

_KEPT = 8
"""So many filters are remembered, those that were asked for last."""

_CHANGES_MOST = 1000
"""After more changes, all documents are looked at again."""

_RANGES = """
    SELECT (SELECT min(id) FROM passage WHERE document_id = d.id) AS first,
        (SELECT max(id) FROM passage WHERE document_id = d.id) AS last
    FROM document d JOIN version v ON v.document_id = d.id AND v.version = d.version WHERE NOT d.withdrawn AND
"""
"""One row a document, whose passages have all the ids from the first to the last."""


class Filtered:
    """Filters with the ids that each lets through, as the library stands when it is asked."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._lock = threading.Lock()
        self._kept: dict[Filter, tuple[int, Ids]] = {}

    def ids(self, filter: Filter) -> Ids:
        """Ascending; not to be written to."""
        with self._lock, self._database.reading() as db:
            (generation,) = db.execute("SELECT coalesce(max(generation), 0) FROM journal").fetchone()
            at, ids = self._kept.pop(filter, (0, np.empty(0, dtype=np.int64)))
            if at != generation:
                few = at > 0 and generation - at <= _CHANGES_MOST
                ids = _brought_up(db, filter, ids, at) if few else _passing(db, filter)
                ids.flags.writeable = False
            self._kept[filter] = (generation, ids)
            while len(self._kept) > _KEPT:
                del self._kept[next(iter(self._kept))]
            return ids


def _brought_up(db: sqlite3.Connection, filter: Filter, ids: Ids, since: int) -> Ids:
    """What was let through at a generation, but for what went since, and with what came and passes.

    A change that was counted already may be counted again.
    """
    changes = db.execute(
        "SELECT document_id, removed_start, removed_stop FROM journal WHERE generation > ?", (since,)
    ).fetchall()
    stays = np.ones(len(ids), dtype=np.bool_)
    for _, start, stop in changes:
        first, end = np.searchsorted(ids, [start, stop])
        stays[first:end] = False
    return np.union1d(ids[stays], _passing(db, filter, {change["document_id"] for change in changes}))


def _passing(db: sqlite3.Connection, filter: Filter, documents: set[str] | None = None) -> Ids:
    """The ids of all documents that pass, or of those among some."""
    condition, values = condition_of(filter)
    if documents is not None:
        condition += " AND d.id IN (SELECT value FROM json_each(?))"
        values = [*values, json.dumps(sorted(documents))]
    ranges = [row for row in db.execute(f"{_RANGES} {condition} ORDER BY first", values) if row[0] is not None]
    return in_ranges([first for first, _ in ranges], [last + 1 - first for first, last in ranges])
