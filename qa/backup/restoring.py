"""Puts a backup back into a folder that is new or empty: the whole library appears there at once, or nothing."""

from __future__ import annotations

import os
import shutil
import zlib
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from zipfile import BadZipFile, ZipFile

from corpus.errors import KrakowQAError
from corpus.library import Library
from corpus.sqlite import FORMAT_VERSION
from qa.assembly import open_library
from qa.backup.manifest import MEMBERS, BadBackup, Manifest, Member, passed_on
from qa.backup.staging import staging, sync
from qa.evaluation.kept import left_of_purged


class CannotRestore(KrakowQAError):
    """A place where no library can be put."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What was put back, and which of its documents were erased because they were purged after it was made."""

    manifest: Manifest
    purged: tuple[str, ...]


def restore(backup: Path, folder: Path, purges: Mapping[str, str] | None = None) -> Restored:
    """Put a backup back; ``purges`` says of documents when they were purged (see ``Library.purges``), and stay so.

    A library of an earlier format is brought up to date. Raises CannotRestore, BadBackup, or LibraryError.
    """
    if folder.exists() and not (folder.is_dir() and not any(folder.iterdir())):
        raise CannotRestore(
            f"{folder} holds something already, and nothing is written over. Move it away, or give a new folder:"
            " krakow-qa --library DIR restore"
        )
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        with staging(folder.parent) as beside:
            manifest = _unpacked(backup, beside / "library")
            with closing(open_library(beside / "library")) as library:
                purged = _erase(library, purges or {})
                _erase_runs(beside / "library", library)
            _sync_all(beside / "library")
            (beside / "library").rename(folder)
            sync(folder.parent)
    except OSError as error:
        raise CannotRestore(f"{folder} cannot be written ({error.strerror}). Give another folder") from error
    return Restored(manifest, purged)


def _unpacked(backup: Path, folder: Path) -> Manifest:
    """Unpack a backup and hold each file against its digest; raises BadBackup."""
    try:
        with ZipFile(backup) as archive:
            manifest = Manifest.read(archive)
            folder.mkdir(0o700)  # it may hold accounts
            if manifest.library.format > FORMAT_VERSION:
                raise BadBackup(
                    f"{backup} holds a library of format {manifest.library.format}, and this krakow-qa reads up to"
                    f" {FORMAT_VERSION}. Restore it with krakow-qa {manifest.krakow_qa}, which made it"
                )
            for name, member in manifest.members.items():
                if not _unpack(archive, name, folder, member):
                    raise BadBackup(f"{backup} is damaged: {name} is not what was backed up. Restore another backup")
    except FileNotFoundError as error:
        raise BadBackup(f"There is no file at {backup}. Check the path") from error
    except (BadZipFile, IsADirectoryError) as error:
        raise BadBackup(f"{backup} is no backup, or a damaged one ({error}). Restore another backup") from error
    return manifest


def _unpack(archive: ZipFile, name: str, folder: Path, member: Member) -> bool:
    """Write one file; whether it is what was backed up."""
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts:
        return False
    file = folder / path
    file.parent.mkdir(parents=True, exist_ok=True)
    try:
        with archive.open(MEMBERS + name) as source, file.open("xb") as target:
            return passed_on(source, target) == member
    except (BadZipFile, zlib.error, EOFError, KeyError, RuntimeError):  # the last: encrypted, or packed otherwise
        return False


def _erase(library: Library, purges: Mapping[str, str]) -> tuple[str, ...]:
    """Purge the documents that were purged elsewhere after they came here; their ids."""
    held = {entry.id: entry for entry in library.entries(withdrawn=True)}
    gone = tuple(id for id in sorted(held.keys() & purges.keys()) if held[id].added_at <= purges[id])
    for id in gone:
        library.purge(id)
    return gone


def _erase_runs(folder: Path, library: Library) -> None:
    """Delete runs that quote what was purged: now, or between the copies of the library and of the run."""
    for run, _ in list(left_of_purged(folder, library.purges())):
        if run.exists():
            shutil.rmtree(run)


def _sync_all(folder: Path) -> None:
    for path, _, names in os.walk(folder):
        for name in names:
            sync(Path(path, name))
        sync(Path(path))
