"""Rows of users as they are looked up by name, whichever way it is spelt."""

from __future__ import annotations

import re
import sqlite3
import unicodedata

from qa.accounts.errors import AccountError, UserNotFound
from qa.accounts.model import Role, User

_NAME = re.compile(r"[\w@][\w.@+-]{0,63}")


def normal(name: str) -> str:
    """The one spelling of a name."""
    return unicodedata.normalize("NFKC", name.strip()).casefold()


def checked_name(name: str) -> str:
    """The same; raises AccountError where it cannot be a user's."""
    if _NAME.fullmatch(normal(name)) is None:
        raise AccountError(
            f"{name!r} cannot be a user's name. Take up to 64 letters and digits, with . @ + - or _ between them"
        )
    return normal(name)


def row_of(db: sqlite3.Connection, name: str) -> sqlite3.Row | None:
    """The row of the user of that name."""
    row: sqlite3.Row | None = db.execute("SELECT * FROM users WHERE name = ?", (normal(name),)).fetchone()
    return row


def user_in(row: sqlite3.Row) -> User:
    """The user that a row is about."""
    return User(row["name"], Role(row["role"]))


def found(db: sqlite3.Connection, name: str) -> User:
    """The user of that name; raises UserNotFound."""
    row = row_of(db, name)
    if row is None:
        raise not_found(name)
    return user_in(row)


def not_found(name: str) -> UserNotFound:
    """What to raise where there is nobody of that name."""
    return UserNotFound(f"There is no user {name}. See all of them: krakow-qa user list")
