"""Runs the command line in this process, with a fake model, over a small library: what its tests share."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from corpus.library import Library
from index.encoder import Encoder
from qa import cli
from qa.assembly import load_reader
from qa.reader import Reader
from qa.settings import LEXICAL_READER, OUR_READER
from tests.fakes import HashEncoder

MINUTES = """---
id: minutes
title: "Minutes of the harbour council"
kind: statement
publisher: Harbour office
date: 2026-03-04
language: en
url: https://harbour.example/minutes
licence: CC0
---

# Minutes

Ola Nowak chaired the harbour council in Kraków 😀. Nine cranes will be painted blue.
"""
SUMMARY = "---\nid: summary\nkind: brief\nsources: [govpl, eeas]\n---\nAn unnamed chair led the harbour council.\n"


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Ran]


@pytest.fixture(name="run")
def a_run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Runs the command in this process, with a fake encoder, the lexical reader and a data folder of its own."""

    def load_encoder(name: str | None, library: Library | None = None) -> HashEncoder:
        return HashEncoder(name or ("hash" if library is None else library.manifest.encoder))

    def load_lexical(name: str, encoder: Encoder) -> Reader:
        return load_reader(LEXICAL_READER if name == OUR_READER else name, encoder)

    monkeypatch.setattr("qa.assembly.load_encoder", load_encoder)
    monkeypatch.setattr("qa.assembly.load_reader", load_lexical)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "configuration"))
    monkeypatch.delenv("KRAKOW_QA_LIBRARY", raising=False)

    def call(*arguments: str | Path) -> Ran:
        monkeypatch.setattr("sys.argv", ["krakow-qa", *map(str, arguments)])
        code = 0
        try:
            cli.main()
        except SystemExit as exit:
            code = exit.code if isinstance(exit.code, int) else int(exit.code is not None)
        captured = capsys.readouterr()
        return Ran(code, captured.out, captured.err)

    return call


@pytest.fixture(name="minutes")
def the_minutes(tmp_path: Path) -> Path:
    file = tmp_path / "minutes.md"
    file.write_text(MINUTES, "utf-8")
    return file


@pytest.fixture(name="library")
def a_library(tmp_path: Path, minutes: Path, run: Run) -> Path:
    """A library with a statement and a brief."""
    folder = tmp_path / "library"
    summary = tmp_path / "summary.md"
    summary.write_text(SUMMARY, "utf-8")
    assert run("--library", folder, "init", "--empty").code == 0
    assert run("--library", folder, "add", minutes, summary).code == 0
    return folder
