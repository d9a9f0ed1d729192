"""What can be wrong about accounts.

KrakowQAError
├── AccountsUnavailable    the file of accounts cannot be read or written
└── AccountError           an account that cannot be made or changed as asked
    ├── UserNotFound
    ├── BadPassword        too short or too long
    └── LastAdmin          nobody would be left who may change accounts
"""

from __future__ import annotations

from corpus.errors import KrakowQAError


class AccountsUnavailable(KrakowQAError):
    """The file of accounts cannot be read or written."""


class AccountError(KrakowQAError):
    """An account that cannot be made or changed as asked."""


class UserNotFound(AccountError):
    """No user of that name."""


class BadPassword(AccountError):
    """A password that is too short or too long."""


class LastAdmin(AccountError):
    """Nobody would be left who may change accounts."""
