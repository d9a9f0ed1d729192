"""Proves that no mutilated file crashes or hangs the intake, or leaves a trace in the library."""

from __future__ import annotations

import io
import random
from collections.abc import Callable, Mapping
from pathlib import Path

import docx
import pytest

from corpus.files import File
from corpus.parsing.formats import READABLE
from index.intake import IfChanged, Outcome
from tests.conftest import MakeParts
from tests.prints import TIDES, report, two_columns

DOCUMENTS = Path(__file__).parents[2] / "shared" / "data" / "documents"
"""Public files of many kinds, which stand beside the repository on the project's own machines and are never in it."""

Mutate = Callable[[random.Random, bytes, bytes], bytes]


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


MUTATIONS: Mapping[str, Mutate] = {"flipped": _flipped, "cut off": _cut_off, "joined": _joined, "holed": _holed}


def whole_files() -> dict[str, bytes]:
    """A file of every format, by name."""
    word = io.BytesIO()
    file = docx.Document()
    file.add_heading("What the tide leaves behind")
    for paragraph in TIDES:
        file.add_paragraph(paragraph)
    file.save(word)
    text = "# What the tide leaves behind\n\n" + "\n\n".join(TIDES)
    page = f"<html><head><title>Tides</title></head><body><article>{''.join(f'<p>{t}</p>' for t in TIDES)}</article>"
    mail = f"From: Ola <ola@harbour.example>\r\nSubject: Tides\r\nDate: Mon, 2 Mar 2026 10:00:00 +0000\r\n\r\n{text}"
    return {
        "columns.pdf": two_columns(TIDES, "What the tide leaves behind", row_by_row=True),
        "report.pdf": report([TIDES[:2], TIDES[2:]], "Header", "Page"),
        "tides.docx": word.getvalue(),
        "tides.html": page.encode(),
        "tides.md": f"---\ntitle: Tides\ndate: 2026-03-02\n---\n{text}".encode(),
        "tides.txt": text.encode("cp1250"),
        "tides.eml": mail.encode(),
    }


def mutilated(size: int) -> list[File]:
    """Files with something wrong in them; a fifth has the name of another format as well."""
    chance = random.Random(4)
    whole = whole_files()
    files = []
    for number in range(size):
        name = chance.choice(sorted(whole))
        how = chance.choice(sorted(MUTATIONS))
        data = MUTATIONS[how](chance, whole[name], whole[chance.choice(sorted(whole))])
        suffix = chance.choice(sorted(READABLE)) if chance.random() < 0.2 else Path(name).suffix
        label = f"{number}-{how.replace(' ', '-')}-{name.replace('.', '-')}{suffix}"
        files.append(File(f"fuzz/{label}", label, lambda data=data: data))
    return files


def add_all(make_parts: MakeParts, size: int) -> None:
    parts = make_parts(kept="The harbour council met at noon.")
    before = {entry.id for entry in parts.library.entries()}
    results = list(parts.intake.add(mutilated(size), IfChanged.REPLACE))
    assert len(results) == size
    for added in results:
        if added.outcome is Outcome.FAILED:
            assert added.error is not None
            assert len(added.error.splitlines()) == 1
            assert "Traceback" not in added.error
        else:
            assert added.id is not None
            before.add(added.id)
    assert {entry.id for entry in parts.library.entries()} == before
    assert parts.check() == []
    outcomes = {added.outcome for added in results}
    assert {Outcome.ADDED, Outcome.FAILED} <= outcomes


def test_mutilated_files_are_read_or_refused_in_one_line_and_leave_no_trace(make_parts: MakeParts) -> None:
    add_all(make_parts, 100)


@pytest.mark.long
def test_two_thousand_mutilated_files_are_read_or_refused_in_one_line_and_leave_no_trace(make_parts: MakeParts) -> None:
    add_all(make_parts, 2000)


def test_whole_files_of_every_format_are_read(make_parts: MakeParts) -> None:
    parts = make_parts()
    files = [File(f"whole/{name}", name, lambda data=data: data) for name, data in whole_files().items()]
    results = list(parts.intake.add(files))
    assert [added.error for added in results] == [None] * len(files)
    for entry in parts.library.entries():
        assert "forty thousand crowns" in parts.library.document(entry.id).text


@pytest.mark.skipif(not DOCUMENTS.exists(), reason="the public documents are not beside this checkout")
def test_public_documents_are_read_or_refused_in_one_line(make_parts: MakeParts) -> None:
    from corpus.files import find_files

    parts = make_parts()
    files = sorted(path for path in DOCUMENTS.rglob("*") if path.is_file())
    results = list(parts.intake.add(find_files(files)))
    refused = {Path(added.path).name: added.error or "" for added in results if added.outcome is Outcome.FAILED}
    assert all(len(error.splitlines()) == 1 for error in refused.values())
    assert {name for name, error in refused.items() if "no text layer" in error} == {
        "007-imagemagick-images.pdf",
        "019-grayscale-image.pdf",
        "023-cmyk-image.pdf",
        "MEDRPT-2024-PAT-3847_medical_report_scan.pdf",
    }
    assert "password" in refused["005-libreoffice-writer-password.pdf"]
    assert parts.check() == []
