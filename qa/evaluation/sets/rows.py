"""The files of a set, their lines and their JSON, with the errors that name them."""

from __future__ import annotations

import codecs
import gzip
import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.errors import KrakowQAError


class BadQuestionSet(KrakowQAError):
    """A question set that cannot be read, or whose evidence does not stand in the library."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line of a file, counted from 1."""

    path: Path
    number: int
    line: str

    def fields(self) -> dict[str, Any]:
        """The line as a JSON object; raises BadQuestionSet."""
        fields = from_json(self.line, self.bad, object_pairs_hook=_each_once)
        if not isinstance(fields, dict):
            raise self.bad("not a JSON object. Each line is one question or text, in { }")
        return fields

    def bad(self, what: str) -> BadQuestionSet:
        """The error that says what is wrong with this line."""
        return BadQuestionSet(f"{self.path}, line {self.number}: {what}")


def from_json(text: str, bad: Callable[[str], BadQuestionSet], **hooks: Any) -> Any:
    """What a JSON text holds; raises what ``bad`` makes of the words that say why it is none."""
    try:
        return json.loads(text, **hooks)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in text else ""
        raise bad(f"no JSON ({error.msg}; {line}column {error.colno})") from error
    except RecursionError as error:
        raise bad("no JSON that can be read: its brackets are nested too deeply") from error
    except ValueError as error:
        raise bad(f"no JSON that can be read ({error})") from error


def read_bytes(path: Path) -> bytes:
    """The file, unpacked where its name ends in ``.gz``; raises BadQuestionSet."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix.lower() == ".gz" else data
    except (OSError, EOFError, zlib.error) as error:
        said = getattr(error, "strerror", None) or error
        raise BadQuestionSet(f"{path} cannot be read ({said}). Check the file, or get it anew") from error


def read_text(path: Path) -> str:
    """The file as text; raises BadQuestionSet."""
    data = read_bytes(path)
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise BadQuestionSet(f"{path}, line 1: not UTF-8 but UTF-16 text. Save it as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise BadQuestionSet(
            f"{path}, line {line}: not UTF-8 text (byte 0x{data[error.start]:02x}). Save it as UTF-8"
        ) from error
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise BadQuestionSet(f"{path}, line {line}: a NUL byte, which no text has. Save it as UTF-8 text")
    return text


def rows(path: Path) -> Iterator[Row]:
    """The lines that are not empty; JSON may hold other line ends than \\n in its texts. Raises BadQuestionSet."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield Row(path, number, line.rstrip("\r"))


def _each_once(pairs: Sequence[tuple[str, Any]]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    for name, value in pairs:
        if name in fields:
            raise ValueError(f"{name!r} stands there twice")
        if not name.isprintable():
            raise ValueError(f"{name!r} is no name of a field")
        fields[name] = value
    return fields
