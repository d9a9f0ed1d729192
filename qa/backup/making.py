"""Makes a backup of a library's folder, while others write to it: one file, which is there whole or not at all."""

from __future__ import annotations

import os
import shutil
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

from corpus.errors import KrakowQAError, LibraryNotFound
from corpus.sqlite import FILE_NAME
from corpus.sqlite.copying import copy_database, stand_of
from qa.backup.manifest import FORMAT, MEMBERS, Manifest, passed_on
from qa.backup.staging import staging, sync
from qa.evaluation.kept import runs_folder, runs_in

_DATED, _ANY_DATED = "krakow-qa-%Y%m%dT%H%M%SZ.zip", "krakow-qa-????????T??????Z.zip"
_DATABASES = {".db", ".sqlite"}
_LOGS = ("-wal", "-shm", "-journal")
_DERIVED = ("vectors.",)


class CannotBackUp(KrakowQAError):
    """A place where no backup can be written."""


def back_up(library: Path, place: Path, *, force: bool = False) -> tuple[Path, Manifest]:
    """Write a backup of the library in a folder; ``place`` is a file, or a folder, where it gets a dated name.

    The files in the library's folder are in it, and the runs, but not the indexes, which are made anew. A file that is
    there is written over with ``force`` alone. Raises CannotBackUp, LibraryNotFound, or LibraryError where the library
    is damaged.
    """
    now = datetime.now(UTC)
    file = place / now.strftime(_DATED) if place.is_dir() else place
    if not (library / FILE_NAME).is_file():
        raise LibraryNotFound(f"There is no library at {library}. Name the one to back up: krakow-qa --library DIR")
    if file.absolute().is_relative_to(library.absolute()):
        raise CannotBackUp(f"{file} lies in the library itself. Give a place outside of it, best on another disk")
    if file.exists() and not force:
        raise CannotBackUp(f"There is a file at {file} already. Give another name, or --force to write over it")
    try:
        with staging(file.parent) as beside:
            _copy(library, beside / "library")
            manifest = _pack(beside / "library", beside / "backup.zip", now)
            (beside / "backup.zip").replace(file)
            sync(file.parent)
    except OSError as error:
        raise CannotBackUp(f"{file} cannot be written ({error.strerror or error}). Give another place") from error
    return file, manifest


def drop_oldest(folder: Path, keep: int) -> list[Path]:
    """Delete the backups with dated names in a folder but the newest so many; those that went."""
    oldest = sorted(folder.glob(_ANY_DATED))[:-keep]
    for file in oldest:
        file.unlink()
    return oldest


def _copy(library: Path, copy: Path) -> None:
    """The library's file comes first: a run that a purge takes away after that is missing, and none is too many."""
    copy.mkdir()
    copy_database(library / FILE_NAME, copy / FILE_NAME)
    for file in library.iterdir():
        if not file.is_file() or file.name == FILE_NAME or file.name.startswith((".", *_DERIVED)):
            continue
        if file.suffix in _DATABASES:
            copy_database(file, copy / file.name)
        elif not file.name.endswith(_LOGS):
            shutil.copyfile(file, copy / file.name)
    for run in runs_in(runs_folder(library)):
        copied = runs_folder(copy) / run.name
        try:
            shutil.copytree(run, copied)
        except OSError:
            if run in runs_in(runs_folder(library)):
                raise
            shutil.rmtree(copied, ignore_errors=True)  # it was erased meanwhile


def _pack(folder: Path, file: Path, now: datetime) -> Manifest:
    """Write the files below a folder as a backup."""
    stand = stand_of(folder / FILE_NAME)
    members = {}
    file.touch(0o600)
    with file.open("wb") as written:
        with ZipFile(written, "w", ZIP_DEFLATED, compresslevel=1) as archive:
            for path in sorted(path for path in folder.rglob("*") if path.is_file()):
                name = path.relative_to(folder).as_posix()
                with path.open("rb") as source, archive.open(MEMBERS + name, "w", force_zip64=True) as target:
                    members[name] = passed_on(source, target)
            manifest = Manifest(FORMAT, now.isoformat(timespec="seconds"), version("krakow-qa"), stand, members)
            manifest.write(archive)
        written.flush()
        os.fsync(written.fileno())
    return manifest
