"""Proves that a purged document leaves nothing behind on disk, that check would tell, and that the rest stays."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from corpus.errors import DocumentNotFound
from corpus.model import Address, Span
from corpus.sqlite import FILE_NAME
from index.terms import terms
from qa.assembly import Parts
from tests.conftest import MakeParts, put

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
