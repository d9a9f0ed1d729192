"""A primary and a real standby: questions are read from the standby, and a failover loses nothing acknowledged."""

from __future__ import annotations

import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import psycopg
import pytest

from corpus.errors import LibraryError
from corpus.postgres.dsn import Dsn
from corpus.postgres.library import PostgresLibrary
from index.in_postgres import PostgresKeywords
from index.terms import query_words
from tests.indexed import put_passages
from tests.postgres import NAMED, Machine, made, standby_of
from tests.processes import wait_until
from tests.test_corpus_library import _MANIFEST

_GAP_S = 15.0
"""No question fails for longer, from the primary's death on, where the standby is promoted at once."""

Pair = tuple[Machine, Machine]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A primary that acknowledges nothing before its standby has it."""
    pytest.importorskip("psycopg_pool", reason="the extra [postgres] is not installed")
    if NAMED is not None:
        pytest.skip("the server that is named has no standby of ours")
    with (
        tempfile.TemporaryDirectory(prefix="krakow-qa-primary-") as one,
        tempfile.TemporaryDirectory(prefix="krakow-qa-standby-") as other,
        made(Path(one)) as primary,
        standby_of(primary, Path(other)) as standby,
    ):
        run(primary, "ALTER SYSTEM SET synchronous_standby_names = 'standby'")
        run(primary, "SELECT pg_reload_conf()")
        yield primary, standby


def run(machine: Machine, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(machine.dsn, autocommit=True) as db:
        cursor = db.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []


def url_of(pair: Pair) -> Dsn:
    """The URL that names both."""
    who, _, _ = pair[0].dsn.rpartition("@")
    hosts = ",".join(f"127.0.0.1:{machine.port}" for machine in pair)
    return Dsn(f"{who}@{hosts}/postgres")


def test_readers_go_to_the_standby_and_see_what_they_wrote(pair: Pair) -> None:
    primary, standby = pair
    with closing(PostgresLibrary.create(url_of(pair), _MANIFEST)) as library:
        put_passages(library, "a", "Cranes unload grain.")
        with library._database.reading() as db:
            (row,) = db.execute("SELECT current_setting('port') AS port, pg_is_in_recovery() AS follows")
        assert row in ({"port": str(standby.port), "follows": True}, {"port": str(primary.port), "follows": False})
        run(standby, "SELECT pg_wal_replay_pause()")
        put_passages(library, "b", "Cranes by night.")
        assert [entry.id for entry in library.entries()] == ["a", "b"]
        assert len(PostgresKeywords(library).search(query_words("crane"), 5)) == 2
        run(standby, "SELECT pg_wal_replay_resume()")
        wait_until(lambda: follows(library))
        assert [entry.id for entry in library.entries()] == ["a", "b"]
        assert library.check() == []


def test_a_library_that_has_not_come_to_the_standby_is_read_where_it_was_made(pair: Pair) -> None:
    run(pair[1], "SELECT pg_wal_replay_pause()")
    with closing(PostgresLibrary.create(url_of(pair), _MANIFEST)) as library:
        assert list(library.entries()) == []
        run(pair[1], "SELECT pg_wal_replay_resume()")
        wait_until(lambda: follows(library))
        assert list(library.entries()) == []


def follows(library: PostgresLibrary) -> bool:
    """Whether the library is read from the standby."""
    with library._database.reading() as db:
        (row,) = db.execute("SELECT pg_is_in_recovery() AS follows")
    return bool(row["follows"])


def test_a_failover_loses_nothing_acknowledged_and_questions_go_on(pair: Pair) -> None:
    primary, standby = pair
    library = PostgresLibrary.create(url_of(pair), _MANIFEST)
    put_passages(library, "first", "Cranes unload grain.")
    acknowledged, failed, longest, ended = ["first"], [0], [0.0], threading.Event()

    def write() -> None:
        number = 0
        while not ended.is_set():
            number += 1
            with suppress(LibraryError):
                put_passages(library, f"d{number}", f"Barge {number}.")
                acknowledged.append(f"d{number}")

    def ask() -> None:
        answered = time.monotonic()
        while not ended.is_set():
            try:
                assert library.document("first").text == "Cranes unload grain."
            except LibraryError:
                failed[0] += 1
                time.sleep(0.02)
                continue
            longest[0] = max(longest[0], time.monotonic() - answered)
            answered = time.monotonic()

    threads = [threading.Thread(target=work) for work in (write, ask)]
    for thread in threads:
        thread.start()
    wait_until(lambda: len(acknowledged) > 20)
    primary.stop(signal.SIGQUIT)
    before = len(acknowledged)
    run(standby, "ALTER SYSTEM SET synchronous_standby_names = ''")
    standby.promote()
    wait_until(lambda: len(acknowledged) > before + 20)
    ended.set()
    for thread in threads:
        thread.join()
    sys.stdout.write(f"\nthe longest gap between two answers: {longest[0]:.2f} s, {failed[0]} questions failed in it\n")
    assert longest[0] < _GAP_S
    assert set(acknowledged) <= {entry.id for entry in library.entries()}
    assert library.check() == []
    library.close()
