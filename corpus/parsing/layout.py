"""Page layout: from lines with boxes to paragraphs in reading order, without running heads and page numbers."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median, median_low

_LEAST_COLUMN_LINES = 5
_LEAST_GUTTER = 0.6
"""The narrowest gap between columns, as a multiple of the height of a line."""

_MOST_CROSSED = 0.25
"""At most this share of the rows of a page in columns runs over the gutter, as headings do."""

_LEAST_COLUMN_WIDTH = 10
"""Columns are at least so many times as wide as a line is high."""

_LEAST_FILLED = 0.55
"""Lines of a column fill so much of its width; cells of a table do not."""

_CELL_GAP = 1.8
"""Words of a line stand nearer to each other than so many times its height, unless they are cells."""

_EDGE_LINES = 3
"""Running heads are looked for among so many lines at the top and the bottom of a page."""

_LEAST_REPEATS = 3

_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|seite|strona|str\.|p\.)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of|von|z|de)\s*\d{1,4})?\W*", re.I
)
_LIST_MARK = re.compile(r"(?:[-–—•▪◦*·]|\(?(?:\d{1,3}|[a-z])[.)])\s+\S")
_SENTENCE_END = (".", "!", "?", ":", ";", '"', "”", "’", ")")


@dataclass(frozen=True, slots=True)
class Word:
    """A word and its box, in points from the top left corner of the page.

    ``hyphenated`` words end with a hyphen at the end of a line.
    """

    text: str
    left: float
    top: float
    right: float
    bottom: float
    hyphenated: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """Words on one baseline, from left to right."""

    words: tuple[Word, ...]

    @property
    def text(self) -> str:
        return " ".join(word.text for word in self.words)

    @property
    def left(self) -> float:
        return self.words[0].left

    @property
    def right(self) -> float:
        return self.words[-1].right

    @property
    def top(self) -> float:
        return min(word.top for word in self.words)

    @property
    def bottom(self) -> float:
        return max(word.bottom for word in self.words)

    @property
    def height(self) -> float:
        return median(word.bottom - word.top for word in self.words)

    @property
    def is_row(self) -> bool:
        """Whether gaps part it into cells, as in a table."""
        gaps = [after.left - before.right for before, after in pairwise(self.words)]
        return len(gaps) > 0 and max(gaps) > _CELL_GAP * self.height

    @property
    def hyphenated(self) -> bool:
        """Whether its last word goes on in the next line."""
        return self.words[-1].hyphenated


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page in the order of the file, and its width in points."""

    lines: tuple[Line, ...]
    width: float

    @property
    def letters(self) -> int:
        return sum(len(word.text) for line in self.lines for word in line.words)


def in_reading_order(page: Page) -> list[Line]:
    """The lines of a page, columns one after the other; lines across all columns stand where they interrupt them."""
    gutter = _gutter(page.lines)
    if gutter is None:
        return list(page.lines)
    ordered: list[Line] = []
    left: list[Line] = []
    right: list[Line] = []
    lines = sorted(_cut_at(gutter, page.lines), key=lambda line: (round(line.top), line.left))
    for line in lines:
        if line is lines[-1] and _PAGE_NUMBER.fullmatch(line.text):
            return [*ordered, *left, *right, line]
        if line.right <= gutter + 1:
            left.append(line)
        elif line.left >= gutter - 1:
            right.append(line)
        else:
            ordered += [*left, *right, line]
            left, right = [], []
    return [*ordered, *left, *right]


def running_heads(pages: Sequence[Sequence[Line]]) -> list[frozenset[int]]:
    """For each page the numbers of the lines that are a running header or footer, or a page number.

    A running line stands at the same end of at least three pages and half of every stretch of them, digits aside; a
    page number also where it alone ends or begins one of several pages, or a 1 ends the only one.
    """
    repeated = Counter(
        (end, key) for page in pages for end, key in {(end, _key(line)) for end, _, line in _edges(page)} if key
    )
    least = max(_LEAST_REPEATS, round(0.4 * len(pages)))
    found = []
    for page in pages:
        heads = set()
        for end, number, line in _edges(page):
            numbered = _PAGE_NUMBER.fullmatch(line.text) is not None and number in (0, len(page) - 1)
            is_counted = len(pages) > 1 or (line.text == "1" and number > 0)
            if repeated[end, _key(line)] >= least or (numbered and is_counted):
                heads.add(number)
        found.append(frozenset(heads))
    return found


def paragraphs(lines: Sequence[Line]) -> list[list[Line]]:
    """The lines in groups: a new one where space, size, indentation or a list mark says so."""
    if not lines:
        return []
    pitch = _pitch(lines)
    groups = [[lines[0]]]
    for line, following in pairwise(lines):
        group = groups[-1]
        if line.hyphenated or not _begins_paragraph(line, following, group, pitch):
            group.append(following)
        else:
            groups.append([following])
    return groups


