"""PDF files, with PDFium: pages of words with boxes become paragraphs in reading order."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pypdfium2
from pypdfium2 import raw

from corpus.errors import NoTextLayer, UnreadableFile
from corpus.parsing.contract import Parsed
from corpus.parsing.layout import Line, Page, Word, in_reading_order, paragraphs, ranges, running_heads
from corpus.parsing.mending import Mender, unbroken_words
from corpus.parsing.scans import Ocr, said_of, scan

_HYPHEN_AT_LINE_END = 0x02
"""What PDFium gives for a hyphen after which it has joined two lines."""

_MOST_PAGES = 5000

_LEAST_LETTERS = 100
_LEAST_COVERED = 0.6
"""A page of which a picture covers more than this share, and which has fewer letters, is a scan with a stamp."""

_FIRST_PDF = "19930615"
"""No PDF was made before the format was published."""

RUN_OCR = (
    "run OCR first (ocrmypdf in.pdf out.pdf) and add the new file, or have such pages read here:"
    " pip install 'krakow-qa[ocr]'"
)
SCAN_ANEW = "scan it anew, upright and with 300 dots per inch"

_RIGHT_TO_LEFT = "it has text that runs from right to left, whose letters and words may stand in the wrong order"


class PdfParser:
    """PDF. Each page begins on a line of its own; a paragraph over two pages stays in two parts.

    Pages without a text layer are read by OCR where that is given. ``parse`` raises NoTextLayer where no page has one.
    """

    suffixes = frozenset({".pdf"})

    def __init__(self, ocr: Ocr | None = None) -> None:
        self.name = "pdf/2" if ocr is None else f"pdf/2, {ocr.name}"
        self._ocr = ocr

    def parse(self, data: bytes) -> Parsed:
        try:
            file = pypdfium2.PdfDocument(data)
            if len(file) > _MOST_PAGES:
                raise UnreadableFile(f"it has {len(file)} pages, and at most {_MOST_PAGES} are read; split it")
            pages = {number: _page(page) for number, page in enumerate(file, start=1)}
            pictures = [number for number, page in pages.items() if _is_picture(file[number - 1], page)]
            scans = {} if self._ocr is None else {number: scan(file[number - 1], self._ocr) for number in pictures}
            metadata = _metadata(file.get_metadata_dict())
        except pypdfium2.PdfiumError as error:
            if "password" in str(error).lower():
                raise UnreadableFile("it is locked with a password; save a copy without one and add that") from error
            raise UnreadableFile("it is not a whole PDF file; open it in a PDF viewer and save it again") from error
        scans = {number: found for number, found in scans.items() if found.page.letters > pages[number].letters}
        pages |= {number: found.page for number, found in scans.items()}
        unread = tuple(number for number in pictures if number not in scans)
        parsed = _parsed(list(pages.values()), metadata)
        if not parsed.text and not unread:
            raise UnreadableFile("it holds page numbers and running heads only; add a file with text")
        if not parsed.text:
            what_next = RUN_OCR if self._ocr is None else f"{self._ocr.name} read nothing there; {SCAN_ANEW}"
            raise NoTextLayer(f"no text layer, {ranges(unread)}; {what_next}", len(unread))
        warnings = () if self._ocr is None else tuple(said_of(scans, self._ocr.name))
        if unread:
            some = " to speak of" if any(pages[number].lines for number in unread) else ""
            why = f"what stands there was not read; {RUN_OCR}" if self._ocr is None else "OCR found no text there"
            warnings += (f"no text layer{some} on {ranges(unread)}; {why}",)
        if any(unicodedata.bidirectional(char) in ("R", "AL") for char in parsed.text):
            warnings += (_RIGHT_TO_LEFT,)
        return replace(parsed, warnings=warnings, textless_pages=unread, ocr_pages=tuple(scans))


def _is_picture(page: Any, layer: Page) -> bool:
    """Whether a page has no text layer, or is filled by a picture with a stamp on it."""
    if layer.letters >= _LEAST_LETTERS:
        return False
    width, height = page.get_size()
    boxes = [each.get_bounds() for each in page.get_objects(filter=[raw.FPDF_PAGEOBJ_IMAGE])]
    largest = max(((right - left) * (top - bottom) for left, bottom, right, top in boxes), default=0)
    return not layer.lines or largest > _LEAST_COVERED * width * height


def _parsed(pages: list[Page], metadata: dict[str, str]) -> Parsed:
    ordered = [in_reading_order(page) for page in pages]
    heads = running_heads(ordered)
    mender = Mender()
    words = unbroken_words(mender.mend(line.text) for lines in ordered for line in lines)
    mender.mended.clear()
    text, starts = "", []
    for lines, left_out in zip(ordered, heads, strict=True):
        kept = [line for number, line in enumerate(lines) if number not in left_out]
        groups = (
            mender.join([(mender.mend(line.text), line.hyphenated) for line in group], words)
            for group in paragraphs(kept)
        )
        starts.append(len(text))
        page = "\n\n".join(group for group in groups if group)
        text += f"{page}\n\n" if page else ""
    return Parsed(
        text.rstrip("\n") + "\n" if text else "",
        page_starts=tuple(min(start, len(text.rstrip("\n"))) for start in starts),
        metadata=metadata,
        mended={name: count for name, count in mender.mended.items() if count},
        left_out=tuple(_left_out(ordered, heads)),
    )


def _left_out(pages: list[list[Line]], heads: list[frozenset[int]]) -> Iterator[str]:
    lines = [lines[number].text for lines, numbers in zip(pages, heads, strict=True) for number in sorted(numbers)]
    numbers = sum(not any(char.isalpha() for char in line) for line in lines)
    if numbers:
        yield f"page numbers on {numbers} pages" if numbers > 1 else "a page number"
    running = Counter("".join(char for char in line if not char.isdigit()).strip() for line in lines)
    for line, count in running.most_common():
        if any(char.isalpha() for char in line):
            yield f"running line on {count} pages: {line[:80]}"


def _page(page: Any) -> Page:
    textpage = page.get_textpage()
    width, height = page.get_size()
    lines: list[Line] = []
    words: list[Word] = []
    letters: list[int] = []

    def close_word(*, hyphenated: bool = False) -> None:
        if letters:
            words.append(_word(textpage, letters, height, hyphenated))
            letters.clear()

    def close_line() -> None:
        close_word()
        lines.extend(_lines(words))
        words.clear()

    for index in range(textpage.count_chars()):
        unit = raw.FPDFText_GetUnicode(textpage, index)
        if unit in (10, 13):
            close_line()
        elif unit == _HYPHEN_AT_LINE_END:
            close_word(hyphenated=True)
            close_line()
        elif unit in (32, 9, 160):
            close_word()
        else:
            letters.append(index)
    close_line()
    return Page(tuple(lines), width)


def _word(textpage: Any, letters: list[int], height: float, hyphenated: bool) -> Word:
    units = [raw.FPDFText_GetUnicode(textpage, index) for index in letters]
    text = b"".join(
        unit.to_bytes(2, "little") if unit < 0x10000 else chr(unit).encode("utf-16-le") for unit in units
    ).decode("utf-16-le", "ignore")
    first = textpage.get_charbox(letters[0], loose=True)
    last = textpage.get_charbox(letters[-1], loose=True)
    return Word(
        text,
        left=min(first[0], last[0]),
        top=height - max(first[3], last[3]),
        right=max(first[2], last[2]),
        bottom=height - min(first[1], last[1]),
        hyphenated=hyphenated,
    )


def _lines(words: list[Word]) -> Iterator[Line]:
    """Words that PDFium has on one line, parted where they go back or to another height."""
    line: list[Word] = []
    for word in words:
        if line and (word.left < line[-1].left or word.top >= line[-1].bottom or word.bottom <= line[-1].top):
            yield Line(tuple(line))
            line = []
        line.append(word)
    if line:
        yield Line(tuple(line))


def _metadata(found: dict[str, str]) -> dict[str, str]:
    """The title and the day on which the file was made; what else a PDF says of itself is often its template's."""
    title = found.get("Title", "").strip()
    made = found.get("CreationDate", "").removeprefix("D:")[:8]
    of_template = len(title) < 4 or title.lower().startswith(("untitled", "microsoft word"))
    metadata = {} if of_template else {"title": title}
    if len(made) == 8 and made.isdigit() and made >= _FIRST_PDF:
        metadata["date"] = f"{made[:4]}-{made[4:6]}-{made[6:]}"
    return metadata
