"""What a new library asks of Citus, with a stand-in for its function: Citus itself does not run here."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing

import psycopg
import pytest

from corpus.postgres import distribution
from corpus.postgres.distribution import DISTRIBUTED, LOCAL
from corpus.postgres.dsn import Dsn
from corpus.postgres.library import PostgresLibrary
from tests.postgres import Server
from tests.test_corpus_library import _MANIFEST

_STAND_IN = """
    CREATE TABLE asked (number bigint GENERATED ALWAYS AS IDENTITY, relation text, by text, beside text);
    CREATE FUNCTION create_distributed_table(regclass, text, colocate_with text DEFAULT 'default') RETURNS void
        LANGUAGE sql AS 'INSERT INTO asked (relation, by, beside) VALUES ($1::text, $2, $3)';
"""


@pytest.fixture
def dsn(postgres: Server) -> Iterator[Dsn]:
    yield Dsn(postgres.new_dsn())
    postgres.drop_all()


def rows(dsn: Dsn, statement: str) -> list[tuple[object, ...]]:
    with psycopg.connect(dsn.url) as db:
        return db.execute(statement.encode()).fetchall()


def test_with_citus_what_grows_is_distributed_by_document_and_colocated_or_by_term(
    dsn: Dsn, monkeypatch: pytest.MonkeyPatch
) -> None:
    with psycopg.connect(dsn.url) as db:
        db.execute(_STAND_IN.encode())
    monkeypatch.setattr(distribution, "_HAS_CITUS", "SELECT 1")
    PostgresLibrary.create(dsn, _MANIFEST).close()
    asked = rows(dsn, "SELECT relation, by, beside FROM asked ORDER BY number")
    assert asked[0] == ("version", "document_id", "none")
    assert {relation: by for relation, by, _ in asked} == DISTRIBUTED
    assert {beside for _, by, beside in asked[1:] if by != "term"} == {"version"}
    assert [(relation, beside) for relation, by, beside in asked if by == "term"] == [("posting", "none")]


@pytest.fixture
def library(dsn: Dsn) -> Iterator[PostgresLibrary]:
    with closing(PostgresLibrary.create(dsn, _MANIFEST)) as made:
        yield made


@pytest.mark.usefixtures("library")
def test_every_table_is_known_to_be_distributed_or_not(dsn: Dsn) -> None:
    tables = rows(
        dsn, "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"
    )
    assert {table for (table,) in tables} == {*DISTRIBUTED, *LOCAL}


@pytest.mark.usefixtures("library")
def test_keys_hold_what_they_are_distributed_by_and_refer_to_what_lies_beside_them(dsn: Dsn) -> None:
    """As Citus requires of unique constraints and of foreign keys between distributed tables."""
    keys = rows(
        dsn,
        "SELECT conrelid::regclass::text, confrelid::regclass::text, contype::text,"
        " (SELECT array_agg(attname::text ORDER BY place) FROM unnest(conkey) WITH ORDINALITY AS k(number, place)"
        " JOIN pg_attribute ON attrelid = conrelid AND attnum = number),"
        " (SELECT array_agg(attname::text ORDER BY place) FROM unnest(confkey) WITH ORDINALITY AS k(number, place)"
        " JOIN pg_attribute ON attrelid = confrelid AND attnum = number)"
        " FROM pg_constraint WHERE contype IN ('p', 'u', 'f') AND connamespace = current_schema()::regnamespace",
    )
    of_distributed = [key for key in keys if key[0] in DISTRIBUTED]
    assert len(of_distributed) >= len(DISTRIBUTED)
    for table, other, kind, columns, others in of_distributed:
        assert DISTRIBUTED[str(table)] in columns  # type: ignore[operator]
        if kind == "f":
            pairs = dict(zip(columns, others, strict=True))  # type: ignore[call-overload]
            assert pairs[DISTRIBUTED[str(table)]] == DISTRIBUTED[str(other)]
    assert not {str(key[0]) for key in keys if key[1] in DISTRIBUTED}.intersection(LOCAL)
