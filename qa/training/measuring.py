"""Measures a trained reader on what it has not seen, for the card that is shipped beside its weights."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from index.encoder import Encoder
from qa.assembly import assemble
from qa.evaluation.metrics import Scored, metrics
from qa.evaluation.questions import Question, squad_questions
from qa.evaluation.run import ask_closed, closed_library, open_library, run
from qa.evaluation.squad import Paragraph
from qa.reader import Reader
from qa.settings import Settings

_ASKED_OPEN = 1000

OnQuestion = Callable[[int, int], None]


def closed(paragraphs: Sequence[Paragraph], reader: Reader) -> list[Scored]:
    """Every question asked with its paragraph; none is refused where all have an answer."""
    questions = squad_questions(paragraphs)
    strictness = 1.0 if all(question.answerable for question in questions) else 0.5
    with TemporaryDirectory() as temporary:
        library = closed_library(paragraphs, Path(temporary))
        scored = list(run(questions, ask_closed(library, reader, Settings(strictness=strictness)), library))
        library.close()
    return scored


def opened(
    paragraphs: Sequence[Paragraph], articles: frozenset[str], encoder: Encoder, settings: Settings
) -> list[Scored]:
    """A sample of the questions on some articles, asked over all paragraphs."""
    asked = [question for question, article in _with_articles(paragraphs) if article in articles]
    chosen = random.Random(0).sample(asked, min(len(asked), _ASKED_OPEN))  # noqa: S311
    with TemporaryDirectory() as temporary:
        library = open_library(paragraphs, Path(temporary), encoder)
        parts = assemble(library, Path(temporary), encoder, settings)
        scored = list(run(chosen, lambda question: parts.answerer.ask(question.text), library))
        library.close()
    return scored


def figures(scored: Sequence[Scored]) -> dict[str, Any]:
    """The metrics of a measurement, as the card has them."""
    return {
        "questions": len(scored),
        **{
            name: {field: round(value, 3) for field, value in asdict(metric).items()}
            for name, metric in metrics(scored).items()
        },
    }


def _with_articles(paragraphs: Sequence[Paragraph]) -> list[tuple[Question, str]]:
    articles = [paragraph.article for paragraph in paragraphs for _ in paragraph.questions]
    return list(zip(squad_questions(paragraphs), articles, strict=True))
