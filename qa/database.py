"""A small SQLite file beside a library: readable by its owner only, and shared by the processes that use it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from corpus.errors import KrakowQAError

_BUSY_TIMEOUT_S = 30.0


class Database:
    """A file that is made at the first writing; a connection is opened for each use.

    ``schema`` are the statements that make it, whose format is the number ``version``; ``unavailable`` is raised where
    the file cannot be used. It keeps SQLite's plain journal: whoever copies a closed file has all of it. What is
    deleted in it is overwritten.
    """

    def __init__(self, path: Path, schema: str, version: int, unavailable: type[KrakowQAError]) -> None:
        self.path = path
        self._schema, self._version, self._unavailable = schema, version, unavailable

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to read with, or None where nothing was ever written."""
        if not self.path.exists():
            yield None
            return
        with self._failing("read"), closing(self._connect()) as db:
            yield db if _version(db) else None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is done, or nothing."""
        with self._failing("written"), closing(self._connect()) as db:
            db.execute("BEGIN IMMEDIATE")
            if _version(db) == 0:
                for statement in filter(str.strip, self._schema.split(";")):
                    db.execute(statement)
                db.execute(f"PRAGMA user_version = {self._version}")
            yield db
            db.execute("COMMIT")  # closing without it undoes everything

    def _connect(self) -> sqlite3.Connection:
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        db = sqlite3.connect(self.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")
        if _version(db) > self._version:
            db.close()
            raise self._unavailable(f"{self.path} was made by a newer krakow-qa; use that one")
        return db

    @contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise self._unavailable(
                f"{self.path} cannot be {what} ({error}). Look whose file it is and whether the disk is full"
            ) from error


def keep_latest(db: sqlite3.Connection, table: str, user: str, most: int) -> None:
    """Delete a user's rows but so many, in a table with the columns id, user and at, of which the latest stay."""
    older = f"SELECT id FROM {table} WHERE user = ? ORDER BY at DESC, id DESC LIMIT -1 OFFSET ?"
    db.execute(f"DELETE FROM {table} WHERE id IN ({older})", (user, most))


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
