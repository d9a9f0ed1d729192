"""Uploaded files: known by their own names, and gone from this machine's scratch folder once they were added."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path, PurePosixPath

from corpus.files import File, find_files
from corpus.manifest import NAMES, read_manifest
from corpus.parsing.archives import SUFFIXES
from qa.wording import UPLOADED


def uploaded(paths: Iterable[str]) -> Iterator[File]:
    """The files as they were called where they came from; where they lie here says nothing to anybody.

    A manifest that was uploaded with them speaks of them, and is no document; raises BadManifest.
    """
    files = [Path(path) for path in paths]
    manifests = [path for path in files if path.name.lower() in NAMES]
    said = {name: fields for path in manifests for name, fields in read_manifest(path.name, path.read_bytes()).items()}
    for path in (path for path in files if path not in manifests):
        known = said.get(PurePosixPath(path.name), {})
        for file in called(path, path.name):
            yield replace(file, metadata={**file.metadata, **known})


def called(path: Path, name: str) -> Iterator[File]:
    """The file, or those in an archive, as they were called where they came from; the file itself was called so."""
    for file in find_files([path]):
        own = file.name if path.suffix.lower() in SUFFIXES else name
        yield replace(file, name=own, origin=UPLOADED + name + file.origin.removeprefix(str(path.resolve())))


def forget(paths: Iterable[str]) -> None:
    """Delete the copies that the upload left, which no purge would find."""
    for path in paths:
        Path(path).unlink(missing_ok=True)
