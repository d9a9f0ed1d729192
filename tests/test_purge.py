"""Proves that a purged document leaves nothing behind on disk, that check would tell, and that the rest stays."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

import corpus.sqlite.database
from corpus.errors import DocumentNotFound, LibraryError
from corpus.model import Address, Span
from corpus.sqlite import FILE_NAME
from index.terms import passage_terms, terms
from qa.assembly import Parts, open_library
from qa.evaluation.command import run_through
from qa.evaluation.setup import over_library
from qa.evaluation.task import Task
from qa.settings import LEXICAL_READER, Settings
from tests.conftest import MakeParts, put
from tests.processes import go, lines, read_elsewhere, worker

SECRET = "The quartermaster Zbigniew Xylander hid eleven zithers under the pier."
KEPT = "The harbour council painted nine cranes blue."


@pytest.fixture
def parts(make_parts: MakeParts, tmp_path: Path) -> Parts:
    parts = make_parts(secret=SECRET + "\n\n" + SECRET.replace("eleven", "twelve"), kept=KEPT)
    (entry,) = (entry for entry in parts.library.entries() if entry.id == "secret")
    parts.library.withdraw("secret")
    put(parts, tmp_path, "secret", SECRET)
    assert entry.version != parts.library.document("secret").version
    parts.refresh()
    parts.vectors._save()
    (tmp_path / "secret.md").unlink()
    return parts


def traces(folder: Path, word: str) -> list[str]:
    """The files below a folder that hold a word, or its term, in any common form."""
    forms = {form for each in (word, *terms(word)) for form in (each.encode(), each.encode("utf-16-le"))}
    found = (file for file in sorted(folder.rglob("*")) if file.is_file())
    return [file.name for file in found if any(form in file.read_bytes() for form in forms)]


def test_nothing_of_a_purged_document_is_left_on_disk(parts: Parts, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    assert traces(folder, "Xylander")
    parts.purge("secret")
    assert traces(folder, "Xylander") == traces(folder, "zithers") == []
    assert traces(folder, "cranes")
    assert parts.check() == []


@pytest.mark.parametrize("asked", [1, 2])
def test_runs_that_quote_a_purged_document_go_with_it(parts: Parts, tmp_path: Path, asked: int) -> None:
    """One that was stopped too, whose set is kept beside it; one that does not quote it stays."""
    parts = replace(parts, settings=Settings(reader=LEXICAL_READER, strictness=1.0))
    runs = tmp_path / "library" / "runs"
    for name, question in (("secret", "Who sold the zithers?"), ("kept", "Who painted the cranes?")):
        rows = [{"id": f"{number}", "question": question, "answerable": True} for number in range(2)]
        file = tmp_path / f"{name}.jsonl"
        file.write_text("\n".join(map(json.dumps, rows)), "utf-8")
        task = Task(file)
        with closing(run_through(task, over_library(task, parts), out=runs / name)) as steps:
            for run in steps:
                if len(run.records) == asked:
                    break
        file.unlink()
    quoting = [run.name for run in runs.iterdir() if b"ylander" in (run / "records.jsonl").read_bytes()]
    assert "secret" in quoting
    assert parts.check() == []
    shutil.copytree(runs / "secret", tmp_path / "copy")
    assert parts.purge("secret") == sorted(quoting, reverse=True)
    assert traces(tmp_path / "library", "Xylander") == []
    assert parts.check() == []
    shutil.copytree(tmp_path / "copy", runs / "again")
    assert parts.check() == ["the run again holds text of secret, which was purged"]


def test_a_purged_document_answers_nothing_and_its_addresses_say_so(parts: Parts) -> None:
    version = parts.library.document("secret").version
    parts.purge("secret")
    assert [hit.passage.document_id for hit in parts.retriever.search("Xylander zithers", 5)] == ["kept"]
    for ask in (
        lambda: parts.library.document("secret"),
        lambda: parts.library.resolve(Address.of("secret", version, Span(0, 5))),
        lambda: parts.library.purge("secret"),
        lambda: parts.library.withdraw("secret"),
    ):
        with pytest.raises(
            DocumentNotFound, match=r"^'secret' was purged on 20\d\d-\d\d-\d\d, and nothing of it is left$"
        ):
            ask()


def test_a_purged_document_may_be_added_again(parts: Parts, tmp_path: Path) -> None:
    parts.purge("secret")
    put(parts, tmp_path, "secret", SECRET)
    assert parts.library.document("secret").text == SECRET
    assert parts.check() == []


def test_a_file_that_another_document_was_read_from_is_kept(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts(one=KEPT)
    entry = parts.library.entry("one")
    assert entry is not None
    assert parts.library.original(entry.provenance.file_digest) == KEPT.encode()
    assert parts.library.original_bytes(entry.provenance.file_digest) == len(KEPT.encode())
    parts.library.withdraw("one")
    (tmp_path / "deep").mkdir()
    put(parts, tmp_path / "deep", "two", KEPT)
    parts.purge("one")
    assert parts.library.original(entry.provenance.file_digest) == KEPT.encode()
    parts.purge("two")
    assert parts.library.original(entry.provenance.file_digest) is None
    assert parts.library.original_bytes(entry.provenance.file_digest) is None


def test_what_was_never_there_cannot_be_purged(parts: Parts) -> None:
    with pytest.raises(DocumentNotFound, match="The library has no document 'ghost'"):
        parts.purge("ghost")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("INSERT INTO purged VALUES ('kept', '2026-03-04')", "kept: it was purged, but the table version has it"),
        ("INSERT INTO original VALUES ('ab', x'00')", "file ab: it belongs to no document"),
    ],
)
def test_check_tells_what_is_left_of_a_purged_document(parts: Parts, tmp_path: Path, statement: str, told: str) -> None:
    parts.purge("secret")
    with sqlite3.connect(tmp_path / "library" / FILE_NAME) as db:
        db.execute(statement)
    db.close()
    assert told in parts.check()


def test_free_pages_that_only_name_other_free_pages_are_no_trace(parts: Parts, tmp_path: Path) -> None:
    parts.purge("secret")
    for number in range(4):
        put(parts, tmp_path, f"log-{number}", f"Day {number} in the harbour. " * 1000)
    for number in (0, 1, 2):
        parts.purge(f"log-{number}")
    put(parts, tmp_path, "last", "A short day. " * 300)
    assert parts.check() == []


@pytest.mark.parametrize("finish", ["check", "purge", "search"])
def test_a_purge_that_was_killed_is_finished_by_whoever_comes_next(parts: Parts, tmp_path: Path, finish: str) -> None:
    folder = tmp_path / "library"
    with worker("erase", folder, "secret") as process:
        go(process)
        assert lines(process) == []
    assert where(folder) == {Path(), Path("keywords")}
    if finish == "search":
        assert [hit.passage.document_id for hit in parts.retriever.search("Xylander zithers", 5)] == ["kept"]
        assert where(folder) == {Path()}  # in the database's log
    elif finish == "purge":
        with pytest.raises(DocumentNotFound, match=r"and nothing of it is left$"):
            parts.purge("secret")
        assert where(folder) == set()
    assert parts.check() == []
    assert where(folder) == set()


def where(folder: Path) -> set[Path]:
    """In which folders of a library the secret's name still is."""
    forms = [b"yland", *(term.encode() for term in passage_terms("Xylander"))]
    files = read_elsewhere(folder)
    return {Path(name).parent for name, data in files.items() if any(form in data for form in forms)}


