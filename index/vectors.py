"""The vector index: exact cosine search with faiss, and a snapshot of it on disk."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.library import Filter, Library, StoredPassage
from index.derived import Derived, best_first, remove_unfinished, replacing
from index.encoder import Vectors, normalized
from index.search import Found

_SNAPSHOT_FROM = 1000
_SNAPSHOT_SHARE = 0.1


class FaissVectors(Derived):
    """``VectorSearch`` over all current passages; withdrawn ones are masked until the next snapshot.

    The snapshot ``vectors.faiss``, a line of JSON with its generation and then faiss's own bytes, spares an opening
    process the reading of every vector; without one, or with a damaged one, the index is filled from the library. It
    is one file, so that of two processes that write it neither gives its number to the other's vectors.
    """

    def __init__(self, library: Library, folder: Path) -> None:
        super().__init__(library)
        self._file = folder / "vectors.faiss"
        self._fingerprint = library.manifest.fingerprint
        self._index = faiss.IndexIDMap2(faiss.IndexFlatIP(library.manifest.dimension))
        self._held: set[int] = set()
        self._masked: set[int] = set()
        self._unsaved = 0
        self._load()

    def search(self, query: Vectors, k: int, filter: Filter | None = None) -> list[Found]:
        self.refresh()
        with self._lock:
            selection = self._selection(filter)

            def find(depth: int) -> list[tuple[int, float]]:
                depth = min(depth, self._index.ntotal)
                if depth == 0:
                    return []
                similarities, ids = self._index.search(query[np.newaxis], depth, params=selection)
                pairs = zip(ids[0].tolist(), similarities[0].tolist(), strict=True)
                return [(id, similarity) for id, similarity in pairs if id != -1]

            return [Found(id, similarity) for id, similarity in best_first(find, k)]

    def ids(self) -> NDArray[np.int64]:
        return np.array(sorted(self._held - self._masked), dtype=np.int64)

    def holds(self, stored: StoredPassage) -> bool:
        kept = self._index.reconstruct(stored.id)
        return bool(np.array_equal(kept, normalized(stored.vector)))

    def save_if_grown(self) -> None:
        """Write a snapshot where the changes since the last one are more than a tenth of the index."""
        with self._lock:
            if self._unsaved > max(_SNAPSHOT_FROM, _SNAPSHOT_SHARE * self._index.ntotal):
                self._save()

    def _catch_up(self) -> None:
        pending = self._pending()
        for batch in pending.added:
            new = [stored for stored in batch if stored.id not in self._held]
            if new:
                ids = np.array([stored.id for stored in new], dtype=np.int64)
                self._index.add_with_ids(normalized(np.stack([stored.vector for stored in new])), ids)
                self._held.update(stored.id for stored in new)
                self._unsaved += len(new)
        gone = self._held.intersection(pending.removed) - self._masked
        self._masked |= gone
        self._unsaved += len(gone)
        self._generation = pending.generation
        if pending.purged:
            remove_unfinished(self._file)
            if self._file.exists():
                self._file.unlink(missing_ok=True)
                self._save()

    def _selection(self, filter: Filter | None) -> faiss.SearchParameters | None:
        if filter is not None:
            chosen = np.setdiff1d(self._library.passage_ids(filter), self._masked_ids())
            return faiss.SearchParameters(sel=faiss.IDSelectorBatch(chosen))
        if self._masked:
            masked = faiss.IDSelectorBatch(self._masked_ids())
            return faiss.SearchParameters(sel=faiss.IDSelectorNot(masked))
        return None

    def _masked_ids(self) -> NDArray[np.int64]:
        return np.array(sorted(self._masked), dtype=np.int64)

    def _save(self) -> None:
        if self._masked:
            self._index.remove_ids(self._masked_ids())
            self._held -= self._masked
            self._masked = set()
        note = json.dumps({"generation": self._generation, "fingerprint": self._fingerprint})
        with suppress(FileNotFoundError):  # another process has just opened or purged: the next one is written
            with replacing(self._file) as file:
                file.write(note.encode() + b"\n")
                faiss.write_index(self._index, faiss.PyCallbackIOWriter(file.write))
            self._unsaved = 0

    def _load(self) -> None:
        remove_unfinished(self._file)
        try:
            with self._file.open("rb") as file:
                note = json.loads(file.readline())
                if note["fingerprint"] != self._fingerprint:
                    return
                index = faiss.read_index(faiss.PyCallbackIOReader(file.read))
            held = set(faiss.vector_to_array(index.id_map).tolist())
            generation = int(note["generation"])
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RuntimeError):
            return
        self._index, self._held, self._generation = index, held, generation
