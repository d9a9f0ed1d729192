"""EPUB books and OpenDocument texts: packages of XML files, read with limits and without entities."""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Iterator
from datetime import date
from typing import Any
from urllib.parse import unquote

from lxml import etree

from corpus.errors import UnreadableFile
from corpus.parsing.archives import BROKEN
from corpus.parsing.contract import Parsed
from corpus.parsing.markup import UNMARKED, Builder, add_blocks, drop_note_marks, html_body
from corpus.parsing.mending import Mender
from corpus.parsing.web import read_html

_MOST_BYTES = 200_000_000
"""Unpacked, of all members together."""

_LOCKED = "it is locked, by a password or a shop; add a copy that is not"
_NOT_READ = {
    "annotation": "comments",
    "deletion": "text that was deleted while changes were tracked",
    "table-of-content": "the table of contents",
}
_NO_WORDS = frozenset({"note", "annotation", "text-box", "title", "desc", "ruby-text", ""})
_NO_BLOCKS = frozenset({"tracked-changes", "table-of-content", "sequence-decls", "forms", ""})
_DATE = re.compile(r"[0-9]{4}(?:-[0-9]{2}(?:-[0-9]{2})?)?(?![0-9])")
_LANGUAGE = re.compile(r"([a-zA-Z]{2})(?:[-_]|$)")
_DC = "{http://purl.org/dc/elements/1.1/}"


class Package:
    """A ZIP of XML files; raises UnreadableFile where it is damaged or unpacks to too much."""

    def __init__(self, data: bytes, what: str) -> None:
        self._what = what
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(data))
        except BROKEN as error:
            raise self.damaged() from error
        if sum(each.file_size for each in self._zip.infolist()) > _MOST_BYTES:
            raise UnreadableFile(f"it unpacks to more than {_MOST_BYTES // 1_000_000} MB, which is not read; split it")

    def read(self, name: str) -> bytes:
        """A member's bytes."""
        try:
            return self._zip.read(name)
        except BROKEN as error:
            raise self.damaged() from error
        except RuntimeError as error:
            raise UnreadableFile(_LOCKED) from error

    def has(self, name: str) -> bool:
        """Whether there is a member of that name."""
        return name in self._zip.namelist()

    def xml(self, name: str) -> Any:
        """A member's root element."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
        try:
            return etree.fromstring(self.read(name), parser)
        except etree.XMLSyntaxError as error:
            raise self.damaged() from error

    def damaged(self) -> UnreadableFile:
        return UnreadableFile(f"it is not a whole {self._what}; open it in its program and save it again")


class EpubParser:
    """EPUB 2 and 3: the chapters in the order of the spine, each a page, so that a quote says its chapter."""

    name = "epub/1"
    suffixes = frozenset({".epub"})

    def parse(self, data: bytes) -> Parsed:
        package = Package(data, "EPUB book")
        container = package.xml("META-INF/container.xml")
        opf = next((each.get("full-path") for each in container.iter("{*}rootfile")), None)
        if opf is None:
            raise package.damaged()
        content = package.xml(opf)
        mender = Mender()
        builder = Builder(mender)
        starts = []
        chapters, beside = _spine(content, posixpath.dirname(opf))
        if _locked_members(package).intersection(chapters):
            raise UnreadableFile(_LOCKED)
        for name in chapters:
            starts.append(builder.length)
            text, _ = read_html(package.read(name))
            if (body := html_body(text)) is not None:
                mender.mended[UNMARKED] += drop_note_marks(body)
                add_blocks(body, builder)
        left_out = tuple(f"{name}, which is no part of the reading order" for name in beside)
        page_starts = tuple(start for start in starts if start < builder.length)
        return builder.parsed(_metadata(content), left_out, page_starts=page_starts)


class OpenDocumentParser:
    """OpenDocument text (.odt). Comments, deleted text and contents are left out; notes follow their paragraph."""

    name = "odt/1"
    suffixes = frozenset({".odt"})

    def parse(self, data: bytes) -> Parsed:
        package = Package(data, "OpenDocument text")
        if package.has("META-INF/manifest.xml") and any(
            True for _ in package.xml("META-INF/manifest.xml").iter("{*}encryption-data")
        ):
            raise UnreadableFile(_LOCKED)
        body = package.xml("content.xml").find("{*}body/{*}text")
        if body is None:
            raise package.damaged()
        builder = Builder(Mender())
        for child in body:
            _open_block(child, builder)
        metadata = _metadata(package.xml("meta.xml")) if package.has("meta.xml") else {}
        left_out = [said for tag, said in _NOT_READ.items() if body.find(f".//{{*}}{tag}") is not None]
        if package.has("styles.xml"):
            left_out += [f"running line: {line[:80]}" for line in _running_lines(package.xml("styles.xml"))]
        return builder.parsed(metadata, tuple(left_out))


def _spine(content: Any, folder: str) -> tuple[list[str], list[str]]:
    """The names of the chapters' members in reading order, and of those that stand beside it."""
    members = {each.get("id"): each for each in content.iter("{*}item")}
    chapters: list[str] = []
    beside: list[str] = []
    for reference in content.iter("{*}itemref"):
        item = members.get(reference.get("idref"))
        if item is not None and not item.get("media-type", "").startswith("image/"):
            name = posixpath.normpath(posixpath.join(folder, unquote(item.get("href", ""))))
            (beside if reference.get("linear") == "no" else chapters).append(name)
    return chapters, beside


