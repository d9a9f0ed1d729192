"""What a server has in hand, and whether it may begin anything more: how it stops without cutting anything off."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol

from corpus.errors import KrakowQAError


class Stopping(KrakowQAError):
    """Something that is to be begun while the server is being stopped."""


class Stoppable(Protocol):
    """Work in steps, which ends after the one in hand when ``asked`` is true."""

    asked: bool


class Work:
    """Handlers and responses in hand; all threads may use it. ``evaluating`` is held while a set is put to it."""

    def __init__(self) -> None:
        self.stopping = False
        self.evaluating = threading.Lock()
        self._lock = threading.Lock()
        self._in_hand = 0
        self._in_steps: list[Stoppable] = []
        self._at_the_end: list[Callable[[], None]] = []

    @property
    def is_busy(self) -> bool:
        """Whether anything is in hand."""
        return self._in_hand > 0

    @contextmanager
    def begun(self) -> Iterator[None]:
        """Something that is waited for when the server stops; raises Stopping where it stops already."""
        if self.stopping:
            raise Stopping("krakow-qa is being stopped and takes nothing new. Try again in a minute")
        with self.delivering():
            yield

    @contextmanager
    def delivering(self) -> Iterator[None]:
        """The same, for what also a server that stops has to do: to tell what came of the things in hand."""
        with self._lock:
            self._in_hand += 1
        try:
            yield
        finally:
            with self._lock:
                self._in_hand -= 1

    @contextmanager
    def in_steps(self, stoppable: Stoppable) -> Iterator[None]:
        """Work that is asked to end after the step in hand when the server stops."""
        with self._lock:
            self._in_steps.append(stoppable)
        try:
            yield
        finally:
            with self._lock:
                self._in_steps.remove(stoppable)

    def stop(self) -> None:
        """Begin nothing more, and ask what goes on in steps to end; may be called again for what came in between."""
        self.stopping = True
        with self._lock:
            for stoppable in self._in_steps:
                stoppable.asked = True

    def at_the_end(self, call: Callable[[], None]) -> None:
        """Have a function called when nothing is in hand any more."""
        self._at_the_end.append(call)

    def end(self) -> None:
        """Call those functions."""
        for call in self._at_the_end:
            call()
