"""Builds the text of formats that know headings, items and tables, in the blocks that ``corpus.blocks`` reads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from lxml import etree, html

from corpus.errors import UnreadableFile
from corpus.parsing.contract import Parsed
from corpus.parsing.mending import Mender

UNMARKED = "marks of notes taken out of sentences"

_SILENT = frozenset(
    "script style nav svg template noscript iframe object audio video button select textarea annotation".split()
)
_HEADINGS = frozenset("h1 h2 h3 h4 h5 h6 head".split())
_LISTS = frozenset("ul ol dl list".split())
_ITEMS = frozenset("li dt dd item".split())
_ROWS = frozenset("tr row".split())
_CELLS = frozenset("td th cell".split())
_BREAKS = frozenset("br lb hr".split())
_TABLE_PARTS = frozenset("tbody thead tfoot caption".split()) | _ROWS | _CELLS
_BLOCKS = _HEADINGS | _LISTS | _ITEMS | _TABLE_PARTS | frozenset(
    "p div section article main aside header footer figure figcaption address details summary center form fieldset"
    " blockquote quote table pre ab".split()
)  # fmt: skip
_PROLOGUE = re.compile(r"\A\s*<\?xml[^>]*>")
_HIDDEN = re.compile(r"display\s*:\s*none", re.IGNORECASE)
_NOTE_MARK = re.compile(r"[\[(]?(?:\d{1,3}|[ivx]{1,5}|[a-z*†‡§])[\])]?")
_LONG_CELL = 500


class Builder:
    """Collects blocks in reading order; empty ones count for nothing."""

    def __init__(self, mender: Mender) -> None:
        self._mender = mender
        self._text = ""
        self._last = ""
        self.first_heading: str | None = None

    @property
    def length(self) -> int:
        """How long the text is so far: where the next block begins."""
        return len(self._text)

    def heading(self, level: int, text: str) -> None:
        """A heading of level 1 to 6."""
        said = self._clean(text)
        if said and self.first_heading is None:
            self.first_heading = said
        self._put("heading", f"{'#' * min(max(level, 1), 6)} ", said)

    def paragraph(self, text: str) -> None:
        """A paragraph; a mark at its beginning that would make it another block is put after a backslash."""
        said = self._clean(text)
        self._put("paragraph", "\\" if said.startswith(("#", "|", "```", "~~~", ">")) else "", said)

    def item(self, text: str) -> None:
        """An item of a list."""
        self._put("item", "- ", self._clean(text))

    def row(self, cells: Iterable[str]) -> None:
        """A row of a table."""
        said = [self._clean(cell).replace("|", "/") for cell in cells]
        self._put("row", "", f"| {' | '.join(said)} |" if any(said) else "")

    def parsed(self, metadata: Mapping[str, Any], left_out: tuple[str, ...] = (), **more: Any) -> Parsed:
        """What was built; raises UnreadableFile where it is nothing."""
        if not self._text.strip():
            raise UnreadableFile("it holds no text; add a file with text")
        mended = {name: count for name, count in self._mender.mended.items() if count}
        return Parsed(self._text.rstrip("\n") + "\n", metadata=metadata, mended=mended, left_out=left_out, **more)

    def _clean(self, text: str) -> str:
        return " ".join(self._mender.mend(text).split())

    def _put(self, kind: str, mark: str, said: str) -> None:
        if not said:
            return
        if self._last == kind and kind in ("item", "row"):
            self._text = self._text.removesuffix("\n")
        self._text += f"{mark}{said}\n\n"
        self._last = kind


def html_body(source: str) -> Any:
    """The body of a page; None where it has none."""
    try:
        return html.document_fromstring(_PROLOGUE.sub("", source)).find("body")
    except (etree.LxmlError, ValueError):
        return None


def add_blocks(element: Any, builder: Builder) -> None:
    """The blocks inside an element of HTML, or of what trafilatura makes of it; text between blocks is a paragraph."""
    loose = [element.text or ""]
    for child in element:
        if _is_read(child):
            if is_block(child):
                builder.paragraph("".join(loose))
                loose.clear()
                _add_block(child, builder)
            else:
                loose.append(" " if child.tag in _BREAKS else words(child))
        loose.append(child.tail or "")
    builder.paragraph("".join(loose))


def words(element: Any, without: frozenset[str] = frozenset()) -> str:
    """All text inside an element but in the tags ``without``; a space stands where a line or a block ends."""
    return "".join(_parts(element, without))


def is_block(element: Any) -> bool:
    """Whether an element is a paragraph, a list, or another thing that begins a line, or holds such a thing."""
    return any(inner.tag in _BLOCKS for inner in element.iter())


def is_layout(table: Any) -> bool:
    """Whether a table only places parts of a page: it holds tables, headings or long texts, or has a single column."""
    if table.get("role") in ("presentation", "none"):
        return True
    own = [cell for cell in table.iter(*_CELLS) if next(cell.iterancestors("table"), None) is table]
    if any(cell.tag == "th" or cell.get("role") == "head" for cell in own):
        return False
    columns = max((sum(each.tag in _CELLS for each in row) for row in table.iter(*_ROWS)), default=0)
    inside = {each.tag for cell in own for each in cell.iter()}
    return columns < 2 or bool(inside & (_HEADINGS | {"table"})) or any(map(_is_text, own))


def drop_note_marks(root: Any) -> int:
    """Take out links that are nothing but the mark of a note, or the way back from it; returns how many."""
    found = [link for link in root.iter("a") if "#" in link.get("href", "") and _is_note_mark(link)]
    for link in found:
        link.drop_tree()
    return len(found)


def _is_text(cell: Any) -> bool:
    """Whether a cell holds several paragraphs, and they are long."""
    paragraphs = sum(each.tag in ("p", "ul", "ol", "blockquote", "br") for each in cell.iter())
    return paragraphs > 1 and len(words(cell)) > _LONG_CELL


def _is_note_mark(link: Any) -> bool:
    text = words(link).strip()
    if not any(char.isalnum() for char in text.replace("\ufe0e", "")) and text not in ("", "*", "†", "‡", "§"):
        return True
    kind = f"{link.get('epub:type', '')} {link.get('role', '')}"
    raised = link.getparent().tag == "sup" or any(child.tag == "sup" for child in link) or "noteref" in kind
    return raised and _NOTE_MARK.fullmatch(text) is not None


def _add_block(element: Any, builder: Builder) -> None:
    if element.tag in _HEADINGS:
        level = (element.get("rend") or "h2") if element.tag == "head" else element.tag
        builder.heading(int(level[-1]) if level[-1].isdecimal() else 2, words(element))
    elif element.tag in _ITEMS:
        builder.item(words(element, _LISTS | {"table"}))
        for child in element.iterdescendants(*_LISTS, "table"):
            if next(child.iterancestors(*_ITEMS, *_LISTS, "table"), None) is element:
                _add_block(child, builder)
    elif element.tag == "table" and not is_layout(element):
        for row in element.iter("caption", *_ROWS):
            if row.tag == "caption":
                builder.paragraph(words(row))
            else:
                builder.row(words(cell) for cell in row if cell.tag in _CELLS)
    else:
        add_blocks(element, builder)


def _parts(element: Any, without: frozenset[str]) -> Iterator[str]:
    yield element.text or ""
    for child in element:
        if _is_read(child) and child.tag not in without:
            ends = child.tag in _BLOCKS or child.tag in _BREAKS
            yield " " if ends else ""
            yield from _parts(child, without)
            yield " " if ends else ""
        yield child.tail or ""


def _is_read(element: Any) -> bool:
    """Whether an element's text is seen: it is no comment, no script, and not hidden."""
    if not isinstance(element.tag, str) or element.tag in _SILENT:
        return False
    return element.get("hidden") is None and _HIDDEN.search(element.get("style", "")) is None
