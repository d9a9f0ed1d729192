"""Whether a library's file is sound, its rows agree, and what was erased is gone from its pages too."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from corpus.agreement import TABLES_OF_DOCUMENTS, damages, left_of_purged
from corpus.errors import LibraryError
from corpus.library import Manifest
from corpus.sqlite.database import LOG_KEPT


def damages_in(db: sqlite3.Connection, manifest: Manifest, *, log_is_empty: bool) -> Iterator[str]:
    """All that does not agree, a line each."""

    def ask(statement: str, *values: str) -> sqlite3.Cursor:
        return db.execute(statement, values)

    yield from (f"database: {row[0]}" for row in db.execute("PRAGMA integrity_check") if row[0] != "ok")
    yield from damages(ask, manifest)
    if any(db.execute("SELECT 1 FROM purged LIMIT 1")):
        yield from left_of_purged(ask, (*TABLES_OF_DOCUMENTS, "report"))
        yield from _unwiped(db)
        yield from () if log_is_empty else (f"database: {LOG_KEPT}",)


def _unwiped(db: sqlite3.Connection) -> Iterator[str]:
    """The freed pages that were not overwritten."""
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