def _begins_paragraph(line: Line, following: Line, group: Sequence[Line], pitch: float) -> bool:
    step = following.top - line.top
    if step < -pitch:  # the next column: the paragraph goes on unless a sentence has ended
        ended = line.text.endswith(_SENTENCE_END[:3]) and following.left - min(each.left for each in group) != 0
        return ended or not _goes_on_above(line, following)
    if _LIST_MARK.match(following.text) or line.is_row or following.is_row:
        return True
    if step > 1.35 * pitch or abs(following.height - line.height) > 0.2 * line.height:
        return True
    width = max(each.right for each in group) - min(each.left for each in group)
    indented = following.left - line.left > 0.8 * line.height and following.right - following.left > 0.5 * width
    short = line.right - line.left < 0.75 * width and line.text.endswith(_SENTENCE_END)
    return (indented and line.text.endswith(_SENTENCE_END)) or short


def _goes_on_above(line: Line, following: Line) -> bool:
    """Whether a line and one that stands above it may be one sentence: in columns lines are long, and of one size."""
    filled = min(line.right - line.left, following.right - following.left) >= _LEAST_COLUMN_WIDTH * line.height
    same_size = abs(following.height - line.height) <= 0.2 * line.height
    return same_size and (filled or following.text[0].islower())


def _pitch(lines: Sequence[Line]) -> float:
    """The usual distance from one line to the next."""
    steps = [below.top - above.top for above, below in pairwise(lines) if 0 < below.top - above.top < 60]
    return median(steps) if steps else lines[0].height


def _gutter(lines: Sequence[Line]) -> float | None:
    """The middle of the gap between two columns of running text; None where there is none."""
    rows = _rows(lines)
    if len(rows) < _LEAST_COLUMN_LINES:
        return None
    least = _LEAST_GUTTER * median(line.height for line in lines)
    start = min(line.left for line in lines)
    end = max(line.right for line in lines)
    places = range(int(start + 0.25 * (end - start)), int(start + 0.75 * (end - start)))
    crossed = {place: sum(not _is_clear(row, place, least) for row in rows) for place in places}
    fewest = min(crossed.values(), default=len(rows))
    if fewest > _MOST_CROSSED * len(rows):
        return None
    gutter = median_low(place for place in places if crossed[place] == fewest)
    halves = list(_cut_at(gutter, lines))
    for side, width in (
        ([line for line in halves if line.right <= gutter], gutter - start),
        ([line for line in halves if line.left >= gutter], end - gutter),
    ):
        if len(side) < _LEAST_COLUMN_LINES or sum(line.is_row for line in side) > len(side) / 2:
            return None
        if median(line.right - line.left for line in side) < _LEAST_FILLED * width:
            return None
    return gutter


def _rows(lines: Sequence[Line]) -> list[list[Word]]:
    """The words of the page by baseline, whatever line of the file they are in."""
    rows: list[list[Word]] = []
    for word in sorted((word for line in lines for word in line.words), key=lambda word: word.top + word.bottom):
        middle = (word.top + word.bottom) / 2
        if rows and rows[-1][0].top <= middle <= rows[-1][0].bottom:
            rows[-1].append(word)
        else:
            rows.append([word])
    return rows


def _is_clear(row: Sequence[Word], place: float, least: float) -> bool:
    """Whether a row stands on one side of a place, or has a gap there that is wide enough."""
    if any(word.left < place < word.right for word in row):
        return False
    left = max((word.right for word in row if word.right <= place), default=-least)
    right = min((word.left for word in row if word.left >= place), default=place + least)
    return right - left >= least


def _cut_at(gutter: float, lines: Iterable[Line]) -> Iterator[Line]:
    """Lines that go over the gutter without a word on it fall into two."""
    for line in lines:
        left = tuple(word for word in line.words if word.right <= gutter)
        right = tuple(word for word in line.words if word.left >= gutter)
        if left and right and len(left) + len(right) == len(line.words):
            yield Line(left)
            yield Line(right)
        else:
            yield line


def _edges(page: Sequence[Line]) -> Iterator[tuple[str, int, Line]]:
    for number in range(min(_EDGE_LINES, len(page))):
        yield "top", number, page[number]
    for number in range(max(len(page) - _EDGE_LINES, _EDGE_LINES), len(page)):
        yield "bottom", number, page[number]


def _key(line: Line) -> str:
    """A line without its numbers; empty where nothing else is in it."""
    return re.sub(r"\W+", " ", _DIGITS.sub("", line.text)).strip().lower()


def ranges(pages: tuple[int, ...]) -> str:
    """Page numbers for people: "page 4", "pages 1–3, 7"."""
    parts: list[list[int]] = []
    for page in pages:
        if parts and page == parts[-1][1] + 1:
            parts[-1][1] = page
        else:
            parts.append([page, page])
    said = ", ".join(str(first) if first == last else f"{first}–{last}" for first, last in parts)
    return f"{'page' if len(pages) == 1 else 'pages'} {said}"
