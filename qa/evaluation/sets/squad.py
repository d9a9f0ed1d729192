"""SQuAD files (1.1 and 2.0): their paragraphs with the questions and accepted answers of each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import StringConstraints, ValidationError

from corpus.model import Document, Source, Span
from qa.evaluation.questions import Part, Question
from qa.evaluation.sets.fields import At, Fields, MaybeBlank, Text, first_wrong, shortened
from qa.evaluation.sets.own import substrings
from qa.evaluation.sets.rows import BadQuestionSet, from_json, read_text
from qa.settings import QUESTION_CHARACTERS


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


class _Answer(Fields):
    text: Text


class _Asked(Fields):
    id: Text
    question: Annotated[Text, StringConstraints(strip_whitespace=True, max_length=QUESTION_CHARACTERS)]
    answers: list[_Answer]
    is_impossible: bool | None = None


class _About(Fields):
    context: Text
    qas: list[_Asked]


class _Article(Fields):
    title: MaybeBlank = ""
    paragraphs: list[_About]


class _File(Fields):
    data: list[Any]


_Checked = TypeVar("_Checked", _File, _Article)

_LEVELS = {"data": "article", "paragraphs": "paragraph", "qas": "question", "answers": "answer"}
_NAMED_BY = {"data": "title", "qas": "id"}


def read_squad(path: Path) -> list[Paragraph]:
    """The paragraphs of a file, ``.json`` or ``.json.gz``, in its order; raises BadQuestionSet."""
    given = _Given(path, from_json(read_text(path), lambda what: BadQuestionSet(f"{path}: {what}")))
    seen: set[str] = set()
    paragraphs: list[Paragraph] = []
    for number, each in enumerate(given.checked((), given.content, _File).data):
        article = given.checked(("data", number), each, _Article)
        for place, about in enumerate(article.paragraphs):
            given.require_sound(("data", number, "paragraphs", place), about, seen)
            paragraphs.append(_paragraph(article.title, about))
    if not seen:
        raise BadQuestionSet(f"{path} holds no questions. Its articles have paragraphs, and those have 'qas'")
    return paragraphs


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


def _paragraph(article: str, about: _About) -> Paragraph:
    questions = (
        SquadQuestion(asked.id, asked.question.strip(), tuple(dict.fromkeys(answer.text for answer in asked.answers)))
        for asked in about.qas
    )
    return Paragraph(article, about.context, tuple(questions))


@dataclass(frozen=True, slots=True)
class _Given:
    """What a file holds, with the errors that say where in it something is wrong."""

    path: Path
    content: Any

    def checked(self, at: At, part: Any, model: type[_Checked]) -> _Checked:
        """A part of it with fields of the right types; an article at a time, which is much faster than all at once."""
        try:
            return model.model_validate(part)
        except ValidationError as error:
            raise self._bad(*first_wrong(error, model, at)) from error

    def require_sound(self, at: At, about: _About, seen: set[str]) -> None:
        """Raises where a question contradicts its paragraph, itself, or the ids that were seen, and adds its own."""
        for number, asked in enumerate(about.qas):
            place = (*at, "qas", number)
            if asked.id in seen:
                raise self._bad((*place, "id"), "stands at a question before. Give each its own")
            seen.add(asked.id)
            if asked.is_impossible is not None and asked.is_impossible is bool(asked.answers):
                are = "not empty" if asked.answers else "empty"
                raise self._bad((*place, "is_impossible"), f"contradicts 'answers', which is {are}. Change one of them")
            for rank, answer in enumerate(asked.answers):
                if answer.text not in about.context:
                    raise self._bad(
                        (*place, "answers", rank, "text"), "does not stand in the paragraph. Copy it from there"
                    )

    def _bad(self, at: At, what: str) -> BadQuestionSet:
        """The error at a place, such as article 2 (Ferries), paragraph 1, question 3 (q-17), 'answers'."""
        words, part = "", self.content
        for level, step in pairwise(("", *at)):
            if isinstance(step, int):
                part = part[level][step]
                name = part.get(_NAMED_BY.get(str(level))) if isinstance(part, dict) else None
                words += f", {_LEVELS[str(level)]} {step + 1}"
                words += f" ({shortened(name)})" if isinstance(name, str) else ""
        if at and isinstance(at[-1], str):
            words += f", {at[-1]!r}"
        return BadQuestionSet(f"{self.path}{words} {what}")
