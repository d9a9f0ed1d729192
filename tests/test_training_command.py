"""Proves that one command trains, cross-validates, exports and measures a reader that loads: on made-up articles."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from qa.assembly import load_reader
from qa.readers.shipment import Shipment
from qa.training import __main__ as training
from qa.training import stages
from tests.fakes import HashEncoder
from tests.reading import hit

pytestmark = pytest.mark.models

TOWNS = [
    f"{first}{last}" for first in ("Ost", "Wit", "Kar", "Mol", "Zab", "Lub") for last in ("no", "owo", "ice", "in")
]
CHAIRS = ["Nowak", "Lis", "Zając", "Wilk", "Sowa"]


def article(number: int, *, unanswerable: bool) -> dict[str, Any]:
    """An article of two paragraphs about a harbour of its own."""
    town, chair, year = TOWNS[number % len(TOWNS)], CHAIRS[number % len(CHAIRS)], str(1800 + number)
    first = f"The harbour of {town} was founded in {year}. Its first chair was {chair}."
    second = f"Cranes in {town} are blue. They lift {number + 20} tons."
    asked = [
        (first, f"Who was the first chair of {town}?", chair),
        (first, f"When was the harbour of {town} founded?", year),
        (second, f"How many tons do cranes in {town} lift?", str(number + 20)),
        *([(second, f"Who painted the cranes of {town} red?", None)] if unanswerable else []),
    ]
    return {
        "title": f"Harbour_{number}",
        "paragraphs": [
            {
                "context": text,
                "qas": [
                    {
                        "id": f"{number}-{place}",
                        "question": question,
                        "answers": [] if answer is None else [{"text": answer, "answer_start": text.index(answer)}],
                    }
                    for place, (about, question, answer) in enumerate(asked)
                    if about == text
                ],
            }
            for text in (first, second)
        ],
    }


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder laid out like the real data: part A's articles also stand in the dev set."""
    folder = tmp_path / "data" / "squad"
    folder.mkdir(parents=True)
    write(tmp_path / "news.json.gz", range(70, 84), unanswerable=True)
    monkeypatch.setattr(stages, "NEWS", tmp_path / "news.json.gz")
    monkeypatch.setattr(stages, "asked_of_briefs", lambda _: iter(()))  # takes a minute
    monkeypatch.setattr(stages, "_JUDGED_CLOSED", 20)
    for name, numbers, unanswerable in (
        ("train-v1.1", range(48), False),
        ("dev-v1.1", range(60, 66), False),
        ("dev-v2.0-part-a", range(60, 64), True),
    ):
        write(folder / f"{name}.json.gz", numbers, unanswerable=unanswerable)
    return tmp_path / "data"


def write(path: Path, numbers: range, *, unanswerable: bool) -> None:
    content = {"data": [article(number, unanswerable=unanswerable) for number in numbers]}
    path.write_bytes(gzip.compress(json.dumps(content).encode()))


def test_one_command_makes_a_reader_with_its_figures(data: Path, tmp_path: Path) -> None:
    out, work = tmp_path / "out", tmp_path / "work"
    command = ["--data", data, "--work", work, "--out", out, "--base-steps", "3", "--last-steps", "2"]
    ran = CliRunner().invoke(training.main, list(map(str, command)), catch_exceptions=False)
    assert ran.exit_code == 0, ran.output
    card = Shipment(out).card()
    assert card["figures"].keys() == {training.CLOSED, training.OPEN, training.PART_A}
    assert card["figures"][training.CLOSED]["questions"] == 6  # two articles outside part A
    assert card["figures"][training.CLOSED]["false_refusal_rate"]["value"] == 0
    assert card["figures"][training.PART_A]["questions"] == 16
    assert "answerable_auroc" in card["figures"][training.PART_A]
    reading = load_reader(str(out), HashEncoder()).read("Who was the first chair?", [hit("Its first chair was Lis.")])
    assert len(reading.findings) == 1
    weights = Shipment(out).weights()
    again = CliRunner().invoke(training.main, list(map(str, command)), catch_exceptions=False)
    assert again.exit_code == 0
    assert Shipment(out).weights() == weights  # it went on from its checkpoints, which were finished
