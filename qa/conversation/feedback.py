"""What people say of answers: right, wrong, or that the source says otherwise; kept without the text of sources."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from qa.conversation.kept import BadKept, KeptTurn
from qa.database import Database, keep_latest

COMMENT_CHARACTERS = 1000

MOST_OPINIONS = 1000
"""So many of each user are kept, the latest."""


class Verdict(StrEnum):
    """What somebody finds of an answer, as people are told it."""

    RIGHT = "right"
    WRONG = "wrong"
    OTHERWISE = "the source says otherwise"


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a user said of an answer, and when: UTC in ISO 8601. The answer has its settings and generation with it."""

    id: int
    user: str
    said_at: str
    verdict: Verdict
    comment: str
    turn: KeptTurn


class Feedback:
    """The opinions of all users, in the file of conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def give(self, user: str, verdict: Verdict, comment: str, turn: KeptTurn) -> None:
        """Keep an opinion."""
        said = (user, time.time(), verdict.name, comment[:COMMENT_CHARACTERS], turn.to_json())
        with self._database.writing() as db:
            db.execute("INSERT INTO feedback (user, at, verdict, comment, kept) VALUES (?, ?, ?, ?, ?)", said)
            keep_latest(db, "feedback", user, MOST_OPINIONS)

    def all(self) -> list[Opinion]:
        """All that can still be read, the latest first."""
        with self._database.reading() as db:
            rows = [] if db is None else db.execute("SELECT * FROM feedback ORDER BY id DESC").fetchall()
        return [opinion for row in rows if (opinion := _opinion(row)) is not None]

    def one(self, id: int) -> Opinion | None:
        """The opinion of that number; None where it is not there."""
        with self._database.reading() as db:
            row = None if db is None else db.execute("SELECT * FROM feedback WHERE id = ?", (id,)).fetchone()
        return None if row is None else _opinion(row)

    def delete(self, id: int) -> None:
        """Let go of an opinion, where it is there."""
        with self._database.writing() as db:
            db.execute("DELETE FROM feedback WHERE id = ?", (id,))


def _opinion(row: sqlite3.Row) -> Opinion | None:
    try:
        turn = KeptTurn.from_json(row["kept"])
    except BadKept:
        return None
    said_at = datetime.fromtimestamp(row["at"], UTC).isoformat(timespec="seconds")
    return Opinion(row["id"], row["user"], said_at, Verdict[row["verdict"]], row["comment"], turn)
