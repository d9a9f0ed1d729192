"""The SQLite file: connections, transactions, and bringing a file of an earlier format up to date."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict
from pathlib import Path

from corpus.errors import LibraryError
from corpus.library import Manifest
from corpus.sqlite.schema import FORMAT_VERSION, MIGRATIONS, SCHEMA
from corpus.sqlite.upgrade import teach

_BUSY_TIMEOUT_S = 60.0
_CACHE_KB = 16_000
_MOST_FREE = 4
"""So many connections are kept while nobody uses them, each with its cache."""
_LOG_PAGES = 4000
"""The log is taken into the file when it has so many pages, 16 MB: several groups of documents that come at once."""

_WHOLE = ("BEGIN IMMEDIATE", "COMMIT", ("ROLLBACK",))
_PART = ("SAVEPOINT part", "RELEASE part", ("ROLLBACK TO part", "RELEASE part"))
"""How a transaction, and a part of one, is begun, finished and undone."""

LOG_KEPT = (
    "the log of the database still holds what was erased, since another process reads from it;"
    " let that finish, and look again with krakow-qa check"
)
"""What is wrong where ``empty_log`` could not do it."""


class _Loan:
    """The connection that a thread has, while it has one, and how many uses of it have begun and not ended."""

    connection: sqlite3.Connection | None = None
    uses = 0


class Database:
    """A file with connections that are lent to threads; raises LibraryError where it is of an unknown format.

    Each connection keeps a cache of its own: were there one for each thread, the threads of a server would keep most of
    a library many times over.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._local = threading.local()
        self._free: list[sqlite3.Connection] = []
        self._opened: set[sqlite3.Connection] = set()
        with self.reading() as db:
            (found,) = db.execute("PRAGMA user_version").fetchone()
        if found in MIGRATIONS:
            found = self._migrate()
        if found != FORMAT_VERSION:
            next_step = (
                "a newer krakow-qa made it: install that one" if found > FORMAT_VERSION else "name another folder"
            )
            raise LibraryError(
                f"{path} has library format {found}, and this krakow-qa reads {FORMAT_VERSION}; {next_step}"
            )

    def close(self) -> None:
        """Close all connections."""
        for connection in list(self._opened):
            connection.close()

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """A connection to read with."""
        try:
            with self._lent() as db:
                yield db
        except sqlite3.Error as error:
            raise LibraryError(
                f"{self._path} cannot be read ({error}). If it is damaged, put back a copy of it"
            ) from error

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction, or a part of the one that this thread is in: all of it is done, or nothing."""
        try:
            with self._lent() as db:
                begin, finish, undo = _PART if db.in_transaction else _WHOLE
                db.execute(begin)
                try:
                    yield db
                except BaseException:
                    if db.in_transaction:  # SQLite itself undoes all of it where the disk is full
                        for statement in undo:
                            db.execute(statement)
                    raise
                db.execute(finish)
        except sqlite3.Error as error:
            raise LibraryError(
                f"{self._path} cannot be written ({error}); nothing was changed. Try it again"
            ) from error

    def empty_log(self) -> bool:
        """Take the pages of the log into the file and leave nothing in the log; whether that could be done."""
        with self.reading() as db:
            (is_busy, _, _) = db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        return not is_busy

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        """The connection that this thread has, or else one that is free, or a new one."""
        if not hasattr(self._local, "loan"):
            self._local.loan = _Loan()
        loan: _Loan = self._local.loan  # a generator that was begun in this thread may end in another
        if loan.connection is None:
            loan.connection = self._free.pop() if self._free else self._connect()
        connection = loan.connection
        loan.uses += 1
        try:
            yield connection
        finally:
            loan.uses -= 1
            if loan.uses == 0:
                loan.connection = None
                self._take_back(connection)

    def _take_back(self, connection: sqlite3.Connection) -> None:
        if len(self._free) < _MOST_FREE:
            self._free.append(connection)
        else:
            self._opened.discard(connection)
            connection.close()

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False)
        self._opened.add(connection)
        connection.row_factory = sqlite3.Row
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA secure_delete = ON")  # what is deleted is overwritten
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute(f"PRAGMA cache_size = {-_CACHE_KB}")
        connection.execute(f"PRAGMA wal_autocheckpoint = {_LOG_PAGES}")
        return connection

    def _migrate(self) -> int:
        """Make the file one of the present format, step by step in one transaction; the format it has then."""
        with self.writing() as db:
            teach(db)
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
            teach(db)
            db.execute("PRAGMA journal_mode = WAL")
            db.executescript(f"BEGIN; {schema} PRAGMA user_version = {FORMAT_VERSION};")
            db.execute(
                "INSERT INTO manifest VALUES (:encoder, :fingerprint, :dimension, :passage_tokens)", asdict(manifest)
            )
            db.execute("COMMIT")
    except sqlite3.Error as error:
        raise LibraryError(f"{path} cannot be made ({error}). Give another folder") from error
