"""Blocks and sentences: where headings, paragraphs, list items and sentences stand in a text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from corpus.model import Span

_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.*?)(?:(?<!\s)\s+#+)?(?<!\s)\s*$")
_FENCE = re.compile(r" {0,3}(`{3,}(?=[^`]*$)|~{3,})")
_MARKER = re.compile(r"[ \t]*(?:>[ \t]?)*(?:(?:[-*+•]|\d{1,3}[.)])[ \t]+|>[ \t]*)")
_ROW = re.compile(r"[ \t]*\|")
_RULE = re.compile(r"[ \t]*(?:[-*_=|:][ \t]*){3,}$")


class BlockKind(Enum):
    """What a block is; only paragraphs, items and rows hold sentences."""

    HEADING = auto()
    PARAGRAPH = auto()
    ITEM = auto()
    ROW = auto()
    CODE = auto()
    RULE = auto()


@dataclass(frozen=True, slots=True)
class Block:
    """A block and its content, which leaves out heading marks, list markers and outer white space."""

    kind: BlockKind
    content: Span
    level: int = 0


def blocks(text: str) -> list[Block]:
    """The blocks of a plain or Markdown text, in order, without overlap."""
    found: list[Block] = []
    open_kind: BlockKind | None = None
    start = end = 0
    fence = ""

    def close() -> None:
        nonlocal open_kind
        if open_kind is not None and (content := trim(text, start, end)) is not None:
            found.append(Block(open_kind, content))
        open_kind = None

    for line_start, line in _lines(text):
        line_end = line_start + len(line)
        if open_kind is BlockKind.CODE:
            end = line_end
            if line.strip().startswith(fence) and not line.strip().strip(fence[0]):
                close()
        elif not line.strip():
            close()
        elif opening := _FENCE.match(line):
            close()
            fence = opening[1]
            open_kind, start, end = BlockKind.CODE, line_start, line_end
        elif heading := _HEADING.match(line):
            close()
            content = Span(line_start + heading.start(2), line_start + heading.end(2))
            found.append(Block(BlockKind.HEADING, content, level=len(heading[1])))
        elif _RULE.match(line):
            close()
            open_kind, start, end = BlockKind.RULE, line_start, line_end
            close()
        elif _ROW.match(line):
            close()
            open_kind, start, end = BlockKind.ROW, line_start, line_end
            close()
        elif marker := _MARKER.match(line):
            close()
            open_kind, start, end = BlockKind.ITEM, line_start + marker.end(), line_end
        else:
            if open_kind is None:
                open_kind, start = BlockKind.PARAGRAPH, line_start
            end = line_end
    close()
    return found


def sentences(text: str, language: str | None = None) -> list[Span]:
    """The sentences of a text, in order; headings, rules and code hold none.

    ``language`` is an ISO 639 code that decides which abbreviations end no sentence; English where None.
    """
    return [
        sentence
        for block in blocks(text)
        if block.kind in (BlockKind.PARAGRAPH, BlockKind.ITEM, BlockKind.ROW)
        for sentence in sentences_within(text, block.content, language)
    ]


def sentences_within(text: str, block: Span, language: str | None = None) -> Iterator[Span]:
    """The sentences of one block, without outer white space."""
    from sentencex import get_sentence_boundaries

    content = text[block.start : block.end]
    for boundary in get_sentence_boundaries(language or "en", content):
        start, end = boundary["start_index"], boundary["end_index"]
        if (span := trim(content, start, end)) is not None:
            yield span.shift(block.start)


def trim(text: str, start: int, end: int) -> Span | None:
    """The span without outer white space; None where nothing else is in it."""
    part = text[start:end]
    inner = part.strip()
    if not inner:
        return None
    start += len(part) - len(part.lstrip())
    return Span(start, start + len(inner))


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line's offset and text, without its newline."""
    start = 0
    for line in text.split("\n"):
        yield start, line
        start += len(line) + 1