def test_what_a_long_reader_keeps_in_the_log_is_told(
    make_parts: MakeParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(corpus.sqlite.database, "_BUSY_TIMEOUT_S", 0.05)
    parts = make_parts(secret=SECRET, kept=KEPT)
    reader = sqlite3.connect(tmp_path / "library" / FILE_NAME, isolation_level=None)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM version").fetchone()
    with pytest.raises(LibraryError, match=r"^'secret' was purged, but the log of the database still holds"):
        parts.purge("secret")
    assert any(line.startswith("database: the log of the database still holds") for line in parts.check())
    reader.close()
    assert parts.check() == []
    assert where(tmp_path / "library") == set()


def test_what_other_processes_do_after_a_check_is_seen(parts: Parts, tmp_path: Path) -> None:
    """SQLite drops a process's locks on a file that it closes, and the next one would delete its log."""
    parts.purge("secret")
    assert parts.check() == []
    with worker("withdraw", tmp_path / "library", "kept") as process:
        go(process)
        assert lines(process) == []
    assert parts.library.entries() == []
    put(parts, tmp_path, "after", "The pier was mended.")
    again = open_library(tmp_path / "library")
    assert [entry.id for entry in again.entries()] == ["after"]
    again.close()


def test_check_tells_of_free_pages_that_were_not_overwritten(parts: Parts, tmp_path: Path) -> None:
    parts.purge("secret")
    with sqlite3.connect(tmp_path / "library" / FILE_NAME, isolation_level=None) as db:
        db.execute("PRAGMA secure_delete = OFF")
        db.execute("CREATE TABLE filler (text)")
        db.executemany("INSERT INTO filler VALUES (?)", [(SECRET * 50,)] * 40)
        db.execute("DROP TABLE filler")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    assert any(line.startswith("database: page ") for line in parts.check())
