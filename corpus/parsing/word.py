"""Word files (.docx): paragraphs, lists, tables, text boxes and footnotes in reading order, as Markdown blocks."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from lxml import etree

from corpus.errors import UnreadableFile
from corpus.parsing.archives import BROKEN
from corpus.parsing.contract import Parsed
from corpus.parsing.markup import Builder
from corpus.parsing.mending import Mender

_STRICT = re.compile(rb"http://purl\.oclc\.org/ooxml/(officeDocument|wordprocessingml|drawingml)/")
_TRANSITIONAL = {
    b"officeDocument": b"http://schemas.openxmlformats.org/officeDocument/2006/",
    b"wordprocessingml": b"http://schemas.openxmlformats.org/wordprocessingml/2006/",
    b"drawingml": b"http://schemas.openxmlformats.org/drawingml/2006/",
}
_HEADING = re.compile(r"(?:heading|title)\s*(\d)?", re.IGNORECASE)
_SKIPPED = {qn("w:del"), qn("w:moveFrom"), qn("w:instrText"), qn("w:delText"), qn("w:commentReference")}
_FALLBACK = "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback"


class WordParser:
    """Word 2007 and later. Comments, deleted text and headers are left out; footnotes follow their paragraph."""

    name = "docx/2"
    suffixes = frozenset({".docx", ".docm"})

    def parse(self, data: bytes) -> Parsed:
        try:
            file = docx.Document(io.BytesIO(_as_transitional(data)))
        except (PackageNotFoundError, etree.XMLSyntaxError, *BROKEN) as error:
            raise UnreadableFile(
                "it is not a whole Word file; open it in Word or LibreOffice and save it again"
            ) from error
        reading = _Reading(file)
        builder = Builder(Mender())
        for child in file.element.body:
            reading.block(child, builder)
        return builder.parsed(_metadata(file), left_out=tuple(reading.left_out(file)))


def _metadata(file: Any) -> dict[str, str]:
    """Title and date, where the file has its own: python-docx makes them up, or leaves those of its template."""
    try:
        file.part.package.part_related_by(RELATIONSHIP_TYPE.CORE_PROPERTIES)
        own, template = file.core_properties, docx.Document().core_properties
        title, made = (own.title or "").strip(), own.modified or own.created
    except (KeyError, AttributeError, *BROKEN):  # the text does not depend on them
        return {}
    metadata = {"title": title} if title else {}
    if made is not None and made.year > 1990 and made not in (template.modified, template.created):
        metadata["date"] = made.date().isoformat()
    return metadata


class _Reading:
    """One Word file being read."""

    def __init__(self, file: Any) -> None:
        self._footnotes = _notes(file, RELATIONSHIP_TYPE.FOOTNOTES, "w:footnote")
        self._endnotes = _notes(file, RELATIONSHIP_TYPE.ENDNOTES, "w:endnote")
        self._styles = {style.style_id: style.name or "" for style in file.styles}
        self._deleted = len(list(file.element.body.iter(qn("w:del"))))

    def block(self, element: Any, builder: Builder) -> None:
        """One child of the body, of a cell or of a text box."""
        if element.tag == qn("w:p"):
            self._paragraph(element, builder)
        elif element.tag == qn("w:tbl"):
            for row in element.iter(qn("w:tr")):
                cells = (" ".join(self._text(p)[0] for p in cell.iter(qn("w:p"))) for cell in row.iter(qn("w:tc")))
                builder.row(cells)
        elif element.tag == qn("w:sdt"):
            for child in element.find(qn("w:sdtContent")) if element.find(qn("w:sdtContent")) is not None else ():
                self.block(child, builder)

    def left_out(self, file: Any) -> Iterator[str]:
        """What the file has that the text has not."""
        comments = sum(1 for relation in file.part.rels.values() if relation.reltype.endswith("/comments"))
        if comments:
            yield "comments"
        if self._deleted:
            yield f"deleted text that the file still tracks, {self._deleted} places"
        lines = {
            paragraph.text.strip()
            for section in file.sections
            for part in (section.header, section.footer)
            for paragraph in part.paragraphs
        } - {""}
        yield from (f"running line: {line[:80]}" for line in sorted(lines))

    def _paragraph(self, element: Any, builder: Builder) -> None:
        text, notes, boxes = self._text(element)
        style = element.find(f"{qn('w:pPr')}/{qn('w:pStyle')}")
        name = self._styles.get(style.get(qn("w:val")), "") if style is not None else ""
        heading = _HEADING.match(name)
        if heading is not None:
            builder.heading(int(heading[1] or 1), text)
        elif element.find(f"{qn('w:pPr')}/{qn('w:numPr')}") is not None or name.startswith("List"):
            builder.item(text)
        else:
            builder.paragraph(text)
        for note in notes:
            builder.paragraph(note)
        for box in boxes:
            for child in box:
                self.block(child, builder)

    def _text(self, paragraph: Any) -> tuple[str, list[str], list[Any]]:
        """The words of a paragraph, its notes, and the text boxes anchored in it."""
        parts: list[str] = []
        notes: list[str] = []
        boxes: list[Any] = []

        def walk(element: Any) -> None:
            for child in element:
                if child.tag in _SKIPPED or child.tag == _FALLBACK:
                    continue
                if child.tag == qn("w:t"):
                    parts.append(child.text or "")
                elif child.tag in (qn("w:tab"), qn("w:br"), qn("w:cr")):
                    parts.append(" ")
                elif child.tag == qn("w:noBreakHyphen"):
                    parts.append("-")
                elif child.tag == qn("w:footnoteReference"):
                    notes.append(self._footnotes.get(child.get(qn("w:id")), ""))
                elif child.tag == qn("w:endnoteReference"):
                    notes.append(self._endnotes.get(child.get(qn("w:id")), ""))
                elif child.tag == qn("w:txbxContent"):
                    boxes.append(child)
                elif etree.QName(child).localname == "t":  # a formula's letters
                    parts.append(child.text or "")
                else:
                    walk(child)

        walk(paragraph)
        return "".join(parts), [note for note in notes if note], boxes


def _notes(file: Any, relation: str, tag: str) -> dict[str, str]:
    """Footnotes by id."""
    try:
        root = etree.fromstring(file.part.part_related_by(relation).blob, _parser())
    except KeyError:
        return {}
    return {
        note.get(qn("w:id")): "".join(text.text or "" for text in note.iter(qn("w:t"))).strip()
        for note in root.iter(qn(tag))
        if note.get(qn("w:type")) is None
    }


def _parser() -> etree.XMLParser:
    return etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)


def _as_transitional(data: bytes) -> bytes:
    """The file with the names that Word writes by default, in the place of those of "Strict Open XML"."""
    with zipfile.ZipFile(io.BytesIO(data)) as file:
        if not _STRICT.search(file.read("_rels/.rels")):
            return data
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as renamed:
            for each in file.infolist():
                content = file.read(each)
                if each.filename.endswith((".xml", ".rels")):
                    content = _STRICT.sub(lambda match: _TRANSITIONAL[match[1]], content)
                renamed.writestr(each.filename, content)
    return out.getvalue()
