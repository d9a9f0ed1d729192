"""Manifests: what they say of files counts, wherever files and manifests lie, and every mistake is told by its line."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import BadManifest, UnreadableFile
from corpus.files import find_files
from corpus.manifest import read_manifest
from corpus.model import Kind
from tests.conftest import MakeParts

TEXT = "The lock lifts a barge by six metres."
CSV = "file;title;Date;sources\nlock.txt;The lock;2026-02-20;ta nfp\n;;;\n\nnew/lock.txt;The new lock;;\n"
TOML = """
["lock.txt"]
title = "The lock"
date = 2026-02-20
sources = ["ta", "nfp"]

["new/lock.txt"]
title = "The new lock"
"""
SAID = {
    "lock.txt": {"title": "The lock", "date": "2026-02-20", "sources": ["ta", "nfp"]},
    "new/lock.txt": {"title": "The new lock"},
}


def metadata(*paths: Path) -> dict[str, Any]:
    """What is said of each file that is found, by the end of its origin."""
    return {"/".join(Path(file.origin).parts[-2:]): dict(file.metadata) for file in find_files(paths)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "papers" / "new").mkdir(parents=True)
    for name in ("lock.txt", "new/lock.txt", "other.txt"):
        (tmp_path / "papers" / name).write_text(TEXT + name)
    return tmp_path / "papers"


@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("manifest.csv", CSV.encode()),
        ("manifest.csv", CSV.replace(";", ",").replace("\n", "\r\n").encode("utf-8-sig")),
        ("manifest.csv", CSV.replace(";", "\t").encode()),
        ("manifest.csv", CSV.replace("The lock", '"The lock"').replace("new/", "new\\").encode()),
        ("manifest.toml", TOML.encode()),
    ],
)
def test_all_ways_to_write_a_manifest_say_the_same(name: str, data: bytes) -> None:
    assert {str(path): fields for path, fields in read_manifest(name, data).items()} == SAID


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("manifest.csv", "title,date\nThe lock,2026\n", "line 1: no column is called “file”"),
        ("manifest.csv", "file,titel\nlock.txt,The lock\n", "line 2: 'titel' is no field; known are id, title"),
        ("manifest.csv", "file,title,title\nlock.txt,The lock,A lock\n", "line 1: two columns are called 'title'"),
        ("manifest.csv", "file,title\nlock.txt,A\nlock.txt,B\n", "line 3: 'lock.txt' is described before"),
        ("manifest.csv", "file,title\nlock.txt,A,B,C\n", "line 2: it has 4 cells, and the first line 2"),
        ("manifest.csv", "file,title\n../lock.txt,A\n", "line 2: '../lock.txt' is not the name of a file beside it"),
        ("manifest.csv", "file,title\n/etc/passwd,A\n", "line 2: '/etc/passwd' is not the name"),
        ("manifest.csv", "file,title\n,A\n", "line 2: '' is not the name"),
        ("manifest.csv", 'file,title\nlock.txt,"A" lock\n', "line 2: it is no CSV"),
        ("manifest.toml", 'title = "A"\n', "table 'title': it is no table"),
        ("manifest.toml", '["lock.txt"]\ntitle = The lock\n', "it is no TOML (Invalid value (at line 2"),
        ("manifest.toml", '["lock.txt"]\nauthor = "A"\n', "table 'lock.txt': 'author' is no field"),
    ],
)
def test_a_mistake_is_told_by_its_place(name: str, text: str, told: str) -> None:
    with pytest.raises(BadManifest) as raised:
        read_manifest(f"papers/{name}", text.encode())
    assert str(raised.value).startswith(f"papers/{name}")
    assert told in str(raised.value)


def test_a_manifest_in_an_old_encoding_is_refused_with_what_to_do() -> None:
    with pytest.raises(BadManifest, match=r"save it as “CSV UTF-8”"):
        read_manifest("manifest.csv", "file,title\nlock.txt,Śluza\n".encode("cp1250"))


def test_an_archive_with_a_bad_manifest_is_refused_and_the_files_beside_it_are_not(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("lock.txt", "A lock.")
        archive.writestr("manifest.toml", "title = The lock")
    (tmp_path / "other.txt").write_text("Another.")
    refused, other = find_files([tmp_path])
    with pytest.raises(BadManifest, match=r"^manifest.toml: it is no TOML"):
        refused.data()
    assert (refused.name, other.data()) == ("a.zip", b"Another.")


@pytest.mark.parametrize(("name", "text"), [("manifest.csv", CSV), ("manifest.toml", TOML)])
def test_what_is_said_reaches_the_files_of_a_folder_and_a_file_named_alone(folder: Path, name: str, text: str) -> None:
    (folder / name).write_text(text)
    expected = {"papers/lock.txt": SAID["lock.txt"], "new/lock.txt": SAID["new/lock.txt"], "papers/other.txt": {}}
    assert metadata(folder) == expected
    assert metadata(folder / "lock.txt", folder / "other.txt") == {
        name: expected[name] for name in ("papers/lock.txt", "papers/other.txt")
    }


def test_the_nearest_manifest_counts_and_the_other_fills_in(folder: Path) -> None:
    (folder / "manifest.csv").write_text("file,title,publisher\nnew/lock.txt,From afar,The council\n")
    (folder / "new" / "manifest.toml").write_text('["lock.txt"]\ntitle = "From near"\n')
    assert metadata(folder)["new/lock.txt"] == {"title": "From near", "publisher": "The council"}


def test_members_of_an_archive_have_their_manifest_with_them(tmp_path: Path) -> None:
    archive = tmp_path / "papers.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("papers/lock.txt", TEXT)
        file.writestr("papers/new/lock.txt", TEXT)
        file.writestr("papers/manifest.csv", CSV)
    found = {file.origin.partition("!")[2]: dict(file.metadata) for file in find_files([archive])}
    assert found == {f"papers/{name}": fields for name, fields in SAID.items()}


@pytest.mark.parametrize("packed", [False, True])
def test_a_file_that_is_named_and_not_there_fails_alone(folder: Path, tmp_path: Path, packed: bool) -> None:
    (folder / "manifest.csv").write_text("file,title\nlock.txt,The lock\ngone.txt,Gone\n")
    place = folder
    if packed:
        place = tmp_path / "papers.zip"
        with zipfile.ZipFile(place, "w") as archive:
            for name in ("lock.txt", "manifest.csv"):
                archive.write(folder / name, name)
    *_, last = find_files([place])
    assert last.name == "gone.txt"
    with pytest.raises(UnreadableFile, match="a manifest names it"):
        last.data()


def test_documents_are_added_with_what_their_manifest_says(make_parts: MakeParts, folder: Path) -> None:
    parts = make_parts()
    (folder / "manifest.csv").write_text(
        "file,id,title,kind,publisher,date\nlock.txt,the-lock,The lock,statement,Harbour council,2026-02\n"
    )
    (added,) = parts.intake.add(find_files([folder / "lock.txt"]))
    entry = parts.library.entry("the-lock")
    assert entry is not None, added.error
    source = entry.source
    assert (source.title, source.kind, source.publisher, source.date) == (
        "The lock", Kind.STATEMENT, "Harbour council", "2026-02",
    )  # fmt: skip
    (folder / "manifest.csv").write_text("file,id,date\nlock.txt,the-lock,20.02.2026\n")
    (added,) = parts.intake.add(find_files([folder / "lock.txt"]))
    assert "its date '20.02.2026' is not a day" in (added.error or "")
