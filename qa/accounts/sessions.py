"""Sessions: what a browser has after signing in, until it is left alone or for a working day."""

from __future__ import annotations

import sqlite3

from qa.accounts.bounds import Lifetimes
from qa.accounts.database import Clock, Database
from qa.accounts.keys import digest, new_key
from qa.accounts.model import User
from qa.accounts.rows import row_of, user_in

_HOUR_S, _MINUTE_S = 3600.0, 60.0


class Sessions:
    """The sessions of all users."""

    def __init__(self, database: Database, lifetimes: Lifetimes, clock: Clock) -> None:
        self._database, self._lifetimes, self._clock = database, lifetimes, clock

    def begin(self, db: sqlite3.Connection, user: str, password: str) -> str | None:
        """The id of a new session; None where the user was removed, or has another password than this hash by now."""
        row = row_of(db, user)
        if row is None or row["password"] != password:
            return None
        key, now = new_key(), self._clock()
        db.execute("DELETE FROM sessions WHERE created <= ? OR seen <= ?", self._ended(now))
        db.execute("INSERT INTO sessions VALUES (?, ?, ?, ?)", (digest(key), row["name"], now, now))
        return key

    def user(self, key: str) -> User | None:
        """Whose session it is; None where it has ended or never began."""
        sql = (
            "SELECT users.* FROM sessions JOIN users ON users.name = user"
            " WHERE digest = ? AND sessions.created > ? AND seen > ?"
        )
        with self._database.reading() as db:
            row = None if db is None else db.execute(sql, (digest(key), *self._ended(self._clock()))).fetchone()
        return None if row is None else user_in(row)

    def used(self, key: str) -> None:
        """Have a session that has not ended last longer, since it is used."""
        now = self._clock()
        noted = now - self._lifetimes.noted_minutes * _MINUTE_S
        with self._database.reading() as db:
            is_noted = (
                db is None
                or not db.execute(
                    "SELECT 1 FROM sessions WHERE digest = ? AND created > ? AND seen > ? AND seen <= ?",
                    (digest(key), *self._ended(now), noted),
                ).fetchone()
            )
        if not is_noted:
            with self._database.writing() as db:
                db.execute("UPDATE sessions SET seen = ? WHERE digest = ?", (now, digest(key)))

    def end(self, key: str) -> None:
        """End a session, where it has not ended."""
        with self._database.writing() as db:
            db.execute("DELETE FROM sessions WHERE digest = ?", (digest(key),))

    def _ended(self, now: float) -> tuple[float, float]:
        """What began before the first, or was last used before the second, has ended."""
        return now - self._lifetimes.session_hours * _HOUR_S, now - self._lifetimes.idle_hours * _HOUR_S
