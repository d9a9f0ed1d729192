"""Copies of SQLite files, made while others write to them, and what the file of a library says of itself."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import LibraryError

_PAGES_AT_ONCE = 1000


@dataclass(frozen=True, slots=True)
class Stand:
    """How a library stands: its format and generation, and how many documents and passages are current."""

    format: int
    generation: int
    documents: int
    passages: int


def copy_database(source: Path, target: Path) -> None:
    """Copy a file as it is at one moment, with what its log holds; raises LibraryError where it is damaged or missing.

    Where the file has a write-ahead log, as libraries have, nobody who writes waits for it.
    """
    try:
        with closing(_open(source)) as old, closing(sqlite3.connect(target)) as new:
            old.execute("BEGIN")  # or else the copying would begin again after each change
            old.execute("SELECT count(*) FROM sqlite_schema").fetchone()
            old.backup(new, pages=_PAGES_AT_ONCE, progress=_may_be_interrupted)
            (said,) = new.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.Error as error:
        raise LibraryError(f"{source} cannot be copied ({error}). If it is damaged, restore a backup of it") from error
    if said != "ok":
        raise LibraryError(f"{source} is damaged ({said}). Restore a backup of it: krakow-qa restore FILE")


def stand_of(file: Path) -> Stand:
    """How the library in a file stands, whatever its format, which stays as it is; raises LibraryError."""
    try:
        with closing(_open(file)) as db:
            counts = (
                "PRAGMA user_version",
                "SELECT coalesce(max(generation), 0) FROM journal",
                "SELECT count(*) FROM document WHERE NOT withdrawn",
                "SELECT count(*) FROM passage",
            )
            return Stand(*(int(db.execute(count).fetchone()[0]) for count in counts))
    except sqlite3.Error as error:
        raise LibraryError(f"{file} holds no library ({error}). Give another one") from error


def _open(file: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=rw", timeout=60, isolation_level=None, uri=True)


def _may_be_interrupted(status: int, remaining: int, total: int) -> None:
    """Called between groups of pages, which is where Python looks for signals."""
