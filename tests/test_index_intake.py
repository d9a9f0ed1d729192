"""The intake: every file's outcome is told, ids clash with nothing, and one bad file stops no other."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from pathlib import Path

import pytest

import index.intake
from corpus.catalogue import Catalogue
from corpus.errors import DocumentExists, DocumentNotFound
from corpus.files import File, find_files
from corpus.library import State
from corpus.model import version_of
from corpus.parsing.contract import Parsed, Parser
from corpus.parsing.plain import MarkdownParser
from corpus.reading import Draft, as_version_of, is_outdated, kept_file, original_name
from index.encoder import Vectors
from index.intake import Added, IfChanged, Outcome
from qa.assembly import Parts
from tests.conftest import MakeParts
from tests.fakes import HashEncoder

TEXT = "# Lock\n\nThe lock lifts a barge by six metres.\n\nIt takes eleven minutes.\n"
NEW_TEXT = TEXT.replace("six", "seven")


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts()


def write(folder: Path, name: str, text: str = TEXT, **fields: str) -> Path:
    """A file, with front matter where there are fields."""
    file = folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    front = "".join(f"{field}: {value}\n" for field, value in fields.items())
    file.write_text(f"---\n{front}---\n{text}" if fields else text)
    return file


def add(parts: Parts, file: Path, if_changed: IfChanged = IfChanged.FAIL) -> Added:
    (added,) = parts.intake.add(find_files([file]), if_changed)
    return added


def test_a_new_file_is_added_whole(parts: Parts, tmp_path: Path) -> None:
    added = add(parts, write(tmp_path, "Łódź lock.md"))
    assert (added.outcome, added.id, added.version) == (Outcome.ADDED, "lodz-lock", version_of(TEXT))
    assert (added.characters, added.notes, added.error) == (len(TEXT), (), None)
    entry = parts.library.entry("lodz-lock")
    assert entry is not None
    assert (entry.passages, entry.source.title) == (added.passages, "Lock")
    assert parts.library.document("lodz-lock").text == TEXT


def test_the_same_file_again_is_unchanged(parts: Parts, tmp_path: Path) -> None:
    file = write(tmp_path, "lock.md")
    add(parts, file)
    generation = parts.library.generation()
    again = add(parts, file)
    assert (again.outcome, again.id, again.notes, again.error) == (Outcome.UNCHANGED, "lock", (), None)
    assert parts.library.generation() == generation


def test_a_batch_that_goes_on_reads_no_file_again_that_is_there(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = [write(tmp_path, f"{number}.md", f"{TEXT}\nIt is lock {number}.") for number in range(4)]
    assert [each.outcome for each in parts.intake.add(find_files(files[:2]))] == [Outcome.ADDED] * 2
    read = list[str]()
    really = index.intake.read_file

    def watched(file: File, catalogue: Catalogue) -> Draft:
        read.append(file.name)
        return really(file, catalogue)

    monkeypatch.setattr(index.intake, "read_file", watched)
    outcomes = [each.outcome for each in parts.intake.add(find_files(files))]
    assert outcomes == [Outcome.UNCHANGED] * 2 + [Outcome.ADDED] * 2
    assert read == ["2.md", "3.md"]


@pytest.mark.parametrize("why", ["moved", "read by another parser", "described anew", "withdrawn"])
def test_a_file_that_is_there_is_read_again_where_that_may_say_something_new(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, why: str
) -> None:
    file = write(tmp_path, "lock.md")
    add(parts, file)
    (found,) = find_files([file])
    expected = Outcome.UNCHANGED
    if why == "moved":
        found = dataclasses.replace(found, origin="elsewhere/lock.md")
    elif why == "read by another parser":
        monkeypatch.setattr(MarkdownParser, "name", "markdown/2")
    elif why == "described anew":
        found, expected = dataclasses.replace(found, metadata={"title": "The lock"}), Outcome.REPLACED
    else:
        parts.library.withdraw("lock")
        expected = Outcome.ADDED
    read = list[str]()
    really = index.intake.read_file
    monkeypatch.setattr(
        index.intake, "read_file", lambda file, catalogue: read.append(file.name) or really(file, catalogue)
    )
    (added,) = parts.intake.add([found])
    assert (added.outcome, read) == (expected, ["lock.md"])


@pytest.mark.parametrize("fields", [{}, {"id": "the-lock"}])
def test_a_changed_text_fails_unless_one_says_what_to_do(parts: Parts, tmp_path: Path, fields: dict[str, str]) -> None:
    file = write(tmp_path, "lock.md", **fields)
    id = add(parts, file).id or ""
    generation = parts.library.generation()
    write(tmp_path, "lock.md", NEW_TEXT, **fields)

    failed = add(parts, file)
    assert (failed.outcome, failed.id, failed.present) == (Outcome.CHANGED, id, parts.library.entry(id))
    assert (failed.version, failed.characters) == (version_of(NEW_TEXT), len(NEW_TEXT))
    assert f"{file}: " in (failed.error or "")
    assert f"'{id}' with another text ({version_of(TEXT)[:12]})" in (failed.error or "")
    assert "--if-changed replace, or keep" in (failed.error or "")

    kept = add(parts, file, IfChanged.KEEP)
    assert (kept.outcome, kept.id, kept.version) == (Outcome.UNCHANGED, id, version_of(TEXT))
    assert "was kept" in kept.notes[0]
    assert parts.library.generation() == generation
    assert parts.library.document(id).text == TEXT

    replaced = add(parts, file, IfChanged.REPLACE)
    assert (replaced.outcome, replaced.id, replaced.version) == (Outcome.REPLACED, id, version_of(NEW_TEXT))
    assert parts.library.document(id).text == NEW_TEXT
    assert parts.library.document(id, version_of(TEXT)).text == TEXT
    assert {entry.id for entry in parts.library.entries()} == {id}
    assert parts.check() == []


def test_going_back_to_a_former_text_makes_it_current_again(parts: Parts, tmp_path: Path) -> None:
    for text in (TEXT, NEW_TEXT, TEXT):
        added = add(parts, write(tmp_path, "lock.md", text), IfChanged.REPLACE)
    assert (added.outcome, added.version) == (Outcome.REPLACED, version_of(TEXT))
    entry = parts.library.entry("lock")
    assert entry is not None
    assert (entry.state, entry.version, entry.ended_at) == (State.CURRENT, version_of(TEXT), None)
    assert parts.check() == []


def test_files_of_one_name_in_two_folders_get_ids_of_their_own(parts: Parts, tmp_path: Path) -> None:
    ids = []
    for number, folder in enumerate("abc"):
        added = add(parts, write(tmp_path / folder, "report.md", f"Report number {number} is about water."))
        ids.append(added.id)
        assert added.outcome is Outcome.ADDED
        assert added.notes == (
            () if number == 0 else (f"the id 'report' is another document's, so this one is '{added.id}'",)
        )
    assert ids == ["report", "report-2", "report-3"]
    again = add(parts, write(tmp_path / "b", "report.md", "Report number one is about fire."), IfChanged.REPLACE)
    assert (again.outcome, again.id) == (Outcome.REPLACED, "report-2")


def test_an_id_in_the_file_follows_it_to_another_name(parts: Parts, tmp_path: Path) -> None:
    add(parts, write(tmp_path, "one.md", id="lock"))
    moved = add(parts, write(tmp_path, "two.md", NEW_TEXT, id="lock"), IfChanged.REPLACE)
    assert (moved.outcome, moved.id, moved.notes) == (Outcome.REPLACED, "lock", ())


def test_new_front_matter_on_the_same_text_replaces_what_is_said_about_it(parts: Parts, tmp_path: Path) -> None:
    add(parts, write(tmp_path, "lock.md", title="Old title"))
    before = parts.retriever.search("barge", 3)
    changed = add(parts, write(tmp_path, "lock.md", title="New title", publisher="Canal Office"))
    assert (changed.outcome, changed.id, changed.version) == (Outcome.REPLACED, "lock", version_of(TEXT))
    assert "what is said about it was replaced" in changed.notes[-1]
    hits = parts.retriever.search("barge", 3)
    assert [hit.passage for hit in hits] == [hit.passage for hit in before]
    assert {(hit.source.title, hit.source.publisher) for hit in hits} == {("New title", "Canal Office")}
    assert parts.check() == []


@pytest.mark.parametrize("fields", [{}, {"id": "other"}, {"title": "Another"}])
def test_the_same_text_under_another_name_is_not_added_twice(
    parts: Parts, tmp_path: Path, fields: dict[str, str]
) -> None:
    add(parts, write(tmp_path, "lock.md"))
    generation = parts.library.generation()
    copy = add(parts, write(tmp_path, "copy.md", **fields))
    assert (copy.outcome, copy.id) == (Outcome.UNCHANGED, "lock")
    assert copy.notes == ("its text is in the library as 'lock'",)
    assert parts.library.generation() == generation


@pytest.mark.parametrize("folder", ["", "elsewhere"])
def test_a_withdrawn_document_comes_back_under_its_id(parts: Parts, tmp_path: Path, folder: str) -> None:
    add(parts, write(tmp_path, "lock.md"))
    parts.library.withdraw("lock")
    back = add(parts, write(tmp_path / folder, "lock.md"))
    assert (back.outcome, back.id, back.notes) == (Outcome.ADDED, "lock", ())
    assert parts.check() == []


def test_a_withdrawn_document_is_reinstated_from_its_stored_text(parts: Parts, tmp_path: Path) -> None:
    file = write(tmp_path, "lock.md", publisher="Canal Office")
    added = add(parts, file)
    before = parts.retriever.search("barge", 3)
    file.unlink()
    parts.library.withdraw("lock")
    assert not parts.retriever.search("barge", 3)
    assert parts.intake.reinstate("lock") == added.passages
    after = parts.retriever.search("barge", 3)
    assert [(hit.passage, hit.source, hit.scores) for hit in after] == [
        (hit.passage, hit.source, hit.scores) for hit in before
    ]
    entry = parts.library.entry("lock")
    assert entry is not None
    assert (entry.state, entry.ended_at, entry.provenance.origin) == (State.CURRENT, None, str(file))
    assert parts.library.original(entry.provenance.file_digest) is not None
    assert parts.check() == []


def test_what_cannot_be_reinstated_is_said(parts: Parts, tmp_path: Path) -> None:
    add(parts, write(tmp_path, "lock.md"))
    with pytest.raises(DocumentExists, match="'lock' was not withdrawn"):
        parts.intake.reinstate("lock")
    with pytest.raises(DocumentNotFound, match="no document 'ghost'"):
        parts.intake.reinstate("ghost")
    parts.library.withdraw("lock")
    add(parts, write(tmp_path, "other.md", id="other"))
    with pytest.raises(DocumentExists, match="is in the library as 'other'"):
        parts.intake.reinstate("lock")
    assert {entry.id for entry in parts.library.entries()} == {"other"}


def test_a_new_version_keeps_the_id_and_what_it_does_not_say_of_itself(parts: Parts, tmp_path: Path) -> None:
    old = {"title": "On locks", "publisher": "Canal Office", "date": "2026-01-02", "url": "https://a.example/lock"}
    add(parts, write(tmp_path, "lock.md", kind="statement", sources="[govpl]", **old))
    entry = parts.library.entry("lock")
    assert entry is not None
    new = write(tmp_path, "elsewhere.md", "The lock lifts a barge by nine metres.\n", date="2026-03-04", id="else")
    (file,) = find_files([new])
    (replaced,) = parts.intake.add([as_version_of(entry, file)], IfChanged.REPLACE)
    assert (replaced.outcome, replaced.id) == (Outcome.REPLACED, "lock")
    (now,) = parts.library.entries()
    assert now.source == dataclasses.replace(entry.source, date="2026-03-04", language=now.source.language)
    assert now.provenance.origin == str(new)
    assert parts.library.document("lock", entry.version).text == TEXT


def test_an_unreadable_file_stops_no_other(parts: Parts, tmp_path: Path) -> None:
    good, last = write(tmp_path, "a.md"), write(tmp_path, "z.txt", "The last barge leaves at nine.")
    bad = {
        "b.md": b"\0 caf\xe9",
        "c.md": b"   \n",
        "d.pdf": b"%PDF",
        "e.md": b"---\nid: Not An Id\n---\ntext",
        "f.md": b"---\n: [\n---\ntext",
    }
    for name, data in bad.items():
        (tmp_path / name).write_bytes(data)
    files = [good, *(tmp_path / name for name in bad), tmp_path / "missing.md", last]
    results = list(parts.intake.add(find_files(files)))
    assert [Path(added.path) for added in results] == files
    assert [added.outcome for added in results] == [Outcome.ADDED, *[Outcome.FAILED] * 6, Outcome.ADDED]
    for added in results[1:-1]:
        assert (added.error or "").startswith(f"{added.path}: ")
        assert added.id is None
    assert {entry.id for entry in parts.library.entries()} == {"a", "z"}
    assert parts.check() == []


def test_a_folder_is_added_with_all_that_is_below_it(parts: Parts, tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    for name in ("b.md", "a.txt", "deep/er/c.markdown", ".hidden.md", ".git/d.md", "e.csv"):
        write(shelf, name, f"This is what stands in {name}.")
    results = list(parts.intake.add(find_files([shelf])))
    assert [(Path(added.path).name, added.outcome) for added in results] == [
        (name, Outcome.ADDED) for name in ("a.txt", "b.md", "c.markdown")
    ]


def test_warnings_of_reading_are_in_the_report(parts: Parts, tmp_path: Path) -> None:
    added = add(parts, write(tmp_path, "lock.md", colour="green", sources="[nowhere-known]"))
    assert added.outcome is Outcome.ADDED
    assert added.report is not None
    assert any("'colour'" in warning for warning in added.report.warnings)
    assert any("'nowhere-known'" in warning for warning in added.report.warnings)


def test_a_replacement_encodes_only_passages_that_are_new(
    make_parts: MakeParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = make_parts(passage_tokens=12)
    paragraphs = [f"Barge {number} lies at quay {number} until the tide of day {number}." for number in range(9)]
    add(parts, write(tmp_path, "quay.md", "\n\n".join(paragraphs)))
    before = {each.passage.text: each.vector.tolist() for each in parts.library.passages_of("quay")}
    encoded = list[str]()
    really = HashEncoder.encode

    def watched(self: HashEncoder, texts: Sequence[str]) -> Vectors:
        encoded.extend(texts)
        return really(self, texts)

    monkeypatch.setattr(HashEncoder, "encode", watched)
    paragraphs[4] = "Barge 4 has left."
    replaced = add(parts, write(tmp_path, "quay.md", "\n\n".join(paragraphs)), IfChanged.REPLACE)
    assert (replaced.outcome, replaced.passages) == (Outcome.REPLACED, 9)
    assert encoded == ["Barge 4 has left."]
    after = {each.passage.text: each.vector.tolist() for each in parts.library.passages_of("quay")}
    assert {text: before[text] for text in paragraphs if text in before} == {
        text: vector for text, vector in after.items() if text in before
    }
    assert parts.check() == []


def test_a_kept_file_is_read_again_by_a_newer_parser_and_what_is_known_stays(
    parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (found,) = find_files([write(tmp_path, "lock.md")])
    (added,) = parts.intake.add([dataclasses.replace(found, metadata={"title": "The lock", "publisher": "Harbour"})])
    entry = parts.library.entry("lock")
    assert entry is not None
    assert not is_outdated(entry, original_name(entry))

    class Newer(MarkdownParser):
        name = "markdown/2"

        def parse(self, data: bytes) -> Parsed:
            parsed = super().parse(data)
            return dataclasses.replace(parsed, text=parsed.text + "\nAnd the last line.\n")

    monkeypatch.setattr("corpus.reading.parser_for", lambda name: Newer())
    monkeypatch.setattr("corpus.reading.parsers", lambda: Direct(Newer()))
    assert is_outdated(entry, original_name(entry))
    (again,) = parts.intake.add([kept_file(entry, parts.library)], IfChanged.REPLACE)
    assert (again.outcome, again.id, again.error) == (Outcome.REPLACED, "lock", None)
    now = parts.library.entry("lock")
    assert now is not None
    assert (now.source.title, now.source.publisher, now.provenance.parser) == ("The lock", "Harbour", "markdown/2")
    assert now.provenance.file_digest == entry.provenance.file_digest
    assert parts.library.document("lock").text.endswith("And the last line.\n")
    assert added.version is not None
    assert parts.library.document("lock", added.version).text == TEXT
    (same,) = parts.intake.add([kept_file(now, parts.library)], IfChanged.REPLACE)
    assert same.outcome is Outcome.UNCHANGED


def test_a_file_that_was_not_kept_is_not_read_again(parts: Parts, tmp_path: Path) -> None:
    list(parts.intake.add(find_files([write(tmp_path, "lock.md")]), keep_originals=False))
    entry = parts.library.entry("lock")
    assert entry is not None
    (again,) = parts.intake.add([kept_file(entry, parts.library)])
    assert "its file was not kept; add it once more" in (again.error or "")


class Direct:
    """A parser without a process of its own."""

    def __init__(self, parser: Parser) -> None:
        self._parser = parser

    def parse(self, name: str, data: bytes, charset: str | None = None) -> tuple[Parsed, str]:
        return self._parser.parse(data), self._parser.name