def _locked_members(package: Package) -> frozenset[str]:
    if not package.has("META-INF/encryption.xml"):
        return frozenset()
    references = package.xml("META-INF/encryption.xml").iter("{*}CipherReference")
    return frozenset(unquote(each.get("URI", "")) for each in references)


def _metadata(root: Any) -> dict[str, str]:
    """What Dublin Core says of a text; a date or a language that is written in no usual way is not taken."""
    found = {name: _said(root, name) for name in ("title", "publisher", "date", "language")}
    day = _DATE.match(found["date"])
    found["date"] = day[0] if day is not None and _is_day(day[0]) else ""
    code = _LANGUAGE.match(found["language"])
    found["language"] = code[1].lower() if code is not None else ""
    return {name: value for name, value in found.items() if value}


def _said(root: Any, name: str) -> str:
    return " ".join((root.findtext(f".//{_DC}{name}") or "").split())


def _is_day(text: str) -> bool:
    try:
        date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return True


def _open_block(element: Any, builder: Builder) -> None:
    """A block of an OpenDocument text, then the notes and text boxes that are anchored in it."""
    name = _name(element)
    if name == "h":
        levels = [value for key, value in element.attrib.items() if key.endswith("outline-level")]
        builder.heading(int(levels[0]) if levels and re.fullmatch("[0-9]{1,2}", levels[0]) else 1, _open_text(element))
    elif name == "p":
        builder.paragraph(_open_text(element))
    elif name == "table":
        for row in element.iter("{*}table-row"):
            if next(row.iterancestors("{*}table"), None) is element:
                builder.row(_open_text(cell) for cell in row if _name(cell) == "table-cell")
    elif name in ("list-item", "list-header"):
        builder.item(" ".join(_open_text(each) for each in element if _name(each) == "p"))
        for child in element:
            _add_anchored(child, builder) if _name(child) == "p" else _open_block(child, builder)
    elif name not in _NO_BLOCKS:
        for child in element:
            _open_block(child, builder)
    if name in ("h", "p", "table"):
        _add_anchored(element, builder)


def _add_anchored(element: Any, builder: Builder) -> None:
    for child in element:
        name = _name(child)
        if name == "note-body":
            builder.paragraph(" ".join(_open_text(each) for each in child))
        elif name == "text-box":
            for each in child:
                _open_block(each, builder)
        elif name != "annotation":
            _add_anchored(child, builder)


def _running_lines(styles: Any) -> list[str]:
    """What headers and footers say."""
    lines = {
        " ".join(_open_text(part).split())
        for page in styles.iter("{*}master-page")
        for part in page
        if _name(part).startswith(("header", "footer"))
    }
    return sorted(lines - {""})


def _name(element: Any) -> str:
    return str(etree.QName(element).localname) if isinstance(element.tag, str) else ""


def _open_text(element: Any) -> str:
    """The words of a paragraph or a cell, notes and comments left out; spaces, tabs and breaks are elements there."""
    return "".join(_open_parts(element))


def _open_parts(element: Any) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        name = _name(child)
        if name in ("s", "tab", "line-break"):
            yield " "
        elif name not in _NO_WORDS:
            yield from _open_parts(child)
            yield " " if name in ("p", "h") else ""
        yield child.tail or ""
