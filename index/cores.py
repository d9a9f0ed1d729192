"""The processor's cores: what computes is handed to them, and each works on one thing at a time."""

from __future__ import annotations

import heapq
import threading
from collections.abc import Callable
from concurrent.futures import Future
from itertools import count
from typing import NamedTuple, TypeVar

import torch

Found = TypeVar("Found")


class _Work(NamedTuple):
    """Work in the order of its turn; ``ticket`` is unlike all others, so that nothing behind it is compared."""

    is_long: bool
    ticket: int
    run: Callable[[], None]


class Cores:
    """A thread for each core, in which torch computes on that core alone: short work first, and else what came first.

    Two passes on a core each are done sooner than one after the other on both, where every step ends with the slower of
    its halves. And what is computed does not depend on what else is, to the last bit: sums over several cores would be
    made in another order where fewer of them are free.
    """

    def __init__(self, number: int) -> None:
        self.number = number
        self._changed = threading.Condition()
        self._waiting: list[_Work] = []
        self._tickets = count()
        self._is_started = False

    def submit(self, compute: Callable[[], Found], *, short: bool = False) -> Future[Found]:
        """Have something computed; what it finds or raises is the future's."""
        future: Future[Found] = Future()

        def run() -> None:
            try:
                future.set_result(compute())
            except BaseException as error:  # noqa: BLE001, it is raised where it was asked for
                future.set_exception(error)

        with self._changed:
            if not self._is_started:
                self._start()
            heapq.heappush(self._waiting, _Work(not short, next(self._tickets), run))
            self._changed.notify()
        return future

    def _start(self) -> None:
        self._is_started = True
        ready = threading.Barrier(self.number + 1)
        for number in range(self.number):
            threading.Thread(target=self._serve, args=(ready,), name=f"core-{number}", daemon=True).start()
        ready.wait()
        torch.set_num_threads(self.number)  # as before in this thread and in all that are still to come

    def _serve(self, ready: threading.Barrier) -> None:
        torch.get_num_threads()  # a thread's first call sets it to what was last set anywhere
        torch.set_num_threads(1)
        ready.wait()
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._waiting)
                work = heapq.heappop(self._waiting)
            work.run()
            del work  # and with it what it holds


CORES = Cores(torch.get_num_threads())
"""Those of this process."""
