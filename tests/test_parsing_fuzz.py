"""Proves that no mutilated file crashes or hangs the intake, or leaves a trace in the library."""

from __future__ import annotations

import io
import random
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import docx
import pytest

from corpus.files import find_files
from corpus.parsing import ocr
from corpus.parsing.archives import SUFFIXES
from corpus.parsing.formats import READABLE
from index.intake import Added, IfChanged, Outcome
from tests.conftest import MakeParts
from tests.packages import epub, odt, zipped
from tests.prints import TIDES, report, two_columns

DOCUMENTS = Path(__file__).parents[2] / "shared" / "data" / "documents"
"""Public files of many kinds, which stand beside the repository on the project's own machines and are never in it."""

Mutate = Callable[[random.Random, bytes, bytes], bytes]

KEPT = "The harbour council met at noon."
_FORMATS = "columns docx html md txt eml odt epub zip htm".split()


def _flipped(chance: random.Random, data: bytes, other: bytes) -> bytes:
    damaged = bytearray(data)
    for _ in range(chance.choice((1, 8, 64, 512))):
        damaged[chance.randrange(len(damaged))] ^= 1 << chance.randrange(8)
    return bytes(damaged)


def _cut_off(chance: random.Random, data: bytes, other: bytes) -> bytes:
    return data[: chance.randrange(len(data))]


