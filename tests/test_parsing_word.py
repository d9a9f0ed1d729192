"""Proves that Word files are read in order, and that what is not in the text is named."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import UTC, datetime

import docx
import pytest
from docx.document import Document as Docx
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls

from corpus.blocks import BlockKind, blocks
from corpus.errors import UnreadableFile
from corpus.parsing.contract import Parsed
from corpus.parsing.word import WordParser
from tests.packages import zipped


def saved(file: Docx) -> bytes:
    out = io.BytesIO()
    file.save(out)
    return out.getvalue()


def parse(file: Docx | bytes) -> Parsed:
    return WordParser().parse(file if isinstance(file, bytes) else saved(file))


def test_headings_paragraphs_lists_and_tables_stand_in_their_order() -> None:
    file = docx.Document()
    file.add_heading("Minutes", level=1)
    file.add_paragraph("The council met at noon.")
    file.add_paragraph("nine cranes", style="List Bullet")
    file.add_paragraph("one lamp", style="List Number")
    table = file.add_table(rows=2, cols=2)
    for cell, text in zip(
        (cell for row in table.rows for cell in row.cells), ("Lamp", "40", "Bench | chair", "9"), strict=True
    ):
        cell.text = text
    file.add_heading("Costs", level=2)
    file.add_paragraph("Nobody knows them.")
    parsed = parse(file)
    assert parsed.text == (
        "# Minutes\n\nThe council met at noon.\n\n- nine cranes\n- one lamp\n\n| Lamp | 40 |\n| Bench / chair | 9 |\n\n"
        "## Costs\n\nNobody knows them.\n"
    )
    kinds = [block.kind for block in blocks(parsed.text)]
    assert kinds.count(BlockKind.ITEM) == kinds.count(BlockKind.ROW) == kinds.count(BlockKind.HEADING) == 2


def test_words_in_several_runs_and_links_are_one_and_breaks_are_spaces() -> None:
    file = docx.Document()
    paragraph = file.add_paragraph("The coun")
    paragraph.add_run("cil ").bold = True
    paragraph.add_run("met").add_break()
    link = parse_xml(f"<w:hyperlink {nsdecls('w')}><w:r><w:t>at noon</w:t></w:r></w:hyperlink>")
    paragraph._p.append(link)
    assert parse(file).text == "The council met at noon\n"


def test_deleted_text_is_left_out_inserted_text_is_read_and_both_are_said() -> None:
    file = docx.Document()
    paragraph = file.add_paragraph("The lamp costs ")
    for xml in (
        f'<w:del {nsdecls("w")} w:id="1" w:author="a"><w:r><w:delText>nine</w:delText></w:r></w:del>',
        f'<w:ins {nsdecls("w")} w:id="2" w:author="a"><w:r><w:t>forty</w:t></w:r></w:ins>',
    ):
        paragraph._p.append(parse_xml(xml))
    parsed = parse(file)
    assert parsed.text == "The lamp costs forty\n"
    assert parsed.left_out == ("deleted text that the file still tracks, 1 places",)


def test_headers_and_comments_are_left_out_and_named() -> None:
    file = docx.Document()
    run = file.add_paragraph("The council met.").runs[0]
    file.add_comment(run, text="Did it?", author="a")
    file.sections[0].header.paragraphs[0].text = "Council of Rozewie"
    parsed = parse(file)
    assert parsed.text == "The council met.\n"
    assert parsed.left_out == ("comments", "running line: Council of Rozewie")


def test_text_boxes_follow_the_paragraph_that_holds_them() -> None:
    file = docx.Document()
    box = parse_xml(
        f"<w:r {nsdecls('w')}><w:pict><w:txbxContent><w:p><w:r><w:t>In a box.</w:t></w:r></w:p></w:txbxContent>"
        "</w:pict></w:r>"
    )
    file.add_paragraph("Before.")._p.append(box)
    file.add_paragraph("After.")
    assert parse(file).text == "Before.\n\nIn a box.\n\nAfter.\n"


def test_title_and_date_are_the_files() -> None:
    file = docx.Document()
    file.add_paragraph("Text.")
    file.core_properties.title = "Minutes of March"
    file.core_properties.modified = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    assert parse(file).metadata == {"title": "Minutes of March", "date": "2026-03-02"}


def test_a_date_that_is_its_templates_is_not_believed() -> None:
    file = docx.Document()
    file.add_paragraph("Text.")
    assert file.core_properties.modified.year == 2013
    assert parse(file).metadata == {}


def test_a_file_without_properties_has_no_title_and_no_date() -> None:
    file = docx.Document()
    file.add_paragraph("Text.")
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(saved(file))) as whole, zipfile.ZipFile(out, "w") as bare:
        for name in whole.namelist():
            if name != "docProps/core.xml":
                relations = re.sub(rb"<Relationship [^>]*core-properties[^>]*>", b"", whole.read(name))
                bare.writestr(name, re.sub(rb"<Override [^>]*core.xml[^>]*>", b"", relations))
    parsed = parse(out.getvalue())
    assert (parsed.text, parsed.metadata) == ("Text.\n", {})


def test_properties_that_cannot_be_read_hinder_nothing() -> None:
    file = docx.Document()
    file.add_paragraph("The council met at noon.")
    with zipfile.ZipFile(io.BytesIO(saved(file))) as package:
        members = {name: package.read(name) for name in package.namelist()}
    parsed = parse(zipped({**members, "docProps/core.xml": b"<properties/>"}))
    assert (parsed.text, dict(parsed.metadata)) == ("The council met at noon.\n", {})


def test_a_file_in_the_strict_form_is_read() -> None:
    file = docx.Document()
    file.add_paragraph("Text.")
    strict = _rewritten(
        saved(file),
        {
            b"http://schemas.openxmlformats.org/officeDocument/2006/": b"http://purl.oclc.org/ooxml/officeDocument/",
            b"http://schemas.openxmlformats.org/wordprocessingml/2006/": b"http://purl.oclc.org/ooxml/wordprocessingml/",
        },
    )
    assert parse(strict).text == "Text.\n"


def test_entities_are_not_expanded() -> None:
    file = docx.Document()
    file.add_paragraph("MARK")
    bomb = _rewritten(
        saved(file),
        {
            b"<w:document": b'<!DOCTYPE x [<!ENTITY a "boom">]><w:document',
            b"MARK": b"safe &a; text",
        },
    )
    try:
        text = parse(bomb).text
    except UnreadableFile:
        text = ""
    assert "boom" not in text


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="empty"),
        pytest.param(b"PK\x03\x04" + b"\x00" * 200, id="noise"),
        pytest.param(saved(docx.Document())[:2000], id="cut off"),
    ],
)
def test_what_is_no_word_file_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile, match=r"^it is not a whole Word file; open it in Word"):
        parse(data)


def test_a_file_without_text_is_refused() -> None:
    with pytest.raises(UnreadableFile, match=r"^it holds no text"):
        parse(docx.Document())


def _rewritten(data: bytes, changes: dict[bytes, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as file, zipfile.ZipFile(out, "w") as changed:
        for each in file.infolist():
            content = file.read(each)
            for old, new in changes.items():
                content = content.replace(old, new, 1 if old == b"<w:document" else -1)
            changed.writestr(each.filename, content)
    return out.getvalue()
