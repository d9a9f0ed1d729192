"""Proves that a run is kept, repeated byte by byte, gone on with after any end, and compared; and that gates hold."""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import replace
from itertools import count, product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from corpus.library import Filter
from qa.answerer import Answerer
from qa.evaluation.comparing import compare
from qa.evaluation.folder import read_run
from qa.evaluation.metrics import MEASURES
from qa.readers.lexical import LexicalReader
from tests.commands import Ran, Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)
from tests.processes import live, worker

QUESTIONS: list[dict[str, Any]] = [
    {"id": "who", "question": "Who chaired the harbour council?", "answerable": True,
     "evidence": ["Ola Nowak chaired the harbour council"], "answers": ["Ola Nowak"], "tags": ["people"]},
    {"id": "cranes", "question": "How many cranes will be painted blue?", "answerable": True,
     "evidence": ["Nine cranes"], "tags": ["numbers"]},
    {"id": "where", "question": "Where did the council meet?", "answerable": True, "evidence": ["in Kraków"]},
    {"id": "zebra", "question": "Which zebra grazed on Mars?", "answerable": False, "tags": ["off-topic"]},
    {"id": "led", "question": "Who led the harbour council?", "answerable": True,
     "evidence": ["An unnamed chair led the harbour council"], "tags": ["people"]},
    {"id": "cost", "question": "What do the cranes cost?", "answerable": False},
]  # fmt: skip

Evaluate = Callable[..., Ran]


@pytest.fixture
def questions(tmp_path: Path) -> Path:
    file = tmp_path / "harbour.jsonl"
    file.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in QUESTIONS), "utf-8")
    return file


@pytest.fixture
def evaluate(run: Run, library: Path, questions: Path) -> Evaluate:
    return lambda *arguments: run("--library", library, "evaluate", questions, *arguments)


