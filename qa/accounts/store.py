"""The accounts of a library: users with their roles and passwords, and what proves that one is who he says."""

from __future__ import annotations

import sqlite3
import time
from dataclasses import dataclass
from pathlib import Path

from qa.accounts.bounds import Bounds, Lifetimes
from qa.accounts.database import Clock, Database
from qa.accounts.errors import AccountError, LastAdmin
from qa.accounts.guesses import Guesses
from qa.accounts.model import Role, User
from qa.accounts.passwords import Passwords
from qa.accounts.rows import checked_name, found, not_found, row_of, user_in
from qa.accounts.sessions import Sessions
from qa.accounts.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Account:
    """A user as the store keeps him; ``created`` in seconds since 1970.

    Without a password he comes by a proxy or by a token.
    """

    user: User
    created: float
    has_password: bool
    tokens: int


class Accounts:
    """The accounts of the library in a folder; several processes may use them at once.

    ``clock`` tells the seconds since 1970.
    """

    def __init__(
        self,
        folder: Path,
        *,
        passwords: Passwords | None = None,
        lifetimes: Lifetimes | None = None,
        bounds: Bounds | None = None,
        clock: Clock = time.time,
    ) -> None:
        self._database = Database(folder)
        self._passwords = Passwords() if passwords is None else passwords
        self._clock = clock
        self.sessions = Sessions(self._database, Lifetimes() if lifetimes is None else lifetimes, clock)
        self.tokens = Tokens(self._database, clock)
        self._guesses = Guesses(self._database, Bounds() if bounds is None else bounds, clock)

    @property
    def are_there(self) -> bool:
        """Whether there is any user."""
        with self._database.reading() as db:
            return db is not None and db.execute("SELECT 1 FROM users").fetchone() is not None

    def all(self) -> list[Account]:
        """All users by name; their tokens are counted while they last."""
        sql = (
            "SELECT *, (SELECT count(*) FROM tokens WHERE user = users.name AND expires > ?) AS tokens"
            " FROM users ORDER BY name"
        )
        with self._database.reading() as db:
            rows = [] if db is None else db.execute(sql, (self._clock(),)).fetchall()
        return [Account(user_in(row), row["created"], row["password"] is not None, row["tokens"]) for row in rows]

    def user(self, name: str) -> User | None:
        """The user of that name."""
        with self._database.reading() as db:
            row = None if db is None else row_of(db, name)
        return None if row is None else user_in(row)

    def add(self, name: str, role: Role, password: str | None) -> User:
        """A new user; raises AccountError where the name is taken or the first one is no admin, and BadPassword."""
        user = User(checked_name(name), role)
        self.require_possible(user)
        hash = None if password is None else self._passwords.hash(password)
        with self._database.writing() as db:
            _require_possible(db, user)
            db.execute("INSERT INTO users VALUES (?, ?, ?, ?)", (user.name, role, hash, self._clock()))
        return user

    def remove(self, name: str) -> None:
        """Remove a user with his tokens and sessions; raises UserNotFound and LastAdmin."""
        with self._database.writing() as db:
            db.execute("DELETE FROM users WHERE name = ?", (found(db, name).name,))
            _require_admin(db)

    def set_role(self, name: str, role: Role) -> None:
        """Give a user another role, which ends his sessions; raises UserNotFound and LastAdmin."""
        with self._database.writing() as db:
            user = found(db, name)
            db.execute("UPDATE users SET role = ? WHERE name = ?", (role, user.name))
            db.execute("DELETE FROM sessions WHERE user = ?", (user.name,))
            _require_admin(db)

    def set_password(self, name: str, password: str) -> None:
        """Give a user another password, which ends his sessions and lets him sign in at once.

        Raises UserNotFound and BadPassword.
        """
        hash = self._passwords.hash(password)
        with self._database.writing() as db:
            user = found(db, name)
            db.execute("UPDATE users SET password = ? WHERE name = ?", (hash, user.name))
            db.execute("DELETE FROM sessions WHERE user = ?", (user.name,))
            self._guesses.forgive(db, user.name)

    def require_possible(self, user: User) -> None:
        """Raise AccountError where this user cannot be added, so that nobody types a password in vain."""
        with self._database.reading() as db:
            _require_possible(db, user)

    def require_user(self, name: str) -> User:
        """The user of that name; raises UserNotFound."""
        user = self.user(name)
        if user is None:
            raise not_found(name)
        return user

    def sign_in(self, name: str, password: str, address: str) -> str | None:
        """The id of a new session; None where the name or the password is wrong. Raises TooManyGuesses.

        A name that nobody has costs what a wrong password costs, in guesses and in time.
        """
        guess = self._guesses.begin(name, address)
        with self._database.reading() as db:
            row = None if db is None else row_of(db, name)
        hash: str | None = None if row is None else row["password"]
        if not self._passwords.fits(password, hash) or hash is None:
            return None
        with self._database.writing() as db:
            self._guesses.was_right(db, guess)
            return self.sessions.begin(db, name, hash)


def _require_possible(db: sqlite3.Connection | None, user: User) -> None:
    if db is not None and row_of(db, user.name) is not None:
        raise AccountError(f"There is a user {user.name} already. See all of them: krakow-qa user list")
    if user.role is not Role.ADMIN and not (db is not None and _admins(db)):
        raise AccountError("The first user has to be an admin: krakow-qa user add NAME --role admin")


def _admins(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT count(*) FROM users WHERE role = ?", (Role.ADMIN,)).fetchone()[0])


def _require_admin(db: sqlite3.Connection) -> None:
    if not _admins(db):
        raise LastAdmin("Nobody would be left who may change accounts. Make another admin first: krakow-qa user role")
