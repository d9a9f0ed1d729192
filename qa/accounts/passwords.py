"""Passwords as argon2id hashes, and how long one has to be."""

from __future__ import annotations

import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from qa.accounts.errors import BadPassword

SHORTEST = 15
"""Characters of a password that is the only factor: NIST SP 800-63B-4, section 3.1.1.2."""

_LONGEST_BYTES = 1024
_AT_ONCE = 2
"""So many hashes are computed at once, each in 19 MiB."""


def recommended_hasher() -> PasswordHasher:
    """argon2id with 19 MiB, 2 passes and 1 lane, the first choice of OWASP's Password Storage Cheat Sheet."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Passwords:
    """Makes hashes, and holds passwords against them; a missing hash costs what a wrong password costs."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = recommended_hasher() if hasher is None else hasher
        self._dummy = self._hasher.hash("nobody has this password")
        self._turns = threading.BoundedSemaphore(_AT_ONCE)

    def hash(self, password: str) -> str:
        """The hash to keep; raises BadPassword."""
        if len(password) < SHORTEST:
            raise BadPassword(f"A password has at least {SHORTEST} characters; several words make a good one")
        if len(_encoded(password)) > _LONGEST_BYTES:
            raise BadPassword(f"A password has at most {_LONGEST_BYTES} bytes. Take a shorter one")
        with self._turns:
            return self._hasher.hash(_encoded(password))

    def fits(self, password: str, hash: str | None) -> bool:
        """Whether it is the password of a hash; where there is none, False after the same work."""
        with self._turns:
            try:
                is_right = self._hasher.verify(
                    self._dummy if hash is None else hash, _encoded(password)[: _LONGEST_BYTES + 1]
                )
            except (VerificationError, InvalidHashError):
                return False
        return is_right and hash is not None


def _encoded(password: str) -> bytes:
    """Its bytes; what a terminal or a browser sends may hold lone surrogates."""
    return password.encode(errors="surrogatepass")
