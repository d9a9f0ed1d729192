"""Files that wait in the database to be added, taken in batches by any number of workers on any number of machines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from corpus.files import File
from corpus.postgres.database import Database
from corpus.stored import Row


@dataclass(frozen=True, slots=True)
class Batch:
    """Files that one worker has, and nobody else meanwhile; what could not be added of them is said, and kept."""

    numbers: list[int]
    files: list[File]
    errors: dict[int, str] = field(default_factory=dict)

    def fail(self, place: int, error: str) -> None:
        """Say why the file in a place was not added."""
        self.errors[self.numbers[place]] = error


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that was not added, and why."""

    origin: str
    error: str


class Waiting:
    """The files that wait; those that could not be added stay, with the reason, until they are put anew or dropped."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def put(self, file: File) -> None:
        """Let a file wait, in the place of one of that origin; raises what its ``data`` raises, and LibraryError."""
        told = (_as_json(file.metadata), _as_json(file.presumed), file.charset)
        data = file.data()
        with self._database.apart() as db:
            db.execute("DELETE FROM waiting WHERE origin = %s", (file.origin,))
            db.execute(
                "INSERT INTO waiting (origin, name, metadata, presumed, charset, data) VALUES (%s, %s, %s, %s, %s, %s)",
                (file.origin, file.name, *told, data),
            )

    @contextmanager
    def taken(self, most: int) -> Iterator[Batch]:
        """The next files, at most so many, that no other worker has; none where none is left.

        They are done with at the end. Where that does not come, be it that the process is killed, they wait again.
        """
        with self._database.apart() as db:
            rows = db.execute(
                "SELECT * FROM waiting WHERE error IS NULL ORDER BY number LIMIT %s FOR UPDATE SKIP LOCKED", (most,)
            ).fetchall()
            batch = Batch([row["number"] for row in rows], [_file_of(row) for row in rows])
            yield batch
            for number, error in batch.errors.items():
                db.execute("UPDATE waiting SET error = %s WHERE number = %s", (error, number))
            done = [number for number in batch.numbers if number not in batch.errors]
            db.execute("DELETE FROM waiting WHERE number = ANY(%s)", (done,))

    def number(self) -> int:
        """How many files wait, those that workers have among them."""
        with self._database.reading() as db:
            (row,) = db.execute("SELECT count(*) AS number FROM waiting WHERE error IS NULL")
            return int(row["number"])

    def failed(self) -> list[Failed]:
        """The files that could not be added."""
        with self._database.reading() as db:
            rows = db.execute("SELECT origin, error FROM waiting WHERE error IS NOT NULL ORDER BY number")
            return [Failed(row["origin"], row["error"]) for row in rows]

    def drop(self, origins: Iterable[str]) -> None:
        """Let files of these origins wait no more; nothing of them is kept."""
        with self._database.apart() as db:
            db.execute("DELETE FROM waiting WHERE origin = ANY(%s)", (list(origins),))


def _as_json(fields: Mapping[str, Any]) -> str:
    """What is said of a file; a date that a manifest has is stored as ISO has it."""
    return json.dumps(dict(fields), default=str)


def _file_of(row: Row) -> File:
    data: bytes = row["data"]
    told = (json.loads(row["metadata"]), json.loads(row["presumed"]), row["charset"])
    return File(row["origin"], row["name"], lambda: data, *told)
