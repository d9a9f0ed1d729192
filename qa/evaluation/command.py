"""What ``krakow-qa evaluate`` does: sets a task up and runs it, into a folder where one is given."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from qa.evaluation.folder import RunWriter, continued_run, new_run, require_room, require_same
from qa.evaluation.run import Header, Run, header_of, records_of
from qa.evaluation.setup import Setup, set_up
from qa.evaluation.task import Task
from qa.evaluation.texts import OnText
from qa.target import Target

OnQuestion = Callable[[str, int, int], None]
"""Called with a question's id, how many were asked, and of how many."""


def evaluate(
    task: Task,
    target: Target,
    settings: Mapping[str, Any],
    *,
    out: Path | None = None,
    resume: Path | None = None,
    on_text: OnText,
    on_question: OnQuestion,
) -> Run:
    """Ask all questions of a set, those of a run that is resumed only as far as they are not asked yet.

    ``settings`` are those that were given. Raises BadQuestionSet and BadRun before anything is written.
    """
    if out is not None:
        require_room(out)
    with set_up(task, target, settings, on_text) as setup:
        for run in run_through(task, setup, out=out, resume=resume):
            if run.records:
                on_question(run.records[-1].question.id, len(run.records), run.header.questions)
        return run


def run_through(task: Task, setup: Setup, *, out: Path | None = None, resume: Path | None = None) -> Generator[Run]:
    """The run as it is before the first question and after each; the last one is whole. Raises BadRun."""
    header = header_of(task, setup)
    before = Run(header, (), ()) if resume is None else require_same(header, resume)
    run = Run(header, list(before.records), list(before.latencies_ms))
    with _kept(header, out, resume) as writer:
        yield run
        for record, latency_ms in records_of(setup.questions[len(run.records) :], setup):
            run = Run(header, [*run.records, record], [*run.latencies_ms, latency_ms])
            if writer is not None:
                writer.add(record, latency_ms)
            yield run


@contextmanager
def _kept(header: Header, out: Path | None, resume: Path | None) -> Iterator[RunWriter | None]:
    if resume is not None:
        with continued_run(resume) as writer:
            yield writer
    elif out is not None:
        with new_run(out, header) as writer:
            yield writer
    else:
        yield None
