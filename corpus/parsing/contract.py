"""What every parser takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser read, and how the text differs from what stands in the file.

    ``page_starts`` holds the offset at which each page begins; ``metadata`` has fields of front matter; ``mended`` says
    what was mended and how often, ``left_out`` what of the file is not in the text; ``textless_pages``, counted from 1,
    are those of which nothing was read, for they have no text layer; ``ocr_pages`` were read by OCR.
    """

    text: str
    page_starts: tuple[int, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()
    mended: Mapping[str, int] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    textless_pages: tuple[int, ...] = ()
    ocr_pages: tuple[int, ...] = ()


class Parser(Protocol):
    """Reads one format. ``parse`` raises UnreadableFile with what is wrong and what to do."""

    name: str
    suffixes: frozenset[str]

    def parse(self, data: bytes) -> Parsed: ...
