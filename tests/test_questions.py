"""Proves that the question sets are well formed, that their evidence is there, and that every quote is exact."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from corpus.files import find_files
from index.encoder import Encoder
from qa.assembly import Parts, assemble, make_library, open_library
from qa.evaluation.questions import holds_evidence
from qa.evaluation.sets.own import read_own
from qa.settings import QUESTION_CHARACTERS, Settings
from tests.conftest import MakeParts
from tests.fakes import HashEncoder


@pytest.fixture
def on_the_article(encoder: Encoder, article: Path, tmp_path: Path) -> Iterator[Parts]:
    """A library with the article alone, read as a researcher would add it, and the real encoder."""
    make_library(tmp_path / "article", encoder, empty=True)
    parts = assemble(open_library(tmp_path / "article"), tmp_path / "article", encoder, Settings())
    (added,) = parts.intake.add(find_files([article]))
    assert added.error is None
    yield parts
    parts.library.close()


FOLDER = Path(__file__).parent / "questions"

SETS = ("article", "briefs")
FIELDS = {"id", "question", "history", "answers", "evidence", "answerable", "tags", "note"}


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", SETS)
def test_a_question_set_is_well_formed(name: str) -> None:
    asked = rows(name)
    assert len(asked) >= 30
    assert len({row["id"] for row in asked}) == len({row["question"] for row in asked}) == len(asked)
    for row in asked:
        assert row.keys() == FIELDS, row["id"]
        assert row["id"].startswith(f"{name[0]}-")
        assert 0 < len(row["question"].strip()) <= QUESTION_CHARACTERS
        assert bool(row["evidence"]) is row["answerable"], row["id"]
        assert row["answerable"] or not row["answers"], row["id"]


@pytest.mark.parametrize("name", SETS)
def test_a_third_of_a_question_set_cannot_be_answered(name: str) -> None:
    answerable = [row["answerable"] for row in rows(name)]
    assert 0.3 <= answerable.count(False) / len(answerable) <= 0.4


def test_the_sets_share_no_id_and_have_enough_questions() -> None:
    ids = [row["id"] for name in SETS for row in rows(name)]
    assert len(set(ids)) == len(ids) >= 66


def test_all_evidence_of_the_questions_on_the_briefs_stands_in_the_briefs(tmp_path: Path) -> None:
    make_library(tmp_path / "library", HashEncoder())
    parts = assemble(open_library(tmp_path / "library"), tmp_path / "library", HashEncoder(), Settings())
    try:
        found = read_own(FOLDER / "briefs.jsonl", parts.library)
        documents = {document for question in found for document, _ in question.places}
        ids = {entry.id for entry in parts.library.entries()}
    finally:
        parts.library.close()
    assert [question.id for question in found] == [row["id"] for row in rows("briefs")]
    assert all(question.evidence for question in found if question.answerable)
    assert documents <= ids
    assert len(documents) >= 12  # questions from all themes


def test_all_evidence_of_the_questions_on_the_article_are_addresses_that_resolve(
    make_parts: MakeParts, article: Path
) -> None:
    parts = make_parts()
    (added,) = parts.intake.add(find_files([article]))
    assert added.error is None
    for question in read_own(FOLDER / "article.jsonl", parts.library):
        assert all(document == "ta-krakow" for document, _ in question.places)


def test_the_questions_on_the_article_hold_nothing_of_it(article: Path) -> None:
    assert {part.partition("@")[0] for row in rows("article") for one in row["evidence"] for part in flat(one)} == {
        "ta-krakow"
    }
    assert not any(sentence in (FOLDER / "article.jsonl").read_text("utf-8") for sentence in long_lines(article))


def flat(alternative: str | list[str]) -> list[str]:
    return [alternative] if isinstance(alternative, str) else alternative


def long_lines(article: Path) -> list[str]:
    return [line for line in article.read_text("utf-8").splitlines() if len(line.split()) > 8]


@pytest.mark.models
@pytest.mark.parametrize("name", SETS)
def test_every_quote_to_every_question_equals_the_stored_text(name: str, request: pytest.FixtureRequest) -> None:
    parts: Parts = request.getfixturevalue("briefs" if name == "briefs" else "on_the_article")
    shown = 0
    for question in read_own(FOLDER / f"{name}.jsonl", parts.library):
        answer = parts.answerer.ask(question.text)
        for quote in answer.quotes + answer.closest:
            document, _ = parts.library.resolve(quote.address)
            assert quote.text == document.text[quote.address.span.start : quote.address.span.end], question.id
            shown += 1
        assert answer.quotes or answer.closest, question.id
    assert shown >= len(rows(name))


@pytest.mark.models
def test_four_of_the_first_five_questions_on_the_article_are_answered_by_the_right_sentence(
    on_the_article: Parts,
) -> None:
    """The other one names the right person from a sentence that does not say it."""
    questions = read_own(FOLDER / "article.jsonl", on_the_article.library)[:5]
    answers = {question.id: on_the_article.answerer.ask(question.text) for question in questions}
    right = [question.id for question in questions if holds_evidence(question, answers[question.id].quotes[:1])]
    assert right == ["a-001", "a-003", "a-004", "a-005"]
    assert "Shekerinska" in (answers["a-002"].short_answer or "")


def test_the_capital_of_australia_is_not_in_the_article(on_the_article: Parts) -> None:
    assert not on_the_article.answerer.ask("What is the capital of Australia?").answered
