"""Passwords as argon2id hashes, and how long one has to be."""

from __future__ import annotations

from functools import cached_property

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from qa.accounts.errors import BadPassword

SHORTEST = 15
"""Characters of a password that is the only factor: NIST SP 800-63B-4, section 3.1.1.2."""

_LONGEST_BYTES = 1024


def recommended_hasher() -> PasswordHasher:
    """argon2id with 19 MiB, 2 passes and 1 lane, the first choice of OWASP's Password Storage Cheat Sheet."""
    return PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Passwords:
    """Makes hashes, and holds passwords against them; a missing hash costs what a wrong password costs."""

    def __init__(self, hasher: PasswordHasher | None = None) -> None:
        self._hasher = recommended_hasher() if hasher is None else hasher

    @cached_property
    def _dummy(self) -> str:
        return self._hasher.hash("nobody has this password")

    def hash(self, password: str) -> str:
        """The hash to keep; raises BadPassword."""
        if len(password) < SHORTEST:
            raise BadPassword(f"A password has at least {SHORTEST} characters; several words make a good one")
        if len(_encoded(password)) > _LONGEST_BYTES:
            raise BadPassword(f"A password has at most {_LONGEST_BYTES} bytes. Take a shorter one")
        return self._hasher.hash(_encoded(password))

    def fits(self, password: str, hash: str | None) -> bool:
        """Whether it is the password of a hash; where there is none, False after the same work."""
        dummy = self._dummy  # made at the first call of all, whether there is a hash or not
        try:
            is_right = self._hasher.verify(dummy if hash is None else hash, _encoded(password)[: _LONGEST_BYTES + 1])
        except (VerificationError, InvalidHashError):
            return False
        return is_right and hash is not None


def _encoded(password: str) -> bytes:
    """Its bytes; what a terminal or a browser sends may hold lone surrogates."""
    return password.encode(errors="surrogatepass")
