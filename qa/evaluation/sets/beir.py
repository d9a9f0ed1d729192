"""BEIR folders: documents in ``corpus.jsonl``, queries in ``queries.jsonl``, and judgements in ``qrels``."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from pathlib import Path
from typing import TypeVar

from pydantic import Field, ValidationError

from corpus.model import Document, Source
from qa.evaluation.questions import Question
from qa.evaluation.sets.fields import Fields, MaybeBlank, Text, first_wrong
from qa.evaluation.sets.rows import BadQuestionSet, Row, rows

_GRADE = re.compile(r"-?[0-9]{1,3}")
_HEADER = ["query-id", "corpus-id", "score"]


class _Text(Fields):
    id: Text = Field(alias="_id")
    title: MaybeBlank = ""
    text: MaybeBlank


class _Query(Fields):
    id: Text = Field(alias="_id")
    text: Text


_Checked = TypeVar("_Checked", _Text, _Query)


def read_beir(folder: Path) -> tuple[list[Document], list[Question]]:
    """The documents that have text, and the queries with at least one relevant document; raises BadQuestionSet.

    A title and its text are one text (Thakur et al. 2021). Either file may be packed, ``.jsonl.gz``. Judged is by
    ``qrels/test.tsv``, and where that is missing by all files beside it.
    """
    documents: dict[str, Document] = {}
    for row in _rows(folder, "corpus"):
        text = _checked(row, _Text, documents)
        documents[text.id] = Document.of(text.id, Source(text.title), f"{text.title} {text.text}".strip())
    if not any(document.text for document in documents.values()):
        raise BadQuestionSet(f"{folder / 'corpus.jsonl'} has no text. Each line is a document, with '_id' and 'text'")
    texts: dict[str, str] = {}
    for row in _rows(folder, "queries"):
        asked = _checked(row, _Query, texts)
        texts[asked.id] = asked.text.strip()
    grades: dict[str, dict[str, int]] = {id: {} for id in texts}
    for row in _judgements(folder):
        query, document, grade = _judgement(row)
        if query not in texts:
            raise row.bad(f"'query-id' {query} is not in {folder / 'queries.jsonl'}")
        if document not in documents:
            raise row.bad(f"'corpus-id' {document} is not in {folder / 'corpus.jsonl'}")
        if document in grades[query]:
            raise row.bad(f"'corpus-id' {document} is judged twice for the query {query}")
        grades[query][document] = grade
    questions = [
        Question(id, texts[id], answerable=True, relevant=relevant)
        for id, judged in grades.items()
        if (relevant := tuple((document, grade) for document, grade in judged.items() if grade > 0))
    ]
    if not questions:
        raise BadQuestionSet(f"{folder / 'qrels'} calls no document relevant. Give a score of 1 or more to some")
    return [document for document in documents.values() if document.text], questions


def _rows(folder: Path, name: str) -> Iterator[Row]:
    file = folder / f"{name}.jsonl"
    if not file.exists():
        file = folder / f"{name}.jsonl.gz"
    if not file.exists():
        raise BadQuestionSet(
            f"{folder} has no {name}.jsonl. A BEIR folder has corpus.jsonl, queries.jsonl and qrels/*.tsv"
        )
    yield from rows(file)


def _judgements(folder: Path) -> Iterator[Row]:
    files = sorted((folder / "qrels").glob("*.tsv"))
    if not files:
        raise BadQuestionSet(f"{folder / 'qrels'} has no .tsv file with the columns {', '.join(_HEADER)}")
    for file in [file for file in files if file.name == "test.tsv"] or files:
        yield from (row for row in rows(file) if row.number > 1 or row.line.split("\t") != _HEADER)


def _checked(row: Row, model: type[_Checked], known: Container[str]) -> _Checked:
    try:
        fields = model.model_validate(row.fields())
    except ValidationError as error:
        (name, *_), what = first_wrong(error, model)
        raise row.bad(f"{name!r} {what}") from error
    if fields.id in known:
        raise row.bad(f"'_id' {fields.id} stands in a line before")
    return fields


def _judgement(row: Row) -> tuple[str, str, int]:
    columns = row.line.split("\t")
    if len(columns) != len(_HEADER):
        raise row.bad(f"{len(columns)} columns, and not {', '.join(_HEADER)} with tabs between")
    query, document, grade = columns
    if not _GRADE.fullmatch(grade):
        names = f", nor is this the header {', '.join(_HEADER)}" if row.number == 1 else ""
        raise row.bad(f"'score' {grade} is no whole number of at most three digits{names}")
    return query, document, int(grade)
