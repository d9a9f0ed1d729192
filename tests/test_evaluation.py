"""Proves the metrics on cases worked out by hand, and the command's contract."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation.curves import auroc, calibration_error
from qa.evaluation.scoring import exact_match, f1, normalized_answer
from qa.evaluation.sets.rows import BadQuestionSet
from qa.evaluation.sets.squad import occurrences, read_squad
from tests.commands import Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)

COUNCIL = "The harbour council was chaired by Nowak. It met in Gdynia."
CRANES = "Cranes are painted blue by order of Lis. Lis sailed to Hel in 1999."


def squad(*questions: tuple[str, str, list[str]]) -> dict[str, Any]:
    """A SQuAD 2.0 file about two paragraphs, with questions (paragraph, question, answers)."""
    paragraphs = [
        {
            "context": context,
            "qas": [
                {
                    "id": f"q-{number}",
                    "question": text,
                    "answers": [{"text": answer, "answer_start": context.find(answer)} for answer in answers],
                    "is_impossible": not answers,
                }
                for number, (about, text, answers) in enumerate(questions)
                if about == context
            ],
        }
        for context in (COUNCIL, CRANES)
    ]
    return {"version": "2.0", "data": [{"title": "Harbour_life", "paragraphs": paragraphs}]}


@pytest.fixture
def squad_file(tmp_path: Path) -> Callable[..., Path]:
    def write(*questions: tuple[str, str, list[str]]) -> Path:
        file = tmp_path / "set.json.gz"
        file.write_bytes(gzip.compress(json.dumps(squad(*questions)).encode()))
        return file

    return write


@pytest.mark.parametrize(
    ("given_answer", "accepted", "exact", "overlap"),
    [
        ("The Nowak!", ["nowak"], 1.0, 1.0),
        ("in Gdynia harbour", ["Gdynia"], 0.0, 0.5),
        ("Gdynia", ["Hel", "the port of Gdynia"], 0.0, 0.5),
        ("", [""], 1.0, 1.0),
        ("Nowak", [""], 0.0, 0.0),
        ("", ["Nowak"], 0.0, 0.0),
        ("a", ["the"], 1.0, 1.0),
        ("Kraków", ["Krakow"], 0.0, 0.0),
        ("1,200", ["1200"], 1.0, 1.0),
        ("the the cat", ["cat cat"], 0.0, 2 / 3),
        ("anthem", ["them"], 0.0, 0.0),
        ("“Nowak”", ["Nowak"], 0.0, 0.0),
    ],
)
def test_exact_match_and_f1_are_those_of_the_squad_script(
    given_answer: str, accepted: list[str], exact: float, overlap: float
) -> None:
    assert exact_match(given_answer, accepted) == exact
    assert f1(given_answer, accepted) == pytest.approx(overlap)


@given(st.text(), st.text())
def test_f1_is_symmetric_bounded_and_at_least_the_exact_match(one: str, other: str) -> None:
    assert f1(one, [other]) == pytest.approx(f1(other, [one]))
    assert exact_match(one, [other]) <= f1(one, [other]) <= 1
    assert normalized_answer(normalized_answer(one)) == normalized_answer(one) or "the" in one.lower()


def test_calibration_error_is_the_mean_distance_of_each_bin() -> None:
    truth = np.array([1.0, 1.0, 0.0, 0.0])
    assert calibration_error(truth, np.array([1.0, 1.0, 0.0, 0.0])) == 0
    assert calibration_error(truth, np.array([0.5, 0.5, 0.5, 0.5])) == 0
    assert calibration_error(truth, np.array([0.9, 0.9, 0.9, 0.9])) == pytest.approx(0.4)
    assert calibration_error(truth, np.array([0.99, 0.99, 0.2, 0.2])) == pytest.approx((0.01 * 2 + 0.2 * 2) / 4)


@given(st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0])), min_size=1, max_size=40))
def test_auroc_is_the_share_of_pairs_in_the_right_order(pairs: list[tuple[bool, float]]) -> None:
    truth, confidence = np.array([float(each[0]) for each in pairs]), np.array([each[1] for each in pairs])
    compared = [(yes > no) + (yes == no) / 2 for yes in confidence[truth == 1] for no in confidence[truth == 0]]
    found = auroc(truth, confidence)
    assert found == pytest.approx(sum(compared) / len(compared)) if compared else np.isnan(found)


def test_an_answer_occurs_as_whole_words_only() -> None:
    assert [span.start for span in occurrences("Lis", "Lis, Lisbon and Lis.")] == [0, 16]


def test_closed_hands_the_reader_the_paragraph_and_refuses_none_where_all_can_be_answered(
    run: Run, squad_file: Callable[..., Path]
) -> None:
    file = squad_file((COUNCIL, "Who chaired the harbour council?", ["Nowak"]), (CRANES, "Who sailed to Hel?", ["Lis"]))
    ran = run("evaluate", file, "--closed", "--json")
    assert (ran.code, ran.err) == (0, "")
    report = ran.json
    assert report.keys() == {"set", "questions", "settings", "metrics", "by_tag"}
    assert (report["set"], report["questions"], report["by_tag"]) == ("set.json.gz", 2, {})
    assert report["settings"]["closed"] is True
    values = {name: metric["value"] for name, metric in report["metrics"].items()}
    assert values.keys() == {
        "exact_match", "f1", "evidence@1", "evidence@any", "quote_integrity", "false_refusal_rate", "aurc",
        "latency_ms_p50", "latency_ms_p95",
    }  # fmt: skip
    assert values["evidence@1"] == values["evidence@any"] == values["quote_integrity"] == 1
    assert values["false_refusal_rate"] == 0
    assert all(metric["low"] <= metric["value"] <= metric["high"] for metric in report["metrics"].values())


def test_open_asks_over_all_paragraphs_and_counts_refusals(run: Run, squad_file: Callable[..., Path]) -> None:
    file = squad_file(
        (COUNCIL, "Who chaired the harbour council?", ["Nowak"]),
        (COUNCIL, "Which zebra grazed on Mars?", []),
        (CRANES, "Who sailed to Hel?", ["Lis"]),
    )
    strict, lax = (run("evaluate", file, "--json", "--strictness", strictness).json["metrics"] for strictness in "01")
    assert strict["false_refusal_rate"]["value"] == 1
    assert strict["false_answer_rate"]["value"] == 0
    assert strict["evidence@any"]["value"] == 0
    assert strict["f1"]["value"] == strict["exact_match"]["value"] == pytest.approx(1 / 3, abs=1e-4)
    assert lax["false_refusal_rate"]["value"] == 0
    assert lax["false_answer_rate"]["value"] == 1
    assert lax["evidence@1"]["value"] == 1
    assert strict["answerable_auroc"] == lax["answerable_auroc"]
    assert 0 <= strict["ece"]["value"] <= 1


def test_a_set_of_our_own_is_asked_of_the_library_with_its_tags(run: Run, library: Path, tmp_path: Path) -> None:
    rows = [
        {"id": "1", "question": "Who chaired the harbour council?", "answerable": True, "tags": ["who"],
         "evidence": [["Ola Nowak chaired the harbour council"]]},
        {"id": "2", "question": "Which zebra grazed on Mars?", "answerable": False, "tags": ["off-topic"]},
    ]  # fmt: skip
    file = tmp_path / "own.jsonl"
    file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    report = run("--library", library, "evaluate", file, "--json", "--strictness", "1").json
    assert report["by_tag"].keys() == {"who", "off-topic"}
    assert report["by_tag"]["who"]["evidence@any"]["value"] == 1
    assert report["by_tag"]["off-topic"].keys() == {
        "quote_integrity",
        "false_answer_rate",
        "latency_ms_p50",
        "latency_ms_p95",
    }
    assert "exact_match" not in report["metrics"]
    assert (
        "evidence@any         1.000   1.000 to 1.000"
        in run("--library", library, "evaluate", file, "--strictness", "1").out
    )


def test_a_sample_is_the_same_for_a_seed(run: Run, squad_file: Callable[..., Path]) -> None:
    file = squad_file(*((COUNCIL, f"Who chaired council {n}?", ["Nowak"] if n % 2 else []) for n in range(12)))
    first, again, other = (
        run("evaluate", file, "--closed", "--json", "--limit", "5", "--seed", seed).json for seed in (1, 1, 2)
    )
    for report in (first, again):
        assert report["metrics"].pop("latency_ms_p50")["value"] > 0
        assert report["metrics"].pop("latency_ms_p95")["value"] > 0
    assert first == again
    assert first["questions"] == 5
    assert other["settings"]["seed"] == 2


def test_our_own_format_has_no_paragraphs_to_close_on(run: Run, library: Path, tmp_path: Path) -> None:
    file = tmp_path / "own.jsonl"
    file.write_text('{"id": "1", "question": "Who?", "answerable": false}', "utf-8")
    assert "--closed" in run("--library", library, "evaluate", file, "--closed").err


def test_read_squad_reads_plain_and_zipped_files_alike(squad_file: Callable[..., Path], tmp_path: Path) -> None:
    zipped = squad_file((COUNCIL, "Who chaired it? ", ["Nowak", "Nowak", "by Nowak"]))
    plain = tmp_path / "plain.json"
    plain.write_bytes(gzip.decompress(zipped.read_bytes()))
    assert read_squad(plain) == read_squad(zipped)
    assert read_squad(plain)[0].questions[0].answers == ("Nowak", "by Nowak")
    with pytest.raises(BadQuestionSet):
        read_squad(tmp_path / "missing.json")
