"""BEIR folders: documents in ``corpus.jsonl``, queries in ``queries.jsonl``, and judgements in ``qrels``."""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from pathlib import Path
from typing import Any

from corpus.model import Document, Source
from qa.evaluation.questions import Question
from qa.evaluation.sets.rows import BadQuestionSet, Row, rows

_GRADE = re.compile(r"-?[0-9]{1,3}")
_HEADER = ["query-id", "corpus-id", "score"]


def read_beir(folder: Path) -> tuple[list[Document], list[Question]]:
    """The documents that have text, and the queries with at least one relevant document; raises BadQuestionSet.

    A title and its text are one text (Thakur et al. 2021). Either file may be packed, ``.jsonl.gz``. Judged is by
    ``qrels/test.tsv``, and where that is missing by all files beside it.
    """
    documents: dict[str, Document] = {}
    for row in _rows(folder, "corpus"):
        fields = row.fields()
        id = _id(row, fields, documents)
        title, text = _text(row, {"title": "", **fields}, "title"), _text(row, fields, "text")
        documents[id] = Document.of(id, Source(title), f"{title} {text}".strip())
    texts: dict[str, str] = {}
    for row in _rows(folder, "queries"):
        fields = row.fields()
        id, text = _id(row, fields, texts), _text(row, fields, "text").strip()
        if not text:
            raise row.bad("'text' is empty")
        texts[id] = text
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


def _id(row: Row, fields: Mapping[str, Any], known: Container[str]) -> str:
    id = _text(row, fields, "_id")
    if not id:
        raise row.bad("'_id' is empty")
    if id in known:
        raise row.bad(f"'_id' {id} stands in a line before")
    return id


def _text(row: Row, fields: Mapping[str, Any], name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str):
        raise row.bad(f"{name!r} is missing or not a text")
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise row.bad(f"{name!r} holds half a character, an unpaired surrogate")
    return value


def _judgement(row: Row) -> tuple[str, str, int]:
    columns = row.line.split("\t")
    if len(columns) != len(_HEADER):
        raise row.bad(f"{len(columns)} columns, and not {', '.join(_HEADER)} with tabs between")
    query, document, grade = columns
    if not _GRADE.fullmatch(grade):
        raise row.bad(f"'score' {grade} is no whole number of at most three digits")
    return query, document, int(grade)
