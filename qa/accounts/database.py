"""The SQLite file of accounts."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import qa.database
from qa.accounts.errors import AccountsUnavailable

FILE_NAME = "accounts.sqlite"
"""Where accounts lie in a library's folder."""

Clock = Callable[[], float]
"""Tells the seconds since 1970."""

FORMAT_VERSION = 1

_SCHEMA = """
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
"""


class Database(qa.database.Database):
    """The file in a folder; raises AccountsUnavailable where it cannot be used."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder / FILE_NAME, _SCHEMA, FORMAT_VERSION, AccountsUnavailable)
