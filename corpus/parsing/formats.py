"""Which parser reads which file; each is imported when a file asks for it."""

from __future__ import annotations

import importlib
from pathlib import PurePath

from corpus.errors import UnreadableFile
from corpus.parsing.contract import Parser

_PARSERS: dict[str, str] = {
    ".md": "plain:MarkdownParser",
    ".markdown": "plain:MarkdownParser",
    ".txt": "plain:TextParser",
    ".pdf": "pdf:PdfParser",
    ".docx": "word:WordParser",
    ".docm": "word:WordParser",
    ".html": "web:WebParser",
    ".htm": "web:WebParser",
    ".xhtml": "web:WebParser",
    ".odt": "books:OpenDocumentParser",
    ".epub": "books:EpubParser",
    ".eml": "mail:MailParser",
}

_ENCODED = frozenset({".md", ".markdown", ".txt", ".html", ".htm", ".xhtml"})
"""Formats in any encoding; their parsers take the one that a file came with."""

READABLE = frozenset(_PARSERS)
"""The endings of file names that a parser reads."""


def parser_for(name: str, charset: str | None = None) -> Parser:
    """The parser for a file of that name, which came with a charset; raises UnreadableFile for an unknown format."""
    suffix = PurePath(name).suffix.lower()
    try:
        module, _, parser = _PARSERS[suffix].partition(":")
    except KeyError:
        known = ", ".join(sorted(READABLE))
        raise UnreadableFile(f"files of type {suffix or 'none'} are not read; known are {known}") from None
    kind = getattr(importlib.import_module(f"corpus.parsing.{module}"), parser)
    found: Parser = kind(charset) if suffix in _ENCODED else kind()
    return found
