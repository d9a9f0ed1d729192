"""What an exported conversation claims: its quotes as the file shows them, read back from Markdown, HTML or JSON."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from html.parser import HTMLParser
from itertools import chain
from typing import Any

from corpus.errors import KrakowQAError
from qa.conversation.exporting import KIND, SCHEMA
from qa.conversation.seal import is_sealed_json, is_sealed_text

_ESCAPED = re.compile(r"\\([!-/:-@\[-`{-~])|\*\*")
_ADDRESS = re.compile(r"`([^`]*)`")


class BadExport(KrakowQAError):
    """A file that is no exported conversation."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A text that is said to stand at an address, and the number of its turn."""

    turn: int
    address: str
    text: str


@dataclass(frozen=True, slots=True)
class Claims:
    """All of a file; ``shorts`` are short answers by turn, and ``is_sealed`` tells that it is as it was exported."""

    quotes: tuple[Claim, ...]
    shorts: Mapping[int, str]
    is_sealed: bool


def claims_of(data: bytes) -> Claims:
    """Read a file, whatever it is called; raises BadExport."""
    try:
        text = data.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as error:
        raise _other("it is not in UTF-8") from error
    if text.lstrip().startswith("{"):
        return _of_json(text)
    sealed = is_sealed_text(text)
    if sealed is None:
        raise _other("its last line, the seal, is missing")
    if text.lstrip().lower().startswith("<!doctype html"):
        shown = _Shown()
        shown.feed(text)
        shown.close()
        return Claims(tuple(shown.quotes), shown.shorts, sealed)
    quotes, shorts = _of_markdown(text)
    return Claims(tuple(quotes), shorts, sealed)


def _of_json(text: str) -> Claims:
    try:
        said = json.loads(text)
        if said.get("kind") != KIND or said.get("schema") != SCHEMA:
            raise _other(f"it is not of the kind “{KIND}”, schema {SCHEMA}")
        sealed = is_sealed_json(said)
        if sealed is None:
            raise _other("its field “seal” is missing")
        quotes = [
            _claim(number, quote)
            for number, turn in enumerate(said["turns"], start=1)
            for quote in chain(turn["quotes"], turn["closest"])
        ]
        shorts = {number: str(turn["short_answer"]) for number, turn in enumerate(said["turns"], 1) if _short(turn)}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise _other("what it holds cannot be read") from error
    return Claims(tuple(quotes), shorts, sealed)


def _claim(turn: int, quote: Mapping[str, Any]) -> Claim:
    """A quote of the JSON; where its parts say another place than its address, they are the claim."""
    address = str(quote["address"])
    parts = (quote["document"], str(quote["version"]), quote["start"], quote["end"])
    id, version, start, end = parts
    if address != f"{id}@{version[:12]}#{start}-{end}":
        address = f"{id}@{version}#{start}-{end}"
    return Claim(turn, address, str(quote["text"]))


def _short(turn: Mapping[str, Any]) -> bool:
    return turn["short_answer"] is not None


def _of_markdown(text: str) -> tuple[list[Claim], dict[int, str]]:
    """Block by block: a heading begins a turn, and a quote is followed by its address."""
    quotes: list[Claim] = []
    shorts: dict[int, str] = {}
    turn, quoted = 0, None
    for block in _blocks(text):
        if block.startswith("## "):
            turn += 1
        elif block.startswith("Short answer: "):
            shorts[turn] = _unescaped(block.removeprefix("Short answer: "))
        elif block.startswith(">"):
            quoted = _unescaped("\n".join(line.removeprefix(">").removeprefix(" ") for line in block.split("\n")))
        if quoted is not None and not block.startswith(">"):
            found = _ADDRESS.match(block)
            quotes.append(Claim(turn, found[1] if found else "", quoted))
            quoted = None
    return quotes, shorts


def _blocks(text: str) -> Iterator[str]:
    """What empty lines separate; every line of a quote begins with a mark, an empty one too."""
    return (block for block in re.split(r"\n\n+", text.strip("\n")) if block)


def _unescaped(text: str) -> str:
    return _ESCAPED.sub(lambda found: found[1] or "", text)


class _Shown(HTMLParser):
    """Quotes, addresses and short answers as a browser shows them."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.quotes: list[Claim] = []
        self.shorts: dict[int, str] = {}
        self._turn = 0
        self._taken: str | None = None
        self._text: list[str] = []
        self._quoted: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "section":
            self._turn += 1
        kind = dict(attrs).get("class")
        if kind in {"quote", "address", "short"}:
            self._taken, self._text = kind, []

    def handle_data(self, data: str) -> None:
        if self._taken is not None:
            self._text.append(data)

    def handle_endtag(self, tag: str) -> None:
        text = "".join(self._text)
        if self._taken == "quote" and tag == "p":
            self._quoted = text
        elif self._taken == "short" and tag == "p":
            self.shorts[self._turn] = text
        elif self._taken == "address" and tag == "code":
            self._claim(text)
        elif tag == "blockquote":
            self._claim("")
        if tag in {"p", "code"}:
            self._taken = None

    def _claim(self, address: str) -> None:
        if self._quoted is not None:
            self.quotes.append(Claim(self._turn, address, self._quoted))
            self._quoted = None


def _other(why: str) -> BadExport:
    return BadExport(
        f"This is no conversation that krakow-qa exported: {why}. Give a file that “Export” in the chat has written"
    )