def _joined(chance: random.Random, data: bytes, other: bytes) -> bytes:
    return data + other if chance.random() < 0.5 else data[: len(data) // 2] + other[len(other) // 2 :]


def _holed(chance: random.Random, data: bytes, other: bytes) -> bytes:
    start = chance.randrange(len(data))
    return data[:start] + bytes(chance.choice((16, 1000))) + data[start + chance.choice((0, 16, 1000)) :]


def _repeated(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """A piece of it many times over, which nests what opens and does not close."""
    start = chance.randrange(len(data))
    return data[:start] + data[start : start + chance.choice((4, 40, 400))] * 2000 + data[start:]


WHOLE: Mapping[str, Mutate] = {
    "flipped": _flipped, "cut off": _cut_off, "joined": _joined, "holed": _holed, "repeated": _repeated,
}  # fmt: skip


def _within(chance: random.Random, data: bytes, other: bytes) -> bytes:
    """A package that is whole, but for a member with something wrong in it: so the damage comes as far as a parser."""
    if not zipfile.is_zipfile(io.BytesIO(data)):
        return _flipped(chance, data, other)
    with zipfile.ZipFile(io.BytesIO(data)) as package:
        members = {name: package.read(name) for name in package.namelist()}
    name = chance.choice(sorted(name for name, content in members.items() if content))
    members[name] = WHOLE[chance.choice(sorted(WHOLE))](chance, members[name], other)
    return zipped(members)


MUTATIONS: Mapping[str, Mutate] = {**WHOLE, "within": _within}


def whole_files() -> dict[str, bytes]:
    """A file of every format, by name, each with a first paragraph of its own."""
    paragraphs = {format: (f"This is the copy for readers of {format}.", *TIDES) for format in _FORMATS}
    texts = {format: "\n\n".join(found) for format, found in paragraphs.items()}
    pages = {format: "".join(f"<p>{paragraph}</p>" for paragraph in found) for format, found in paragraphs.items()}
    mail = "From: Ola <ola@harbour.example>\r\nSubject: Tides\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n\r\n"
    word = io.BytesIO()
    file = docx.Document()
    file.add_heading("What the tide leaves behind")
    for paragraph in paragraphs["docx"]:
        file.add_paragraph(paragraph)
    file.save(word)
    return {
        "columns.pdf": two_columns(paragraphs["columns"], "What the tide leaves behind", row_by_row=True),
        "report.pdf": report([TIDES[:2], TIDES[2:]], "Header", "Page"),
        "tides.docx": word.getvalue(),
        "tides.html": f"<html><head><title>T</title></head><body><article>{pages['html']}</article>".encode(),
        "tides.md": f"---\ntitle: Tides\ndate: 2026-03-02\n---\n# The tide\n\n{texts['md']}".encode(),
        "tides.txt": texts["txt"].encode("cp1250"),
        "tides.eml": f"{mail}{texts['eml']}".encode(),
        "tides.odt": odt(pages["odt"].replace("p>", "text:p>"), meta="<dc:title>Tides</dc:title>"),
        "tides.epub": epub({"one.xhtml": pages["epub"]}, metadata="<dc:title>Tides</dc:title>"),
        "tides.zip": zipped({"tides.md": texts["zip"], "pages/tides.htm": f"<article>{pages['htm']}</article>"}),
    }


def mutilated(folder: Path, size: int, seed: int) -> Iterator[Path]:
    """Files with something wrong in them; a fifth has the name of another format as well."""
    chance = random.Random(seed)
    whole = whole_files()
    for number in range(size):
        name = chance.choice(sorted(whole))
        how = chance.choice(sorted(MUTATIONS))
        data = MUTATIONS[how](chance, whole[name], whole[chance.choice(sorted(whole))])
        suffix = chance.choice(sorted(READABLE | SUFFIXES)) if chance.random() < 0.2 else Path(name).suffix
        file = folder / f"{number}-{how.replace(' ', '-')}-{name.replace('.', '-')}{suffix}"
        file.write_bytes(data)
        yield file


def assert_read_or_refused(added: Added) -> None:
    """It has a text with a report, or one line says what is wrong with the file and what to do."""
    if added.outcome is Outcome.UNCHANGED:
        return
    if added.outcome is not Outcome.FAILED:
        assert added.report is not None
        assert added.passages > 0
        return
    assert added.error is not None
    assert added.error.startswith(f"{added.path}: ")
    assert "; " in added.error  # what is wrong; what to do
    assert "\n" not in added.error
    assert "Traceback" not in added.error
    assert "took longer" not in added.error
    assert "memory" not in added.error
    assert "cannot be read (" not in added.error  # which would be an error that its parser does not know


def add_all(make_parts: MakeParts, folder: Path, size: int, seed: int) -> None:
    parts = make_parts(kept=KEPT)
    folder.mkdir()
    seen: Counter[tuple[str, Outcome]] = Counter()
    there = {"kept"}
    for file in mutilated(folder, size, seed):
        results = list(parts.intake.add(find_files([file]), IfChanged.REPLACE))
        assert results
        for added in results:
            assert_read_or_refused(added)
            seen[file.stem.rpartition("-")[2], added.outcome] += 1
            there |= {added.id} - {None}
    assert {entry.id for entry in parts.library.entries()} == there
    assert parts.library.document("kept").text == KEPT
    assert parts.check() == []
    formats = {name.rpartition(".")[2] for name in whole_files()}
    assert {format for format, _ in seen} == formats
    assert {outcome for _, outcome in seen} >= {Outcome.ADDED, Outcome.FAILED}


def test_mutilated_files_are_read_or_refused_in_one_line_and_leave_no_trace(
    make_parts: MakeParts, tmp_path: Path
) -> None:
    add_all(make_parts, tmp_path / "in", 120, seed=4)


@pytest.mark.long
def test_two_thousand_mutilated_files_are_read_or_refused_in_one_line_and_leave_no_trace(
    make_parts: MakeParts, tmp_path: Path
) -> None:
    add_all(make_parts, tmp_path / "in", 2000, seed=5)


def test_whole_files_of_every_format_are_read(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts()
    folder = tmp_path / "in"
    folder.mkdir()
    for name, data in whole_files().items():
        (folder / name).write_bytes(data)
        assert [added.error for added in parts.intake.add(find_files([folder / name])) if added.error] == []
    assert len(parts.library.entries()) == len(whole_files()) + 1  # the archive holds two
    for entry in parts.library.entries():
        assert "forty thousand crowns" in parts.library.document(entry.id).text
    assert {Path(name).suffix for name in whole_files()} | {
        ".docm",
        ".htm",
        ".markdown",
        ".xhtml",
    } == READABLE | SUFFIXES


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="the public documents are not beside this checkout")
def test_public_documents_are_read_or_refused_in_one_line(make_parts: MakeParts) -> None:
    parts = make_parts()
    files = sorted(path for path in DOCUMENTS.rglob("*") if path.is_file())
    results = list(parts.intake.add(find_files(files)))
    refused = {Path(added.path).name: added.error or "" for added in results if added.outcome is Outcome.FAILED}
    assert all(len(error.splitlines()) == 1 for error in refused.values())
    assert {name for name, error in refused.items() if "no text layer" in error} == {
        "007-imagemagick-images.pdf",
        "019-grayscale-image.pdf",
        "023-cmyk-image.pdf",
        *([] if ocr.is_installed() else ["MEDRPT-2024-PAT-3847_medical_report_scan.pdf"]),
    }
    assert "password" in refused["005-libreoffice-writer-password.pdf"]
    assert parts.check() == []
