"""What ``krakow-qa evaluate`` does: reads a set, asks its questions, and reports the scores."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from corpus.library import Library
from qa import assembly
from qa.evaluation.metrics import Metric, Scored, metrics
from qa.evaluation.questions import Question, read_questions, squad_questions
from qa.evaluation.run import Ask, closed, opened, run
from qa.evaluation.squad import BadQuestionSet, read_squad
from qa.settings import Settings
from qa.target import Target


class Format(StrEnum):
    """Which form a question set has."""

    AUTO = "auto"
    JSONL = "jsonl"
    SQUAD = "squad"


@dataclass(frozen=True, slots=True)
class Task:
    """What to evaluate.

    ``closed`` hands the reader the paragraph of each question, and where all questions have an answer it then refuses
    none, as in SQuAD 1.1; ``limit`` takes a sample.
    """

    set: Path
    format: Format = Format.AUTO
    closed: bool = False
    limit: int | None = None
    seed: int = 0


OnQuestion = Callable[[str, int, int], None]


def evaluate(task: Task, target: Target, settings: Settings, on_question: OnQuestion) -> list[Scored]:
    """Every question of the set with its answer and its score; raises BadQuestionSet."""
    with _asked(task, target, settings) as (questions, ask, library):
        scored = []
        for done, each in enumerate(run(questions, ask, library), start=1):
            scored.append(each)
            on_question(each.question.id, done, len(questions))
        return scored


def report_payload(task: Task, settings: Settings, scored: Sequence[Scored]) -> dict[str, Any]:
    """What ``evaluate --json`` prints."""
    tags = sorted({tag for each in scored for tag in each.question.tags})
    return {
        "set": task.set.name,
        "questions": len(scored),
        "settings": {**asdict(settings), "closed": task.closed, "limit": task.limit, "seed": task.seed},
        "metrics": _payload(metrics(scored)),
        "by_tag": {tag: _payload(metrics([each for each in scored if tag in each.question.tags])) for tag in tags},
    }


def report_text(task: Task, scored: Sequence[Scored]) -> str:
    """The metrics as a table, each with its interval."""
    unanswerable = sum(not each.question.answerable for each in scored)
    lines = [f"{task.set.name}: {len(scored)} questions, {unanswerable} of them without an answer", ""]
    lines += [
        f"{name:<20} {metric.value:.3f}   {metric.low:.3f} to {metric.high:.3f}"
        for name, metric in metrics(scored).items()
    ]
    return "\n".join(lines)


@contextmanager
def _asked(task: Task, target: Target, settings: Settings) -> Iterator[tuple[list[Question], Ask, Library]]:
    """The questions, what answers them, and the library that it answers from."""
    if _format(task) is Format.JSONL:
        if task.closed:
            raise BadQuestionSet(f"{task.set} brings no paragraphs, so it cannot be asked --closed. Leave that out")
        parts = target.parts(**asdict(settings))
        questions = _sample(read_questions(task.set, parts.library), task)
        yield questions, lambda question: parts.answerer.ask(question.text), parts.library
        return
    paragraphs = read_squad(task.set)
    questions = _sample(squad_questions(paragraphs), task)
    encoder = target.load_encoder()
    answering = (
        closed(paragraphs, assembly.load_reader(settings.reader, encoder), settings)
        if task.closed
        else opened(paragraphs, encoder, settings)
    )
    with answering as (ask, library):
        yield questions, ask, library


def _format(task: Task) -> Format:
    if task.format is not Format.AUTO:
        return task.format
    if task.set.name.endswith(".jsonl"):
        return Format.JSONL
    if task.set.name.endswith((".json", ".json.gz")):
        return Format.SQUAD
    raise BadQuestionSet(f"{task.set} is neither .jsonl nor .json. Say what it is: --format jsonl, or squad")


def _sample(questions: list[Question], task: Task) -> list[Question]:
    """The first ``limit`` of the shuffled questions, in the order of the set."""
    if task.limit is None or task.limit >= len(questions):
        return questions
    chosen = random.Random(task.seed).sample(range(len(questions)), task.limit)  # noqa: S311
    return [questions[number] for number in sorted(chosen)]


def _payload(found: dict[str, Metric]) -> dict[str, dict[str, float]]:
    return {name: {field: round(value, 4) for field, value in asdict(metric).items()} for name, metric in found.items()}
