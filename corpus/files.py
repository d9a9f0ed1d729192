"""Finds the files to be read: those named, those below folders, the members of archives, and what is said of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache, partial
from pathlib import Path, PurePath, PurePosixPath
from typing import Any

from corpus.errors import BadManifest, KrakowQAError, UnreadableFile
from corpus.manifest import NAMES, Said, read_manifest
from corpus.parsing.archives import SUFFIXES, label, member_names, read_member
from corpus.parsing.formats import READABLE

_MOST_BYTES = 500_000_000
_NESTED = "it is an archive in an archive, which is not opened; unpack the outer one and add the folder"

_NOT_THERE = "a manifest names it, and there is no such file, or not of a kind that is read; mend the manifest"


@dataclass(frozen=True, slots=True)
class File:
    """A file to be read. ``origin`` says where it is, for people and to know it again; ``name`` is its own.

    ``metadata`` is known about it from elsewhere, in the fields of front matter, and counts for more than what it says;
    ``presumed`` counts where neither says anything; ``charset`` is the encoding that it came with, as Python names it.
    """

    origin: str
    name: str
    data: Callable[[], bytes]
    metadata: Mapping[str, Any] = field(default_factory=dict)
    presumed: Mapping[str, Any] = field(default_factory=dict)
    charset: str | None = None


def find_files(paths: Iterable[Path]) -> Iterator[File]:
    """The paths themselves, and for each folder and archive the files in it that a parser reads, by name.

    Hidden files and folders are passed over, and so are links to folders. What a manifest beside a file says of it, or
    one in a folder above, as far up as the path goes, is its metadata. An archive that cannot be opened, or whose
    manifest cannot be read, and a file that a manifest names and that is not there, is a file whose ``data`` raises
    UnreadableFile or BadManifest; a manifest in a folder that cannot be read raises BadManifest.
    """
    for path in paths:
        if path.is_dir():
            yield from _below(path)
        else:
            yield from _file(path, _said_of({path.parent / name for name in NAMES}).get(path, {}))


def _below(folder: Path) -> Iterator[File]:
    found = [
        file
        for file in sorted(folder.rglob("*"))
        if not any(part.startswith(".") for part in file.relative_to(folder).parts) and file.is_file()
    ]
    said = _said_of(file for file in found if file.name.lower() in NAMES)
    for file in found:
        if file.suffix.lower() in READABLE | SUFFIXES:
            yield from _file(file, said.pop(file, {}))
    for missing in said:
        yield refused(str(missing), missing.name, UnreadableFile(_NOT_THERE))


def _said_of(manifests: Iterable[Path]) -> dict[Path, Mapping[str, Any]]:
    """What manifests say, by file; the nearest to a file comes last, and counts."""
    said: dict[Path, Mapping[str, Any]] = {}
    for manifest in sorted(manifests, key=lambda path: len(path.parts)):
        if manifest.is_file():
            for name, fields in read_manifest(str(manifest), _bytes(manifest)).items():
                file = manifest.parent / name
                said[file] = {**said.get(file, {}), **fields}
    return said


def _file(path: Path, said: Mapping[str, Any]) -> Iterator[File]:
    origin = str(path.resolve())
    if path.suffix.lower() not in SUFFIXES or not path.exists():
        yield File(origin, path.name, partial(_bytes, path), said)
        return
    try:
        yield from _members(path, origin)
    except (UnreadableFile, BadManifest) as error:
        yield refused(origin, path.name, error)


def _members(path: Path, origin: str) -> Iterator[File]:
    """The members of an archive that a parser reads, each with what a manifest beside it or above it says."""
    found = member_names(path, READABLE | SUFFIXES)
    members = {PurePosixPath(label(name).replace("\\", "/")): name for name in found}
    said: Said = {}
    for name in sorted(member_names(path, READABLE | {PurePath(name).suffix for name in NAMES}), key=len):
        manifest = PurePosixPath(label(name).replace("\\", "/"))
        if manifest.name.lower() in NAMES:
            for file, fields in read_manifest(str(manifest), read_member(path, name)).items():
                said[manifest.parent / file] = {**said.get(manifest.parent / file, {}), **fields}
    for member, name in members.items():
        place = f"{origin}!{label(name)}"
        if member.suffix.lower() in SUFFIXES:
            yield refused(place, member.name, UnreadableFile(_NESTED))
        else:
            yield File(place, member.name, partial(read_member, path, name), said.pop(member, {}))
    for missing in said:
        yield refused(f"{origin}!{missing}", missing.name, UnreadableFile(_NOT_THERE))


def refused(origin: str, name: str, error: KrakowQAError) -> File:
    """A file whose ``data`` raises the error, so that it fails when it is its turn."""

    def refuse() -> bytes:
        raise error

    return File(origin, name, refuse)


def read_once(file: File) -> File:
    """The file with its bytes read at most once, so that it can be taken in later although it lies there no more."""
    return replace(file, data=cache(file.data))


def _bytes(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise UnreadableFile(f"it is larger than {_MOST_BYTES // 1_000_000} MB, which is not read; split it")
        return path.read_bytes()
    except OSError as error:
        raise UnreadableFile(f"it cannot be opened ({error.strerror}); check the path") from error
