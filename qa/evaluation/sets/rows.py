"""The lines of a set's files, with the errors that name them."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Iterator, Mapping
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

    def fields(self) -> Mapping[str, Any]:
        """The line as a JSON object; raises BadQuestionSet."""
        try:
            fields = json.loads(self.line)
        except (json.JSONDecodeError, RecursionError) as error:
            raise self.bad(f"no JSON ({error})") from error
        if not isinstance(fields, dict):
            raise self.bad("not a JSON object")
        return fields

    def bad(self, what: str) -> BadQuestionSet:
        """The error that says what is wrong with this line."""
        return BadQuestionSet(f"{self.path}, line {self.number}: {what}")


def read_bytes(path: Path) -> bytes:
    """The file, unpacked where its name ends in ``.gz``; raises BadQuestionSet."""
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if path.suffix == ".gz" else data
    except (OSError, EOFError, zlib.error) as error:
        raise BadQuestionSet(f"{path} cannot be read ({error})") from error


def read_text(path: Path) -> str:
    """The file as text; raises BadQuestionSet."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise BadQuestionSet(f"{path}, line {line}: not UTF-8 text ({error}). Save it as UTF-8") from error


def rows(path: Path) -> Iterator[Row]:
    """The lines that are not empty; JSON may hold other line ends than \\n in its texts. Raises BadQuestionSet."""
    for number, line in enumerate(read_text(path).split("\n"), start=1):
        if line.strip():
            yield Row(path, number, line.rstrip("\r"))
