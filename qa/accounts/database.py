"""The SQLite file of accounts: readable by its owner only, and shared by the processes that use it."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from qa.accounts.errors import AccountsUnavailable

FILE_NAME = "accounts.sqlite"
"""Where accounts lie in a library's folder."""

Clock = Callable[[], float]
"""Tells the seconds since 1970."""

FORMAT_VERSION = 1
_BUSY_TIMEOUT_S = 30.0

_SCHEMA = f"""
CREATE TABLE users (
    name TEXT PRIMARY KEY, role TEXT NOT NULL, password TEXT, created REAL NOT NULL
) STRICT;
CREATE TABLE tokens (
    digest TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users ON DELETE CASCADE, name TEXT NOT NULL,
    created REAL NOT NULL, expires REAL NOT NULL, UNIQUE (user, name)
) STRICT;
CREATE TABLE sessions (
    digest TEXT PRIMARY KEY, user TEXT NOT NULL REFERENCES users ON DELETE CASCADE,
    created REAL NOT NULL, seen REAL NOT NULL
) STRICT;
CREATE INDEX sessions_of ON sessions (user);
CREATE TABLE guesses (id INTEGER PRIMARY KEY, user TEXT NOT NULL, address TEXT NOT NULL, at REAL NOT NULL) STRICT;
CREATE INDEX guesses_at_user ON guesses (user, at);
CREATE INDEX guesses_from ON guesses (address, at);
CREATE INDEX guesses_old ON guesses (at);
PRAGMA user_version = {FORMAT_VERSION};
"""


class Database:
    """The file in a folder, which is made at the first writing; a connection is opened for each use.

    It keeps SQLite's plain journal: whoever copies a closed file has all of it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection | None]:
        """A connection to read with, or None where nothing was ever written; raises AccountsUnavailable."""
        if not self.path.exists():
            yield None
            return
        with self._failing("read"), closing(self._connect()) as db:
            yield db if _version(db) else None

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is done, or nothing; raises AccountsUnavailable."""
        with self._failing("written"), closing(self._connect()) as db:
            db.execute("BEGIN IMMEDIATE")
            if _version(db) == 0:
                for statement in filter(str.strip, _SCHEMA.split(";")):
                    db.execute(statement)
            yield db
            db.execute("COMMIT")  # closing without it undoes everything

    def _connect(self) -> sqlite3.Connection:
        if not self.path.exists():
            os.close(os.open(self.path, os.O_CREAT | os.O_WRONLY, 0o600))
        db = sqlite3.connect(self.path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)
        db.row_factory = sqlite3.Row
        db.execute("PRAGMA foreign_keys = ON")
        db.execute("PRAGMA secure_delete = ON")
        if _version(db) > FORMAT_VERSION:
            db.close()
            raise AccountsUnavailable(f"{self.path} was made by a newer krakow-qa; use that one")
        return db

    @contextmanager
    def _failing(self, what: str) -> Iterator[None]:
        try:
            yield
        except (sqlite3.Error, OSError) as error:
            raise AccountsUnavailable(
                f"{self.path} cannot be {what} ({error}). Look whose file it is and whether the disk is full"
            ) from error


def _version(db: sqlite3.Connection) -> int:
    return int(db.execute("PRAGMA user_version").fetchone()[0])
