"""Work done ahead in a thread of its own: what one step of a pipeline brings waits for the next, up to a bound."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Generic, TypeVar

Item = TypeVar("Item")

_PATIENCE_S = 10
"""So long ``close`` waits for the item in hand; a page of the web may take longer to come."""


class Closed(Exception):
    """Nobody wants what is being worked on any more."""


class Ahead(Iterator[Item], Generic[Item]):
    """Iterates in a thread of its own, and gives what comes in its order; an error is raised in its place.

    The thread rests while what waits weighs more than ``most``; where that is 0, it rests until all was taken.
    """

    def __init__(self, items: Iterable[Item], most: float = 0, weigh: Callable[[Item], float] = lambda item: 1) -> None:
        self._most = most
        self._weigh = weigh
        self._waiting: deque[tuple[Item, float]] = deque()
        self._weight = 0.0
        self._changed = threading.Condition()
        self._closed = self._ended = False
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, args=(items,), daemon=True)
        self._thread.start()

    def __next__(self) -> Item:
        """The next item, waited for."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._ended or self._closed)
            if self._waiting:
                return self._take()
            if self._error is not None:
                raise self._error
            raise StopIteration

    def ready(self) -> Item | None:
        """The next item where it is there already."""
        with self._changed:
            return self._take() if self._waiting else None

    def check(self) -> None:
        """Raise Closed where that is so; for work that takes long to ask now and then."""
        if self._closed:
            raise Closed

    def close(self) -> None:
        """Begin nothing more, and let go of what waits."""
        with self._changed:
            self._closed = True
            self._waiting.clear()
            self._changed.notify_all()
        self._thread.join(_PATIENCE_S)

    def _take(self) -> Item:
        item, weight = self._waiting.popleft()
        self._weight -= weight
        self._changed.notify_all()
        return item

    def _run(self, items: Iterable[Item]) -> None:
        try:
            for item in items:
                weight = self._weigh(item)
                with self._changed:
                    self._waiting.append((item, weight))
                    self._weight += weight
                    self._changed.notify_all()
                    self._changed.wait_for(lambda: self._weight <= self._most or self._closed)
                    if self._closed:
                        return
        except BaseException as error:  # noqa: BLE001, it is raised where the items are taken
            self._error = error
        finally:
            with self._changed:
                self._ended = True
                self._changed.notify_all()
