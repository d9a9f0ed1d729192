"""Proves that what OCR reads is laid out as a text layer is, and that the report says what OCR is not sure of.

OCR here is one that sees the text layer of the page which was scanned: boxes as OCR draws them, and no mistakes.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
import pypdfium2
import pytest
from numpy.typing import NDArray
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from corpus.errors import NoTextLayer
from corpus.parsing.contract import Parsed
from corpus.parsing.layout import Page
from corpus.parsing.pdf import PdfParser, _page
from corpus.parsing.scans import ReadLine, ReadWord
from tests.prints import FONT, HEIGHT, LEADING, SIZE, TIDES, WIDTH, printed, report, scanned, two_columns, wrapped

PIXELS = 200 / 72


class LayerOcr:
    """Reads each page in turn, as if it stood askew by some degrees; ``spoil`` makes mistakes."""

    name = "layer 1.0"

    def __init__(
        self, data: bytes, degrees: float = 0, spoil: Callable[[ReadLine], ReadLine] = lambda line: line
    ) -> None:
        self._pages = [_page(page) for page in pypdfium2.PdfDocument(data)]
        self._slope = math.tan(math.radians(degrees))
        self._spoil = spoil
        self.images: list[tuple[int, ...]] = []

    def read(self, image: NDArray[np.uint8]) -> list[ReadLine]:
        self.images.append(image.shape)
        return [self._spoil(line) for line in self._lines(self._pages[len(self.images) - 1])]

    def _lines(self, page: Page) -> list[ReadLine]:
        found = []
        for line in page.lines:
            margin = line.height * (1 / 0.8 - 1) / 2
            left, right = line.left * PIXELS, line.right * PIXELS
            top, bottom = (line.top - margin) * PIXELS, (line.bottom + margin) * PIXELS
            askew = self._slope * (top + bottom) / 2
            words = (
                ReadWord(
                    each.text + "-" * each.hyphenated, each.left * PIXELS - askew, each.right * PIXELS - askew, 0.99
                )
                for each in line.words
            )
            corners = ((left, top), (right, top), (right, bottom), (left, bottom))
            found.append(ReadLine(tuple((x - self._slope * y, y + self._slope * x) for x, y in corners), tuple(words)))
        return found[::-1]


def page(paragraphs: Sequence[str]) -> bytes:
    """A page without header and footer."""

    def draw(canvas: Canvas) -> None:
        top = HEIGHT - 90
        for paragraph in paragraphs:
            for line in wrapped(paragraph, WIDTH - 120):
                canvas.drawString(60, top, line)
                top -= LEADING
            top -= LEADING

    return printed(draw)


def by_ocr(data: bytes, ocr: LayerOcr | None = None) -> Parsed:
    return PdfParser(ocr or LayerOcr(data)).parse(scanned(data))


@pytest.mark.parametrize("degrees", [0, 0.9, -0.9])
@pytest.mark.parametrize(
    "data",
    [
        pytest.param(two_columns(TIDES, "What the tide leaves behind", row_by_row=False), id="two columns"),
        pytest.param(report([TIDES[:2], TIDES[2:4], TIDES[4:]], "Council of Rozewie", "Page"), id="running heads"),
        pytest.param(page(TIDES), id="paragraphs"),
    ],
)
def test_a_scan_read_without_mistakes_gives_the_text_of_its_text_layer(data: bytes, degrees: float) -> None:
    read, wanted = by_ocr(data, LayerOcr(data, degrees)), PdfParser().parse(data)
    assert read.text == wanted.text
    assert read.page_starts == wanted.page_starts
    assert (read.left_out, read.textless_pages) == (wanted.left_out, ())
    assert read.ocr_pages == tuple(range(1, len(wanted.page_starts) + 1))


def test_pages_with_a_text_layer_are_not_read_by_ocr() -> None:
    def draw(canvas: Canvas) -> None:
        for number, text in enumerate(("The first page has text.", "", "", "So has the fourth.")):
            canvas.setFont(FONT, SIZE)
            canvas.drawString(60, HEIGHT - 100, text)
            if number == 1:
                canvas.rect(100, 100, 200, 300, fill=1)
            canvas.showPage()

    ocr = LayerOcr(page(["The second is a picture."]))
    parsed = PdfParser(ocr).parse(printed(draw))
    assert parsed.text.split("\n\n") == [
        "The first page has text.",
        "The second is a picture.",
        "So has the fourth.\n",
    ]
    assert (parsed.ocr_pages, parsed.textless_pages) == ((2,), (3,))
    assert len(ocr.images) == 1  # the third is blank
    assert parsed.warnings == (
        "page 2 read by OCR (layer 1.0, mean confidence 0.99): check quotes against the page, above all accents on"
        " capital letters",
        "no text layer on page 3; OCR found no text there",
    )


def stamped(data: bytes, stamp: str) -> bytes:
    """A scan with a few words of text on each page, as some scanners print them."""

    def draw(canvas: Canvas) -> None:
        for page in pypdfium2.PdfDocument(data):
            canvas.drawImage(ImageReader(page.render(scale=1).to_pil()), 0, 0, WIDTH, HEIGHT)
            canvas.drawString(60, 20, stamp)
            canvas.showPage()

    return printed(draw)


def test_a_scan_with_a_stamp_is_a_scan() -> None:
    data = page(TIDES)
    scan = stamped(data, "Received 3 March")
    by_layer = PdfParser().parse(scan)
    assert (by_layer.text, by_layer.textless_pages) == ("Received 3 March\n", (1,))
    assert by_layer.warnings[0].startswith(
        "no text layer to speak of on page 1; what stands there was not read; run OCR"
    )
    read = PdfParser(LayerOcr(data)).parse(scan)
    assert (read.text, read.textless_pages, read.ocr_pages) == (PdfParser().parse(data).text, (), (1,))


def test_a_scan_with_the_same_stamp_on_all_pages_is_refused_as_a_scan() -> None:
    scan = stamped(report([TIDES[:2], TIDES[2:4], TIDES[4:]], "", ""), "Read by a scanner")
    with pytest.raises(NoTextLayer, match=r"^no text layer, pages 1–3; run OCR first"):
        PdfParser().parse(scan)


def test_a_picture_whose_text_layer_says_as_much_as_ocr_keeps_its_layer() -> None:
    data = page(["Old lighthouse, new lamp"])
    scan = stamped(data, "Old lighthouse, new lamp")
    parsed = PdfParser(LayerOcr(data)).parse(scan)
    assert (parsed.text, parsed.ocr_pages) == ("Old lighthouse, new lamp\n", ())


def test_a_page_that_ocr_cannot_read_as_it_lies_is_turned() -> None:
    data = page(TIDES)

    class Turned(LayerOcr):
        def read(self, image: NDArray[np.uint8]) -> list[ReadLine]:
            upright = self._lines(self._pages[0])
            self.images.append(image.shape)
            if len(self.images) == 4:
                return upright
            return [
                replace(line, words=tuple(replace(word, confidence=0.4) for word in line.words)) for line in upright
            ]

    ocr = Turned(data)
    parsed = PdfParser(ocr).parse(scanned(data, turns=1))
    width, height = (math.ceil(side * PIXELS) for side in (WIDTH, HEIGHT))
    assert [shape[1] < shape[0] for shape in ocr.images] == [False, True, False, True]
    assert ocr.images[3] == pytest.approx((height, width), abs=1)
    assert parsed.text == PdfParser().parse(data).text


def spoilt(confidence: float, keep: Callable[[str], str] = lambda text: text) -> Callable[[ReadLine], ReadLine]:
    """Mistakes in the line that names the treasurer."""

    def spoil(line: ReadLine) -> ReadLine:
        if not any(word.text == "treasurer" for word in line.words):
            return line
        words = (replace(word, text=text, confidence=confidence) for word in line.words if (text := keep(word.text)))
        return replace(line, words=tuple(words))

    return spoil


def test_words_that_ocr_is_not_sure_of_are_named() -> None:
    data = page(TIDES)
    parsed = by_ocr(data, LayerOcr(data, spoil=spoilt(0.7)))
    assert parsed.text == PdfParser().parse(data).text
    line = "The treasurer objected that the cellar belongs to the coastguard. Nobody had asked the coastguard, and so"
    said = f"OCR was not sure of {len(line.split())} of {len(parsed.text.split())} words, such as “The”, “treasurer”,"
    assert parsed.warnings[1].startswith(said)


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(spoilt(0.3), id="noise"),
        pytest.param(spoilt(0.9, lambda text: "," if text == "that" else ""), id="letters it does not know"),
    ],
)
def test_lines_that_ocr_cannot_read_are_left_out_and_counted(spoil: Callable[[ReadLine], ReadLine]) -> None:
    data = page(TIDES)
    parsed = by_ocr(data, LayerOcr(data, spoil=spoil))
    assert "treasurer" not in parsed.text
    assert "which the council does not have" in parsed.text
    assert parsed.warnings[-1] == "OCR could not read 1 line, which were left out"


def test_a_page_of_low_confidence_is_warned_of() -> None:
    data = page(TIDES)

    def doubtful(line: ReadLine) -> ReadLine:
        return replace(line, words=tuple(replace(word, confidence=0.85) for word in line.words))

    parsed = by_ocr(data, LayerOcr(data, spoil=doubtful))
    assert "mean confidence 0.85" in parsed.warnings[0]
    assert parsed.warnings[1].startswith("OCR was not sure of what it read; it knows print in Latin letters")


def test_a_picture_without_text_is_refused() -> None:
    data = page(TIDES)
    with pytest.raises(NoTextLayer, match=r"^no text layer, page 1; layer 1.0 read nothing there; scan it anew"):
        by_ocr(data, LayerOcr(data, spoil=lambda line: replace(line, words=())))


def test_a_page_of_any_size_gives_a_picture_of_bounded_size() -> None:
    def draw(canvas: Canvas) -> None:
        canvas.setPageSize((14400, 7200))
        canvas.rect(100, 100, 200, 300, fill=1)

    ocr = LayerOcr(page(TIDES))
    PdfParser(ocr).parse(printed(draw))
    assert ocr.images == [(1400, 2800)]
