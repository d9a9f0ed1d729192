"""Proves that PDF is read in order, by page, with words mended and running heads left out, and that it says so."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from reportlab.pdfbase.pdfmetrics import registerFont
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from corpus.errors import UnreadableFile
from corpus.model import Document, Source, Span
from corpus.parsing.contract import Parsed
from corpus.parsing.layout import ranges
from corpus.parsing.mending import JOINED, UNLIGATED
from corpus.parsing.pdf import PdfParser
from tests.prints import FONT, HEIGHT, SIZE, TIDES, WIDTH, printed, report, two_columns, wrapped

ARABIC = Path("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf")


def parse(data: bytes) -> Parsed:
    return PdfParser().parse(data)


def f1(text: str, wanted: str) -> float:
    """Of words, as in the issue's bar."""
    got, known = Counter(text.split()), Counter(wanted.split())
    shared = sum((got & known).values())
    return 2 * shared / (got.total() + known.total())


def refusal(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as refused:
        parse(data)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.mark.parametrize("row_by_row", [False, True], ids=["column by column", "row by row"])
def test_two_columns_are_read_one_after_the_other(row_by_row: bool) -> None:
    parsed = parse(two_columns(TIDES, "What the tide leaves behind", row_by_row=row_by_row))
    wanted = "What the tide leaves behind\n\n" + " ".join(TIDES)
    assert f1(parsed.text, wanted) >= 0.95
    assert " ".join(parsed.text.split()) == " ".join(wanted.split())
    assert parsed.mended[JOINED] >= 3


def test_running_heads_and_page_numbers_are_left_out_and_named() -> None:
    pages = [TIDES[:2], TIDES[2:4], TIDES[4:]]
    parsed = parse(report(pages, "Council of Rozewie: minutes", "Page", title="Minutes of March"))
    assert f1(parsed.text, " ".join(TIDES)) >= 0.95
    assert parsed.text.split("\n\n") == [*TIDES[:-1], TIDES[-1] + "\n"]
    assert parsed.left_out == (
        "running line on 3 pages: Council of Rozewie: minutes",
        "running line on 3 pages: Page  of",
    )
    assert parsed.metadata["title"] == "Minutes of March"


def test_a_quote_says_its_page() -> None:
    pages = [TIDES[:2], TIDES[2:4], TIDES[4:]]
    parsed = parse(report(pages, "Council of Rozewie: minutes", "Page"))
    document = Document.of("minutes", Source("Minutes"), parsed.text, parsed.page_starts)
    for number, paragraphs in enumerate(pages, start=1):
        for paragraph in paragraphs:
            start = parsed.text.index(paragraph)
            assert [*document.pages_of(Span(start, start + len(paragraph)))] == [number]


def test_what_is_printed_first_and_stands_at_the_foot_is_no_part_of_the_first_sentence() -> None:
    parsed = parse(report([TIDES[:2]], "Council", "Sheet"))
    assert parsed.text.split("\n\n") == ["Council", "Sheet 1 of 1", TIDES[0], f"{TIDES[1]}\n"]


def test_labels_here_and_there_are_no_sentence() -> None:
    labels = ((60, 400, "Estimate totals"), (300, 500, "Notes of the keeper"), (60, 700, "Old lighthouse"))

    def draw(canvas: Canvas) -> None:
        for left, top, label in labels:
            canvas.drawString(left, top, label)

    assert parse(printed(draw)).text == "Estimate totals\n\nNotes of the keeper\n\nOld lighthouse\n"


@pytest.mark.parametrize(("number", "left_out"), [("1", ("a page number",)), ("7", ())])
def test_a_1_at_the_end_of_the_only_page_is_its_number(number: str, left_out: tuple[str, ...]) -> None:
    def draw(canvas: Canvas) -> None:
        canvas.drawString(60, 700, "The tower stays locked until the session in May.")
        canvas.drawString(300, 40, number)

    parsed = parse(printed(draw))
    assert parsed.left_out == left_out
    assert parsed.text.rstrip().endswith(number) == (number == "7")


@pytest.mark.parametrize(("made", "date"), [("19900428", None), ("20220403", "2022-04-03")])
def test_a_date_before_the_first_pdf_is_not_believed(made: str, date: str | None) -> None:
    data = report([TIDES], "", "").replace(b"D:20000101", f"D:{made}".encode())
    assert parse(data).metadata.get("date") == date


def test_text_from_right_to_left_is_warned_of() -> None:
    if not ARABIC.exists():
        pytest.skip("no font with Arabic letters is on this machine")
    registerFont(TTFont(ARABIC.stem, ARABIC))

    def draw(canvas: Canvas) -> None:
        canvas.setFont(ARABIC.stem, SIZE)
        canvas.drawString(60, 700, "\u0645\u0631\u062d\u0628\u0627 and welcome")

    (warning,) = parse(printed(draw)).warnings
    assert warning.startswith("it has text that runs from right to left")


def test_a_line_that_stands_on_two_pages_only_is_kept() -> None:
    parsed = parse(report([TIDES[:2], TIDES[2:4]], "A headline that is no running head", "Sheet"))
    assert parsed.text.count("A headline that is no running head") == 2


def test_words_with_a_hyphen_of_their_own_keep_it_at_a_line_end() -> None:
    def draw(canvas: Canvas) -> None:
        lines = (
            "The council wants low-cost lamps. It asked for low-",
            "cost ones, and for a light-",
            "house keeper with pa-",
            "tience.",
        )
        for number, line in enumerate(lines):
            canvas.drawString(60, HEIGHT - 100 - 13 * number, line)

    parsed = parse(printed(draw))
    assert (
        parsed.text
        == "The council wants low-cost lamps. It asked for low-cost ones, and for a lighthouse keeper with patience.\n"
    )
    assert parsed.mended[JOINED] == 2


def test_rows_of_a_table_are_lines_of_their_own() -> None:
    def draw(canvas: Canvas) -> None:
        for number, cells in enumerate((("Lamp", "40,000"), ("Bench", "900"), ("Railing", "3,200"), ("Stones", "75"))):
            for column, cell in enumerate(cells):
                canvas.drawString(60 + 150 * column, HEIGHT - 100 - 13 * number, cell)

    assert parse(printed(draw)).text == "Lamp 40,000\n\nBench 900\n\nRailing 3,200\n\nStones 75\n"


def test_columns_of_unequal_length_with_a_heading_between_are_read_one_after_the_other() -> None:
    """Columns are half a line apart, and the right one is printed first."""
    width = (WIDTH - 134) / 2
    long, short = ([line for each in part for line in wrapped(each, width)] for part in (TIDES[:3], TIDES[3:]))

    def draw(canvas: Canvas) -> None:
        for left, top, lines in ((74 + width, HEIGHT - 126, short), (60, HEIGHT - 120, long)):
            for number, line in enumerate(lines):
                canvas.drawString(left, top - 13 * number, line)
        canvas.setFont(FONT, 18)
        canvas.drawString(200, HEIGHT - 80, "What the tide leaves behind")
        canvas.setFont(FONT, SIZE)
        canvas.drawString(WIDTH / 2 - 8, 40, "1")

    parsed = parse(printed(draw))
    assert " ".join(parsed.text.split()) == " ".join(["What the tide leaves behind", *TIDES])
    assert parsed.left_out == ("a page number",)


def test_a_table_of_many_rows_is_read_row_by_row() -> None:
    rows = [
        ("Austria", "8.9", "83,879", "Vienna", "German"),
        ("Belgium", "11.5", "30,689", "Brussels", "Dutch, French, German"),
        ("Czech Republic", "10.7", "78,866", "Prague", "Czech"),
        ("Denmark", "5.8", "42,951", "Copenhagen", "Danish"),
        ("Finland", "5.5", "338,424", "Helsinki", "Finnish, Swedish"),
        ("Poland", "37.6", "312,696", "Warsaw", "Polish"),
    ]

    def draw(canvas: Canvas) -> None:
        for number, cells in enumerate(rows):
            for left, cell in zip((120, 215, 300, 350, 425), cells, strict=True):
                canvas.drawString(left, HEIGHT - 100 - 14 * number, cell)

    assert parse(printed(draw)).text == "\n\n".join(" ".join(cells) for cells in rows) + "\n"


def test_pages_without_a_text_layer_are_named() -> None:
    def draw(canvas: Canvas) -> None:
        for number in range(1, 6):
            if number in (2, 3, 5):
                canvas.rect(100, 100, 200, 300, fill=1)
            else:
                canvas.setFont(FONT, SIZE)
                canvas.drawString(
                    60, HEIGHT - 100, f"What stands here is told on the sheet with the letter {'abcde'[number - 1]}."
                )
            canvas.showPage()

    parsed = parse(printed(draw))
    assert parsed.textless_pages == (2, 3, 5)
    (warning,) = parsed.warnings
    assert warning.startswith("no text layer on pages 2–3, 5; what stands there was not read; run OCR first")
    assert parsed.ocr_pages == ()
    assert len(parsed.page_starts) == 5


def test_a_scan_is_refused_with_what_to_do() -> None:
    def draw(canvas: Canvas) -> None:
        for _ in range(3):
            canvas.rect(100, 100, 200, 300, fill=1)
            canvas.showPage()

    refused = refusal(printed(draw))
    assert refused.startswith("no text layer, pages 1–3; run OCR first (ocrmypdf")
    assert refused.endswith("pip install 'krakow-qa[ocr]'")


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda data: b"", id="empty"),
        pytest.param(lambda data: data[: len(data) // 3], id="cut off"),
        pytest.param(lambda data: b"%PDF-1.7\n" + bytes(range(256)) * 20, id="noise"),
        pytest.param(lambda data: data.replace(b"/Pages", b"/Pegas"), id="no pages"),
    ],
)
def test_what_is_no_whole_pdf_is_refused(damage: Callable[[bytes], bytes]) -> None:
    assert refusal(damage(report([TIDES], "Header", "Page"))).startswith("it is not a whole PDF file; open it")


def test_ranges_are_for_people() -> None:
    assert [ranges(pages) for pages in ((4,), (1, 2), (1, 2, 3, 7), (1, 3))] == [
        "page 4",
        "pages 1–2",
        "pages 1–3, 7",
        "pages 1, 3",
    ]


def test_ligatures_become_letters() -> None:
    from corpus.parsing.mending import Mender

    mender = Mender()
    assert (
        mender.mend("of\ufb01ce, \ufb02at, e\ufb00ect\u00ad and\u00a0more\u2003space")
        == "office, flat, effect and more space"
    )
    assert mender.mended[UNLIGATED] == 3
