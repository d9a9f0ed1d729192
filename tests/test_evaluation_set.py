"""Proves that our own question set is well formed, as broad as promised, its own, and that its evidence is there."""

from __future__ import annotations

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from corpus.blocks import sentences
from corpus.catalogue import shipped_briefs
from qa.assembly import make_library, open_library
from qa.evaluation.sets.own import read_own
from qa.settings import QUESTION_CHARACTERS
from tests.fakes import HashEncoder

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "qa" / "evaluation"
SETS = {"krakow": ("k", 140), "krakow-tune": ("kt", 80)}
"""The files of the set, with the beginning of their ids and their least size."""

OTHER_SETS = (
    ROOT / "tests" / "questions" / "article.jsonl",
    ROOT / "tests" / "questions" / "briefs.jsonl",
    ROOT / "qa" / "training" / "questions.jsonl",
)
THEMES = {path.stem.removeprefix("brief-") for path in shipped_briefs()}
KINDS = {"who", "when", "where", "what", "howmany", "list", "why", "how", "definition", "yesno"}
MANNERS = {"keywords", "typo", "paraphrase"}
UNANSWERED = {"unanswerable", "off-topic", "false-premise"}
FIELDS = {"id", "question", "history", "answers", "evidence", "answerable", "tags", "note"}
LEAST = {
    **dict.fromkeys(("who", "when", "howmany", "what", "yesno"), 20),
    **dict.fromkeys(("where", "list", "why", "how", "definition", "keywords", "typo", "paraphrase"), 10),
    "unanswerable": 50,
    "off-topic": 10,
    "false-premise": 8,
    "injection": 6,
}


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def of_the_set() -> list[dict[str, Any]]:
    return [row for name in SETS for row in rows(FOLDER / f"{name}.jsonl")]


def folded(question: str) -> str:
    """The question without case, punctuation and white space."""
    return re.sub(r"[\W_]+", "", question.casefold())


def parts_of(row: dict[str, Any]) -> list[str]:
    return [part for one in row["evidence"] for part in ([one] if isinstance(one, str) else one)]


@pytest.mark.parametrize("name", SETS)
def test_the_set_is_well_formed(name: str) -> None:
    beginning, least = SETS[name]
    asked = rows(FOLDER / f"{name}.jsonl")
    assert len(asked) >= least
    assert [row["id"] for row in asked] == [f"{beginning}-{number:03}" for number in range(1, len(asked) + 1)]
    for row in asked:
        assert row.keys() == FIELDS, row["id"]
        assert 0 < len(row["question"].strip()) <= QUESTION_CHARACTERS, row["id"]
        assert row["history"] == [], row["id"]
        assert set(row["tags"]) <= KINDS | MANNERS | UNANSWERED | {"injection"} | THEMES, row["id"]
        assert len(set(row["tags"])) == len(row["tags"]) > 0, row["id"]


def test_what_cannot_be_answered_has_neither_evidence_nor_answers() -> None:
    for row in of_the_set():
        if row["answerable"]:
            assert row["evidence"], row["id"]
            assert not UNANSWERED & set(row["tags"]), row["id"]
            assert KINDS & set(row["tags"]) or "keywords" in row["tags"], row["id"]
        else:
            assert not row["evidence"], row["id"]
            assert not row["answers"], row["id"]
            assert (UNANSWERED | {"injection"}) & set(row["tags"]), row["id"]


@pytest.mark.parametrize("name", SETS)
def test_about_a_third_cannot_be_answered(name: str) -> None:
    answerable = [row["answerable"] for row in rows(FOLDER / f"{name}.jsonl")]
    assert 0.28 <= answerable.count(False) / len(answerable) <= 0.4


def test_every_kind_of_question_and_every_theme_has_its_share() -> None:
    asked = of_the_set()
    counts = Counter(tag for row in asked for tag in row["tags"])
    assert {tag: counts[tag] for tag, least in LEAST.items() if counts[tag] < least} == {}
    themes = Counter(tag for row in asked if row["answerable"] for tag in row["tags"] if tag in THEMES)
    assert {theme: themes[theme] for theme in THEMES if themes[theme] < 6} == {}
    assert {row["answerable"] for row in asked if "injection" in row["tags"]} == {True, False}


def test_no_question_is_asked_twice_or_stands_in_another_set() -> None:
    asked = [folded(row["question"]) for row in of_the_set()]
    assert len(set(asked)) == len(asked)
    assert set(asked) & {folded(row["question"]) for path in OTHER_SETS for row in rows(path)} == set()


def test_every_piece_of_evidence_is_one_whole_sentence_of_the_brief_that_the_tags_name(tmp_path: Path) -> None:
    make_library(tmp_path / "library", HashEncoder())
    library = open_library(tmp_path / "library")
    try:
        texts = {entry.id: library.document(entry.id).text for entry in library.entries()}
        found = {name: read_own(FOLDER / f"{name}.jsonl", library) for name in SETS}
    finally:
        library.close()
    whole = {
        text[span.start : span.end].rpartition("**: ")[2] for text in texts.values() for span in sentences(text)
    }  # what a glossary says, without the term in front
    for name, questions in found.items():
        for question, row in zip(questions, rows(FOLDER / f"{name}.jsonl"), strict=True):
            assert set(parts_of(row)) <= whole, row["id"]
            if row["answerable"]:
                briefs = {document.removeprefix("brief-") for document, _ in question.places}
                assert briefs == THEMES & set(row["tags"]), row["id"]


FOLLOWING = {"krakow-follow": ("kf", 70, 20), "krakow-follow-tune": ("kft", 40, 10)}
"""The sets of questions that follow others: the beginning of their ids, their least size, and how many are on
something else."""

KINDS_OF_FOLLOWING = {"ellipsis", "pronoun", "bare", "demonstrative", "comparison", "refinement", "new-topic"}


@pytest.mark.parametrize("name", FOLLOWING)
def test_a_set_of_follow_ups_is_well_formed(name: str) -> None:
    beginning, least, least_new = FOLLOWING[name]
    asked = rows(FOLDER / f"{name}.jsonl")
    assert [row["id"] for row in asked] == [f"{beginning}-{number:03}" for number in range(1, len(asked) + 1)]
    alone = [row for row in asked if "new-topic" in row["tags"]]
    assert len(alone) >= least_new
    assert len(asked) - len(alone) >= least - least_new
    for row in asked:
        assert row["history"], row["id"]
        assert ("spelled_out" in row) is (row not in alone), row["id"]
        assert bool(row["evidence"]) is row["answerable"] is ("unanswerable" not in row["tags"]), row["id"]
        assert len(set(row["tags"]) & KINDS_OF_FOLLOWING) == 1, row["id"]
    assert {tag for row in asked for tag in row["tags"]} == KINDS_OF_FOLLOWING | {"unanswerable"}


def test_the_evidence_of_follow_ups_stands_in_the_briefs(tmp_path: Path) -> None:
    make_library(tmp_path / "library", HashEncoder())
    library = open_library(tmp_path / "library")
    try:
        found = {name: read_own(FOLDER / f"{name}.jsonl", library) for name in FOLLOWING}
    finally:
        library.close()
    assert all(len(questions) == len(rows(FOLDER / f"{name}.jsonl")) for name, questions in found.items())


def test_short_answers_stand_in_the_evidence() -> None:
    answered = [row for row in of_the_set() if row["answers"]]
    assert len(answered) >= 120
    for row in answered:
        assert all(any(answer in part for part in parts_of(row)) for answer in row["answers"]), row["id"]