def files(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def without_timings(folder: Path) -> dict[str, bytes]:
    return {name: data for name, data in files(folder).items() if name != "timings.jsonl"}


@pytest.fixture
def interrupt(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """Ctrl-C while so many questions have been read."""
    read = LexicalReader.read

    def after(questions: int) -> None:
        asked = count()

        def interrupted(*arguments: Any) -> Any:
            if next(asked) == questions:
                raise KeyboardInterrupt
            return read(*arguments)

        monkeypatch.setattr(LexicalReader, "read", interrupted)

    return after


def test_a_run_keeps_what_it_was_made_of_and_all_its_answers(evaluate: Evaluate, tmp_path: Path) -> None:
    folder = tmp_path / "runs" / "first"
    ran = evaluate("--out", folder, "--json", "--strictness", "1")
    assert (ran.code, ran.err) == (0, "")
    assert files(folder).keys() == {"run.json", "records.jsonl", "timings.jsonl"}
    header = json.loads((folder / "run.json").read_text("utf-8"))
    assert header["set"] == "harbour.jsonl"
    assert header["documents"].keys() == {"minutes", "summary"}
    assert header["settings"]["strictness"] == 1
    assert {"krakow-qa", "python", "torch"} <= header["versions"].keys()
    kept = read_run(folder)
    assert kept.complete
    assert [record.question.id for record in kept.records] == [row["id"] for row in QUESTIONS]
    quotes = [quote for record in kept.records if record.answer is not None for quote in record.answer.quotes]
    said = {quote.text: quote.source.publisher for quote in quotes}
    assert said["Ola Nowak chaired the harbour council in Kraków 😀."] == "Harbour office"


def test_the_same_run_twice_is_the_same_byte_by_byte_but_for_its_timings(evaluate: Evaluate, tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    evaluate("--out", one)
    evaluate("--out", other)
    assert without_timings(one) == without_timings(other)


@pytest.mark.parametrize("asked", range(len(QUESTIONS)))
def test_a_run_that_is_interrupted_keeps_what_it_has_and_is_gone_on_with(
    evaluate: Evaluate, tmp_path: Path, interrupt: Callable[[int], None], asked: int
) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    evaluate("--out", whole)
    interrupt(asked)
    ran = evaluate("--out", part)
    assert (ran.code, ran.out) == (130, "")
    assert f"--resume {part}" in ran.err
    assert len(read_run(part).records) == asked
    interrupt(-1)
    ran = evaluate("--resume", part, "--json")
    assert (ran.code, ran.err) == (0, "")
    assert ran.json["questions"] == len(QUESTIONS)
    assert without_timings(part) == without_timings(whole)


def test_what_a_killed_run_wrote_by_half_is_asked_again(evaluate: Evaluate, tmp_path: Path) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    evaluate("--out", whole)
    evaluate("--out", part)
    for name, kept in (("records.jsonl", 2), ("timings.jsonl", 3)):
        lines = (part / name).read_bytes().splitlines(keepends=True)
        (part / name).write_bytes(b"".join(lines[:kept]) + lines[kept][:7])
    assert len(read_run(part).records) == 2
    assert evaluate("--resume", part).code == 0
    assert without_timings(part) == without_timings(whole)
    assert read_run(part).complete


@pytest.mark.parametrize("lives", [8, pytest.param(200, marks=pytest.mark.long)])
def test_a_run_that_is_killed_again_and_again_comes_to_the_same_end(
    library: Path, questions: Path, tmp_path: Path, lives: int
) -> None:
    whole, part = tmp_path / "whole", tmp_path / "part"
    plan = [["run", str(questions), str(part)]]
    chance = random.Random(lives)
    cut_short = 0
    with worker("lives", library) as process:
        *_, ended = live(process, [["run", str(questions), str(whole)]], None)
        takes_s = float(ended.split()[1])
        for _ in range(lives):
            said = live(process, plan, 0, chance.uniform(0, takes_s))
            if not said[-1].startswith("end"):
                cut_short += 1
            elif read_run(part).complete:
                (part / "records.jsonl").write_bytes(b"")
        live(process, plan, None)
    assert cut_short > lives / 4
    assert without_timings(part) == without_timings(whole)


def test_no_run_is_written_over_another_or_over_anything_else(evaluate: Evaluate, tmp_path: Path) -> None:
    folder, other = tmp_path / "run", tmp_path / "photos"
    evaluate("--out", folder)
    other.mkdir()
    (other / "cat.jpg").write_bytes(b"meow")
    before = files(folder)
    for taken in (folder, other, other / "cat.jpg"):
        ran = evaluate("--out", taken)
        assert (ran.code, ran.out) == (1, "")
        assert str(taken) in ran.err
    assert files(folder) == before
    assert files(other) == {"cat.jpg": b"meow"}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda run, library, file: None, None),
        (lambda run, library, file: ["--strictness", "0.9"], "strictness: 0.5 → 0.9"),
        (lambda run, library, file: ["--retrieval", "keyword"], "retrieval: hybrid → keyword"),
        (lambda run, library, file: file.write_text(json.dumps(QUESTIONS[0])) and None, "set_digest"),
        (lambda run, library, file: run("--library", library, "add", file.with_name("quay.md")) and None, "quay: not"),
    ],
    ids=["same", "strictness", "retrieval", "set", "document"],
)  # fmt: skip
def test_a_run_is_gone_on_with_only_where_nothing_has_changed(
    run: Run, library: Path, questions: Path, tmp_path: Path,
    *, change: Callable[[Run, Path, Path], list[str] | None], said: str | None,
) -> None:  # fmt: skip
    (tmp_path / "quay.md").write_text("The quay is long.", "utf-8")
    folder = tmp_path / "run"
    run("--library", library, "evaluate", questions, "--out", folder)
    before = files(folder)
    arguments = change(run, library, questions) or []
    ran = run("--library", library, "evaluate", questions, "--resume", folder, *arguments)
    assert ran.code == (0 if said is None else 1)
    assert (said or "") in ran.err
    assert files(folder) == before


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("run.json", None), ("run.json", b""), ("run.json", b"{}"), ("run.json", b"[]"), ("run.json", b"3"),
        ("run.json", b"\xff"),
        ("run.json", b'{"schema": 99}'), ("records.jsonl", b"{}\n"), ("records.jsonl", b"\xff\n"),
        ("timings.jsonl", b"{}\n"), ("timings.jsonl", b'{"id": "other", "latency_ms": 3}\n'),
        ("timings.jsonl", b"[]\n"),
    ],
)  # fmt: skip
def test_a_damaged_run_is_told_in_a_line(
    run: Run, evaluate: Evaluate, tmp_path: Path, file: str, content: bytes | None
) -> None:
    folder = tmp_path / "run"
    evaluate("--out", folder)
    if content is None:
        (folder / file).unlink()
    else:
        (folder / file).write_bytes(content)
    for ran in (run("compare", folder, folder), evaluate("--resume", folder)):
        assert (ran.code, ran.out) == (1, "")
        assert str(folder) in ran.err
        assert len(ran.err.splitlines()) == 1


