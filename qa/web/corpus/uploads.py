"""Uploaded files: known by their own names, and gone from this machine's scratch folder once they were added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from corpus.files import File, find_files
from qa.wording import UPLOADED


def uploaded(paths: Iterable[str]) -> Iterator[File]:
    """The files as they were called where they came from; where they lie here says nothing to anybody."""
    for path in map(Path, paths):
        for file in find_files([path]):
            yield replace(file, origin=UPLOADED + path.name + file.origin.removeprefix(str(path.resolve())))


def forget(paths: Iterable[str]) -> None:
    """Delete the copies that the upload left, which no purge would find."""
    for path in paths:
        Path(path).unlink(missing_ok=True)
