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

    ``take_in`` may ask for files of later jobs before it tells what became of the first.
    """
    stop.asked = False
    started = clock()
    given: deque[tuple[int, File, bool]] = deque()
    begun = 0

    def files() -> Iterator[File]:
        nonlocal begun
        for number, job in enumerate(jobs):
            if stop.asked and number > 0:  # the first is in hand
                return
            begun = number + 1
            found = list(map(read_once, job.files))
            for place, file in enumerate(found, start=1):
                given.append((number, file, place == len(found)))
                yield file

    batch = Batch(len(jobs), in_hand=jobs[0].name if jobs else None)
    yield batch
    for added in take_in(files()):
        number, file, is_last = given.popleft()
        batch = _with(batch, added, file)
        if is_last and number + 1 < (begun if stop.asked else len(jobs)):
            batch = _before(jobs, number + 1, batch, clock() - started)
            yield batch
    yield replace(batch, done=begun, in_hand=None, left_s=None)


def _with(batch: Batch, added: Added, file: File) -> Batch:
    """The batch with what became of one file more."""
    return replace(
        batch,
        results=(*batch.results, added),
        changed=(*batch.changed, file) if added.outcome is Outcome.CHANGED else batch.changed,
        passages=batch.passages + added.passages,
    )


def _before(jobs: Sequence[Job], done: int, batch: Batch, elapsed_s: float) -> Batch:
    """The batch before its next job, with how fast it was until then."""
    return replace(
        batch,
        done=done,
        in_hand=jobs[done].name,
        left_s=elapsed_s / done * (batch.total - done),
        passages_per_s=batch.passages / elapsed_s if elapsed_s > 0 else None,
    )