def test_a_run_compared_with_itself_shows_no_difference(run: Run, evaluate: Evaluate, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    evaluate("--out", folder)
    report = run("compare", folder, folder, "--json").json
    assert report["questions"] == len(QUESTIONS)
    assert {(each["gain"], each["p"]) for each in report["metrics"].values()} == {(0, 1)}
    assert (report["changed"], report["settings"], report["documents"]) == ([], [], [])
    assert "0 questions changed sides" in run("compare", folder, folder).out


def test_a_planted_worse_setting_is_found_with_the_questions_that_it_changed(
    run: Run, evaluate: Evaluate, tmp_path: Path
) -> None:
    lax, strict = tmp_path / "lax", tmp_path / "strict"
    evaluate("--out", lax, "--strictness", "1")
    evaluate("--out", strict, "--strictness", "0")
    report = run("compare", lax, strict, "--json").json
    assert report["settings"] == ["strictness: 1.0 → 0.0"]
    assert report["metrics"]["false_refusal_rate"]["gain"] == -1
    assert report["metrics"]["false_answer_rate"]["gain"] == 1
    assert report["metrics"]["answerable_auroc"]["p"] == 1
    changed = {each["id"]: (each["one"]["verdict"], each["other"]["verdict"]) for each in report["changed"]}
    assert changed.keys() == {row["id"] for row in QUESTIONS}
    assert changed["cranes"] == ("right", "false refusal")
    assert changed["zebra"] == ("false answer", "right")
    gate = ("--fail-if-worse", "false_refusal_rate=0.5")
    assert run("compare", strict, lax, *gate).code == 0
    ran = run("compare", lax, strict, *gate)
    assert ran.code == 3
    assert "false_refusal_rate is worse by 1, more than 0.5" in ran.err
    assert "cranes: How many cranes will be painted blue?\n  one: right: Nine cranes will be" in ran.out


def test_documents_that_changed_are_named_at_the_questions_they_concern(
    run: Run, library: Path, evaluate: Evaluate, minutes: Path, tmp_path: Path
) -> None:
    before, after = tmp_path / "before", tmp_path / "after"
    evaluate("--out", before, "--strictness", "1")
    minutes.write_text(minutes.read_text("utf-8") + "\nThe council is harboured by Zofia Lis.\n", "utf-8")
    assert run("--library", library, "replace", "minutes", minutes).code == 0
    evaluate("--out", after, "--strictness", "0")
    report = run("compare", before, after, "--json").json
    (line,) = report["documents"]
    assert line.startswith("minutes: ")
    about = {each["id"]: each["documents"] for each in report["changed"]}
    assert about["who"] == [line]


def test_runs_of_other_questions_cannot_be_compared(
    run: Run, library: Path, evaluate: Evaluate, questions: Path, tmp_path: Path
) -> None:
    evaluate("--out", tmp_path / "one")
    questions.write_text(json.dumps({**QUESTIONS[0], "question": "Who was it?"}), "utf-8")
    evaluate("--out", tmp_path / "other")
    ran = run("compare", tmp_path / "one", tmp_path / "other")
    assert (ran.code, ran.out) == (1, "")
    assert "no question in common" in ran.err


def test_of_one_question_no_difference_is_more_than_chance(evaluate: Evaluate, run: Run, tmp_path: Path) -> None:
    for name, strictness in (("lax", "1"), ("strict", "0")):
        evaluate("--out", tmp_path / name, "--limit", "1", "--strictness", strictness)
    report = run("compare", tmp_path / "lax", tmp_path / "strict", "--json").json
    assert report["questions"] == len(report["changed"]) == 1
    assert {each["p"] for each in report["metrics"].values()} == {1}


def test_the_chance_of_a_difference_is_that_over_all_ways_to_swap(evaluate: Evaluate, tmp_path: Path) -> None:
    """With few questions all swaps can be counted; the test draws from them."""
    evaluate("--out", tmp_path / "lax", "--strictness", "1")
    evaluate("--out", tmp_path / "strict", "--strictness", "0.45")
    one, other = read_run(tmp_path / "lax"), read_run(tmp_path / "strict")
    found = {each.name: each for each in compare(one, other).metrics}["exact_match"]
    pairs = [(a.exact_match, b.exact_match) for a, b in zip(one.records, other.records, strict=True)]
    known = np.array([pair for pair in pairs if None not in pair], dtype=float)
    differences = known[:, 1] - known[:, 0]
    swaps = np.array(list(product([1, -1], repeat=len(differences))))
    as_much = np.abs(swaps @ differences) >= abs(differences.sum()) - 1e-9
    assert found.p == pytest.approx(as_much.mean(), abs=0.05)


@pytest.mark.parametrize(
    ("gate", "code"),
    [
        ("evidence@any=0.3", 0),
        ("evidence@any=1.01", 3),
        ("false_answer_rate=1", 0),
        ("false_answer_rate=0.9", 3),
        ("ndcg@10=0", 3),
    ],
)
def test_a_gate_that_fails_makes_the_command_fail(evaluate: Evaluate, gate: str, code: int) -> None:
    ran = evaluate("--fail-under", gate, "--strictness", "1", "--json")
    assert ran.code == code
    assert (gate.partition("=")[0] in ran.err) == (code == 3)
    assert ran.json["questions"] == len(QUESTIONS)


@pytest.mark.parametrize("gate", ["precision=1", "f1", "f1=good", "=1"])
def test_a_gate_that_says_nothing_is_wrong_usage(evaluate: Evaluate, gate: str) -> None:
    ran = evaluate("--fail-under", gate)
    assert (ran.code, ran.out) == (2, "")


def test_a_quote_that_is_not_in_the_library_fails_the_run(evaluate: Evaluate, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = Answerer.ask

    def altered(self: Answerer, question: str, filter: Filter | None = None) -> Any:
        answer = ask(self, question, filter)
        return replace(answer, quotes=tuple(replace(quote, text=quote.text.upper()) for quote in answer.quotes))

    monkeypatch.setattr(Answerer, "ask", altered)
    ran = evaluate("--strictness", "1")
    assert ran.code == 3
    assert "quote_integrity" in ran.err


def test_all_metrics_are_told_apart_by_name() -> None:
    assert len({measure.name for measure in MEASURES}) == len(MEASURES) == 17


def test_our_own_sets_are_asked_by_name_and_a_file_of_that_name_comes_first(
    run: Run, questions: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = run("evaluate", "krakow.jsonl", "--limit", "3", "--json")
    assert (ran.code, ran.json["set"], ran.json["questions"]) == (0, "krakow.jsonl", 3)
    ran = run("evaluate", "nobody.jsonl")
    assert (ran.code, ran.out) == (2, "")
    assert "krakow-tune.jsonl" in ran.err
    questions.rename(tmp_path / "krakow.jsonl")
    assert "evidence not found" in run("evaluate", "krakow.jsonl").err
