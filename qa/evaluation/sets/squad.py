"""SQuAD files (1.1 and 2.0): their paragraphs with the questions and accepted answers of each."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.model import Document, Source, Span
from qa.evaluation.questions import Part, Question
from qa.evaluation.sets.own import substrings
from qa.evaluation.sets.rows import BadQuestionSet, read_bytes


@dataclass(frozen=True, slots=True)
class SquadQuestion:
    """A question and the answers that are accepted; none where it is meant to be unanswerable."""

    id: str
    text: str
    answers: tuple[str, ...]

    def spans_in(self, text: str) -> list[Span]:
        """Where its answers stand in a text as whole words."""
        return [span for answer in self.answers for span in occurrences(answer, text)]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of an article, and what is asked about it."""

    article: str
    text: str
    questions: tuple[SquadQuestion, ...]


def read_squad(path: Path) -> list[Paragraph]:
    """The paragraphs of a file, ``.json`` or ``.json.gz``, in its order; raises BadQuestionSet."""
    data = read_bytes(path)
    try:
        articles = json.loads(data)["data"]
        return [_paragraph(article["title"], each) for article in articles for each in article["paragraphs"]]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise BadQuestionSet(f"{path} is no SQuAD file ({type(error).__name__}: {error})") from error


def squad_questions(paragraphs: Sequence[Paragraph]) -> list[Question]:
    """The questions of the paragraphs; any occurrence of an accepted answer in the paragraph is evidence."""
    return [
        Question(
            asked.id,
            asked.text,
            bool(asked.answers),
            answers=asked.answers,
            evidence=tuple((part,) for part in _accepted(asked, document_id, paragraph.text)),
            document_id=document_id,
            relevant=((document_id, 1),) if asked.answers else (),
        )
        for document_id, paragraph in zip(squad_ids(paragraphs), paragraphs, strict=True)
        for asked in paragraph.questions
    ]


def squad_documents(paragraphs: Sequence[Paragraph]) -> list[Document]:
    """A document for each paragraph."""
    return [
        Document.of(id, Source(paragraph.article.replace("_", " ")), paragraph.text)
        for id, paragraph in zip(squad_ids(paragraphs), paragraphs, strict=True)
    ]


def squad_ids(paragraphs: Sequence[Paragraph]) -> list[str]:
    """The document id of each paragraph."""
    return [f"paragraph-{number}" for number in range(1, len(paragraphs) + 1)]


def occurrences(answer: str, text: str) -> Iterator[Span]:
    """Where an answer stands in a text as whole words."""
    pattern = rf"(?<!\w){re.escape(answer)}(?!\w)"
    for match in re.finditer(pattern, text):
        yield Span(*match.span())


def _accepted(asked: SquadQuestion, document_id: str, text: str) -> Iterator[Part]:
    for answer in asked.answers:
        spans = list(occurrences(answer, text)) or substrings(answer, text)
        yield Part(answer, tuple((document_id, span) for span in spans))


def _paragraph(article: str, fields: dict[str, Any]) -> Paragraph:
    questions = (
        SquadQuestion(
            asked["id"],
            asked["question"].strip(),
            tuple(dict.fromkeys(answer["text"] for answer in asked["answers"])),
        )
        for asked in fields["qas"]
    )
    return Paragraph(article, fields["context"], tuple(questions))
