"""Finds the files to be read: those named, those below folders, and the members of archives."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from corpus.errors import UnreadableFile
from corpus.parsing.archives import SUFFIXES, label, member_names, own_name, read_member
from corpus.parsing.formats import READABLE

_MOST_BYTES = 500_000_000


@dataclass(frozen=True, slots=True)
class File:
    """A file to be read. ``origin`` says where it is, for people and to know it again; ``name`` is its own.

    ``metadata`` is known about it from elsewhere, in the fields of front matter, and counts for more than what it says;
    ``presumed`` counts where neither says anything.
    """

    origin: str
    name: str
    data: Callable[[], bytes]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    presumed: Mapping[str, Any] = field(default_factory=dict)


def find_files(paths: Iterable[Path]) -> Iterator[File]:
    """The paths themselves, and for each folder and archive the files in it that a parser reads, by name.

    Hidden files and folders are passed over, and so are links to folders. An archive that cannot be opened is a file
    whose ``data`` raises UnreadableFile.
    """
    for path in paths:
        if not path.is_dir():
            yield from _file(path)
            continue
        for file in sorted(path.rglob("*")):
            hidden = any(part.startswith(".") for part in file.relative_to(path).parts)
            if not hidden and file.suffix.lower() in READABLE | SUFFIXES and file.is_file():
                yield from _file(file)


def _file(path: Path) -> Iterator[File]:
    origin = str(path.resolve())
    if path.suffix.lower() not in SUFFIXES:
        yield File(origin, path.name, lambda: _bytes(path))
        return
    try:
        names = list(member_names(path, READABLE)) if path.exists() else []
    except UnreadableFile as error:
        refusal = error

        def refuse() -> bytes:
            raise refusal

        yield File(origin, path.name, refuse)
        return
    if not names:
        yield File(origin, path.name, lambda: _bytes(path))
    for name in names:
        yield File(f"{origin}!{label(name)}", own_name(label(name)), partial(read_member, path, name))


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnreadableFile(f"it is larger than {_MOST_BYTES // 1_000_000} MB, which is not read; split it")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"it cannot be opened ({error.strerror}); check the path") from error
