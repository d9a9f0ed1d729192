"""Links to single answers: ids that nobody guesses, with the addresses of the answer and who made the link."""

from __future__ import annotations

import time
from dataclasses import dataclass

from qa.conversation.kept import KeptTurn
from qa.database import Database, keep_latest

MOST_LINKS = 1000
"""So many a user may have; of more, the oldest end."""


@dataclass(frozen=True, slots=True)
class Linked:
    """A link by its id, the question of its answer, and when that was asked: UTC in ISO 8601."""

    id: str
    question: str
    asked_at: str


class Links:
    """The links of all users, in the file of conversations."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def make(self, id: str, user: str, turn: KeptTurn) -> None:
        """Keep an answer under an id; twice is as once."""
        with self._database.writing() as db:
            db.execute("INSERT OR IGNORE INTO links VALUES (?, ?, ?, ?)", (id, user, time.time(), turn.to_json()))
            keep_latest(db, "links", user, MOST_LINKS)

    def opened(self, id: str) -> tuple[str, KeptTurn] | None:
        """Who made a link, and its answer; None where there is none. Raises BadKept."""
        with self._database.reading() as db:
            row = None if db is None else db.execute("SELECT user, kept FROM links WHERE id = ?", (id,)).fetchone()
        return None if row is None else (row["user"], KeptTurn.from_json(row["kept"]))

    def listed(self, user: str) -> list[Linked]:
        """The links of a user, the latest first."""
        sql = """
            SELECT id, json_extract(kept, '$.question') AS question, json_extract(kept, '$.asked_at') AS asked
            FROM links WHERE user = ? ORDER BY at DESC, id
        """
        with self._database.reading() as db:
            return [] if db is None else [Linked(*tuple(row)) for row in db.execute(sql, (user,))]

    def delete(self, id: str, user: str) -> bool:
        """End a link that the user made; whether there was one."""
        with self._database.writing() as db:
            return db.execute("DELETE FROM links WHERE (id, user) = (?, ?)", (id, user)).rowcount > 0
