"""Tokens, by which programs come as the user that made them."""

from __future__ import annotations

from dataclasses import dataclass

from qa.accounts.database import Clock, Database
from qa.accounts.errors import AccountError
from qa.accounts.keys import digest, new_key
from qa.accounts.model import User
from qa.accounts.rows import found, user_in

_DAY_S = 86_400.0


@dataclass(frozen=True, slots=True)
class Token:
    """A token without what it says, which nobody keeps; times in seconds since 1970."""

    name: str
    created: float
    expires: float


class Tokens:
    """The tokens of all users."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database, self._clock = database, clock

    def new(self, user: str, name: str, days: float) -> str:
        """A token that lasts so many days; raises UserNotFound, and AccountError where the user has one so named."""
        key, now = new_key(), self._clock()
        with self._database.writing() as db:
            owner = found(db, user).name
            if db.execute("SELECT 1 FROM tokens WHERE (user, name) = (?, ?)", (owner, name)).fetchone():
                raise AccountError(
                    f"{owner} has a token {name} already. Give another --name, or take that one back first:"
                    f" krakow-qa user tokens {owner} --revoke {name}"
                )
            token = (digest(key), owner, name, now, now + days * _DAY_S)
            db.execute("INSERT INTO tokens VALUES (?, ?, ?, ?, ?)", token)
        return key

    def of(self, user: str) -> list[Token]:
        """A user's tokens by name, those too that have expired; raises UserNotFound."""
        with self._database.writing() as db:
            sql = "SELECT name, created, expires FROM tokens WHERE user = ? ORDER BY name"
            return [Token(*row) for row in db.execute(sql, (found(db, user).name,)).fetchall()]

    def revoke(self, user: str, name: str) -> None:
        """Take a token back; raises UserNotFound and AccountError."""
        with self._database.writing() as db:
            owner = found(db, user).name
            if not db.execute("DELETE FROM tokens WHERE (user, name) = (?, ?)", (owner, name)).rowcount:
                raise AccountError(f"{owner} has no token {name}. See which there are: krakow-qa user tokens {owner}")

    def user(self, key: str) -> User | None:
        """Whose token it is; None where it is nobody's or has expired."""
        sql = "SELECT users.* FROM tokens JOIN users ON users.name = user WHERE digest = ? AND expires > ?"
        with self._database.reading() as db:
            row = None if db is None else db.execute(sql, (digest(key), self._clock())).fetchone()
        return None if row is None else user_in(row)
