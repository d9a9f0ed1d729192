"""Measures a trained reader on what it has not seen, for the card that is shipped beside its weights."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from index.encoder import Encoder
from qa.assembly import load_reader
from qa.evaluation.metrics import columns_of, metrics
from qa.evaluation.records import Record
from qa.evaluation.run import records_of
from qa.evaluation.sets.squad import Paragraph, squad_documents, squad_questions
from qa.evaluation.setup import Search, closed, opened
from qa.evaluation.texts import retriever_over
from qa.reader import Reader
from qa.settings import Settings

_ASKED_OPEN = 1000


def measured_closed(paragraphs: Sequence[Paragraph], reader: Reader) -> list[Record]:
    """Every question asked with its paragraph."""
    questions = squad_questions(paragraphs)
    with closed(squad_documents(paragraphs), questions, reader, Settings()) as setup:
        return [record for record, _ in records_of(questions, setup)]


def measured_open(
    paragraphs: Sequence[Paragraph], articles: frozenset[str], encoder: Encoder, settings: Settings
) -> list[Record]:
    """A sample of the questions on some articles, asked over all paragraphs."""
    of = [paragraph.article for paragraph in paragraphs for _ in paragraph.questions]
    asked = [each for each, article in zip(squad_questions(paragraphs), of, strict=True) if article in articles]
    chosen = random.Random(0).sample(asked, min(len(asked), _ASKED_OPEN))  # noqa: S311
    reader = load_reader(settings.reader, encoder)
    with retriever_over(squad_documents(paragraphs), encoder) as retriever:
        return [record for record, _ in records_of(chosen, opened(Search(retriever), chosen, reader, settings))]


def figures(records: Sequence[Record]) -> dict[str, Any]:
    """The metrics of a measurement, as the card has them."""
    return {
        "questions": len(records),
        **{
            name: {field: round(value, 3) for field, value in asdict(metric).items()}
            for name, metric in metrics(columns_of(records)).items()
        },
    }
