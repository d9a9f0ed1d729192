"""How long sessions last, and how many wrong passwords are heard: the settings of accounts."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Lifetimes:
    """How long a session lasts.

    ``idle_hours``: A session ends so long after its last use.
    ``session_hours``: A session ends so long after signing in, however much it is used.
    ``noted_minutes``: The use of a session is written down once in so long, and it may end so much earlier.
    """

    idle_hours: float = 2.0
    session_hours: float = 12.0
    noted_minutes: float = 1.0


@dataclass(frozen=True, slots=True)
class Bounds:
    """How many wrong guesses are heard.

    ``guesses_per_user``: So many wrong passwords are heard for one name within guess_minutes.
    ``guesses_per_address``: So many are heard from one address.
    ``guess_minutes``: How long a wrong password counts.
    """

    guesses_per_user: int = 10
    guesses_per_address: int = 30
    guess_minutes: float = 15.0
