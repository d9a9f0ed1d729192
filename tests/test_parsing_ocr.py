"""Proves that scans are read by OCR in a child of its own, with no network, and that quotes of them say so."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from reportlab.pdfgen.canvas import Canvas

from corpus.catalogue import shipped_catalogue
from corpus.errors import NoTextLayer, UnreadableFile
from corpus.files import find_files
from corpus.parsing import child, ocr
from corpus.parsing.child import ParserProcess, Parsers
from corpus.parsing.pdf import PdfParser
from corpus.reading import read_file
from tests.prints import TIDES, report, scanned

needs_ocr = pytest.mark.skipif(not ocr.is_installed(), reason="the extra ocr is not installed")
PAGES = [TIDES[:2], TIDES[2:4], TIDES[4:]]


@pytest.fixture(scope="module")
def parsers() -> Iterator[Parsers]:
    found = Parsers()
    yield found
    found.close()


def words(text: str) -> list[str]:
    return [word.strip(".,") for word in text.split()]


@needs_ocr
def test_a_scan_is_read_by_page(tmp_path: Path) -> None:
    path = tmp_path / "minutes.pdf"
    path.write_bytes(scanned(report(PAGES, "Council of Rozewie: minutes", "Page"), degrees=0.7, noise=12))
    (file,) = find_files([path])
    draft = read_file(file, shipped_catalogue())
    document, read = draft.document, draft.provenance.report
    assert words(document.text) == words(" ".join(TIDES))
    for number, paragraphs in enumerate(PAGES):
        start = document.page_starts[number]
        assert words(document.text[start:])[:4] == words(paragraphs[0])[:4]
    assert (read.pages, read.ocr_pages, read.textless_pages) == (3, (1, 2, 3), ())
    assert read.warnings[0].startswith("pages 1–3 read by OCR (rapidocr 3.")
    assert read.left_out[0] == "running line on 3 pages: Council of Rozewie: minutes"
    assert draft.provenance.parser.startswith(f"{PdfParser().name}, rapidocr 3.")


@needs_ocr
def test_a_scan_on_its_side_is_turned(parsers: Parsers) -> None:
    parsed, _ = parsers.parse("side.pdf", scanned(report([TIDES[:3]], "", ""), turns=3))
    assert words(parsed.text)[:8] == words(TIDES[0])[:8]


@needs_ocr
def test_what_is_no_pdf_still_has_its_parser(parsers: Parsers) -> None:
    assert parsers.parse("a.md", b"# Heading\n")[1] == "markdown/1"


@needs_ocr
def test_ocr_asks_for_no_network(tmp_path: Path) -> None:
    script = (
        "import socket, numpy\n"
        "def refuse(*_, **__): raise AssertionError('a connection was opened')\n"
        "socket.socket.connect = socket.create_connection = socket.getaddrinfo = refuse\n"
        "from corpus.parsing.ocr import RapidOcr\n"
        "assert RapidOcr().read(numpy.full((400, 300), 255, numpy.uint8)) == []\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@needs_ocr
def test_a_child_that_runs_out_of_time_on_a_scan_costs_one_clear_error() -> None:
    hasty = ParserProcess(seconds=0.2, with_ocr=True)
    with pytest.raises(UnreadableFile, match=r"^it took longer than 0.2 s to read; split it"):
        hasty.parse("scan.pdf", scanned(report([TIDES], "", "")))
    hasty.close()


@needs_ocr
def test_a_picture_that_fills_the_largest_page_stays_within_the_limits(parsers: Parsers) -> None:
    """Its lines go from edge to edge."""

    def draw() -> bytes:
        out = io.BytesIO()
        canvas = Canvas(out, pagesize=(1190, 1190), invariant=True)
        for top in range(10, 1190, 120):
            canvas.drawString(4, top, "the tower stays locked until the session in May " * 4)
        canvas.save()
        return out.getvalue()

    parsed, _ = parsers.parse("full.pdf", scanned(draw()))
    assert parsed.text.count("the tower stays locked") == 4 * 10


def test_without_the_extra_a_scan_is_refused_and_the_extra_named(
    parsers: Parsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: False)
    with pytest.raises(
        NoTextLayer, match=r"^no text layer, pages 1–3; run OCR first .* pip install 'krakow-qa\[ocr\]'$"
    ):
        parsers.parse("scan.pdf", scanned(report(PAGES, "", "")))


def test_more_scanned_pages_than_are_read_are_refused_at_once(
    parsers: Parsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    monkeypatch.setattr(child, "_MOST_SCANNED_PAGES", 2)
    with pytest.raises(UnreadableFile, match=r"^3 of its pages have no text layer, and OCR reads at most 2; split it$"):
        parsers.parse("scan.pdf", scanned(report(PAGES, "", "")))


def test_where_ocr_fails_the_pages_with_text_are_read_all_the_same(
    parsers: Parsers, monkeypatch: pytest.MonkeyPatch
) -> None:
    def draw() -> bytes:
        out = io.BytesIO()
        canvas = Canvas(out, invariant=True)
        canvas.drawString(60, 700, "The first page has text.")
        canvas.showPage()
        canvas.rect(100, 100, 200, 300, fill=1)
        canvas.save()
        return out.getvalue()

    def give_up(*_: object, **__: object) -> None:
        raise UnreadableFile("it took too long")

    monkeypatch.setattr(ocr, "is_installed", lambda: True)
    monkeypatch.setattr(parsers._scans, "parse", give_up)
    parsed, parser = parsers.parse("half.pdf", draw())
    assert (parsed.text, parser, parsed.textless_pages) == ("The first page has text.\n", PdfParser().name, (2,))
    assert parsed.warnings == ("no text layer on page 2, and OCR failed: it took too long",)
