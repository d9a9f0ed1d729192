"""The SQLite file: connections, transactions, and bringing a file of an earlier format up to date."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from corpus.copies import fingerprints
from corpus.errors import LibraryError
from corpus.library import Manifest
from corpus.sqlite.schema import FORMAT_VERSION, MIGRATIONS, SCHEMA

_BUSY_TIMEOUT_S = 60.0

LOG_KEPT = (
    "the log of the database still holds what was erased, since another process reads from it;"
    " let that finish, and look again with krakow-qa check"
)
"""What is wrong where ``empty_log`` could not do it."""


class Database:
    """A file with a connection for each thread; raises LibraryError where it is of an unknown format."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._connections: dict[threading.Thread, sqlite3.Connection] = {}
        self._opening = threading.Lock()
        with self.reading() as db:
            (found,) = db.execute("PRAGMA user_version").fetchone()
        if found in MIGRATIONS:
            found = self._migrate()
        if found != FORMAT_VERSION:
            raise LibraryError(
                f"{path} has library format {found}, and this krakow-qa reads {FORMAT_VERSION};"
                " open it with the version that made it"
            )

    def close(self) -> None:
        """Close all connections."""
        for connection in self._connections.values():
            connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with."""
        try:
            yield self._connection()
        except sqlite3.Error as error:
            raise LibraryError(
                f"{self._path} cannot be read ({error}). If it is damaged, put back a copy of it"
            ) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is done, or nothing."""
        try:
            db = self._connection()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
        except sqlite3.Error as error:
            raise LibraryError(
                f"{self._path} cannot be written ({error}); nothing was changed. Try it again"
            ) from error

    def empty_log(self) -> bool:
        """Take the pages of the log into the file and leave nothing in the log; whether that could be done."""
        with self.reading() as db:
            (is_busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not is_busy

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            connection = sqlite3.connect(
                self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
            connection.execute("PRAGMA foreign_keys = ON")
            self._local.connection = connection
            with self._opening:
                # A server's threads come and go, and a connection that is kept is a file that is open.
                for thread in [each for each in self._connections if not each.is_alive()]:
                    self._connections.pop(thread).close()
                self._connections[threading.current_thread()] = connection
        connection = self._local.connection
        assert isinstance(connection, sqlite3.Connection)
        return connection

    def _migrate(self) -> int:
        """Make the file one of the present format, step by step in one transaction; the format it has then."""
        with self.writing() as db:
            _teach(db)
            (found,) = db.execute("PRAGMA user_version").fetchone()
            while found in MIGRATIONS:
                for statement in filter(str.strip, MIGRATIONS[found].split(";")):
                    db.execute(statement)
                found += 1
            db.execute(f"PRAGMA user_version = {found:d}")
        return int(found)


def make(path: Path, manifest: Manifest) -> None:
    """Make an empty file; raises LibraryError."""
    schema = SCHEMA + "".join(MIGRATIONS.values())
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as db:
            _teach(db)
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(f"BEGIN; {schema} PRAGMA user_version = {FORMAT_VERSION};")
            db.execute(
                "INSERT INTO manifest VALUES (:encoder, :fingerprint, :dimension, :passage_tokens)", asdict(manifest)
            )
            db.execute("COMMIT")
    except sqlite3.Error as error:
        raise LibraryError(f"{path} cannot be made ({error}). Give another folder") from error


def _teach(db: sqlite3.Connection) -> None:
    """Give a connection the function that MIGRATIONS use."""
    db.create_function("fingerprints", 1, lambda text: json.dumps(sorted(fingerprints(text))), deterministic=True)
