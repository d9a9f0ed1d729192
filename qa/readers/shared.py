"""One span model for all who ask at once: what waits while a pass runs is read together in the next one."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field

from qa.readers.spans import BulkSpanModel, Window

MOST_PASSAGES = 64
"""A pass takes no further question once it has so many passages: more together gain nothing, and all wait for it."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question with its passages, and where what is found goes."""

    question: str
    passages: Sequence[str]
    found: Future[list[Window]] = field(default_factory=Future)


class SharedSpanModel:
    """A ``SpanModel`` for any number of threads over one that is asked by one thread, several questions at a time.

    Questions are read in the order in which they came: none waits for a later one but those read together with it.
    """

    def __init__(self, model: BulkSpanModel, most_passages: int = MOST_PASSAGES) -> None:
        self.name = model.name
        self._model = model
        self._most_passages = most_passages
        self._waiting: deque[_Asked] = deque()
        # One thread, since a pass takes all cores, and every thread that computes has helpers and buffers of its own.
        self._passes = ThreadPoolExecutor(max_workers=1, thread_name_prefix="reader")

    def windows(self, question: str, passages: Sequence[str]) -> list[Window]:
        asked = _Asked(question, passages)
        self._waiting.append(asked)
        self._passes.submit(self._read_first)
        return asked.found.result()

    def _read_first(self) -> None:
        """Read the first that wait; none may be left, since each that came has asked for a pass."""
        together: list[_Asked] = []
        passages = 0
        while self._waiting and passages < self._most_passages:
            together.append(self._waiting.popleft())
            passages += len(together[-1].passages)
        if together:
            self._read(together)

    def _read(self, together: Sequence[_Asked]) -> None:
        try:
            read = self._model.windows_of([(asked.question, asked.passages) for asked in together])
        except Exception as error:  # noqa: BLE001, it is raised again where it was asked
            if len(together) == 1:
                together[0].found.set_exception(error)
                return
            for asked in together:  # what is wrong with one is nothing to the others
                self._read([asked])
            return
        for asked, windows in zip(together, read, strict=True):
            asked.found.set_result(windows)
