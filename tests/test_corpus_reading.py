"""Proves how files become drafts of documents: ids, sources, dates, what is refused, and which files a folder gives."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.catalogue import Catalogue, CatalogueEntry, Mark, shipped_catalogue
from corpus.errors import UnreadableFile
from corpus.files import File, find_files
from corpus.model import ID_PATTERN, Kind, Reference, Source, version_of
from corpus.reading import Draft, id_from, read_file

_CATALOGUE: Catalogue = {
    "harbour": CatalogueEntry(
        "harbour", "The harbour opens", "Harbour News", Kind.ARTICLE, "en", "https://harbour.example/1", "unknown",
        Mark.PRESS, "2026-02",
    )
}  # fmt: skip


def _read(folder: Path, fields: str = "", name: str = "note.md", text: str = "Text.") -> Draft:
    file = folder / name
    file.write_text(f"---\n{fields}\n---\n{text}" if fields else text, "utf-8")
    return read_file(_file(file), _CATALOGUE)


def _file(path: Path) -> File:
    (file,) = find_files([path])
    return file


def _refusal(folder: Path, fields: str) -> str:
    with pytest.raises(UnreadableFile) as refused:
        _read(folder, fields)
    return str(refused.value)


@given(st.text())
def test_any_name_gives_an_id(name: str) -> None:
    assert ID_PATTERN.fullmatch(id_from(name))


@given(st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True))
def test_a_name_that_is_an_id_gives_itself(name: str) -> None:
    assert id_from(name) == name


@pytest.mark.parametrize(
    ("name", "id"),
    [
        ("Rzeszów hub", "rzeszow-hub"),
        ("Rzeszo\u0301w hub", "rzeszow-hub"),
        ("Łódź_2026 (final)", "lodz-2026-final"),
        ("Україна", "ukraina"),
        ("--a--b--", "a-b"),
        ("§ 5 & 6", "s-5-6"),
        ("…", "document"),
        ("", "document"),
    ],
)
def test_an_id_is_readable(name: str, id: str) -> None:
    assert id_from(name) == id


def test_all_that_front_matter_says_is_in_the_draft(tmp_path: Path) -> None:
    fields = (
        "id: tide-table\ntitle: Tides\npublisher: Harbour office\nkind: press release\ndate: 2026-02-20\nlanguage: en\n"
        "url: https://harbour.example/tides\nspeaker: A. Pilot\nlicence: CC0\nsources: [harbour]"
    )
    draft = _read(tmp_path, fields, text="High at noon.\n")
    reference = Reference("harbour", "The harbour opens", "Harbour News", "2026-02", "https://harbour.example/1")
    assert draft.document.source == Source(
        "Tides", Kind.PRESS_RELEASE, "Harbour office", "2026-02-20", "en", "https://harbour.example/tides", "A. Pilot",
        "CC0", (reference,),
    )  # fmt: skip
    assert (draft.document.id, draft.names_itself, draft.provenance.report.warnings) == ("tide-table", True, ())
    assert (draft.document.text, draft.document.version) == ("High at noon.\n", version_of("High at noon.\n"))


def test_a_file_without_front_matter_is_named_after_the_file(tmp_path: Path) -> None:
    draft = _read(tmp_path, name="Rzeszów hub.md")
    assert (draft.document.id, draft.names_itself) == ("rzeszow-hub", False)
    assert draft.document.source == Source("Rzeszów hub")


def test_a_draft_tells_the_file_its_digest_and_the_parser(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "note.txt"
    file.write_bytes(b"\xef\xbb\xbfText.\r\n")
    monkeypatch.chdir(tmp_path)
    provenance = read_file(_file(Path("note.txt")), _CATALOGUE).provenance
    assert provenance.origin == str(file.resolve())
    assert provenance.file_digest == hashlib.sha256(file.read_bytes()).hexdigest()
    assert provenance.parser == "text/1"


def test_a_source_that_is_not_in_the_catalogue_is_kept_and_warned_of(tmp_path: Path) -> None:
    draft = _read(tmp_path, "sources: [harbour, lighthouse]")
    assert [reference.title for reference in draft.document.source.references] == ["The harbour opens", "lighthouse"]
    assert draft.provenance.report.warnings == ("source 'lighthouse' is not in the catalogue",)


def test_sources_stand_in_the_order_in_which_they_can_be_relied_on(tmp_path: Path) -> None:
    ids = ["bbc", "harbour-not-listed", "wiki", "nfp", "govpl"]
    file = tmp_path / "note.md"
    file.write_text(f"---\nsources: [{', '.join(ids)}]\n---\nText.", "utf-8")
    references = read_file(_file(file), shipped_catalogue()).document.source.references
    assert [reference.id for reference in references] == ["govpl", "nfp", "bbc", "wiki", "harbour-not-listed"]


def test_a_copy_is_named_after_whose_text_it_is() -> None:
    assert shipped_catalogue()["bbc"].reference.publisher == "BBC News (via chattythat.news)"


def test_warnings_of_the_parser_are_handed_on(tmp_path: Path) -> None:
    warnings = _read(tmp_path, "colour: red").provenance.report.warnings
    assert warnings == ("front matter field 'colour' is not known and was left out",)


@pytest.mark.parametrize("date", ["2026", "2026-02", "2026-02-20", "2024-02-29"])
def test_a_date_may_be_a_day_a_month_or_a_year(tmp_path: Path, date: str) -> None:
    assert _read(tmp_path, f"date: {date}").document.source.date == date
    assert _read(tmp_path, f"date: '{date}'").document.source.date == date


@pytest.mark.parametrize(
    "date",
    [
        "20 February 2026",
        "2026-2-20",
        "20260220",
        "2026-02-30",
        "2026-13",
        "0000",
        "2026-02-20T10:00",
        "2026-W08",
        "２０２６",
    ],
)
def test_a_date_that_is_none_is_refused(tmp_path: Path, date: str) -> None:
    said = f"its date {date!r} is not a day, month or year; write YYYY-MM-DD, YYYY-MM or YYYY"
    assert _refusal(tmp_path, f"date: {date}") == said


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ("kind: poem", "its kind 'poem' is not known; known are statement, remarks, press release, article, "),
        ("kind: Brief", "its kind 'Brief' is not known; known are "),
        (
            "id: Tide Table",
            "its id 'Tide Table' is not made of a-z, 0-9 and hyphens between them; write for instance 'tide-table'",
        ),
        ("id: łódź", "its id 'łódź' is not made of a-z, 0-9 and hyphens between them; write for instance 'lodz'"),
        ("id: -a", "its id '-a' is not made of a-z, 0-9 and hyphens between them; write for instance 'a'"),
        ("id: [a]", "its id is no text; write one text in quotes"),
        ("title: {a: b}", "its title is no text; write one text in quotes"),
        (r'title: "\ud83d half a smile"', "its title is no text; write one text in quotes"),
        ("sources: ta", "its sources are no list of ids; write for instance 'sources: [ta, nfp]'"),
        ("sources: {ta: nfp}", "its sources are no list of ids; write for instance 'sources: [ta, nfp]'"),
        ("sources: [[ta]]", "its sources are no list of ids; write for instance 'sources: [ta, nfp]'"),
    ],
)
def test_a_field_with_a_wrong_value_is_refused_with_what_to_write(tmp_path: Path, fields: str, said: str) -> None:
    assert _refusal(tmp_path, fields).startswith(said)


def test_empty_fields_say_nothing(tmp_path: Path) -> None:
    draft = _read(tmp_path, "id:\ntitle:\nkind:\ndate:\nlanguage:\nsources:", name="Empty fields.md")
    assert draft.document.source == Source("Empty fields")
    assert (draft.document.id, draft.provenance.report.warnings) == ("empty-fields", ())


@pytest.mark.parametrize("name", ["missing.md"])
def test_what_cannot_be_opened_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(UnreadableFile, match=r"^it cannot be opened \(.+\); check the path$"):
        read_file(_file(tmp_path / name), _CATALOGUE)


def test_a_path_that_cannot_be_stored_is_refused(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.md"))
    try:
        file.write_text("Text.")
    except OSError:
        pytest.skip("this file system takes UTF-8 names only")
    with pytest.raises(UnreadableFile, match=r"^its path is not UTF-8; rename it and add it again$"):
        read_file(_file(file), _CATALOGUE)


def test_a_folder_gives_the_files_that_parsers_read_by_name(tmp_path: Path) -> None:
    for name in [
        "b.md",
        "a.txt",
        "C.MD",
        "deep/er/d.markdown",
        "picture.png",
        "none",
        ".hidden.md",
        ".git/e.md",
        "x/.y/f.md",
    ]:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / "folder.md").mkdir()
    found = [str(Path(file.origin).relative_to(tmp_path)) for file in find_files([tmp_path])]
    assert found == ["C.MD", "a.txt", "b.md", "deep/er/d.markdown"]


def test_files_are_given_as_asked_for_in_that_order(tmp_path: Path) -> None:
    paths = [tmp_path / "z.png", tmp_path / "missing.md", tmp_path / ".hidden.md", tmp_path / "a.md"]
    assert [Path(file.origin) for file in find_files(paths)] == paths


def test_a_folder_that_is_hidden_itself_is_read_when_asked_for(tmp_path: Path) -> None:
    (tmp_path / ".notes").mkdir()
    (tmp_path / ".notes" / "a.md").touch()
    assert [file.name for file in find_files([tmp_path / ".notes"])] == ["a.md"]


def test_links_to_files_are_followed_and_links_to_folders_and_nowhere_are_not(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "a.md").touch()
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "file.md").symlink_to(tmp_path / "outside" / "a.md")
    (folder / "linked").symlink_to(tmp_path / "outside", target_is_directory=True)
    (folder / "loop").symlink_to(folder, target_is_directory=True)
    (folder / "nowhere.md").symlink_to(tmp_path / "gone.md")
    assert [file.name for file in find_files([folder])] == ["file.md"]
