"""The README is true: every example prints what it says, every command is named, and every link leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from corpus.catalogue import shipped_briefs, shipped_catalogue
from index.encoder import Encoder
from qa.cli import cli
from tests.readme import (
    MODEL_CARD,
    OPERATIONS,
    README,
    console_blocks,
    played,
    prepare,
    python_blocks,
    text_blocks,
    with_figures,
    with_settings,
)
from tests.test_questions import FOLDER

_NUMBER = re.compile(r"\d+\.\d+")
"""Scores differ in their last digits between processors."""


@pytest.mark.models
def test_every_example_prints_what_the_readme_says(
    encoder: Encoder,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = README.read_text("utf-8")
    monkeypatch.setattr("qa.assembly.load_encoder", lambda *_: encoder)
    monkeypatch.chdir(tmp_path)
    for name, value in prepare(tmp_path, encoder).items():
        monkeypatch.setenv(name, value)
    blocks = console_blocks(text)
    assert len(blocks) >= 4
    for block in blocks:
        assert _NUMBER.sub("#", played(block)) == _NUMBER.sub("#", block)
    examples = list(zip(python_blocks(text), text_blocks(text), strict=True))
    assert examples
    for block, printed in examples:
        exec(compile(block, "README.md", "exec"), {})
        assert capsys.readouterr().out == printed


def test_every_command_is_named_in_the_readme_or_the_contributing_guide() -> None:
    text = README.read_text("utf-8")
    missing = [name for name in cli.commands if f"krakow-qa {name}" not in text]
    assert missing == []


def test_the_model_card_has_the_figures_that_ship_with_the_reader() -> None:
    card = MODEL_CARD.read_text("utf-8")
    assert with_figures(card) == card
    assert card.count("evidence@1") >= 1


def test_the_page_of_operations_has_every_setting_with_its_default() -> None:
    page = OPERATIONS.read_text("utf-8")
    assert with_settings(page) == page
    assert page.count("`log_format`") >= 1


def test_the_readme_counts_what_is_shipped() -> None:
    text = README.read_text("utf-8")
    assert (
        f"{len(shipped_briefs())} summaries in our own words, after {len(shipped_catalogue())} public sources" in text
    )
    sets = {name: len((FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()) for name in ("briefs", "article")}
    assert f"{sets['briefs']} questions on the briefs and {sets['article']} on a press article" in text


def test_every_link_into_the_repository_leads_somewhere() -> None:
    for file in (README, README.parent / "CONTRIBUTING.md", README.parent / "docs" / "api.md", MODEL_CARD, OPERATIONS):
        for target in re.findall(r"\]\(([^)#]+)\)", file.read_text("utf-8")):
            assert target.startswith("http") or (file.parent / target).exists(), target
