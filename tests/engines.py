"""Where the tests' libraries lie, with each engine: made, opened again, and damaged behind its back."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from corpus.library import Library, Manifest
from corpus.postgres.dsn import Dsn
from corpus.sqlite import FILE_NAME, SqliteLibrary

ENGINES = ("sqlite", "postgres")


@dataclass(frozen=True, slots=True)
class Place:
    """A folder, or the URL of a database, as text that another process can be given."""

    text: str

    @property
    def is_postgres(self) -> bool:
        return Dsn.is_one(self.text)

    def create(self, manifest: Manifest) -> Library:
        """Make an empty library."""
        if self.is_postgres:
            from corpus.postgres.library import PostgresLibrary

            return PostgresLibrary.create(Dsn(self.text), manifest)
        Path(self.text).mkdir(parents=True, exist_ok=True)
        return SqliteLibrary.create(Path(self.text, FILE_NAME), manifest)

    def open(self) -> Library:
        """Open it once more, as another process would."""
        if self.is_postgres:
            from corpus.postgres.library import PostgresLibrary

            return PostgresLibrary(Dsn(self.text))
        return SqliteLibrary(Path(self.text, FILE_NAME))

    def damage(self, *statements: str) -> None:
        """Change rows as nobody should, whatever refers to them; fails where a statement finds none."""
        if not self.is_postgres:
            with closing(sqlite3.connect(Path(self.text, FILE_NAME))) as db:
                for statement in statements:
                    assert db.execute(statement).rowcount != 0, statement
                db.commit()
            return
        import psycopg

        with psycopg.connect(self.text) as db:
            db.execute("SET session_replication_role = replica")
            for statement in statements:
                assert db.execute(statement.encode()).rowcount != 0, statement


MakePlace = Callable[[], Place]
"""Gives a place where no library is yet."""
