"""Accounts for tests: a clock that is set by hand, hashes that cost nothing, and a user of every role."""

from __future__ import annotations

from pathlib import Path

from argon2 import PasswordHasher

from qa.accounts.bounds import Bounds, Lifetimes
from qa.accounts.model import Role
from qa.accounts.passwords import Passwords
from qa.accounts.store import Accounts

PASSWORD = "correct horse battery"
WRONG = "incorrect horse battery"

HOUR_S = 3600.0
DAY_S = 24 * HOUR_S


class HandClock:
    """A clock that stands until it is moved."""

    def __init__(self) -> None:
        self.now_s = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now_s

    def go_on(self, seconds: float) -> None:
        self.now_s += seconds


def cheap_passwords() -> Passwords:
    """argon2id with the least that it takes."""
    return Passwords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def some_accounts(folder: Path, clock: HandClock, *, bounds: Bounds | None = None) -> Accounts:
    """An empty store of cheap hashes."""
    folder.mkdir(parents=True, exist_ok=True)
    return Accounts(folder, passwords=cheap_passwords(), lifetimes=Lifetimes(), bounds=bounds, clock=clock)


def staffed(folder: Path, clock: HandClock) -> Accounts:
    """A store with a user of every role, named after it, all with the same password."""
    accounts = some_accounts(folder, clock)
    for role in sorted(Role, key=lambda role: role is not Role.ADMIN):
        accounts.add(role.value, role, PASSWORD)
    return accounts
