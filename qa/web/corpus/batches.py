"""A batch of files taken in one after the other: how far it is, how long it will take, and how it is stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from corpus.files import File, read_once
from index.intake import Added, Outcome

TakeIn = Callable[[Iterable[File]], Iterator[Added]]
"""What is done with files: they are added, or only read."""


@dataclass(frozen=True, slots=True)
class Job:
    """One thing to be taken in: its name, and the files that it turns out to be when it is its turn."""

    name: str
    files: Iterable[File]


@dataclass(slots=True)
class Stop:
    """Asks a running batch to end after the file in hand."""

    asked: bool = False


@dataclass(frozen=True, slots=True)
class Batch:
    """How far a batch is; ``in_hand`` is the job at work, None where the batch has ended.

    ``changed`` are the files whose documents the library has with another text, in the order of their results.
    """

    total: int
    done: int = 0
    results: tuple[Added, ...] = ()
    changed: tuple[File, ...] = ()
    in_hand: str | None = None
    left_s: float | None = None

    @property
    def stopped(self) -> bool:
        """Whether it ended before its last job."""
        return self.in_hand is None and self.done < self.total


def work_off(
    jobs: Sequence[Job], take_in: TakeIn, stop: Stop, clock: Callable[[], float] = time.monotonic
) -> Iterator[Batch]:
    """Take in one job after the other, and tell before each one and at the end how far the batch is."""
    stop.asked = False
    started = clock()
    batch = Batch(len(jobs))
    for job in jobs:
        if stop.asked:
            break
        left_s = (clock() - started) / batch.done * (batch.total - batch.done) if batch.done else None
        yield replace(batch, in_hand=job.name, left_s=left_s)
        for file in map(read_once, job.files):
            for added in take_in([file]):
                changed = (file,) if added.outcome is Outcome.CHANGED else ()
                batch = replace(batch, results=(*batch.results, added), changed=(*batch.changed, *changed))
        batch = replace(batch, done=batch.done + 1)
    yield batch
