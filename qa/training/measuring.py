"""Measures a trained reader on what it has not seen, for the card that is shipped beside its weights."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from index.encoder import Encoder
from qa.evaluation.metrics import Scored, metrics
from qa.evaluation.questions import squad_questions
from qa.evaluation.run import closed, opened, run
from qa.evaluation.squad import Paragraph
from qa.reader import Reader
from qa.settings import Settings

_ASKED_OPEN = 1000


def measured_closed(paragraphs: Sequence[Paragraph], reader: Reader) -> list[Scored]:
    """Every question asked with its paragraph."""
    with closed(paragraphs, reader, Settings()) as (ask, library):
        return list(run(squad_questions(paragraphs), ask, library))


def measured_open(
    paragraphs: Sequence[Paragraph], articles: frozenset[str], encoder: Encoder, settings: Settings
) -> list[Scored]:
    """A sample of the questions on some articles, asked over all paragraphs."""
    of = [paragraph.article for paragraph in paragraphs for _ in paragraph.questions]
    asked = [each for each, article in zip(squad_questions(paragraphs), of, strict=True) if article in articles]
    chosen = random.Random(0).sample(asked, min(len(asked), _ASKED_OPEN))  # noqa: S311
    with opened(paragraphs, encoder, settings) as (ask, search):
        return list(run(chosen, ask, search.library))


def figures(scored: Sequence[Scored]) -> dict[str, Any]:
    """The metrics of a measurement, as the card has them."""
    return {
        "questions": len(scored),
        **{
            name: {field: round(value, 3) for field, value in asdict(metric).items()}
            for name, metric in metrics(scored).items()
        },
    }
