"""The audit log of a library: who changed what, when, how and with what outcome, in a file that only grows.

It holds ids and names, and never a text, a question, a password or a token; whoever signs in under a name that nobody
has is not named, since what was typed there may be a password.
"""

from __future__ import annotations

import hashlib
import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import astuple, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from itertools import pairwise
from pathlib import Path

from corpus.errors import LibraryError
from qa.acting import Who, at_the_command_line

FILE_NAME = "audit.sqlite"

DONE = "done"
"""The outcome of what was done; any other says why it was not."""

_MOST_CHARACTERS = 200
_BUSY_TIMEOUT_S = 60.0
_BEGINNING = "0" * 64

_SCHEMA = """
CREATE TABLE IF NOT EXISTS deed (
    number INTEGER PRIMARY KEY, at TEXT NOT NULL, user TEXT NOT NULL, how TEXT NOT NULL, act TEXT NOT NULL,
    subject TEXT NOT NULL, outcome TEXT NOT NULL, digest TEXT NOT NULL
);
CREATE TRIGGER IF NOT EXISTS no_change BEFORE UPDATE ON deed
BEGIN SELECT raise(ABORT, 'an audit log only grows'); END;
CREATE TRIGGER IF NOT EXISTS no_loss BEFORE DELETE ON deed
BEGIN SELECT raise(ABORT, 'an audit log only grows'); END;
CREATE TRIGGER IF NOT EXISTS no_gap BEFORE INSERT ON deed
WHEN NEW.number IS NOT (SELECT coalesce(max(number), 0) + 1 FROM deed)
BEGIN SELECT raise(ABORT, 'an audit log only grows'); END;
"""


class Act(StrEnum):
    """What was done; its subject is the id of a document, or the name of a set, setting, encoder, user or file."""

    ADD = "add"
    FETCH = "fetch"
    REPLACE = "replace"
    COPY = "copy"
    WITHDRAW = "withdraw"
    REINSTATE = "reinstate"
    PURGE = "purge"
    REENCODE = "reencode"
    EVALUATE = "evaluate"
    TUNE = "tune"
    CHANGE_USER = "change user"
    SIGN_IN = "sign in"
    SIGN_OUT = "sign out"
    BACKUP = "backup"
    RESTORE = "restore"


@dataclass(frozen=True, slots=True)
class Deed:
    """A line of the log; ``at`` is UTC in ISO 8601."""

    number: int
    at: str
    user: str
    how: str
    act: str
    subject: str
    outcome: str


class Audit:
    """The log in a library's folder, for any number of threads and processes; it is made at the first deed."""

    def __init__(self, folder: Path, who: Who = at_the_command_line) -> None:
        self._path = folder / FILE_NAME
        self._who = who

    def record(self, act: Act, subject: str = "", outcome: str = DONE) -> None:
        """Write down a deed of whoever acts now; raises LibraryError where that cannot be written."""
        self.record_all([(act, subject, outcome)])

    def record_all(self, deeds: Sequence[tuple[Act, str, str]]) -> None:
        """Write down several deeds, all of them or none."""
        if not deeds:
            return
        actor, at = self._who(), datetime.now(UTC).isoformat(timespec="seconds")
        with self._opened() as db:
            db.execute("BEGIN IMMEDIATE")
            number, digest = db.execute("SELECT number, digest FROM deed ORDER BY number DESC").fetchone() or (
                0,
                _BEGINNING,
            )
            for act, subject, outcome in deeds:
                number += 1
                said = map(_short, (at, actor.user, actor.how, act.value, subject, outcome))
                deed = Deed(number, *said)
                digest = _digest(digest, deed)
                db.execute("INSERT INTO deed VALUES (?, ?, ?, ?, ?, ?, ?, ?)", (*astuple(deed), digest))
            db.execute("COMMIT")

    @contextmanager
    def recorded(self, act: Act, subject: str = "") -> Iterator[None]:
        """Write down what is done within, or what error ended it."""
        try:
            yield
        except BaseException as error:
            self.record(act, subject, failed(error))
            raise
        self.record(act, subject)

    def deeds(self, since: str | None = None, user: str | None = None) -> list[Deed]:
        """What was done, oldest first, since a date and by a user; raises LibraryError."""
        return [
            deed
            for deed, _ in self._rows()
            if (since is None or deed.at >= since) and (user is None or deed.user == user)
        ]

    def check(self) -> list[str]:
        """Where the log was altered after it was written, a line each."""
        rows = [(Deed(0, *[""] * 6), _BEGINNING), *self._rows()]
        return [
            f"line {deed.number} of the audit log, or one before it, is not as it was written"
            for (before, digest_before), (deed, digest) in pairwise(rows)
            if deed.number != before.number + 1 or digest != _digest(digest_before, deed)
        ]

    def head(self) -> str:
        """The digest of the newest line, which tells whether lines at the end are missing from a later copy."""
        rows = self._rows()
        return rows[-1][1] if rows else _BEGINNING

    def _rows(self) -> list[tuple[Deed, str]]:
        if not self._path.exists():
            return []
        with self._opened() as db:
            return [(Deed(*row[:7]), row[7]) for row in db.execute("SELECT * FROM deed ORDER BY number")]

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection]:
        try:
            with closing(sqlite3.connect(self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None)) as db:
                db.executescript(_SCHEMA)
                yield db
        except sqlite3.Error as error:
            raise LibraryError(
                f"{self._path} cannot be used ({error}). Give the disk room and this user the right to write there"
            ) from error


def failed(error: BaseException) -> str:
    """The outcome where an error ended it; its text is left out, since it may quote a document."""
    return f"failed: {type(error).__name__}"


def _short(text: str) -> str:
    """A text that can be stored and printed on a line."""
    line = text[:_MOST_CHARACTERS].encode(errors="replace").decode()
    return "".join(char if char.isprintable() else "�" for char in line)


def _digest(before: str, deed: Deed) -> str:
    return hashlib.sha256(f"{before}\n{json.dumps(astuple(deed), ensure_ascii=False)}".encode()).hexdigest()
