"""The PostgreSQL database: pooled connections, transactions, and bringing one of an earlier format up to date."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.pq import TransactionStatus
from psycopg.rows import DictRow, dict_row
from psycopg.types.string import StrDumper
from psycopg_pool import ConnectionPool

from corpus.errors import LibraryError, LibraryNotFound
from corpus.library import Manifest
from corpus.postgres.distribution import distribute
from corpus.postgres.dsn import Dsn

Connection = psycopg.Connection[DictRow]

_MOST_CONNECTIONS = 16
_WAITING_S = 60
"""So long a thread waits for a connection, or for another process that changes the library."""

_LOOKED_AT = 200
"""So many passages a search along the graph looks at at once: pgvector's hnsw.ef_search."""

_CONNECTING: dict[str, Any] = {"autocommit": True, "row_factory": dict_row, "connect_timeout": 10}

_HAS_FORMAT = """
    SELECT 1 FROM pg_class WHERE relname = 'krakow_qa' AND relnamespace = to_regnamespace(quote_ident(current_schema()))
"""


class _StorableText(StrDumper):
    """PostgreSQL's texts have no NUL; one in a title or a name stands for itself as U+FFFD."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd"))


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
        with _connected(dsn) as db:
            _require_library(db, dsn)
            self._format = _migrate(db, dsn)
        self._writers = self._readers = _pool(_url(dsn, "read-write"))
        if _has_standbys(dsn):
            self._readers = _pool(_url(dsn, "prefer-standby"))

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
            db.execute("SET lock_timeout = 0")
            try:
                yield db
            finally:
                if not db.broken:
                    _configure(db)

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
            raise LibraryError(f"{self._dsn} cannot be {what} ({_said(error)}). {next_step}") from error


def generation_of(db: Connection) -> int:
    """The number of the latest change."""
    (row,) = db.execute("SELECT generation FROM manifest")
    return int(row["generation"])


def _pool(url: str) -> ConnectionPool[Connection]:
    return ConnectionPool(
        url,
        connection_class=Connection,
        kwargs=_CONNECTING,
        configure=_configure,
        check=ConnectionPool.check_connection,
        min_size=1,
        max_size=_MOST_CONNECTIONS,
        timeout=_WAITING_S,
        open=True,
    )


def _has_standbys(dsn: Dsn) -> bool:
    """Whether the URL names several hosts."""
    return "," in str(conninfo_to_dict(dsn.url).get("host", ""))


def _url(dsn: Dsn, among: str) -> str:
    """The URL with which of its hosts are meant, where it names several, as libpq's ``target_session_attrs`` says."""
    return make_conninfo(dsn.url, target_session_attrs=among) if _has_standbys(dsn) else dsn.url


def make(dsn: Dsn, manifest: Manifest) -> None:
    """Make the tables of an empty library; raises LibraryError where there is one already, or none can be made."""
    with _connected(dsn) as db, db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(hashtext('krakow-qa init'))")
        if _format(db) is not None:
            raise LibraryError(f"There is a library at {dsn} already. See what it has: krakow-qa list")
        _bring_up(db, 0)
        distribute(db)
        db.execute(
            "INSERT INTO manifest (encoder, fingerprint, dimension, passage_tokens) VALUES (%s, %s, %s, %s)",
            (manifest.encoder, manifest.fingerprint, manifest.dimension, manifest.passage_tokens),
        )


def is_made(dsn: Dsn) -> bool:
    """Whether there is a library; raises LibraryError where the database cannot be reached."""
    with _connected(dsn) as db:
        return _format(db) is not None


def library_id(dsn: Dsn) -> str:
    """The id of the library in a database; raises LibraryNotFound or LibraryError."""
    with _connected(dsn) as db:
        _require_library(db, dsn)
        return id_of(db)


def id_of(db: Connection) -> str:
    """The id that tells the library from all others."""
    (row,) = db.execute("SELECT library FROM manifest")
    return str(row["library"])


@contextmanager
def _connected(dsn: Dsn) -> Iterator[Connection]:
    """One connection, to look at a database before it is used; raises LibraryError."""
    try:
        db = Connection.connect(_url(dsn, "read-write"), **_CONNECTING)
    except psycopg.Error as error:
        if isinstance(error, psycopg.ProgrammingError) or "connection option" in str(error):
            # libpq quotes what it cannot read, and that may be the password
            raise LibraryError(
                "--library is no URL that PostgreSQL takes. It looks like postgresql://user@host/database,"
                " with %-codes for signs such as / and @ in a name or a password"
            ) from None
        raise LibraryError(
            f"{dsn} cannot be reached ({_said(error)}). Look whether the server runs, and who may sign in"
        ) from error
    try:
        with db:
            _configure(db)
            yield db
    except psycopg.Error as error:
        raise LibraryError(f"{dsn} cannot be used ({_said(error)}). See docs/postgres.md") from error


def _configure(db: Connection) -> None:
    db.adapters.register_dumper(str, _StorableText)
    db.execute("SET client_min_messages = warning")
    db.execute("SET jit = off")  # to compile a search takes longer than to run it
    db.execute("SET plan_cache_mode = force_custom_plan")  # how many a filter lets through depends on its values
    db.execute(f"SET lock_timeout = '{_WAITING_S}s'")
    db.execute(f"SET hnsw.ef_search = {_LOOKED_AT}")
    db.execute("SET hnsw.iterative_scan = strict_order")  # so that a filter leaves no fewer than are wanted


def _require_library(db: Connection, dsn: Dsn) -> None:
    if _format(db) is None:
        raise LibraryNotFound(f"There is no library at {dsn}. Make one: krakow-qa --library '{dsn}' init")


def _format(db: Connection) -> int | None:
    """Of the library in a database; None where there is none."""
    if db.execute(_HAS_FORMAT).fetchone() is None:
        return None
    row = db.execute("SELECT format FROM krakow_qa").fetchone()
    return None if row is None else int(row["format"])


def _migrate(db: Connection, dsn: Dsn) -> int:
    """Bring the tables to the present format in one transaction, and give it; raises LibraryError for a newer one."""
    newest = len(_migrations())
    found = _format(db) or 0
    if found > newest:
        raise LibraryError(
            f"{dsn} has library format {found}, and this krakow-qa reads {newest}; a newer krakow-qa made it:"
            " install that one"
        )
    if found < newest:
        with db.transaction():
            db.execute("SELECT 1 FROM krakow_qa FOR UPDATE")  # another process may be about it
            _bring_up(db, _format(db) or 0)
    return newest


def _bring_up(db: Connection, found: int) -> None:
    for statements in _migrations()[found:]:
        db.execute(statements)
    if found < len(_migrations()):
        db.execute("UPDATE krakow_qa SET format = %s", (len(_migrations()),))


def _migrations() -> list[bytes]:
    """What makes the first format, and then the next one of each."""
    folder = files("corpus.postgres") / "migrations"
    return [file.read_bytes() for file in sorted(folder.iterdir(), key=lambda file: file.name)]


def _said(error: psycopg.Error) -> str:
    return " ".join(str(error).split()) or type(error).__name__
