"""The PostgreSQL database of a library: connections that are lent to threads, and transactions."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg.pq import TransactionStatus
from psycopg_pool import ConnectionPool

from corpus.errors import LibraryError
from corpus.postgres.connecting import Connection, connected, has_standbys, limit_waiting, pool_of, said
from corpus.postgres.dsn import Dsn
from corpus.postgres.schema import bring_up_to_date, generation_of


class _Loan:
    """The connection that a thread has, while it has one, and how many uses of it have begun and not ended."""

    pool: ConnectionPool[Connection]
    connection: Connection | None = None
    uses = 0


class _Loans(threading.local):
    """What a thread has to read with and to write with; within what it writes, it reads with that too."""

    def __init__(self) -> None:
        self.reading, self.writing = _Loan(), _Loan()


class Database:
    """Connections that are lent to threads; raises LibraryNotFound, or LibraryError where it cannot be used.

    Where the URL names several hosts, writers go to the one that can be written, and readers to a standby: but to the
    other one for as long as the standby has not yet got the tables as they are now, or what this process wrote.
    """

    def __init__(self, dsn: Dsn) -> None:
        self._dsn = dsn
        self._loans = _Loans()
        self._written = 0
        with connected(dsn) as db:
            self._format = bring_up_to_date(db, dsn)
        self._writers = self._readers = pool_of(dsn, "read-write")
        if has_standbys(dsn):
            self._readers = pool_of(dsn, "prefer-standby")

    def close(self) -> None:
        """Close all connections."""
        self._readers.close()
        self._writers.close()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection to read with; within a transaction of this thread, the one that it has."""
        loans = self._loans
        with self._failing("read", "Look whether the server runs"):
            if loans.writing.connection is not None:
                yield loans.writing.connection
            else:
                with self._lent(loans.reading, self._borrow) as db:
                    yield db

    @contextmanager
    def at_one_moment(self) -> Iterator[Connection]:
        """A connection of its own, which sees all as it is now, whatever is written meanwhile."""
        with self._failing("read", "Look whether the server runs"):
            pool, db = self._borrow()
            try:
                with db.transaction():
                    db.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    yield db
            finally:
                pool.putconn(db)

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """One transaction, or a part of the one that this thread is in: all of it is done, or nothing."""
        written = 0
        with (
            self._failing("written", "Look whether it was done, and try it again"),
            self._lent(self._loans.writing, lambda: (self._writers, self._writers.getconn())) as db,
        ):
            is_whole = db.info.transaction_status is TransactionStatus.IDLE
            with db.transaction():
                if is_whole:
                    db.execute("SELECT 1 FROM manifest FOR UPDATE")
                yield db
                if is_whole and self._readers is not self._writers:
                    written = generation_of(db)
        self._written = max(self._written, written)

    @contextmanager
    def apart(self) -> Iterator[Connection]:
        """A transaction of its own, beside what this thread does otherwise, for which no writer waits."""
        with (
            self._failing("written", "Look whether it was done, and try it again"),
            self._writers.connection() as db,
            db.transaction(),
        ):
            yield db

    @contextmanager
    def outside(self) -> Iterator[Connection]:
        """A connection outside of any transaction, whose statements wait for those of others as long as it takes."""
        with self._failing("written", "Look whether it was done, and try it again"), self._writers.connection() as db:
            limit_waiting(db, 0)
            try:
                yield db
            finally:
                if not db.broken:
                    limit_waiting(db)

    def _borrow(self) -> tuple[ConnectionPool[Connection], Connection]:
        """A connection to read with, and the pool that it is from."""
        db = self._readers.getconn()
        is_behind = True
        try:
            is_behind = self._readers is not self._writers and self._is_behind(db)
        finally:
            if is_behind:
                self._readers.putconn(db)
        return (self._writers, self._writers.getconn()) if is_behind else (self._readers, db)

    def _is_behind(self, db: Connection) -> bool:
        """Whether a standby has not yet got the tables as they are now, or what this process wrote."""
        try:
            row = db.execute("SELECT format, generation FROM krakow_qa, manifest").fetchone()
        except psycopg.errors.UndefinedTable:
            return True
        return row is None or row["format"] < self._format or row["generation"] < self._written

    @contextmanager
    def _lent(
        self, loan: _Loan, borrow: Callable[[], tuple[ConnectionPool[Connection], Connection]]
    ) -> Iterator[Connection]:
        """The connection that a thread has, or else a borrowed one."""
        if loan.connection is None:
            loan.pool, loan.connection = borrow()
        connection = loan.connection
        loan.uses += 1
        try:
            yield connection
        finally:
            loan.uses -= 1
            if loan.uses == 0:
                loan.connection = None
                loan.pool.putconn(connection)

    @contextmanager
    def _failing(self, what: str, next_step: str) -> Iterator[None]:
        try:
            yield
        except psycopg.Error as error:
            raise LibraryError(f"{self._dsn} cannot be {what} ({said(error)}). {next_step}") from error
