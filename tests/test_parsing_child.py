"""Proves that a file which is a bomb costs one clear error, and that the next file is read as ever."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Iterator

import docx
import pytest

from corpus.errors import UnreadableFile
from corpus.parsing.child import ParserProcess


@pytest.fixture(scope="module")
def parsers() -> Iterator[ParserProcess]:
    process = ParserProcess()
    yield process
    process.close()


def refusal(parsers: ParserProcess, name: str, data: bytes) -> str:
    with pytest.raises(UnreadableFile) as refused:
        parsers.parse(name, data)
    parsed, parser = parsers.parse("after.md", b"# Still here\n\nText.")
    assert (parsed.text, parser) == ("# Still here\n\nText.", "markdown/1")
    assert len(str(refused.value).splitlines()) == 1
    return str(refused.value)


def word_bomb() -> bytes:
    """A Word file whose text unpacks to 3 GB."""
    file, out = io.BytesIO(), io.BytesIO()
    docx.Document().save(file)
    with zipfile.ZipFile(file) as whole, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bomb:
        for each in whole.infolist():
            if each.filename != "word/document.xml":
                bomb.writestr(each.filename, whole.read(each))
        with bomb.open("word/document.xml", "w", force_zip64=True) as member:
            member.write(b'<w:document xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"><w:body>')
            for _ in range(300):
                member.write(b" " * 10_000_000)
    return out.getvalue()


def test_an_interrupt_at_a_terminal_does_not_reach_it(parsers: ParserProcess) -> None:
    parsers.parse("a.md", b"Text.")
    child, _ = parsers._running()
    assert os.getpgid(child.pid) != os.getpgrp()


def test_what_a_parser_reads_comes_back_whole(parsers: ParserProcess) -> None:
    parsed, parser = parsers.parse("a.md", "---\ntitle: Żółw\ncolour: red\n---\n🐢 \u2028 text\n".encode())
    assert parser == "markdown/1"
    assert parsed.text == "🐢 \u2028 text\n"
    assert parsed.metadata == {"title": "Żółw", "colour": "red"}
    assert parsed.warnings == ("front matter field 'colour' is not known and was left out",)
    assert parsed.page_starts == ()


def test_a_refusal_is_handed_on(parsers: ParserProcess) -> None:
    assert refusal(parsers, "a.md", b"") == "it holds no text; add a file with text"
    assert refusal(parsers, "a.xyz", b"text").startswith("files of type .xyz are not read; known are ")


@pytest.mark.long
def test_a_file_that_unpacks_to_gigabytes_is_refused(parsers: ParserProcess) -> None:
    assert "memory" in refusal(parsers, "bomb.docx", word_bomb())


def test_deep_nesting_is_read_or_refused(parsers: ParserProcess) -> None:
    deep = b"<html><body>" + b"<div>" * 50_000 + b"text" + b"</div>" * 50_000
    assert refusal(parsers, "deep.html", deep)


def test_a_bomb_of_yaml_aliases_is_refused_or_read_within_its_limits(parsers: ParserProcess) -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]" for n in range(1, 12)]
    assert refusal(parsers, "bomb.md", f"---\n{chr(10).join(lines)}\n---\ntext".encode())


def test_a_file_that_takes_too_long_is_given_up_and_the_next_one_is_read() -> None:
    slow = ParserProcess(seconds=0.3)
    page = b"<html><body>" + b"<p>The council met at noon and went home.</p>" * 200_000
    with pytest.raises(UnreadableFile, match=r"^it took longer than 0.3 s to read; split it"):
        slow.parse("slow.html", page)
    slow.close()
    patient = ParserProcess()
    assert patient.parse("a.txt", b"text")[0].text == "text"
    patient.close()


def test_a_child_that_was_killed_is_started_again(parsers: ParserProcess) -> None:
    parsers.parse("a.txt", b"text")
    child, _ = parsers._running()
    child.kill()
    child.wait()
    assert parsers.parse("a.txt", b"text")[0].text == "text"
