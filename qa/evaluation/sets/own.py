"""Sets of our own format, JSONL and CSV, whose evidence stands in the library. docs/evaluation.md specifies both."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StringConstraints, ValidationError

from corpus.errors import BadAddress, DocumentNotFound
from corpus.library import Library, State
from corpus.model import VERSION_DIGITS, Address, Span
from qa.evaluation.questions import Part, Place, Question
from qa.evaluation.sets.fields import Fields, MaybeBlank, Text, first_wrong, shortened
from qa.evaluation.sets.rows import BadQuestionSet, Row, rows
from qa.evaluation.sets.table import table_rows
from qa.settings import QUESTION_CHARACTERS

_EXPLAINED = 10
_LIKE_AN_ADDRESS = re.compile(r"\S+@\S+#\S+")


def _listed(given: Any) -> Any:
    return given if isinstance(given, list) else [given]


class OwnFields(Fields, extra="forbid"):
    """A question as a set gives it; evidence has alternatives, each one text or a list of such that are all needed."""

    id: Text
    question: Annotated[Text, StringConstraints(max_length=QUESTION_CHARACTERS)]
    history: list[Text] = Field(default=[])
    spelled_out: Annotated[MaybeBlank, StringConstraints(max_length=QUESTION_CHARACTERS)] = ""
    answers: list[Text] = Field(default=[])
    evidence: list[Annotated[list[Text], Field(min_length=1), BeforeValidator(_listed)]] = Field(default=[])
    answerable: bool
    tags: list[Text] = Field(default=[])
    note: MaybeBlank = ""


def read_own(path: Path, library: Library, *, is_csv: bool = False) -> list[Question]:
    """The questions of a file with their evidence found in the library; raises BadQuestionSet.

    Evidence that does not stand in the current documents is told of all questions at once.
    """
    places = _Places(library)
    missing: list[tuple[Row, Question]] = []
    found: list[Question] = []
    for row, fields in check_own(path, is_csv=is_csv):
        question = _question(fields, places)
        found.append(question)
        if any(not part.places for parts in question.evidence for part in parts):
            missing.append((row, question))
    if missing:
        raise _not_found(path, missing, places)
    return found


def check_own(path: Path, *, is_csv: bool = False) -> list[tuple[Row, OwnFields]]:
    """The questions as they are given, without a look at any library; raises BadQuestionSet."""
    found: dict[str, tuple[Row, OwnFields]] = {}
    given = table_rows(path, OwnFields) if is_csv else ((row, row.fields()) for row in rows(path))
    for row, values in given:
        fields = _checked(row, values)
        if fields.id in found:
            raise row.bad(f"'id' {fields.id} stands in line {found[fields.id][0].number} already")
        found[fields.id] = row, fields
    if not found:
        raise BadQuestionSet(f"{path} holds no questions. docs/evaluation.md says how one is written")
    return list(found.values())


def _checked(row: Row, given: Mapping[str, Any]) -> OwnFields:
    """The fields, each of its type, that do not contradict each other."""
    try:
        fields = OwnFields.model_validate(given)
    except ValidationError as error:
        (name, *numbers), what = first_wrong(error, OwnFields)
        at = "".join(f", {kind} {int(number) + 1}" for kind, number in zip(("item", "part"), numbers, strict=False))
        raise row.bad(f"{name!r}{at} {what}") from error
    for name in ("answers", "evidence"):
        if not fields.answerable and getattr(fields, name):
            raise row.bad(f"{name!r} is given, and 'answerable' is false. Change one of them")
    if fields.spelled_out and not fields.history:
        raise row.bad("'spelled_out' is given, and 'history' is empty. It is for a question that follows others")
    return fields


def _question(fields: OwnFields, places: _Places) -> Question:
    return Question(
        fields.id,
        fields.question.strip(),
        fields.answerable,
        tuple(fields.history),
        tuple(fields.answers),
        tuple(tuple(Part(part, places.of(part)) for part in parts) for parts in fields.evidence),
        tags=tuple(dict.fromkeys(fields.tags)),
        note=fields.note,
        spelled_out=fields.spelled_out.strip(),
    )


class _Places:
    """Finds evidence in the documents that are current."""

    def __init__(self, library: Library) -> None:
        self._library = library

    def of(self, part: str) -> tuple[Place, ...]:
        """The place at an address, or wherever a quote stands; none where neither does."""
        try:
            address = Address.parse(part)
        except BadAddress:
            return tuple((id, span) for id, text in self._texts.items() for span in substrings(part, text))
        try:
            _, entry = self._library.resolve(address)
        except DocumentNotFound:
            return ()
        return ((address.document_id, address.span),) if entry.state is State.CURRENT else ()

    def why_none(self, part: str) -> str:
        """Where a part was looked for that has no place, and why it is not there."""
        try:
            address = Address.parse(part)
        except BadAddress as error:
            if _LIKE_AN_ADDRESS.fullmatch(part):
                return f"{part} ({error})"
            return f"the library (no current document says “{shortened(part)}”)"
        return f"{address.document_id}@{address.version} ({self._why_not(address)})"

    def _why_not(self, address: Address) -> str:
        id = address.document_id
        entry = self._library.entry(id)
        if entry is None:
            purged_at = self._library.purged_at(id)
            return "the library has no such document" if purged_at is None else f"purged on {purged_at[:10]}"
        try:
            text = self._library.document(id, address.version).text
        except DocumentNotFound:
            return f"there never was such a version; the latest is {id}@{entry.version[:VERSION_DIGITS]}"
        if entry.state is State.WITHDRAWN:
            return "withdrawn"
        if not entry.version.startswith(address.version):
            return f"replaced by {id}@{entry.version[:VERSION_DIGITS]}"
        return f"it has {len(text)} characters, and the address ends at {address.span.end}"

    @cached_property
    def _texts(self) -> dict[str, str]:
        return {entry.id: self._library.document(entry.id).text for entry in self._library.entries()}


def substrings(part: str, text: str) -> Iterator[Span]:
    """Wherever a text stands in another, overlaps included."""
    start = text.find(part)
    while start != -1:
        yield Span(start, start + len(part))
        start = text.find(part, start + 1)


def _not_found(path: Path, missing: Sequence[tuple[Row, Question]], places: _Places) -> BadQuestionSet:
    """What is missing of the first questions, and which others miss something."""
    told = []
    for row, question in missing[:_EXPLAINED]:
        part = next(part.given for parts in question.evidence for part in parts if not part.places)
        told.append(f"line {row.number}: question {question.id}: evidence not found in {places.why_none(part)}")
    if len(missing) > _EXPLAINED:
        told.append(f"nor that of {', '.join(question.id for _, question in missing[_EXPLAINED:])}")
    return BadQuestionSet(
        f"{path}, {'; '.join(told)}. Quote what the documents say now; krakow-qa list shows their versions"
    )
