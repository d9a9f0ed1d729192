"""Backups: what is put back is what was backed up; damage, other formats and full places are refused; purges stay."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from corpus.files import find_files
from index.intake import IfChanged
from qa.assembly import Parts, assemble, open_library
from qa.backup.making import back_up
from qa.backup.restoring import restore
from qa.settings import LEXICAL_READER, Settings, kept_strictness
from tests.commands import Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)
from tests.conftest import MakeParts, put
from tests.fakes import HashEncoder
from tests.histories import Known, Plans, observed
from tests.worker import ParsesItself

QUESTION = "Who chaired the harbour council?"


def opened(folder: Path) -> Parts:
    return assemble(open_library(folder), folder, HashEncoder(), Settings(reader=LEXICAL_READER))


def make_run(run: Run, library: Path, tmp_path: Path, question: str = QUESTION) -> Path:
    """A run kept beside a library, which quotes the minutes."""
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"id": "1", "question": question, "answerable": True}) + "\n")
    folder = library / "runs" / "first"
    assert run("--library", library, "evaluate", questions, "--out", folder, "--strictness", "1").code == 0
    assert b"Nowak" in (folder / "records.jsonl").read_bytes()
    return folder


def altered(backup: Path, name: str, alter: Callable[[bytes], bytes]) -> None:
    """Write a backup anew with one member altered, as a sound archive."""
    with zipfile.ZipFile(backup) as archive:
        members = {each: archive.read(each) for each in archive.namelist()}
    with zipfile.ZipFile(backup, "w") as archive:
        for each, data in members.items():
            archive.writestr(each, alter(data) if each == name else data)


# Laws


@pytest.mark.parametrize("seed", range(3))
def test_whatever_a_library_went_through_comes_back_and_goes_on(
    make_parts: MakeParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr("corpus.reading.parsers", ParsesItself)
    parts = make_parts(passage_tokens=12)
    plans, known = Plans(Random(seed), tmp_path, 4), Known({})
    for _ in range(2):
        steps, _ = plans.draw(known, steps=12)
        for change in (change for step in steps for change in step):
            known = known.after(change)
            if change.do == "add":
                (added,) = parts.intake.add(find_files([plans.file(change)]), IfChanged.REPLACE)
                assert added.error is None
            else:
                parts.purge(change.id) if change.do == "purge" else parts.library.withdraw(change.id)
    states = observed(parts.library, known.states)
    backup, manifest = back_up(tmp_path / "library", tmp_path / "backup.zip")
    assert manifest.library.generation == parts.library.generation()
    restore(backup, tmp_path / "again")
    again = opened(tmp_path / "again")
    assert observed(again.library, known.states) == states
    assert again.library.changes(0) == parts.library.changes(0)
    assert again.check() == parts.check() == []
    put(again, tmp_path, "later", "Later texts are taken in as ever.")
    assert again.check() == []
    again.library.close()


def test_what_belongs_to_a_library_comes_back_and_what_is_derived_is_made_anew(
    run: Run, library: Path, tmp_path: Path
) -> None:
    make_run(run, library, tmp_path)
    with closing(open_library(library)) as opened_library:
        opened_library.store_setting(kept_strictness(LEXICAL_READER), "0.9")
    for name in ("accounts.sqlite", "audit.sqlite"):
        with closing(sqlite3.connect(library / name)) as db:
            db.executescript("PRAGMA journal_mode = WAL; CREATE TABLE told (what); INSERT INTO told VALUES ('Żółw')")
    (library / "notes.toml").write_text("kept = true\n")
    (library / ".making-x").write_text("left by a killed process")
    said = run("--library", library, "backup", tmp_path / "backup.zip")
    assert (said.code, said.out) == (0, f"Backed up 2 documents (generation 2) to {tmp_path / 'backup.zip'}\n")
    said = run("--library", tmp_path / "again", "restore", tmp_path / "backup.zip")
    assert (said.code, "Accounts and tokens are those of then" in said.err) == (0, True)
    again = tmp_path / "again"
    kept = {"accounts.sqlite", "audit.sqlite", "library.db", "notes.toml", "runs"}
    assert {file.name for file in again.iterdir()} == kept
    for name in ("accounts.sqlite", "audit.sqlite"):
        with closing(sqlite3.connect(again / name)) as db:
            assert db.execute("SELECT what FROM told").fetchall() == [("Żółw",)]
    for file in (library / "runs").rglob("*.*"):
        assert (again / file.relative_to(library)).read_bytes() == file.read_bytes()
    before, after = (run("--library", folder, "ask", "--json", QUESTION).json for folder in (library, again))
    assert before["quotes"] == after["quotes"] != []
    assert before["settings"] == after["settings"]
    assert run("--library", again, "check").code == 0
    original = tmp_path / "original.md"
    assert run("--library", again, "show", "minutes", "--original", original).code == 0
    assert original.read_bytes() == (tmp_path / "minutes.md").read_bytes()


def test_a_backup_is_for_its_owner_alone_and_nothing_else_is_left(run: Run, library: Path, tmp_path: Path) -> None:
    place = tmp_path / "backups"
    place.mkdir()
    previous = os.umask(0)
    try:
        assert run("--library", library, "backup", place).code == 0
        assert run("--library", place / "again", "restore", next(place.iterdir())).code == 0
    finally:
        os.umask(previous)
    backup, again = sorted(place.iterdir(), reverse=True)
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    assert stat.S_IMODE(again.stat().st_mode) == 0o700


# Purges


def test_what_was_purged_since_comes_back_unless_the_old_library_tells(run: Run, library: Path, tmp_path: Path) -> None:
    kept = make_run(run, library, tmp_path)
    assert run("--library", library, "backup", tmp_path / "backup.zip").code == 0
    assert run("--library", library, "purge", "--yes", "minutes").code == 0
    assert not kept.exists()
    said = run("--library", tmp_path / "with", "restore", tmp_path / "backup.zip")
    assert "What was purged since is there again" in said.err
    assert (tmp_path / "with" / "runs" / "first" / "run.json").exists()
    said = run("--library", tmp_path / "without", "restore", tmp_path / "backup.zip", "--purges-of", library)
    assert "Erased again what was purged since: minutes\n" in said.out
    assert said.err == ""
    assert "was purged on" in run("--library", tmp_path / "without", "show", "minutes").err
    assert run("--library", tmp_path / "without", "check").code == 0
    left = [file for file in (tmp_path / "without").rglob("*") if file.is_file() and b"Nowak" in file.read_bytes()]
    assert left == []


def test_what_was_purged_before_and_came_again_stays(run: Run, library: Path, minutes: Path, tmp_path: Path) -> None:
    """An older library tells of a purge after which the document was added anew, and then backed up."""
    assert run("--library", library, "purge", "--yes", "minutes").code == 0
    shutil.copytree(library, tmp_path / "old")
    with closing(sqlite3.connect(tmp_path / "old" / "library.db")) as db, db:
        db.execute("UPDATE purged SET at = '2026-01-01T00:00:00+00:00'")
    assert run("--library", library, "add", minutes).code == 0
    assert run("--library", library, "backup", tmp_path / "backup.zip").code == 0
    said = run("--library", tmp_path / "again", "restore", tmp_path / "backup.zip", "--purges-of", tmp_path / "old")
    assert (said.code, "Erased" in said.out) == (0, False)
    assert run("--library", tmp_path / "again", "show", "minutes").code == 0


def test_a_run_that_came_after_its_document_was_purged_is_not_put_back(run: Run, library: Path, tmp_path: Path) -> None:
    """As a purge and an adding between the copies of the library and of the run would leave it."""
    kept = make_run(run, library, tmp_path)
    shutil.copytree(kept, tmp_path / "copy")
    assert run("--library", library, "purge", "--yes", "minutes").code == 0
    shutil.copytree(tmp_path / "copy", kept)
    assert run("--library", library, "backup", tmp_path / "backup.zip").code == 0
    assert run("--library", tmp_path / "again", "restore", tmp_path / "backup.zip").code == 0
    assert run("--library", tmp_path / "again", "check").code == 0


# What is refused

DAMAGES = {
    "cut off": (lambda file: file.write_bytes(file.read_bytes()[:-2000]), "is no backup, or a damaged one"),
    "empty": (lambda file: file.write_bytes(b""), "is no backup, or a damaged one"),
    "absent": (lambda file: file.unlink(), "There is no file at"),
    "another archive": (
        lambda file: zipfile.ZipFile(file, "w").close(),
        "is no backup of a library. Give one that krakow-qa made",
    ),
    "a member altered": (
        lambda file: altered(file, "library/library.db", lambda data: data.replace(b"cranes", b"drakes")),
        "is damaged: library.db is not what was backed up. Restore another backup",
    ),
    "a member gone": (
        lambda file: altered(file, "manifest.json", lambda data: data.replace(b'"library.db"', b'"other.db"')),
        "is damaged: other.db is not what was backed up",
    ),
    "a bit flipped": (lambda file: flip(file, 400), "is not what was backed up"),
    "a name that leads outside": (
        lambda file: altered(file, "manifest.json", lambda data: data.replace(b'"library.db"', b'"../library.db"')),
        "is damaged: ../library.db is not what was backed up",
    ),
    "a manifest of something else": (
        lambda file: altered(file, "manifest.json", lambda data: b'{"format": 1}'),
        "is no backup of a library",
    ),
    "a later format": (
        lambda file: altered(file, "manifest.json", lambda data: data.replace(b'"format": 1', b'"format": 2', 1)),
        "is a backup of format 2, and this krakow-qa reads 1. Restore it with krakow-qa",
    ),
    "a library of a later format": (
        lambda file: altered(file, "manifest.json", lambda data: data.replace(b'"format": 5', b'"format": 99')),
        "holds a library of format 99, and this krakow-qa reads up to 5. Restore it with krakow-qa",
    ),
}


def flip(file: Path, place: int) -> None:
    data = bytearray(file.read_bytes())
    data[place] ^= 1
    file.write_bytes(data)


@pytest.mark.parametrize(("damage", "told"), DAMAGES.values(), ids=DAMAGES.keys())
def test_a_backup_that_is_not_whole_puts_nothing_back(
    run: Run, library: Path, tmp_path: Path, damage: Callable[[Path], object], told: str
) -> None:
    backup = tmp_path / "backup.zip"
    assert run("--library", library, "backup", backup).code == 0
    damage(backup)
    place = tmp_path / "place"
    said = run("--library", place / "again", "restore", backup)
    assert said.code == 1
    assert said.err.startswith("krakow-qa: ")
    assert said.err.count("\n") == 1
    assert told in said.err
    assert list(place.iterdir()) == []


def test_nothing_is_written_over_unless_told(run: Run, library: Path, tmp_path: Path) -> None:
    backup = tmp_path / "backup.zip"
    backup.write_text("dear to somebody")
    refused = run("--library", library, "backup", backup)
    assert (refused.code, "--force" in refused.err, backup.read_text()) == (1, True, "dear to somebody")
    assert run("--library", library, "backup", backup, "--force").code == 0
    before = sorted(library.iterdir())
    refused = run("--library", library, "restore", backup)
    assert (refused.code, "nothing is written over" in refused.err) == (1, True)
    assert sorted(library.iterdir()) == before
    (tmp_path / "empty").mkdir()
    assert run("--library", tmp_path / "empty", "restore", backup).code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--library", "{library}", "backup", "{library}/inside.zip"], "lies in the library itself"),
        (["--library", "{library}", "backup", "{library}"], "lies in the library itself"),
        (["--library", "{files}/none", "backup", "{files}/b.zip"], "There is no library at"),
        (
            ["--library", "{library}", "backup", "{files}/no/such/b.zip"],
            "cannot be written (No such file or directory)",
        ),
        (["--library", "{library}", "backup", "--keep", "2", "{files}/b.zip"], "is no folder"),
        (["--library", "{files}/minutes.md/again", "restore", "{files}/b.zip"], "cannot be written"),
        (["--library", "{files}/new", "restore", "{files}"], "is no backup, or a damaged one"),
    ],
)
def test_a_place_that_will_not_do_is_told(
    run: Run, library: Path, tmp_path: Path, arguments: list[str], told: str
) -> None:
    said = run(*(each.format(library=library, files=tmp_path) for each in arguments))
    assert (said.code, said.err.count("\n"), told in said.err) == (1, 1, True), said.err
    assert not (tmp_path / "new").exists()


def test_a_damaged_library_is_not_backed_up_unnoticed(run: Run, library: Path, tmp_path: Path) -> None:
    file = library / "library.db"
    with closing(sqlite3.connect(file)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(file.read_bytes())
    data[4096 * 3 : 4096 * 12] = bytes(4096 * 9)
    file.write_bytes(data)
    said = run("--library", library, "backup", tmp_path / "backup.zip")
    assert (said.code, said.err.count("\n")) == (1, 1)
    assert "estore a backup of it" in said.err
    assert not (tmp_path / "backup.zip").exists()


# Folders of backups


def test_of_the_dated_backups_in_a_folder_the_newest_are_kept(run: Run, library: Path, tmp_path: Path) -> None:
    place = tmp_path / "backups"
    place.mkdir()
    for name in ("krakow-qa-20260101T000000Z.zip", "krakow-qa-20260102T000000Z.zip", "mine.zip"):
        (place / name).touch()
    said = run("--library", library, "backup", "--keep", "2", place)
    assert said.out.startswith(f"Deleted {place / 'krakow-qa-20260101T000000Z.zip'}\n")
    left = sorted(file.name for file in place.iterdir())
    assert [left[0], *left[2:]] == ["krakow-qa-20260102T000000Z.zip", "mine.zip"]
    assert run("--library", tmp_path / "again", "restore", place / left[1]).code == 0


def test_what_a_killed_backup_left_is_removed_and_what_one_makes_now_is_not(
    run: Run, library: Path, tmp_path: Path
) -> None:
    left, held = (tmp_path / f".krakow-qa-making-{name}" for name in ("left", "held"))
    left.mkdir()
    (left / "library.db").write_text("the text of a document")
    held.mkdir()
    with subprocess.Popen(["flock", held, "sh", "-c", "echo locked; read line"], stdin=-1, stdout=-1) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        assert run("--library", library, "backup", tmp_path / "backup.zip").code == 0
        holder.communicate(b"\n")
    assert (left.exists(), held.exists()) == (False, True)


# Kills

_DIES = """
import importlib, os, signal, sys
from pathlib import Path

