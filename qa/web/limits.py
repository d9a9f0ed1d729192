"""How much one user may send and ask for, so that nobody takes the server from the others.

Rates are counted here and not by a library: what is needed is one class, and the best known library of rate limits
brings three packages, one of them compiled, and a thread with a timer.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from corpus.errors import KrakowQAError
from qa.accounts.model import AT_HOME, User

MINUTE_S, HOUR_S = 60.0, 3600.0

_STEPS = 600
"""A time within which something is counted has so many steps; what came in one of them is counted as one."""

_ROUNDED_S = 1e-6
"""What was said how long to wait for is there then, however seconds are rounded."""

_MOST_KEYS = 10_000
"""From so many users on, those are forgotten who have nothing that counts."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits; those of a user do not hold for whoever sits at this machine and needs no account.

    ``request_bytes``: The longest request that is no upload; one that adds ten thousand files holds their names.
    ``upload_bytes``: The longest upload, which holds up to a thousand files.
    ``upload_bytes_per_hour``: The most that a user may upload within an hour.
    ``questions_per_minute``: The most questions of a user within any minute.
    ``requests_per_minute``: The most requests of a user within any minute.
    ``waiting``: The most questions and other events of pages that wait for their turn.
    ``waiting_per_user``: The most of these of one user.
    ``request_s``: How long a request may take to come.
    ``upload_s``: How long an upload may take to come.
    """

    request_bytes: int = 16_000_000
    upload_bytes: int = 4_000_000_000
    upload_bytes_per_hour: int = 16_000_000_000
    questions_per_minute: int = 30
    requests_per_minute: int = 1200
    waiting: int = 1000
    waiting_per_user: int = 50
    request_s: float = 60.0
    upload_s: float = 3600.0


DEFAULT_LIMITS = Limits()


class TooMany(KrakowQAError):
    """More than a user may ask for; there is room again after ``retry_after_s`` seconds."""

    def __init__(self, message: str, retry_after_s: float) -> None:
        super().__init__(message)
        self.retry_after_s = retry_after_s


class Rate:
    """Lets each user have so much within any so many seconds, from any thread."""

    def __init__(self, most: int, within_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._within_s = within_s
        self._step_s = within_s / _STEPS
        self._clock = clock
        self._had: dict[str, _Had] = {}
        self._lock = threading.Lock()

    def take(self, user: str | None, much: int = 1) -> float:
        """Seconds until the user may have so much more: where that is 0, it is taken. None may have all."""
        if user is None or much <= 0:
            return 0.0
        with self._lock:
            now = self._clock()
            if len(self._had) > _MOST_KEYS:
                self._forget(now)
            had = self._had.setdefault(user, _Had())
            had.drop_until(now - self._within_s + _ROUNDED_S)
            over = had.total + much - self._most
            if over <= 0:
                had.put((now // self._step_s + 1) * self._step_s, much)
                return 0.0
            return had.gone_at(over) + self._within_s - now

    def _forget(self, now: float) -> None:
        """Forget those who have nothing that still counts."""
        for had in self._had.values():
            had.drop_until(now - self._within_s)
        self._had = {user: had for user, had in self._had.items() if had.total}


class _Had:
    """What a user had, as far as it still counts: how much in each step of time, by the step's end."""

    def __init__(self) -> None:
        self.total = 0
        self._steps: deque[tuple[float, int]] = deque()

    def put(self, at: float, much: int) -> None:
        self.total += much
        if self._steps and self._steps[-1][0] == at:
            much += self._steps.pop()[1]
        self._steps.append((at, much))

    def drop_until(self, at: float) -> None:
        while self._steps and self._steps[0][0] <= at:
            self.total -= self._steps.popleft()[1]

    def gone_at(self, much: int) -> float:
        """The end of the step with which so much is gone, or all."""
        gone = 0
        for at, each in self._steps:
            gone += each
            if gone >= much:
                return at
        return self._steps[-1][0] if self._steps else math.inf


def counted_as(scope: Mapping[str, Any]) -> str | None:
    """The user that a request is counted for: an account, else an address; None at this machine without accounts."""
    user = scope.get("user")
    if isinstance(user, User) and user is not AT_HOME:
        return f"user {user.name}"
    host = (scope.get("client") or ("",))[0]
    try:
        return None if ipaddress.ip_address(host).is_loopback else f"address {host}"
    except ValueError:  # a socket of this machine has no address
        return None


def in_words(seconds: float) -> str:
    """A time to wait: "12 seconds"."""
    seconds = math.ceil(seconds)
    if seconds > MINUTE_S:
        return f"{math.ceil(seconds / MINUTE_S)} minutes"
    return f"{seconds} {'second' if seconds == 1 else 'seconds'}"
