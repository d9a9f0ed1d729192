"""Proves that a strictness keeps its promise on the set that it was chosen by, what it is expected to cost, and that a
library keeps it; and the curves that it is read from."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.model import Address, Passage, Source, Span
from qa.assembly import open_library
from qa.evaluation.curves import area_under_risk, reliability, risk_coverage
from qa.evaluation.questions import Question
from qa.evaluation.records import Record
from qa.evaluation.tuning import CannotTune, tune
from qa.model import Abstention, Answer, Quote
from qa.settings import LEXICAL_READER, OUR_READER, BadSetting, Settings, kept_strictness
from tests.commands import Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)

QUOTE = Quote(
    Address("minutes", "0" * 12, Span(0, 4)), "0" * 64, (), "Nine", None, 0.5, Source("Minutes"),
    Passage("minutes", "0" * 64, Span(0, 4), "Nine"),
)  # fmt: skip
CONFIDENCES = st.lists(st.tuples(st.booleans(), st.integers(0, 99)), min_size=12, max_size=60)


def record(answerable: bool, confidence: float, quotes: int = 1) -> Record:
    answer = Answer(
        "?", confidence, None, (), (QUOTE,) * quotes, (), Abstention.NOT_IN_SOURCES, {}, Settings(), generation=1
    )
    return Record(Question("q", "?", answerable), answer=answer)


def records(pairs: list[tuple[bool, int]]) -> list[Record]:
    """Two of each kind at least, so that they can be tuned by."""
    least = [(True, 50), (True, 60), (False, 50), (False, 10)]
    return [record(answerable, confidence / 100) for answerable, confidence in [*least, *pairs]]


def rates(of: list[Record], strictness: float) -> tuple[float, float]:
    """The shares of false answers and of false refusals at a strictness."""
    answered = {
        kind: [
            each.answer.confidence >= 1 - strictness for each in of if each.answer and each.question.answerable is kind
        ]
        for kind in (True, False)
    }
    return float(np.mean(answered[False])), 1 - float(np.mean(answered[True]))


@settings(max_examples=20)
@given(CONFIDENCES, st.sampled_from([0, 0.05, 0.1, 0.5, 0.9, 1]))
def test_no_more_false_answers_than_wished_and_no_refusal_that_could_be_spared(
    pairs: list[tuple[bool, int]], wished: float
) -> None:
    of = records(pairs)
    tuned = tune(of, wished, folds=2)
    false_answers, false_refusals = rates(of, tuned.strictness)
    assert false_answers <= wished
    assert tuned.fits["false_answer_rate"].value == pytest.approx(false_answers)
    assert tuned.fits["false_refusal_rate"].value == pytest.approx(false_refusals)
    for strictness in {round(1 - each.answer.confidence, 6) for each in of if each.answer}:
        others = rates(of, strictness + 1e-9)
        assert others[0] > wished or others[1] >= false_refusals - 1e-9


def test_what_is_expected_is_measured_on_questions_that_it_was_not_chosen_by() -> None:
    """One very sure unanswerable question: only the strictness of other folds does not know of it."""
    of = [record(True, 0.8) for _ in range(10)] + [record(False, 0.2) for _ in range(9)] + [record(False, 0.9)]
    tuned = tune(of, wished=0)
    assert tuned.fits["false_answer_rate"].value == 0
    assert tuned.fits["false_refusal_rate"].value == 1
    assert tuned.expected["false_answer_rate"].value == pytest.approx(0.1)
    assert tuned.now["false_answer_rate"].value == 0
    assert tune(of, wished=0) == tuned


def test_without_quotes_there_is_no_answer_at_any_strictness() -> None:
    of = [record(True, 0.8), record(True, 0.9, quotes=0), record(False, 0.2), record(False, 0.3, quotes=0)]
    assert tune(of, wished=1, folds=2).fits["false_answer_rate"].value == 0.5
    assert tune(of, wished=1, folds=2).fits["false_refusal_rate"].value == 0.5


@pytest.mark.parametrize("kinds", [(True,) * 9, (False,) * 9, (True,) * 9 + (False,) * 4])
def test_a_set_with_too_few_questions_of_a_kind_is_refused(kinds: tuple[bool, ...]) -> None:
    with pytest.raises(CannotTune, match="--folds"):
        tune([record(answerable, 0.5) for answerable in kinds], wished=0.1)


def test_tune_tells_and_writes_only_when_asked(run: Run, library: Path, tmp_path: Path) -> None:
    rows = [
        {"id": f"{number}", "question": f"{asked} {number}?", "answerable": answerable}
        for number in range(6)
        for asked, answerable in (("Who chaired the harbour council", True), ("Which zebra grazed on Mars", False))
        for number in (2 * number + answerable,)
    ]
    file = tmp_path / "set.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    of_library = ("--library", library)
    told = run(*of_library, "tune", file, "--false-answers", "0", "--json")
    assert (told.code, told.err) == (0, "")
    strictness = told.json["strictness"]
    assert told.json["written"] is False
    assert told.json["fits"]["false_answer_rate"]["value"] == 0
    assert run(*of_library, "evaluate", file, "--json").json["settings"]["strictness"] == 0.5
    assert "Written to the library" in run(*of_library, "tune", file, "--false-answers", "0", "--write").out
    assert run(*of_library, "evaluate", file, "--json").json["settings"]["strictness"] == strictness
    report = run(*of_library, "evaluate", file, "--json", "--strictness", "0.9").json
    assert report["settings"]["strictness"] == 0.9
    report = run(*of_library, "evaluate", file, "--json", "--reader", LEXICAL_READER).json
    assert report["settings"]["strictness"] == 0.5  # it was chosen for another reader


def test_tune_refuses_a_set_with_texts_of_its_own(run: Run, library: Path, tmp_path: Path) -> None:
    (tmp_path / "set.json").write_text("{}", "utf-8")
    ran = run("--library", library, "tune", tmp_path / "set.json")
    assert (ran.code, ran.out) == (1, "")
    assert "own format" in ran.err


def test_what_was_given_beats_what_is_kept_and_that_beats_the_default(library: Path) -> None:
    opened = open_library(library)
    assert opened.settings() == {}
    opened.store_setting(kept_strictness(OUR_READER), "0.25")
    opened.store_setting(kept_strictness(OUR_READER), "0.3")
    opened.store_setting("colour", "blue")
    generation = opened.generation()
    opened.close()
    kept = open_library(library).settings()
    assert generation == open_library(library).generation()
    assert Settings.chosen({}, kept).strictness == Settings.chosen({"strictness": None}, kept).strictness == 0.3
    assert Settings.chosen({"strictness": 0.0}, kept).strictness == 0
    assert Settings.chosen({"reader": LEXICAL_READER, "quotes": 2}, kept) == Settings(reader=LEXICAL_READER, quotes=2)
    assert Settings.chosen({}) == Settings()
    with pytest.raises(BadSetting):
        Settings.chosen({"strictness": 2.0}, kept)


def test_risk_is_the_share_of_wrong_ones_among_the_surest() -> None:
    right, confidence = np.array([1.0, 0.0, 1.0, 0.0]), np.array([0.9, 0.8, 0.7, 0.1])
    coverages, risks = risk_coverage(right, confidence)
    assert coverages.tolist() == [0.25, 0.5, 0.75, 1]
    assert risks.tolist() == pytest.approx([0, 1 / 2, 1 / 3, 1 / 2])
    assert area_under_risk(right, confidence) == pytest.approx((0 + 1 / 2 + 1 / 3 + 1 / 2) / 4)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 4)), min_size=1, max_size=30), st.randoms())
def test_risk_does_not_hang_on_the_order_of_questions(pairs: list[tuple[bool, int]], chance: object) -> None:
    def area(of: list[tuple[bool, int]]) -> float:
        return area_under_risk(np.array([float(right) for right, _ in of]), np.array([each / 4 for _, each in of]))

    assert area(pairs) == pytest.approx(area(sorted(pairs))) == pytest.approx(area(pairs[::-1]))
    assert 0 <= area(pairs) <= 1


def test_reliability_tells_of_each_bin_how_sure_how_true_and_how_many() -> None:
    truth, confidence = np.array([1.0, 0.0, 1.0, 1.0]), np.array([0.01, 0.02, 0.99, 1.0])
    assert reliability(truth, confidence) == [(pytest.approx(0.015), 0.5, 2), (pytest.approx(0.995), 1.0, 2)]
