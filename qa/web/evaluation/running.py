"""Sets put to the library from the page, one at a time: how far a run is, how it is stopped, and gone on with."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path

from corpus.errors import KrakowQAError
from qa.audit import Act, Audit
from qa.evaluation.command import run_through
from qa.evaluation.sets.rows import BadQuestionSet
from qa.evaluation.setup import over_library
from qa.evaluation.task import SHIPPED, Task
from qa.settings import Settings
from qa.web.acting import asking
from qa.web.corpus.batches import Stop
from qa.web.evaluation.runs import Runs
from qa.web.opening import Opening


class Busy(KrakowQAError):
    """A second run while the first goes on."""


class End(StrEnum):
    """Why a run asks no more."""

    DONE = "done"
    STOPPED = "stopped"
    CHANGED = "the library has changed"


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is; ``left_s`` is None where that cannot be guessed, ``end`` while it goes on."""

    name: str
    set: str
    asked: int
    total: int
    left_s: float | None = None
    end: End | None = None


class Runner:
    """Runs sets over a library into the folder of its runs; the chat answers beside it."""

    def __init__(self, opening: Opening, clock: Callable[[], float] = time.monotonic) -> None:
        self._opening = opening
        self._runs = Runs.of(opening.folder)
        self._clock = clock

    @property
    def settings(self) -> Settings:
        """How the questions are answered."""
        return self._opening.parts.settings

    def begin(self, set: Path, limit: int | None, stop: Stop) -> Iterator[Progress]:
        """Run a set, or a sample of it; raises BadQuestionSet and Busy before anything is written."""
        task = Task(set, limit=limit)
        _require_own(task)
        return self._run(task, self._runs.new(set, datetime.now(UTC)), stop, resumes=False)

    def go_on(self, name: str, stop: Stop) -> Iterator[Progress]:
        """Go on with an unfinished run; raises Busy, and BadRun where it would be a run of something else."""
        return self._run(self._runs.task(name), self._runs.path(name), stop, resumes=True)

    def _run(self, task: Task, folder: Path, stop: Stop, *, resumes: bool) -> Iterator[Progress]:
        """How far it is, before each question and at the end."""
        parts = self._opening.parts
        library = parts.library
        audited = Audit(self._opening.folder, asking).recorded(Act.EVALUATE, task.set.name)
        with self._alone(), audited, self._opening.work.in_steps(stop):
            stop.asked = False
            generation = library.generation()
            setup = over_library(task, parts)
            out, resume = (None, folder) if resumes else (folder, None)
            with closing(run_through(task, setup, out=out, resume=resume)) as steps:
                run = next(steps)
                if not resumes and task.set not in SHIPPED.values():
                    self._runs.keep_set(folder, task.set)
                before, started = len(run.records), self._clock()
                progress = Progress(folder.name, run.header.set, before, run.header.questions)
                while progress.asked < progress.total:
                    yield progress
                    if stop.asked or library.generation() != generation:
                        yield replace(progress, end=End.STOPPED if stop.asked else End.CHANGED)
                        return
                    asked = len(next(steps).records)
                    each_s = (self._clock() - started) / (asked - before)
                    progress = replace(progress, asked=asked, left_s=each_s * (progress.total - asked))
            self._runs.forget_set(folder)
            yield replace(progress, end=End.DONE)

    @contextmanager
    def _alone(self) -> Iterator[None]:
        if not self._opening.work.evaluating.acquire(blocking=False):
            raise Busy("A run is going on. Wait until it has ended, or stop it where it was begun")
        try:
            yield
        finally:
            self._opening.work.evaluating.release()


def _require_own(task: Task) -> None:
    """Raises BadQuestionSet unless the set is in our own format."""
    try:
        is_own = task.checked_format().is_own
    except BadQuestionSet:
        is_own = False
    if not is_own:
        name = task.set.name
        raise BadQuestionSet(
            f"{name} is not a set in our own format, .jsonl or .csv. Others, such as SQuAD and BEIR, are run on the"
            f" command line: krakow-qa evaluate {name}"
        )
