"""Plain text and Markdown, with front matter."""

from __future__ import annotations

import re
from typing import Any

import yaml

from corpus.blocks import BlockKind, blocks
from corpus.errors import UnreadableFile
from corpus.parsing.contract import Parsed
from corpus.parsing.decoding import decode, encoding_named, is_utf8

_FRONT_MATTER = re.compile(r"---[ \t]*\n(.*?)^---[ \t]*(?:\n|\Z)\n*", re.DOTALL | re.MULTILINE)
_FIELDS = frozenset("id title publisher kind date language url speaker licence sources".split())


class TextParser:
    """Plain text in any common encoding; it may begin with YAML front matter."""

    name = "text/1"
    suffixes = frozenset({".txt"})

    def __init__(self, charset: str | None = None) -> None:
        self._charset = charset

    def parse(self, data: bytes) -> Parsed:
        text, guess = decode(data, None if is_utf8(data) else encoding_named(self._charset or "", data))
        metadata: dict[str, Any] = {}
        warnings = list(guess)
        if (match := _FRONT_MATTER.match(text)) is not None:
            metadata = _front_matter(match[1])
            text = text[match.end() :]
            warnings += [
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
