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
from index.retriever import Retrieval
from qa import assembly
from qa.evaluation.beir import read_beir
from qa.evaluation.metrics import Metric, Scored, metrics
from qa.evaluation.questions import Question, read_questions, squad_questions
from qa.evaluation.retrieval import Passages, Ranked, Search, ranked, retrieval_metrics, retriever_over
from qa.evaluation.run import Ask, asking, closed, opened, score
from qa.evaluation.squad import BadQuestionSet, read_squad
from qa.settings import Settings
from qa.target import Target


class Format(StrEnum):
    """Which form a question set has."""

    AUTO = "auto"
    JSONL = "jsonl"
    SQUAD = "squad"
    BEIR = "beir"


@dataclass(frozen=True, slots=True)
class Task:
    """What to evaluate.

    ``closed`` hands the reader the paragraph of each question, and where all questions have an answer it then refuses
    none, as in SQuAD 1.1; ``retrieval`` and ``passages`` say how the set is searched otherwise; ``limit`` takes a
    sample.
    """

    set: Path
    format: Format = Format.AUTO
    closed: bool = False
    retrieval: Retrieval = Retrieval.HYBRID
    passages: Passages = Passages.CUT
    limit: int | None = None
    seed: int = 0


@dataclass(frozen=True, slots=True)
class Results:
    """What a set scored: its answers, and what was found for each question; either is empty where not measured."""

    questions: Sequence[Question]
    scored: Sequence[Scored]
    found: Sequence[Ranked]

    def metrics(self, tag: str | None = None) -> dict[str, Metric]:
        """The metrics of all questions, or of those with a tag."""
        return {
            **retrieval_metrics([each for each in self.found if tag is None or tag in each.question.tags]),
            **metrics([each for each in self.scored if tag is None or tag in each.question.tags]),
        }


@dataclass(frozen=True, slots=True)
class _Asked:
    """Questions with what answers them from a library, and what searches for their documents."""

    questions: Sequence[Question]
    answering: tuple[Ask, Library] | None = None
    searching: Search | None = None


OnQuestion = Callable[[str, int, int], None]


def evaluate(task: Task, target: Target, settings: Settings, on_question: OnQuestion) -> Results:
    """Ask every question of the set and score what comes of it; raises BadQuestionSet."""
    with _asked(task, target, settings) as asked:
        scored, found = [], []
        for done, question in enumerate(asked.questions, start=1):
            if asked.searching is not None:
                found.append(ranked(question, asked.searching))
            if asked.answering is not None:
                ask, library = asked.answering
                scored.append(score(question, ask(question), library))
            on_question(question.id, done, len(asked.questions))
        return Results(asked.questions, scored, found)


def report_payload(task: Task, settings: Settings, results: Results) -> dict[str, Any]:
    """What ``evaluate --json`` prints."""
    tags = sorted({tag for question in results.questions for tag in question.tags})
    how = {name: value for name, value in asdict(task).items() if name not in {"set", "format"}}
    return {
        "set": task.set.name,
        "questions": len(results.questions),
        "settings": {**asdict(settings), **how},
        "metrics": _payload(results.metrics()),
        "by_tag": {tag: _payload(results.metrics(tag)) for tag in tags},
    }


def report_text(task: Task, results: Results) -> str:
    """The metrics as a table, each with its interval."""
    unanswerable = sum(not question.answerable for question in results.questions)
    lines = [f"{task.set.name}: {len(results.questions)} questions, {unanswerable} of them without an answer", ""]
    lines += [
        f"{name:<20} {metric.value:.3f}   {metric.low:.3f} to {metric.high:.3f}"
        for name, metric in results.metrics().items()
    ]
    return "\n".join(lines)


@contextmanager
def _asked(task: Task, target: Target, settings: Settings) -> Iterator[_Asked]:
    """The questions with what works on them; all of the set is read before anything is made."""
    format = _format(task)
    _require_sense(task, format)
    match format:
        case Format.JSONL:
            parts = target.parts(**asdict(settings))
            questions = _sample(read_questions(task.set, parts.library), task)
            ask = asking(Search(parts.retriever, task.retrieval), parts.encoder, settings)
            yield _Asked(questions, (ask, parts.library))
        case Format.BEIR:
            documents, judged = read_beir(task.set)
            with retriever_over(documents, target.load_encoder(), task.passages) as retriever:
                yield _Asked(_sample(judged, task), searching=Search(retriever, task.retrieval))
        case Format.SQUAD | Format.AUTO:
            paragraphs = read_squad(task.set)
            questions = _sample(squad_questions(paragraphs), task)
            encoder = target.load_encoder()
            if task.closed:
                with closed(paragraphs, assembly.load_reader(settings.reader, encoder), settings) as answering:
                    yield _Asked(questions, answering)
            else:
                with opened(paragraphs, encoder, settings, task.retrieval, task.passages) as (ask, search):
                    yield _Asked(questions, (ask, search.library), search)


def _format(task: Task) -> Format:
    if task.format is not Format.AUTO:
        return task.format
    if task.set.is_dir():
        return Format.BEIR
    if task.set.name.endswith(".jsonl"):
        return Format.JSONL
    if task.set.name.endswith((".json", ".json.gz")):
        return Format.SQUAD
    raise BadQuestionSet(f"{task.set} is neither .jsonl nor .json. Say what it is: --format jsonl, or squad")


def _require_sense(task: Task, format: Format) -> None:
    """Raises BadQuestionSet where a choice says nothing for such a set."""
    searched_otherwise = task.retrieval is not Retrieval.HYBRID or task.passages is not Passages.CUT
    if task.closed and format is Format.BEIR:
        raise BadQuestionSet(
            f"{task.set} is a BEIR folder: it is searched, and cannot be asked --closed. Leave that out"
        )
    if task.closed and format is Format.JSONL:
        raise BadQuestionSet(f"{task.set} brings no paragraphs, so it cannot be asked --closed. Leave that out")
    if task.closed and searched_otherwise:
        raise BadQuestionSet(f"Nothing is searched for {task.set} --closed. Leave out --retrieval and --passages")
    if task.passages is Passages.WHOLE and format is Format.JSONL:
        raise BadQuestionSet(f"{task.set} is asked of the passages that the library has. Leave out --passages")


def _sample(questions: list[Question], task: Task) -> list[Question]:
    """The first ``limit`` of the shuffled questions, in the order of the set."""
    if task.limit is None or task.limit >= len(questions):
        return questions
    chosen = random.Random(task.seed).sample(range(len(questions)), task.limit)  # noqa: S311
    return [questions[number] for number in sorted(chosen)]


def _payload(found: dict[str, Metric]) -> dict[str, dict[str, float]]:
    return {name: {field: round(value, 4) for field, value in asdict(metric).items()} for name, metric in found.items()}
