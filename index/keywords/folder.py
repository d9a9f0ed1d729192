"""The folder of the keyword index: tantivy's files, who may write them, and the mark that says how far they are."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import tantivy

from corpus.errors import LibraryError
from corpus.folders import held
from index.derived import replacing
from index.keywords.counts import Counts
from index.keywords.fields import schema
from index.keywords.removed import places_of_removed

_LOCK_TIMEOUT_S = 60.0
_WRITER_BYTES = 64_000_000


@dataclass(frozen=True, slots=True)
class Mark:
    """How far the folder is: at a generation of the library, with so many terms in all its passages.

    ``terms`` is None from before a step is committed until it is done: the passages may be those of before or after.
    """

    generation: int
    terms: int | None


class Folder:
    """Tantivy's files in a folder, for any number of processes; damaged ones are made anew, empty."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._mark = path / "generation"
        self._files = path / ".managed.json"
        self._meta = path / "meta.json"
        self._index = self._open()
        self._index.config_reader("manual")
        self.schema = self._index.schema

    def mark(self) -> Mark:
        """What the mark says; generation 0 where there is none."""
        try:
            generation, *terms = map(int, self._mark.read_text().split())
        except (OSError, ValueError):
            return Mark(0, None)
        return Mark(generation, terms[0] if terms else None)

    def put_mark(self, mark: Mark) -> None:
        """Say how far the folder is now."""
        with replacing(self._mark) as file:
            file.write(f"{mark.generation} {'' if mark.terms is None else mark.terms}".encode())

    def read(self, terms: int | None, before: Counts | None) -> Counts:
        """All passages as they are now; see ``Counts``."""
        while True:
            meta = self._meta.read_bytes()
            try:
                places = places_of_removed(self._path, meta)
            except FileNotFoundError:
                if self._meta.read_bytes() == meta:
                    raise
                continue
            self._index.reload()
            searcher = self._index.searcher()
            if self._meta.read_bytes() == meta:  # no merge came between
                return Counts(searcher, places, terms, before)

    @contextmanager
    def writing(self) -> Iterator[tantivy.IndexWriter]:
        """The writer, of which there is one at a time among all processes; raises LibraryError.

        What is merged for having been written is not waited for, but by the next writer.
        """
        writer = self._writer()
        try:
            yield writer
        finally:
            threading.Thread(target=writer.wait_merging_threads).start()

    def _open(self) -> tantivy.Index:
        index = self._opened()
        if index is None:
            with held(self._path.parent, waiting=True):
                index = self._opened() or self._made()  # another process may have made it meanwhile
        return index

    def _opened(self) -> tantivy.Index | None:
        """What is there; None where nothing is, or it is damaged or of another form."""
        try:
            index = tantivy.Index.open(str(self._path))
        except ValueError:
            return None
        return index if index.schema == schema() else None

    def _made(self) -> tantivy.Index:
        """An empty one in its place, made beside and renamed in, so that no process meets a half-made one."""
        with tempfile.TemporaryDirectory(prefix=".", dir=self._path.parent) as beside:
            with suppress(FileNotFoundError):
                self._path.rename(Path(beside, "damaged"))
            new = Path(beside, "new")
            new.mkdir()
            tantivy.Index(schema(), path=str(new))
            new.rename(self._path)
        return tantivy.Index.open(str(self._path))

    def _writer(self) -> tantivy.IndexWriter:
        """A writer that has deleted what killed ones left.

        Tantivy reads its list of files when an index is opened, and a writer deletes and keeps on record only what is
        in it. So each writer begins with the list as the one before left it, and deletes what a killed one left: that
        holds terms, and may have the name of a file that is to be written.
        """
        end = time.monotonic() + _LOCK_TIMEOUT_S
        while True:
            try:
                listed = self._files.read_bytes()
                writer = tantivy.Index.open(str(self._path)).writer(_WRITER_BYTES, num_threads=1)
            except (OSError, ValueError) as error:
                if "LockBusy" not in str(error) or time.monotonic() > end:
                    raise LibraryError(
                        f"{self._path} cannot be written ({error}). Close what else has it open and try again"
                    ) from error
                time.sleep(0.01)
                continue
            if self._files.read_bytes() == listed:
                writer.garbage_collect_files()
                return writer
            writer.wait_merging_threads()
