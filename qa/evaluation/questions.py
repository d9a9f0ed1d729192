"""Questions of a scored set: what is asked, what counts as right, and how the sets of our own format are read."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.blocks import sentences
from corpus.errors import KrakowQAError
from corpus.library import Library
from corpus.model import Address, Span
from qa.evaluation.squad import BadQuestionSet, Paragraph, SquadQuestion, occurrences
from qa.model import Quote

_MOST_SENTENCES, _MOST_WORDS = 3, 80

Place = tuple[str, Span]
"""A document id and a span of it."""

Evidence = tuple[tuple[tuple[Place, ...], ...], ...]
"""Alternatives; each the parts that are all needed; each part the places where it stands, any of which will do."""


@dataclass(frozen=True, slots=True)
class Question:
    """A question of a set.

    ``answers`` are accepted short answers; ``document_id`` is the text it was asked about; ``relevant`` are the
    documents that a search should find, each with its grade, 1 or more.
    """

    id: str
    text: str
    answerable: bool
    answers: tuple[str, ...] = ()
    evidence: Evidence = ()
    document_id: str | None = None
    tags: tuple[str, ...] = ()
    relevant: tuple[tuple[str, int], ...] = ()


def holds_evidence(question: Question, quotes: Sequence[Quote]) -> bool:
    """Whether all parts of one alternative stand wholly inside quotes of at most 3 sentences and 80 words."""
    return any(
        all(any(_holds(quote, place) for quote in quotes for place in part) for part in alternative)
        for alternative in question.evidence
    )


def squad_questions(paragraphs: Sequence[Paragraph]) -> list[Question]:
    """The questions of SQuAD paragraphs; any occurrence of an accepted answer in the paragraph is evidence."""
    return [
        Question(
            asked.id,
            asked.text,
            bool(asked.answers),
            asked.answers,
            tuple((((document_id, span),),) for span in _accepted(asked, paragraph.text)),
            document_id,
            relevant=((document_id, 1),) if asked.answers else (),
        )
        for document_id, paragraph in zip(squad_ids(paragraphs), paragraphs, strict=True)
        for asked in paragraph.questions
    ]


def squad_ids(paragraphs: Sequence[Paragraph]) -> list[str]:
    """The document id of each paragraph."""
    return [f"paragraph-{number}" for number in range(1, len(paragraphs) + 1)]


def read_questions(path: Path, library: Library) -> list[Question]:
    """The questions of a JSONL file of our format with their evidence found in the library; raises BadQuestionSet."""
    try:
        lines = path.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise BadQuestionSet(f"{path} cannot be read as UTF-8 text ({error})") from error
    texts = {entry.id: library.document(entry.id).text for entry in library.entries()}
    found = [_question(Row(path, number, line), texts, library) for number, line in enumerate(lines, start=1) if line]
    if not found:
        raise BadQuestionSet(f"{path} holds no questions. Write one JSON object on each line")
    return found


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file, with the errors that name it."""

    path: Path
    number: int
    line: str

    def fields(self) -> Mapping[str, Any]:
        """The JSON object that the line is."""
        try:
            fields = json.loads(self.line)
        except (ValueError, RecursionError) as error:
            raise self.bad(f"no JSON ({error})") from error
        if not isinstance(fields, dict):
            raise self.bad("not a JSON object")
        return fields

    def bad(self, what: str) -> BadQuestionSet:
        """The error that says what is wrong in the line."""
        return BadQuestionSet(f"{self.path}, line {self.number}: {what}")


def _question(row: Row, texts: Mapping[str, str], library: Library) -> Question:
    fields = row.fields()
    for name, kind in (("id", str), ("question", str), ("answerable", bool)):
        if not isinstance(fields.get(name), kind) or fields[name] == "":
            raise row.bad(f"{name!r} is missing or not a {'truth value' if kind is bool else 'text'}")
    for name in ("answers", "evidence", "tags"):
        if not isinstance(fields.get(name, []), list):
            raise row.bad(f"{name!r} is not a list")
    return Question(
        fields["id"],
        fields["question"],
        fields["answerable"],
        tuple(map(str, fields.get("answers", []))),
        tuple(
            tuple(
                _places(row, part, texts, library)
                for part in (alternative if isinstance(alternative, list) else [alternative])
            )
            for alternative in fields.get("evidence", [])
        ),
        tags=tuple(map(str, fields.get("tags", []))),
    )


def _places(row: Row, part: object, texts: Mapping[str, str], library: Library) -> tuple[Place, ...]:
    """Where a piece of evidence stands: at its address, or wherever its text does."""
    if not isinstance(part, str) or not part:
        raise row.bad("'evidence' holds something that is no quote and no address")
    if "@" in part and "#" in part and " " not in part:
        try:
            address = Address.parse(part)
            library.resolve(address)
        except KrakowQAError as error:
            raise row.bad(f"evidence not found: {error}") from error
        return ((address.document_id, address.span),)
    found = tuple((name, span) for name, text in texts.items() for span in _substrings(part, text))
    if not found:
        raise row.bad(f"evidence not found in the library: {part}")
    return found


def _accepted(asked: SquadQuestion, text: str) -> Iterator[Span]:
    for answer in asked.answers:
        yield from list(occurrences(answer, text)) or _substrings(answer, text)


def _substrings(part: str, text: str) -> Iterator[Span]:
    start = text.find(part)
    while start != -1:
        yield Span(start, start + len(part))
        start = text.find(part, start + 1)


def _holds(quote: Quote, place: Place) -> bool:
    document, span = place
    return (
        quote.address.document_id == document
        and span in quote.address.span
        and len(sentences(quote.text)) <= _MOST_SENTENCES
        and len(quote.text.split()) <= _MOST_WORDS
    )
