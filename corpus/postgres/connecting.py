"""Connections to a PostgreSQL database, set up for a library; which of several hosts they go to."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo
from psycopg.rows import DictRow, dict_row
from psycopg.types.string import StrDumper
from psycopg_pool import ConnectionPool

from corpus.errors import LibraryError
from corpus.postgres.dsn import Dsn

Connection = psycopg.Connection[DictRow]

_MOST_CONNECTIONS = 16
_WAITING_S = 60
"""So long a thread waits for a connection, or for another process that changes the library."""

_LOOKED_AT = 200
"""So many passages a search along the graph looks at at once: pgvector's hnsw.ef_search."""

_CONNECTING: dict[str, Any] = {"autocommit": True, "row_factory": dict_row, "connect_timeout": 10}


class _StorableText(StrDumper):
    """PostgreSQL's texts have no NUL; one in a title or a name stands for itself as U+FFFD."""

    def dump(self, obj: str) -> Any:
        return super().dump(obj.replace("\0", "\ufffd"))


@contextmanager
def connected(dsn: Dsn) -> Iterator[Connection]:
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
            f"{dsn} cannot be reached ({said(error)}). Look whether the server runs, and who may sign in"
        ) from error
    try:
        with db:
            _configure(db)
            yield db
    except psycopg.Error as error:
        raise LibraryError(f"{dsn} cannot be used ({said(error)}). See docs/postgres.md") from error


def pool_of(dsn: Dsn, among: str) -> ConnectionPool[Connection]:
    """Connections to those of several hosts that libpq's ``target_session_attrs`` means; it is open."""
    return ConnectionPool(
        _url(dsn, among),
        connection_class=Connection,
        kwargs=_CONNECTING,
        configure=_configure,
        check=ConnectionPool.check_connection,
        min_size=1,
        max_size=_MOST_CONNECTIONS,
        timeout=_WAITING_S,
        open=True,
    )


def has_standbys(dsn: Dsn) -> bool:
    """Whether the URL names several hosts."""
    return "," in str(conninfo_to_dict(dsn.url).get("host", ""))


def _url(dsn: Dsn, among: str) -> str:
    """The URL with which of its hosts are meant, where it names several, as libpq's ``target_session_attrs`` says."""
    return make_conninfo(dsn.url, target_session_attrs=among) if has_standbys(dsn) else dsn.url


def _configure(db: Connection) -> None:
    db.adapters.register_dumper(str, _StorableText)
    db.execute("SET client_min_messages = warning")
    db.execute("SET jit = off")  # to compile a search takes longer than to run it
    db.execute("SET plan_cache_mode = force_custom_plan")  # how many a filter lets through depends on its values
    limit_waiting(db)
    db.execute(f"SET hnsw.ef_search = {_LOOKED_AT}")
    db.execute("SET hnsw.iterative_scan = strict_order")  # so that a filter leaves no fewer than are wanted


def limit_waiting(db: Connection, seconds: int = _WAITING_S) -> None:
    """Let statements wait for those of others for so long; 0: as long as it takes."""
    db.execute(f"SET lock_timeout = '{seconds}s'")


def said(error: psycopg.Error) -> str:
    """What the server or the client library says of an error, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
