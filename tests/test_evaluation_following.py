"""Proves that questions which follow others are asked so in a run, by themselves, or spelled out, and reported so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from qa.evaluation.folder import read_run
from tests.commands import Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)

ASKED = [
    {
        "id": "follows",
        "question": "Did she chair it?",
        "history": ["Who is Ola Nowak?", "What is the harbour council?"],
        "spelled_out": "Was Ola Nowak the chair of the harbour council?",
        "evidence": ["Ola Nowak chaired the harbour council"],
        "answerable": True,
    },
    {"id": "alone", "question": "What is blue?", "history": ["Who is Ola Nowak?"], "answerable": True},
]


@pytest.mark.parametrize(
    ("how", "searched"),
    [
        ((), "Did Ola Nowak chair the harbour council?"),
        (("--follow-ups", "bare"), "Did she chair it?"),
        (("--follow-ups", "spelled-out"), "Was Ola Nowak the chair of the harbour council?"),
    ],
)
def test_a_run_asks_what_follows_others_as_it_is_told(
    run: Run, library: Path, tmp_path: Path, how: tuple[str, ...], searched: str
) -> None:
    set, out = tmp_path / "set.jsonl", tmp_path / "run"
    set.write_text("\n".join(map(json.dumps, ASKED)), "utf-8")
    assert run("--library", library, "evaluate", set, "--out", out, *how).code == 0
    follows, alone = read_run(out).records
    assert follows.answer is not None
    assert alone.answer is not None
    assert follows.question.text == "Did she chair it?"
    assert (follows.answer.question, alone.answer.question) == (searched, "What is blue?")
    assert run("report", out).code == 0
    for report in (out / "report.html", out / "report.md"):
        said = report.read_text("utf-8")
        assert said.count("Searched for: ") == (searched != "Did she chair it?")
        assert "Did she chair it?" in said
