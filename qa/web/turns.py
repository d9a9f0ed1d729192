"""Whose turn it is: how often each may ask, and how many requests of programs are in work at once."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any, ParamSpec, TypeVar

import anyio
from anyio import to_thread

from qa.web.limits import MINUTE_S, Limits, Rate, TooMany, counted_as, in_words

Scope = Mapping[str, Any]
Given = ParamSpec("Given")
Result = TypeVar("Result")


class Questions:
    """Counts the questions of each user, wherever he asks them."""

    def __init__(self, limits: Limits) -> None:
        self._most = limits.questions_per_minute
        self._asked = Rate(self._most, MINUTE_S)

    def require_room(self, scope: Scope) -> None:
        """Count a question of whoever sends a request; raises TooMany."""
        wait_s = self._asked.take(counted_as(scope))
        if wait_s > 0:
            raise TooMany(f"You asked {self._most} questions within a minute. Ask again in {in_words(wait_s)}", wait_s)


class Turns:
    """Does so many things at once, each in a thread; the others wait, without one, in the order in which they came.

    What the page does has turns of its own, so that programs that ask without end do not stop it.
    """

    def __init__(self, at_once: int) -> None:
        self._room = anyio.CapacityLimiter(at_once)
        self._waiting: dict[object, Scope] = {}

    def waiting(self) -> Iterator[Scope]:
        """The requests that wait, each as its scope."""
        return iter(list(self._waiting.values()))

    async def do(
        self, scope: Scope, call: Callable[Given, Result], *given: Given.args, **named: Given.kwargs
    ) -> Result:
        """Do something for whoever sends a request, when it is its turn."""
        ticket = object()
        self._waiting[ticket] = scope
        try:
            async with self._room:
                del self._waiting[ticket]
                return await to_thread.run_sync(partial(call, *given, **named))
        finally:
            self._waiting.pop(ticket, None)