module, name, when, command, *paths = sys.argv[1:]
place = importlib.import_module(module)
done = getattr(place, name)

def dies(*arguments):
    if when == "after":
        done(*arguments)
    os.kill(os.getpid(), signal.SIGKILL)

setattr(place, name, dies)
getattr(place, command)(*map(Path, paths))
"""
"""Makes or restores a backup, and is killed before or after one of the steps."""


def killed(module: str, step: str, *what: str | Path) -> None:
    name, when = step.split()
    died = subprocess.run([sys.executable, "-c", _DIES, f"qa.backup.{module}", name, when, *what], check=False)
    assert died.returncode == -signal.SIGKILL


@pytest.mark.parametrize("step", ["copy_database after", "_pack before", "_pack after", "sync before"])
def test_a_killed_backup_is_there_whole_or_not_at_all(run: Run, library: Path, tmp_path: Path, step: str) -> None:
    place = tmp_path / "backups"
    place.mkdir()
    killed("making", step, "back_up", library, place / "one.zip")
    if step == "sync before":  # when it has its name
        assert run("--library", tmp_path / "again", "restore", place / "one.zip").code == 0
    else:
        assert not (place / "one.zip").exists()
    assert run("--library", library, "backup", place / "other.zip").code == 0
    assert {file.name for file in place.iterdir()} <= {"one.zip", "other.zip"}


@pytest.mark.parametrize("step", ["_unpacked after", "_erase after", "_sync_all before", "_sync_all after"])
def test_a_killed_restoring_leaves_no_library_and_is_done_again(
    run: Run, library: Path, tmp_path: Path, step: str
) -> None:
    place = tmp_path / "place"
    place.mkdir()
    assert run("--library", library, "backup", tmp_path / "backup.zip").code == 0
    killed("restoring", step, "restore", tmp_path / "backup.zip", place / "again")
    assert not (place / "again").exists()
    assert run("--library", place / "again", "restore", tmp_path / "backup.zip").code == 0
    assert [file.name for file in place.iterdir()] == ["again"]
    assert run("--library", place / "again", "check").code == 0
