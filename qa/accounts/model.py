"""The vocabulary of accounts: rights, the roles that have them, and users."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Right(StrEnum):
    """What one may do; who asks also sees documents and their sources."""

    ASK = "ask"
    CHANGE = "change the corpus"
    EVALUATE = "evaluate"
    ADMINISTER = "administer"


class Role(StrEnum):
    """What a user is there for."""

    MEMBER = "member"
    RESEARCHER = "researcher"
    EVALUATOR = "evaluator"
    ADMIN = "admin"

    @property
    def rights(self) -> frozenset[Right]:
        return _RIGHTS[self]


_RIGHTS = {
    Role.MEMBER: frozenset({Right.ASK}),
    Role.RESEARCHER: frozenset({Right.ASK, Right.CHANGE}),
    Role.EVALUATOR: frozenset({Right.ASK, Right.EVALUATE}),
    Role.ADMIN: frozenset(Right),
}


@dataclass(frozen=True, slots=True)
class User:
    """Somebody who is known, as a request carries them."""

    name: str
    role: Role

    def may(self, right: Right) -> bool:
        return right in self.role.rights


AT_HOME = User("home", Role.ADMIN)
"""Whoever asks where there are no accounts."""
