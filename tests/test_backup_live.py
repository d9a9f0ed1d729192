"""Backups taken while another process changes the library: each is the library as it was at one moment, and works."""

from __future__ import annotations

import shutil
import time
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from corpus.model import Address
from corpus.sqlite import SqliteLibrary
from qa.assembly import assemble, make_library, open_library
from qa.backup.making import back_up
from qa.backup.restoring import restore
from qa.settings import LEXICAL_READER, Settings
from tests.changing import changing, question_of
from tests.fakes import HashEncoder

QUESTIONS = 10
_PAGES, _PATIENCE_S = 8, 300


@pytest.mark.parametrize(("backups", "every_s"), [(3, 0.0), pytest.param(50, 10.0, marks=pytest.mark.long)])
def test_each_backup_of_a_changing_library_is_it_as_it_was_at_one_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, backups: int, every_s: float
) -> None:
    """Each is held up in the midst of copying until a change has come."""
    folder, again = tmp_path / "library", tmp_path / "again"
    make_library(folder, HashEncoder(), empty=True, passage_tokens=30)
    random, found, took_s = Random(7), [], []
    held_up: list[int] = []
    with closing(open_library(folder)) as library:

        def until_it_changes(status: int, remaining: int, total: int) -> None:
            # In the library's file, which comes first: the others, audit.sqlite among them, have no log that is
            # written ahead, so that whoever changes the library waits until they are copied.
            if remaining == total - _PAGES and len(held_up) == len(found):
                held_up.append(library.generation())
                wait_for(library, held_up[-1] + 1)

        monkeypatch.setattr("corpus.sqlite.copying._PAGES_AT_ONCE", _PAGES)
        monkeypatch.setattr("corpus.sqlite.copying._may_be_interrupted", until_it_changes)
        with changing(folder, 7, 0.0, "add", "add", "replace", "again", "withdraw", "purge") as (chronicle, _):
            wait_for(library, 20)
            for number in range(backups):
                started, first = time.monotonic(), library.generation()
                backup, manifest = back_up(folder, tmp_path / f"{number}.zip")
                took_s.append(time.monotonic() - started)
                assert first <= manifest.library.generation < library.generation()
                restore(backup, again)
                found.append((manifest.library.generation, assert_whole(again, random)))
                shutil.rmtree(again)
                backup.unlink()
                time.sleep(max(0.0, started + every_s - time.monotonic()))
    for generation, versions in found:
        assert versions == chronicle.current(generation)
    print(
        f"{backups} backups restored, each amid changes, of which there were {chronicle.generation};"
        f" one took {max(took_s):.2f} s at most"
    )


def wait_for(library: SqliteLibrary, generation: int) -> None:
    """Until a library is at a generation or a later one; fails where nobody brings it there."""
    end = time.monotonic() + _PATIENCE_S
    while library.generation() < generation:
        assert time.monotonic() < end
        time.sleep(0.005)


def assert_whole(folder: Path, random: Random) -> dict[str, str]:
    """A library agrees, and answers with quotes that resolve to exactly their text; its current versions."""
    parts = assemble(open_library(folder), folder, HashEncoder(), Settings(reader=LEXICAL_READER))
    with closing(parts.library):
        assert parts.check() == []
        quotes = 0
        for _ in range(QUESTIONS):
            answer = parts.answerer.ask(question_of(random))
            for quote in answer.quotes or answer.closest:
                document, entry = parts.library.resolve(Address.parse(str(quote.address)))
                assert document.slice(quote.address.span) == quote.text
                assert entry.state == "current"
                quotes += 1
        assert quotes >= QUESTIONS
        return {entry.id: entry.version for entry in parts.library.entries()}
