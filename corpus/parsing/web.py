"""Saved web pages: the main text without menus, banners and comments; title, date and publisher from their metadata."""

from __future__ import annotations

import re
from typing import Any

from lxml import etree
from trafilatura import bare_extraction, load_html
from trafilatura.settings import set_date_params, use_config

from corpus.errors import UnreadableFile
from corpus.parsing.contract import Parsed
from corpus.parsing.decoding import decode, encoding_named
from corpus.parsing.markup import UNMARKED, Builder, add_blocks, drop_note_marks, is_block, is_layout, words
from corpus.parsing.mending import Mender

_LEAST_CHARACTERS = 40
_NOTHING = "no main text was found in it; save the page again after it has loaded, or print it as PDF"
_METADATA = {"title": "title", "date": "date", "sitename": "publisher", "language": "language", "url": "url"}
_FURNITURE = "what is not the page's main text: menus, banners, comments, contact boxes, links"

_DECLARED = re.compile(rb"<(?:\?xml[^>]*encoding|meta[^>]*charset)\s*=\s*[\"']?\s*([\w.:-]+)", re.IGNORECASE)
_DOCUMENT = re.compile(r"<(?:html|head|body)\b", re.IGNORECASE)
_LOOKED_AT = 10_000
_BOX = re.compile(r"(?:^|\s)(?:(?:press|media)-)?contact(?:-(?:box|info|details|person))?(?:$|\s)|\bmw-editsection\b")


class WebParser:
    """HTML. What is main text is decided by trafilatura; its headings, lists and tables become Markdown blocks."""

    name = "html/2"
    suffixes = frozenset({".html", ".htm", ".xhtml"})

    def __init__(self, charset: str | None = None) -> None:
        self._charset = charset

    def parse(self, data: bytes) -> Parsed:
        text, warnings = read_html(data, self._charset or "")
        mender = Mender()
        try:
            page = load_html(text if _DOCUMENT.search(text) else f"<html><body>{text}</body></html>")
            if page is None:
                raise UnreadableFile(_NOTHING)
            mender.mended[UNMARKED] += _prepare(page)
            heading = next((" ".join(words(each).split()) for each in page.iter("h1")), "")
            found: Any = bare_extraction(
                page,
                favor_recall=True,
                include_comments=False,
                include_tables=True,
                include_formatting=False,
                with_metadata=True,
                date_extraction_params=set_date_params(extensive=False),
                config=_config(),
            )
        except (ValueError, etree.LxmlError, RecursionError) as error:
            raise UnreadableFile("its HTML cannot be made sense of; save the page again, or print it as PDF") from error
        if found is None or found.body is None:
            raise UnreadableFile(_NOTHING)
        builder = Builder(mender)
        add_blocks(found.body, builder)
        if builder.length < _LEAST_CHARACTERS:
            raise UnreadableFile(_NOTHING)
        return builder.parsed(_metadata(found.as_dict(), heading), (_FURNITURE,), warnings=warnings)


def read_html(data: bytes, charset: str = "") -> tuple[str, tuple[str, ...]]:
    """The source text of a page and warnings: UTF-8 where it is that, else as declared; raises UnreadableFile.

    ``charset`` is what was declared beside the page; where it is empty the page is asked.
    """
    declared = _DECLARED.search(data[:_LOOKED_AT])
    label = charset or (declared[1].decode("ascii") if declared else "")
    text = data.decode("utf-8", "replace")
    wrong = text.count("\ufffd")
    right = sum(char > "\x7f" for char in text) - wrong
    if right <= 4 * wrong:
        return decode(data, encoding_named(label, data))
    warnings = (f"{wrong} of its bytes are not UTF-8 and stand as \ufffd; save it again if that matters",)
    return decode(text.encode(), "utf-8")[0], warnings if wrong else ()


def _prepare(page: Any) -> int:
    """Make tables that only place things divisions, and take out boxes and the marks of notes; counts these marks."""
    cells: list[Any] = []
    for table in [each for each in page.iter("table") if is_layout(each)]:
        own = [each for each in table.iter("tbody", "tr", "td", "th") if _table_of(each) is table]
        cells += [each for each in own if each.tag in ("td", "th")]
        for part in (table, *own):
            part.tag = "div"
    for cell in page.iter("td", "th"):
        if any(map(is_block, cell)):
            _flatten(cell)
    half = len(words(page)) // 2
    if (main := next((cell for cell in reversed(cells) if len(words(cell)) > half), None)) is not None:
        main.tag = "article"
    boxes = [each for each in page.iter("div", "section", "aside", "span") if _BOX.search(each.get("class", ""))]
    for box in boxes:
        if len(words(box)) < half // 4:
            box.drop_tree()
    marks = [each for each in page.find_class("reference") if each.tag == "sup"]
    for mark in marks:
        mark.drop_tree()
    for each in list(page.iter("div", "section", "article", "main", "body")):
        _wrap_loose_text(each)
    return len(marks) + drop_note_marks(page)


def _flatten(cell: Any) -> None:
    """Make text of the lists and divisions in a cell, which trafilatura passes over."""
    for each in list(cell.iter("style", "script")):
        each.drop_tree()
    for item in list(cell.iter("li"))[:-1]:
        if item.getnext() is not None:
            item.tail = "; "
    text = re.sub(r"\s+(?=[,;.])", "", " ".join(words(cell).split()))
    for child in list(cell):
        cell.remove(child)
    cell.text = text


def _wrap_loose_text(box: Any) -> None:
    """Make paragraphs of the text between blocks and between empty lines, which trafilatura may pass over.

    What is mostly links stays what it is.
    """
    children = list(box)
    if not any(each.tag == "br" or is_block(each) for each in children):
        return
    found = []
    run = [box.makeelement("span")]
    run[0].text, box.text = box.text, None
    for child in children:
        is_empty_line = child.tag == "br" and run[-1].tag == "br" and not (run[-1].tail or "").strip()
        if not is_empty_line and not is_block(child):
            run.append(child)
            continue
        found += [_wrapped(run[:-1])] if is_empty_line else [_wrapped(run), child]
        run = [box.makeelement("span")]
        run[0].text, child.tail = child.tail, None
    box[:] = [*found, _wrapped(run)]


def _wrapped(run: list[Any]) -> Any:
    """A paragraph with the text of the first and with the other elements."""
    whole, *rest = run
    whole.extend(rest)
    linked = sum(len(words(link)) for link in whole.iter("a"))
    if len(words(whole).strip()) > 2 * linked:
        whole.tag = "p"
    return whole


def _table_of(part: Any) -> Any:
    return next(part.iterancestors("table"), None)


def _metadata(fields: dict[str, Any], heading: str) -> dict[str, str]:
    """Ours; a title that is the page's heading and the site's name is only the heading."""
    found = {ours: str(fields[theirs]) for theirs, ours in _METADATA.items() if fields.get(theirs)}
    if heading and re.match(re.escape(heading) + r"\s+[-–—|·:]\s", found.get("title", "")):
        found["title"] = heading
    return found


def _config() -> Any:
    config = use_config()
    config.set("DEFAULT", "EXTRACTION_TIMEOUT", "0")
    config.set("DEFAULT", "MIN_EXTRACTED_SIZE", "1")
    config.set("DEFAULT", "MIN_OUTPUT_SIZE", "1")
    return config
