"""How many wrong passwords are heard out: bounds for each name, and for each address that they come from."""

from __future__ import annotations

import ipaddress
import math
import sqlite3

from corpus.errors import KrakowQAError
from qa.accounts.bounds import Bounds
from qa.accounts.database import Clock, Database
from qa.accounts.keys import digest
from qa.accounts.rows import normal

_NETWORK_BITS = 64
"""Whoever has one IPv6 address has all of its network, which is so many bits."""


class TooManyGuesses(KrakowQAError):
    """So many wrong guesses that no more are heard for ``retry_after_s``."""

    def __init__(self, retry_after_s: int) -> None:
        minutes = math.ceil(retry_after_s / 60)
        super().__init__(
            f"Too many wrong guesses. Try again in {minutes} {'minute' if minutes == 1 else 'minutes'},"
            " or have an admin set a new password: krakow-qa user password NAME"
        )
        self.retry_after_s = retry_after_s


class Guesses:
    """The guesses of late, kept in the file, so that a restart forgives nothing."""

    def __init__(self, database: Database, bounds: Bounds, clock: Clock) -> None:
        self._database, self._bounds, self._clock = database, bounds, clock

    def begin(self, name: str, address: str) -> int:
        """Count a guess as wrong before it is looked at, so that those made at once are held to the bounds too.

        Gives the number to call it by; raises TooManyGuesses, and such a one is not counted.
        """
        now = self._clock()
        since = now - self._bounds.guess_minutes * 60
        who, where = _who(name), _where(address)
        with self._database.writing() as db:
            db.execute("DELETE FROM guesses WHERE at <= ?", (since,))
            for column, value, most in (
                ("user", who, self._bounds.guesses_per_user),
                ("address", where, self._bounds.guesses_per_address),
            ):
                oldest = db.execute(
                    f"SELECT at FROM guesses WHERE {column} = ? ORDER BY at DESC LIMIT 1 OFFSET ?", (value, most - 1)
                ).fetchone()
                if oldest is not None:
                    raise TooManyGuesses(max(1, math.ceil(oldest["at"] - since)))
            made = db.execute("INSERT INTO guesses (user, address, at) VALUES (?, ?, ?)", (who, where, now))
        return int(made.lastrowid or 0)

    def was_right(self, db: sqlite3.Connection, guess: int) -> None:
        """Take back that it was wrong; earlier ones stay, or who has a password could guess another's without end."""
        db.execute("DELETE FROM guesses WHERE id = ?", (guess,))

    def forgive(self, db: sqlite3.Connection, name: str) -> None:
        """Forget the guesses of a name."""
        db.execute("DELETE FROM guesses WHERE user = ?", (_who(name),))


def _who(name: str) -> str:
    """A name as it is counted: not kept, since people type passwords there."""
    return digest(normal(name))


def _where(address: str) -> str:
    """What an address is counted as."""
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(found, ipaddress.IPv4Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    return str(ipaddress.ip_network((found, _NETWORK_BITS), strict=False))
