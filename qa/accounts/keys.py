"""Secrets that a program or a browser carries: made at random, and kept only as digests."""

from __future__ import annotations

import hashlib
import secrets

_BYTES = 32


def new_key() -> str:
    """256 random bits in 43 letters, digits, ``-`` and ``_``."""
    return secrets.token_urlsafe(_BYTES)


def digest(key: str) -> str:
    """The SHA-256 of a key, in hex; what is random needs no slow hash, since nobody can guess it."""
    return hashlib.sha256(key.encode(errors="surrogatepass")).hexdigest()
