"""Parsers: bytes of a file in; text, page starts, metadata and warnings out."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import Any, Protocol

import yaml

from corpus.blocks import BlockKind, blocks
from corpus.errors import UnreadableFile

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)\n*", re.DOTALL | re.MULTILINE)
_FIELDS = frozenset("id title publisher kind date language url speaker licence sources".split())


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser read: ``metadata`` has the fields of front matter, ``text`` starts after it."""

    text: str
    page_starts: tuple[int, ...] = ()
    metadata: Mapping[str, Any] = field(default_factory=dict)
    warnings: tuple[str, ...] = ()


class Parser(Protocol):
    """Reads one format. ``parse`` raises UnreadableFile with what is wrong and what to do."""

    name: str
    suffixes: frozenset[str]

    def parse(self, data: bytes) -> Parsed: ...


class TextParser:
    """Plain text in UTF-8 or, with a byte order mark, UTF-16; it may begin with YAML front matter."""

    name = "text/1"
    suffixes = frozenset({".txt"})

    def parse(self, data: bytes) -> Parsed:
        text = _decode(data)
        metadata: dict[str, Any] = {}
        warnings: list[str] = []
        if (match := _FRONT_MATTER.match(text)) is not None:
            metadata = _front_matter(match[1])
            text = text[match.end() :]
            warnings = [
                f"front matter field {name!r} is not known and was left out" for name in metadata.keys() - _FIELDS
            ]
        if not text.strip():
            raise UnreadableFile("it holds no text; add a file with text")
        return Parsed(text, metadata=metadata, warnings=tuple(sorted(warnings)))


class MarkdownParser(TextParser):
    """Markdown with optional YAML front matter; the first heading is the title where none is given."""

    name = "markdown/1"
    suffixes = frozenset({".md", ".markdown"})

    def parse(self, data: bytes) -> Parsed:
        parsed = TextParser.parse(self, data)
        first = next((b for b in blocks(parsed.text) if b.kind is BlockKind.HEADING), None)
        if first is None or "title" in parsed.metadata:
            return parsed
        title = parsed.text[first.content.start : first.content.end]
        metadata = {**parsed.metadata, "title": title}
        return Parsed(parsed.text, metadata=metadata, warnings=parsed.warnings)


PARSERS: tuple[Parser, ...] = (MarkdownParser(), TextParser())


def parser_for(name: str) -> Parser:
    """The parser for a file of that name; raises UnreadableFile where its format is not known."""
    suffix = PurePath(name).suffix.lower()
    for parser in PARSERS:
        if suffix in parser.suffixes:
            return parser
    known = ", ".join(sorted(suffix for parser in PARSERS for suffix in parser.suffixes))
    raise UnreadableFile(f"files of type {suffix or 'none'} are not read; known are {known}")


def _decode(data: bytes) -> str:
    encoding = "utf-16" if data.startswith((b"\xff\xfe", b"\xfe\xff")) else "utf-8-sig"
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        raise UnreadableFile(
            f"byte {error.start} is not {encoding.removesuffix('-sig').upper()}; save it as UTF-8 and add it again"
        ) from error
    if "\0" in text:
        raise UnreadableFile("it is not a text file (it holds NUL characters)")
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _front_matter(block: str) -> dict[str, Any]:
    """The fields that hold something: texts, and lists of texts; nothing is taken for a date, a number or "no"."""
    try:
        fields = yaml.load(block, yaml.BaseLoader) or {}  # noqa: S506 (it makes texts, lists and maps, nothing else)
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        mark = getattr(error, "problem_mark", None)
        line = f" in line {mark.line + 2}" if mark is not None else ""
        raise UnreadableFile(f"its front matter is not YAML{line}; mend it and add it again") from error
    if not isinstance(fields, dict):
        raise UnreadableFile("its front matter is no list of fields; write one 'name: value' a line")
    return {name: value for name, value in fields.items() if value not in ("", "~", "null")}
