"""Libraries of every format that there ever was are opened, brought up to date and used, also after an interruption."""

from __future__ import annotations

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from corpus.errors import LibraryError
from corpus.library import State
from corpus.model import Address, Span, version_of
from corpus.sqlite import FILE_NAME, FORMAT_VERSION
from corpus.sqlite.copying import stand_of
from qa.assembly import open_library
from qa.backup.making import back_up
from qa.backup.restoring import restore
from tests.conftest import put
from tests.formats import FOLDER, MINUTES, RUMOUR, SECRET, STRICTNESS, TIDES, make, opened, unpack
from tests.processes import go, lines, worker

FORMATS = range(1, FORMAT_VERSION + 1)
PURGING, SETTING = 2, 4
"""Since these formats there are purges, and settings."""

_DIES = """
import os, signal, sys
from pathlib import Path
from corpus.sqlite import SqliteLibrary, database

def teach(db):
    learnt(db)
    db.create_function("die", 0, lambda: os.kill(os.getpid(), signal.SIGKILL))

learnt, database.teach = database.teach, teach
step = int(sys.argv[2])
database.MIGRATIONS[step] += "; SELECT die()"
SqliteLibrary(Path(sys.argv[1]))
"""
"""Opens a library, and is killed when a step of its way to the present format is done."""


def assert_as_it_was(folder: Path, format: int) -> None:
    """A library that was once of a format says, finds and answers what it did."""
    parts = opened(folder)
    with closing(parts.library) as library:
        assert parts.check() == []
        assert stand_of(folder / FILE_NAME).format == FORMAT_VERSION
        states = {entry.id: entry.state for entry in library.entries(withdrawn=True)}
        assert states == {"minutes": State.CURRENT, "tides": State.CURRENT, "rumour": State.WITHDRAWN}
        texts = [("minutes", MINUTES[0]), ("minutes", MINUTES[1]), ("tides", TIDES), ("rumour", RUMOUR)]
        for id, text in texts:
            document, _ = library.resolve(Address.of(id, version_of(text), Span(0, len(text))))
            assert document.text == text
        assert library.purges().keys() == ({"secret"} if format >= PURGING else set())
        assert parts.settings.strictness == (STRICTNESS if format >= SETTING else 0.5)
        answer = parts.answerer.ask("How many cranes will be painted red?")
        quote = (answer.quotes or answer.closest)[0]
        assert quote.text == "Eleven cranes will be painted red."
        assert library.resolve(Address.parse(str(quote.address)))[0].slice(quote.address.span) == quote.text
        found = {hit.passage.document_id for hit in parts.retriever.search("zithers quartermaster", 9)}
        assert found <= {"minutes", "tides"}


def assert_it_goes_on(folder: Path, papers: Path) -> None:
    """All that changes a library can be done to it."""
    parts = opened(folder)
    with closing(parts.library):
        put(parts, papers, "secret", SECRET)
        parts.library.withdraw("tides")
        assert parts.intake.reinstate("rumour") == 1
        assert parts.library.copies_of(parts.library.document("secret")) == []
        parts.purge("minutes")
        assert {entry.id for entry in parts.library.entries()} == {"rumour", "secret"}
        assert parts.check() == []


def test_there_is_a_library_of_each_format() -> None:
    assert {file.name for file in FOLDER.iterdir()} == {f"format-{format}.zip" for format in FORMATS}


@pytest.mark.parametrize("format", FORMATS)
def test_a_library_of_each_format_is_opened_and_goes_on(tmp_path: Path, format: int) -> None:
    folder = tmp_path / "library"
    unpack(format, folder)
    assert stand_of(folder / FILE_NAME).format == format
    assert_as_it_was(folder, format)
    assert_as_it_was(folder, format)
    assert_it_goes_on(folder, tmp_path)


def test_the_library_that_is_made_now_is_the_one_of_the_present_format(tmp_path: Path) -> None:
    make(tmp_path / "library")
    assert_as_it_was(tmp_path / "library", FORMAT_VERSION)


@pytest.mark.parametrize(
    ("format", "step"), [(format, step) for format in FORMATS for step in range(format, FORMAT_VERSION)]
)
def test_what_was_killed_amid_an_upgrade_is_done_by_the_next_opening(tmp_path: Path, format: int, step: int) -> None:
    folder = tmp_path / "library"
    unpack(format, folder)
    died = subprocess.run([sys.executable, "-c", _DIES, folder / FILE_NAME, str(step)], check=False)
    assert died.returncode == -signal.SIGKILL
    assert stand_of(folder / FILE_NAME).format == format
    assert_as_it_was(folder, format)


@pytest.mark.parametrize("format", FORMATS)
def test_processes_that_open_an_old_library_at_once_bring_it_up_to_date_once(tmp_path: Path, format: int) -> None:
    folder = tmp_path / "library"
    unpack(format, folder)
    with ExitStack() as stack:
        workers = [stack.enter_context(worker("refresh", folder)) for _ in range(2)]
        for each in workers:
            go(each)
        told = [lines(each) for each in workers]
    assert told[0] == told[1]
    assert_as_it_was(folder, format)


@pytest.mark.parametrize("format", FORMATS)
def test_an_old_library_is_backed_up_as_it_is_and_restored_up_to_date(tmp_path: Path, format: int) -> None:
    folder = tmp_path / "library"
    unpack(format, folder)
    backup, manifest = back_up(folder, tmp_path / "backup.zip")
    assert manifest.library == stand_of(folder / FILE_NAME)
    assert manifest.library.format == format
    restore(backup, tmp_path / "again")
    assert_as_it_was(tmp_path / "again", format)


def drop(folder: Path) -> None:
    shutil.rmtree(folder / "keywords")
    (folder / "vectors.faiss").unlink()


INDEXES: dict[str, Callable[[Path], object]] = {
    "the keywords of another form": lambda folder: (folder / "keywords" / "meta.json").write_text("{}"),
    "a keyword file cut off": lambda folder: next((folder / "keywords").glob("*.term")).write_bytes(b""),
    "vectors of another form": lambda folder: (folder / "vectors.faiss").write_bytes(b"IxF2 of another library"),
    "no indexes": drop,
}


@pytest.mark.parametrize("alter", INDEXES.values(), ids=INDEXES.keys())
def test_indexes_of_another_form_are_made_anew(tmp_path: Path, alter: Callable[[Path], object]) -> None:
    folder = tmp_path / "library"
    unpack(FORMAT_VERSION, folder)
    alter(folder)
    assert_as_it_was(folder, FORMAT_VERSION)


def test_a_library_that_a_newer_program_made_is_left_alone_and_that_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "library"
    unpack(FORMAT_VERSION, folder)
    with closing(sqlite3.connect(folder / FILE_NAME)) as db:
        db.execute(f"PRAGMA user_version = {FORMAT_VERSION + 1}")
    with pytest.raises(LibraryError, match=r"a newer krakow-qa made it: install that one$"):
        open_library(folder)
    assert stand_of(folder / FILE_NAME).format == FORMAT_VERSION + 1
