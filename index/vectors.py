"""The vector index: what has the highest cosines, in memory and up to date, with a snapshot of it on disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import LibraryError
from corpus.library import Change, Filter, Library, StoredPassage
from index.derived import Derived, remove_unfinished, replacing
from index.encoder import Vectors
from index.holdings import Holdings, Kind
from index.search import Found
from index.snapshot import Snapshot, Stand, read_snapshot

_SNAPSHOT_FROM = 1000
_SNAPSHOT_SHARE = 0.1

_GONE_SHARE = 0.25
"""Where so much of what is held is masked, all is read anew."""


class FaissVectors(Derived):
    """``VectorSearch`` over all current passages, whose ``kind`` of search follows from their number.

    The snapshot ``vectors.faiss`` is read at the first search, and spares it the reading of every vector; without one,
    or with a damaged one, they are read from the library. It is one file, so that of two processes that write it
    neither gives its number to the other's vectors. A large one is written in the background.
    """

    def __init__(self, library: Library, folder: Path) -> None:
        super().__init__(library)
        self._file = folder / "vectors.faiss"
        self._manifest = library.manifest
        self._held = Holdings.empty(self._manifest.dimension)
        self._is_read = False
        self._at_work: threading.Thread | None = None
        remove_unfinished(self._file)

    @property
    def kind(self) -> Kind:
        """How the passages were searched that were there at the latest search."""
        return self._held.kind

    def search(self, query: Vectors, k: int, filter: Filter | None = None) -> list[Found]:
        with self._lock:
            self.refresh()
            allowed = None if filter is None else self._library.passage_ids(filter)
            found = self._held.nearest(query, k, allowed, self._library.vectors)
            if self.kind is Kind.QUANTISED:
                self.save_if_grown()
        return found

    def ids(self) -> NDArray[np.int64]:
        return self._held.ids()

    def differing(self, passages: Sequence[StoredPassage]) -> list[int]:
        return [stored.id for stored in passages if not self._held.holds(stored.id, stored.vector)]

    def save_if_grown(self) -> None:
        """Write a snapshot where the changes since the last one are more than a tenth of the index."""
        with self._lock:
            if self._held.unsaved <= max(_SNAPSHOT_FROM, _SNAPSHOT_SHARE * len(self._held)):
                return
            if self.kind is Kind.EXACT:
                self._save()
            elif self._at_work is None or not self._at_work.is_alive():
                with suppress(OSError):  # a snapshot spares time, and there is another chance at the next search
                    work = self._renew if self._held.gone > _GONE_SHARE * len(self._held) else self._saving()
                    self._at_work = threading.Thread(target=work)
                    self._at_work.start()

    def finish(self) -> None:
        """Wait for what is done in the background."""
        if self._at_work is not None:
            self._at_work.join()

    def _catch_up(self) -> None:
        if not self._is_read:
            self._read()
        if self._library.manifest != self._manifest:
            self._manifest, self._generation = self._library.manifest, 0
            self._held = Holdings.empty(self._manifest.dimension)
        changes = self._library.changes(self._generation)
        self._bring_up(self._held, changes)
        if changes:
            self._generation = changes[-1].generation
        if any(change.purged for change in changes):
            # One that is written in the background goes too, since its file was made under the lock.
            remove_unfinished(self._file)
            if self._file.exists():
                self._file.unlink(missing_ok=True)
                self._save()

    def _bring_up(self, held: Holdings, changes: Sequence[Change]) -> None:
        """Take in and let go of what changed; the passages that came are those with higher ids than all before."""
        for new in self._library.vectors_from(held.last + 1):
            held.take(new)
        for change in changes:
            held.drop(change.removed)

    def _save(self) -> None:
        with suppress(FileNotFoundError), replacing(self._file) as file:  # another process has just opened or purged
            self._snapshot().write(file)

    def _saving(self) -> Callable[[], None]:
        """Begin a snapshot; what is to be done for the rest of it. Raises OSError."""
        opened = ExitStack()
        file = opened.enter_context(replacing(self._file))
        snapshot = self._snapshot()

        def write() -> None:
            with suppress(OSError), opened:
                snapshot.write(file)

        return write

    def _renew(self) -> None:
        """Read all anew, beside what is searched meanwhile, and go on with that."""
        manifest, held = self._manifest, Holdings.empty(self._manifest.dimension)
        with suppress(LibraryError):  # it was closed
            changes = self._library.changes(0)
            self._bring_up(held, changes)
            with self._lock:
                if manifest == self._manifest:
                    self._held, self._generation = held, changes[-1].generation

    def _snapshot(self) -> Snapshot:
        self._held.compact()
        self._held.unsaved = 0
        return Snapshot.of(Stand(self._generation, self._manifest.fingerprint), self._held)

    def _read(self) -> None:
        self._is_read = True
        read = read_snapshot(self._file, self._manifest.fingerprint, self._manifest.dimension)
        if read is not None:
            stand, self._held = read
            self._generation = stand.generation
