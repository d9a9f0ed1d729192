"""Sets of our own format, JSONL and CSV, whose evidence stands in the library. docs/evaluation.md specifies both."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, Field, StringConstraints, ValidationError

from corpus.errors import KrakowQAError
from corpus.library import Library, State
from corpus.model import Address, Span
from qa.evaluation.questions import Part, Place, Question
from qa.evaluation.sets.rows import BadQuestionSet, Row, read_text, rows
from qa.settings import QUESTION_CHARACTERS

_Text = Annotated[str, StringConstraints(min_length=1, pattern=r"\S")]

_TRUTH = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_DELIMITERS = ",;\t"
_OTHERS_NAMED = 10


class _Fields(BaseModel, extra="forbid", strict=True, frozen=True):
    """A question as a set gives it."""

    id: _Text
    question: Annotated[_Text, StringConstraints(max_length=QUESTION_CHARACTERS)]
    answerable: bool
    history: list[_Text] = []
    answers: list[_Text] = []
    evidence: list[_Text | Annotated[list[_Text], Field(min_length=1)]] = []
    tags: list[_Text] = []
    note: str = ""


_NAMES = tuple(_Fields.model_fields)
_LISTS = frozenset({"history", "answers", "evidence", "tags"})


def read_own(path: Path, library: Library, *, is_csv: bool = False) -> list[Question]:
    """The questions of a file with their evidence found in the library; raises BadQuestionSet.

    Evidence that does not stand in the current documents is told of all questions at once.
    """
    places = _Places(library)
    seen: dict[str, int] = {}
    found: list[Question] = []
    missing: list[tuple[Row, Question]] = []
    for row, given in _csv_fields(path) if is_csv else ((row, row.fields()) for row in rows(path)):
        fields = _checked(row, given)
        if fields.id in seen:
            raise row.bad(f"'id' {fields.id} stands in line {seen[fields.id]} already")
        seen[fields.id] = row.number
        question = _question(fields, places)
        found.append(question)
        if any(not part.places for alternative in question.evidence for part in alternative):
            missing.append((row, question))
    if not found:
        raise BadQuestionSet(f"{path} holds no questions. docs/evaluation.md says how one is written")
    if missing:
        raise _not_found(missing)
    return found


def _checked(row: Row, given: Mapping[str, Any]) -> _Fields:
    """The fields, each of its type, that do not contradict each other."""
    try:
        fields = _Fields.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        name, *inner = first["loc"]
        at = "".join(f", item {number + 1}" for number in inner if isinstance(number, int))
        raise row.bad(f"{str(name)!r}{at}: {first['msg']}") from error
    for name in ("answers", "evidence"):
        if not fields.answerable and getattr(fields, name):
            raise row.bad(f"{name!r} is given for a question that is not 'answerable'")
    return fields


def _question(fields: _Fields, places: _Places) -> Question:
    return Question(
        fields.id,
        fields.question.strip(),
        fields.answerable,
        tuple(fields.history),
        tuple(fields.answers),
        tuple(
            tuple(Part(part, places.of(part)) for part in ([given] if isinstance(given, str) else given))
            for given in fields.evidence
        ),
        tags=tuple(dict.fromkeys(fields.tags)),
        note=fields.note,
    )


class _Places:
    """Finds evidence in the documents that are current."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._texts = {entry.id: library.document(entry.id).text for entry in library.entries()}

    def of(self, part: str) -> tuple[Place, ...]:
        """The place at an address, or wherever a quote stands; none where neither does."""
        try:
            address = Address.parse(part)
        except KrakowQAError:
            return tuple((id, span) for id, text in self._texts.items() for span in substrings(part, text))
        try:
            _, entry = self._library.resolve(address)
        except KrakowQAError:
            return ()
        return ((address.document_id, address.span),) if entry.state is State.CURRENT else ()


def substrings(part: str, text: str) -> Iterator[Span]:
    """Wherever a text stands in another, overlaps included."""
    start = text.find(part)
    while start != -1:
        yield Span(start, start + len(part))
        start = text.find(part, start + 1)


def _not_found(missing: Sequence[tuple[Row, Question]]) -> BadQuestionSet:
    """What is missing of the first question, and which others miss something."""
    row, question = missing[0]
    part = next(part.given for alternative in question.evidence for part in alternative if not part.places)
    document, at, _ = part.partition("#")
    where = document if at and "@" in document else f"the library: {part}"
    others = [each.id for _, each in missing[1:]]
    more = f"; nor that of {', '.join(others[:_OTHERS_NAMED])}" if others else ""
    if len(others) > _OTHERS_NAMED:
        more += f" and {len(others) - _OTHERS_NAMED} more"
    return row.bad(
        f"question {question.id}: evidence not found in {where}{more}."
        " Quote what the documents say now; krakow-qa list shows their versions"
    )


def _csv_fields(path: Path) -> Iterator[tuple[Row, dict[str, Any]]]:
    """The rows under the header, each with its fields; lists stand in a cell a line each, or as JSON."""
    text = read_text(path)
    header = text.partition("\n")[0]
    table = csv.reader(io.StringIO(text), delimiter=max(_DELIMITERS, key=header.count), strict=True)
    names: list[str] = []
    try:
        for cells in table:
            row = Row(path, table.line_num, "")
            if not names:
                names = [name.strip().lower() for name in cells]
                _require_header(row, names)
            elif len(cells) > len(names):
                raise row.bad(f"{len(cells)} cells under {len(names)} columns")
            elif any(cell.strip() for cell in cells):
                yield row, {name: _cell(row, name, cell) for name, cell in zip(names, cells, strict=False) if cell}
    except csv.Error as error:
        raise BadQuestionSet(f"{path}, line {table.line_num}: no CSV ({error})") from error


def _require_header(row: Row, names: Sequence[str]) -> None:
    for name in names:
        if name not in _NAMES:
            raise row.bad(f"the column {name!r} is none of {', '.join(_NAMES)}")
        if names.count(name) > 1:
            raise row.bad(f"the column {name!r} stands there twice")


def _cell(row: Row, name: str, cell: str) -> Any:
    if name == "answerable":
        return _TRUTH.get(cell.strip().lower(), cell)
    if name not in _LISTS:
        return cell
    if not cell.lstrip().startswith("["):
        return [line.strip() for line in cell.splitlines() if line.strip()]
    try:
        return json.loads(cell)
    except (json.JSONDecodeError, RecursionError) as error:
        raise row.bad(f"{name!r}: no JSON ({error})") from error
