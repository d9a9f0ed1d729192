"""A batch of files that are taken in: how far it is, how long it will take, and how it is stopped."""

from __future__ import annotations

import time
from collections import deque
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
    """Asks a running batch to end after the files in hand."""

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
    passages: int = 0
    in_hand: str | None = None
    left_s: float | None = None
    passages_per_s: float | None = None

    @property
    def stopped(self) -> bool:
        """Whether it ended before its last job."""
        return self.in_hand is None and self.done < self.total


def work_off(
    jobs: Sequence[Job], take_in: TakeIn, stop: Stop, clock: Callable[[], float] = time.monotonic
) -> Iterator[Batch]:
    """Take in the jobs' files, and tell before each job and at the end how far the batch is.

    ``take_in`` may ask for files of later jobs before it tells what became of the first; a job is done when that of a
    later one is told.
    """
    stop.asked = False
    started = clock()
    given: deque[tuple[int, File]] = deque()
    begun = 0

    def files() -> Iterator[File]:
        nonlocal begun
        for number, job in enumerate(jobs):
            if stop.asked and number > 0:  # the first is in hand
                return
            begun = number + 1
            for file in map(read_once, job.files):
                given.append((number, file))
                yield file

    batch = Batch(len(jobs), in_hand=jobs[0].name if jobs else None)
    yield batch
    for added in take_in(files()):
        number, file = given.popleft()
        if number > batch.done:
            batch = _at(batch, jobs, number, clock() - started)
            yield batch
        changed = (file,) if added.outcome is Outcome.CHANGED else ()
        batch = replace(
            batch,
            results=(*batch.results, added),
            changed=(*batch.changed, *changed),
            passages=batch.passages + added.passages,
        )
    yield replace(batch, done=begun, in_hand=None, left_s=None)


def _at(batch: Batch, jobs: Sequence[Job], done: int, elapsed_s: float) -> Batch:
    """The batch before a job, with how fast it was until then."""
    return replace(
        batch,
        done=done,
        in_hand=jobs[done].name,
        left_s=elapsed_s / done * (batch.total - done),
        passages_per_s=batch.passages / elapsed_s if elapsed_s > 0 else None,
    )
