"""Scanned pages: drawn, read by OCR, and put straight, so that they are laid out as pages with a text layer are."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import fmean, median
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.parsing.layout import Line, Page, Word, ranges

MOST_PIXELS_A_SIDE = 2800
"""A page 14 inches high at 200 dots per inch. The time and memory that a page takes grow with its area."""

_PIXELS_A_POINT = 200 / 72
_BLANK = 16
"""The grey levels of a blank page differ by less."""

_LEAST_CONFIDENCE = 0.5
"""Lines below it are noise, or letters that OCR does not know."""

_LEAST_FILLED = 0.2
"""A line that was read has at least this share of the characters that its length has room for."""

_WELL_READ = 0.7
"""Where at least this share of a page is legible, it is not turned."""

_DOUBTFUL = 0.8
"""Words below this confidence are named, the first few of them."""

_UNSURE = 0.9
"""Print in Latin letters has a mean confidence above it."""

_MOST_SHOWN = 8

_SHRUNK = 0.8
"""OCR draws boxes with a margin; so much of their height is the line's."""

_USUAL = (0.65, 1.2)
"""Boxes are as high as the letters in them. Lines between these multiples of the usual height are taken to have it."""


@dataclass(frozen=True, slots=True)
class ReadWord:
    """A word with its left and right end in pixels, and a confidence in [0, 1]."""

    text: str
    left: float
    right: float
    confidence: float


@dataclass(frozen=True, slots=True)
class ReadLine:
    """A line as OCR finds it; ``corners`` are (x, y) in pixels, clockwise from where the text begins at its top."""

    corners: tuple[tuple[float, float], ...]
    words: tuple[ReadWord, ...]

    @property
    def width(self) -> float:
        return math.dist(self.corners[0], self.corners[1])

    @property
    def height(self) -> float:
        return math.dist(self.corners[0], self.corners[3])

    @property
    def slope(self) -> float:
        (x0, y0), (x1, y1) = self.corners[:2]
        return (y1 - y0) / (x1 - x0)

    @property
    def confidence(self) -> float:
        return fmean(word.confidence for word in self.words)

    @property
    def is_level(self) -> bool:
        """Whether it runs from left to right, or is too short to tell."""
        (x0, y0), (x1, y1) = self.corners[:2]
        letters = sum(len(word.text) for word in self.words)
        return abs(x1 - x0) > abs(y1 - y0) and (letters <= 2 or self.height < 2 * self.width)

    @property
    def is_legible(self) -> bool:
        """Whether it was read, and not only found."""
        room = self.width / (0.5 * _SHRUNK * self.height)
        return (
            self.confidence >= _LEAST_CONFIDENCE and sum(len(word.text) for word in self.words) >= _LEAST_FILLED * room
        )


class Ocr(Protocol):
    """Reads images. ``name`` says which program and version."""

    name: str

    def read(self, image: NDArray[np.uint8]) -> list[ReadLine]:
        """The lines on a grey image of shape (height, width), in no particular order."""


@dataclass(frozen=True, slots=True)
class Scan:
    """A page read by OCR: its confidence by word, words of which it is not sure, and how many lines it left out."""

    page: Page
    confidences: tuple[float, ...] = ()
    doubtful: tuple[str, ...] = ()
    illegible: int = 0


def scan(page: Any, ocr: Ocr) -> Scan:
    """A PDFium page read by OCR. One that lies on its side or stands on its head is turned first."""
    width, height = page.get_size()
    scale = min(_PIXELS_A_POINT, MOST_PIXELS_A_SIDE / max(width, height))
    image = page.render(scale=scale, grayscale=True).to_numpy()
    if np.ptp(image) < _BLANK:
        return Scan(Page((), width))
    best: tuple[float, int, list[ReadLine]] | None = None
    for turns in range(4):
        lines = [line for line in ocr.read(np.ascontiguousarray(np.rot90(image, turns))) if line.words]
        legible = _legible(lines)
        if best is None or legible > best[0]:
            best = legible, turns, lines
        if not lines or legible >= _WELL_READ:
            break
    _, turns, lines = best or (0.0, 0, [])
    return _scan(lines, height if turns % 2 else width, scale)


def said_of(scans: Mapping[int, Scan], name: str) -> Iterator[str]:
    """Warnings about the pages that were read by OCR, by their numbers."""
    read = {number: scan for number, scan in scans.items() if scan.confidences}
    if not read:
        return
    confidences = [each for scan in read.values() for each in scan.confidences]
    mean = fmean(confidences)
    yield (
        f"{ranges(tuple(read))} read by OCR ({name}, mean confidence {mean:.2f}): check quotes against the page, above"
        " all accents on capital letters"
    )
    if mean < _UNSURE:
        yield "OCR was not sure of what it read; it knows print in Latin letters, no handwriting and few other scripts"
    doubtful = [word for scan in read.values() for word in scan.doubtful]
    if doubtful:
        shown = ", ".join(f"“{word[:40]}”" for word in doubtful[:_MOST_SHOWN])
        yield f"OCR was not sure of {len(doubtful)} of {len(confidences)} words, such as {shown}"
    illegible = sum(scan.illegible for scan in read.values())
    if illegible:
        yield f"OCR could not read {illegible} {'line' if illegible == 1 else 'lines'}, which were left out"


def _legible(lines: Sequence[ReadLine]) -> float:
    """How much of what was found was read, in [0, 1]."""
    found = sum(max(line.width, line.height) for line in lines)
    read = sum(line.width * line.confidence for line in lines if line.is_level and line.is_legible)
    return read / found if found else 0.0


def _scan(found: Sequence[ReadLine], width: float, scale: float) -> Scan:
    lines = [line for line in found if line.is_level and line.is_legible]
    words = [word for line in lines for word in line.words]
    return Scan(
        Page(tuple(_rows(list(_put_straight(lines, scale)))), width),
        tuple(word.confidence for word in words),
        tuple(word.text for word in words if word.confidence < _DOUBTFUL and any(map(str.isalnum, word.text))),
        len(found) - len(lines),
    )


def _put_straight(lines: Sequence[ReadLine], scale: float) -> Iterator[Line]:
    """The lines in points, level, and as high as lines of their size usually are."""
    if not lines:
        return
    longest = max(line.width for line in lines)
    slope = median(line.slope for line in lines if line.width >= longest / 2)
    usual = median(line.height for line in lines for _ in line.words)
    for line in lines:
        x, y = (sum(values) / 4 for values in zip(*line.corners, strict=True))
        height = usual if _USUAL[0] < line.height / usual < _USUAL[1] else line.height
        top, bottom = (y - slope * x + side * _SHRUNK * height / 2 for side in (-1, 1))
        yield Line(
            tuple(
                Word(
                    word.text,
                    (word.left + slope * y) / scale,
                    top / scale,
                    (word.right + slope * y) / scale,
                    bottom / scale,
                )
                for word in sorted(line.words, key=lambda word: word.left)
            )
        )


def _rows(lines: Sequence[Line]) -> Iterator[Line]:
    """From top to bottom, each with all that stands at one height; columns are told apart later."""
    row: list[Line] = []
    for line in sorted(lines, key=lambda line: line.top + line.bottom):
        if row and (line.top + line.bottom) / 2 > row[0].bottom:
            yield _joined(row)
            row = []
        row.append(line)
    if row:
        yield _joined(row)


def _joined(row: Sequence[Line]) -> Line:
    return Line(tuple(sorted((word for line in row for word in line.words), key=lambda word: word.left)))
