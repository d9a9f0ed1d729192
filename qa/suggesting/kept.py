"""The suggestions of a library as it is now, made beside what others ask, and held in memory alone.

A suggestion is made of words of a document. None is written anywhere, and none is given away once the library has
changed, so that nothing of a document that was withdrawn or purged is left in one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace

from corpus.errors import KrakowQAError
from qa.suggesting.suggestions import Answering, Suggestion, suggestions

_REST_S = 0.1
"""How often it is looked whether the machine is free for the next question."""


@dataclass(frozen=True, slots=True)
class Suggested:
    """What there is by now of the suggestions of one generation, and whether that is all."""

    generation: int
    suggestions: tuple[Suggestion, ...] = ()
    is_complete: bool = False


class Suggestions:
    """Makes the suggestions of a library in a thread, from when they are first asked for until it is closed."""

    def __init__(self, is_busy: Callable[[], bool]) -> None:
        """While ``is_busy`` says so, nothing is asked."""
        self._is_busy = is_busy
        self._lock = threading.Lock()
        self._closed = threading.Event()
        self._now = Suggested(-1)
        self._making: threading.Thread | None = None

    def now(self, parts: Answering) -> Suggested:
        """What is ready of the suggestions of the library as it is; the rest is made meanwhile."""
        generation = parts.library.generation()
        with self._lock:
            if self._now.generation != generation:
                self._now = Suggested(generation)
            if self._making is None and not self._now.is_complete and not self._closed.is_set():
                self._making = threading.Thread(target=self._make, args=(parts,), name="suggesting")
                self._making.start()
            return self._now

    def close(self) -> None:
        """Make no more, and wait for the question in hand."""
        self._closed.set()
        with self._lock:
            making = self._making
        if making is not None:
            making.join()

    def _make(self, parts: Answering) -> None:
        generation = self._now.generation
        try:
            for suggestion in suggestions(parts, self._goes_on):
                self._add(generation, suggestion)
            self._end(generation, is_complete=parts.library.generation() == generation)
        except KrakowQAError:  # the library cannot be read just now, which those who ask are told
            self._end(generation, is_complete=False)

    def _add(self, generation: int, suggestion: Suggestion) -> None:
        with self._lock:
            if self._now.generation == generation:
                self._now = replace(self._now, suggestions=(*self._now.suggestions, suggestion))

    def _end(self, generation: int, *, is_complete: bool) -> None:
        with self._lock:
            self._making = None
            if self._now.generation == generation and not self._closed.is_set():
                self._now = replace(self._now, is_complete=is_complete)

    def _goes_on(self) -> bool:
        """Whether the next question may be asked, as soon as nobody else's is."""
        while self._is_busy():
            if self._closed.wait(_REST_S):
                return False
        return not self._closed.is_set()
