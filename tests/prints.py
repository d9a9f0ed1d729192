"""PDF files made for tests: columns, running heads, hyphens, tables, pages without text."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from itertools import zip_longest

import numpy as np
import pypdfium2
from PIL import Image, ImageFilter
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.pdfgen.canvas import Canvas

WIDTH, HEIGHT = A4
FONT, SIZE, LEADING = "Helvetica", 10, 13

TIDES = (
    "The harbour council of Rozewie met on the second of March to decide what becomes of the old lighthouse. Nine"
    " members came, two sent their regrets, and the chair opened the session half an hour late because of fog.",
    "Its lamp was lit for the first time in 1822 and has been dark since the winter storms of the year before last."
    " Repairing it would cost about forty thousand crowns, which the council does not have.",
    "A group of fishermen offered to raise half of that sum. They ask for nothing but the right to keep their nets in"
    " the cellar, which is dry, and for a bench in front of the door.",
    "The treasurer objected that the cellar belongs to the coastguard. Nobody had asked the coastguard, and so the"
    " question was put off until the session in May, when an answer should have come.",
    "Until then the tower stays locked. Visitors may walk around it at low tide but are advised against the northern"
    " path, where stones have fallen twice since the autumn and the railing is broken.",
)


def wrapped(text: str, width: float, *, hyphenate: bool = False) -> list[str]:
    """The lines of a text in a column; with ``hyphenate`` long words are broken with a hyphen."""
    lines: list[str] = []
    line = ""
    for word in text.split():
        longer = f"{line} {word}".strip()
        if stringWidth(longer, FONT, SIZE) <= width:
            line = longer
            continue
        head = next((n for n in range(len(word) - 2, 1, -1) if _fits(f"{line} {word[:n]}-", width)), None)
        if hyphenate and head is not None and word.isalpha():
            lines.append(f"{line} {word[:head]}-")
            line = word[head:]
        else:
            lines.append(line)
            line = word
    return [*lines, line]


def printed(draw: Callable[[Canvas], None], title: str = "") -> bytes:
    """A PDF file that a function draws."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=True)
    canvas.setTitle(title)
    canvas.setFont(FONT, SIZE)
    draw(canvas)
    canvas.save()
    return out.getvalue()


def two_columns(paragraphs: Sequence[str], heading: str, *, row_by_row: bool) -> bytes:
    """A page with a heading across two columns; ``row_by_row`` writes left and right lines in turn, as some do."""
    width = (WIDTH - 140) / 2
    lines = [line for each in paragraphs for line in wrapped(each, width, hyphenate=True)]
    half = (len(lines) + 1) // 2

    def draw(canvas: Canvas) -> None:
        canvas.setFont(FONT, 18)
        canvas.drawString(60, HEIGHT - 80, heading)
        canvas.setFont(FONT, SIZE)
        columns = [(60.0, lines[:half]), (80 + width, lines[half:])]
        placed = [
            [(left, HEIGHT - 120 - LEADING * n, line) for n, line in enumerate(column)] for left, column in columns
        ]
        order = [each for pair in zip_longest(*placed) for each in pair] if row_by_row else [*placed[0], *placed[1]]
        for each in order:
            if each is not None:
                canvas.drawString(*each)

    return printed(draw)


def report(pages: Sequence[Sequence[str]], header: str, footer: str, *, title: str = "") -> bytes:
    """Pages of paragraphs with a running header, and a footer with the page's number."""

    def draw(canvas: Canvas) -> None:
        for number, paragraphs in enumerate(pages, start=1):
            canvas.setFont(FONT, SIZE)
            canvas.drawString(60, HEIGHT - 40, header)
            canvas.drawString(60, 30, f"{footer} {number} of {len(pages)}")
            for top, line in _placed(paragraphs):
                canvas.drawString(60, top, line)
            canvas.showPage()

    return printed(draw, title)


def _placed(paragraphs: Sequence[str]) -> Iterator[tuple[float, str]]:
    top = HEIGHT - 90
    for paragraph in paragraphs:
        for line in wrapped(paragraph, WIDTH - 120):
            yield top, line
            top -= LEADING
        top -= LEADING


def _fits(line: str, width: float) -> bool:
    return float(stringWidth(line.strip(), FONT, SIZE)) <= width


def scanned(data: bytes, *, turns: int = 0, degrees: float = 0, noise: float = 0) -> bytes:
    """The same pages as pictures at 200 dots per inch, as from a scanner; turned, askew and dirty where that is asked.

    ``turns`` are quarters of a circle to the left, ``noise`` is the deviation of grey levels.
    """
    random = np.random.default_rng(7)
    out = io.BytesIO()
    canvas = Canvas(out, invariant=True)
    for page in pypdfium2.PdfDocument(data):
        picture = (
            page.render(scale=200 / 72, grayscale=True)
            .to_pil()
            .rotate(degrees, Image.Resampling.BICUBIC, fillcolor=255)
        )
        if noise:
            grey = np.asarray(picture.filter(ImageFilter.GaussianBlur(1)), float) + random.normal(
                0, noise, picture.size[::-1]
            )
            picture = Image.fromarray(grey.clip(0, 255).astype(np.uint8))
        picture = picture.rotate(90 * turns, expand=True)
        size = [72 / 200 * pixels for pixels in picture.size]
        canvas.setPageSize(size)
        canvas.drawImage(ImageReader(picture), 0, 0, *size)
        canvas.showPage()
    canvas.save()
    return out.getvalue()
