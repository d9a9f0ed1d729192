"""What ``krakow-qa evaluate`` does: sets a task up and runs it, into a folder where one is given."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
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
        return run(task, setup, out=out, resume=resume, on_question=on_question)


def run(task: Task, setup: Setup, *, out: Path | None, resume: Path | None, on_question: OnQuestion) -> Run:
    """The same, of a task that is set up."""
    header = header_of(task, setup)
    before = Run(header, (), ()) if resume is None else require_same(header, resume)
    records, latencies = list(before.records), list(before.latencies_ms)
    with _kept(header, out, resume) as writer:
        for record, latency_ms in records_of(setup.questions[len(records) :], setup):
            records.append(record)
            latencies.append(latency_ms)
            if writer is not None:
                writer.add(record, latency_ms)
            on_question(record.question.id, len(records), len(setup.questions))
    return Run(header, records, latencies)


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
