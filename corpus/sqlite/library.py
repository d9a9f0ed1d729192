"""The library in one SQLite file: documents, versions, passages, vectors and the journal."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import DocumentNotFound, LibraryError, LibraryNotFound
from corpus.library import (
    Change,
    Copy,
    Entry,
    Filter,
    Library,
    Manifest,
    Matrix,
    Provenance,
    StoredPassage,
    StoredVectors,
)
from corpus.model import Address, Document, Passage
from corpus.refusals import has_changed, missing, no_version, other_version, require_inside
from corpus.sqlite import steps
from corpus.sqlite.alike import copies_of
from corpus.sqlite.check import damages_in
from corpus.sqlite.database import LOG_KEPT, Database, make
from corpus.sqlite.filtering import Filtered
from corpus.sqlite.passages import Passages
from corpus.sqlite.schema import ENTRIES
from corpus.stored import change_of, entry_of, now_utc, source_of

FILE_NAME = "library.db"

_VECTOR = """
    SELECT vector FROM passage WHERE digest = ?1 UNION ALL SELECT vector FROM retired WHERE digest = ?1 LIMIT 1
"""


class SqliteLibrary(Library):
    """A ``Library`` in a folder, for any number of threads and processes of one machine.

    Writers queue behind SQLite's lock; readers see the last finished transaction. A killed process leaves the last
    finished transaction behind.
    """

    def __init__(self, path: Path) -> None:
        """Open the file; raises LibraryNotFound or LibraryError."""
        if not path.is_file():
            raise LibraryNotFound(
                f"There is no library at {path.parent}. Make one: krakow-qa --library {path.parent} init"
            )
        self._path = path
        self._database = Database(path)
        self._passages = Passages(self._database)
        self._filtered = Filtered(self._database)

    @classmethod
    def create(cls, path: Path, manifest: Manifest) -> SqliteLibrary:
        """Make an empty library in a file that is not there yet; raises LibraryError."""
        if path.exists():
            raise LibraryError(f"There is a file at {path} already. Give another folder")
        make(path, manifest)
        return cls(path)

    def close(self) -> None:
        self._database.close()

    # What is there

    @property
    def manifest(self) -> Manifest:
        with self._database.reading() as db:
            return Manifest(*db.execute("SELECT * FROM manifest").fetchone())

    def generation(self) -> int:
        with self._database.reading() as db:
            return _generation(db)

    def entries(self, *, withdrawn: bool = False) -> list[Entry]:
        with self._database.reading() as db:
            rows = db.execute(f"{ENTRIES} WHERE d.withdrawn <= ? AND d.version = v.version ORDER BY d.id", (withdrawn,))
            return [entry_of(row) for row in rows]

    def entry(self, id: str) -> Entry | None:
        with self._database.reading() as db:
            row = db.execute(f"{ENTRIES} WHERE d.id = ? AND d.version = v.version", (id,)).fetchone()
            return None if row is None else entry_of(row)

    def versions(self, id: str) -> list[Entry]:
        with self._database.reading() as db:
            rows = db.execute(f"{ENTRIES} WHERE d.id = ? ORDER BY latest, v.added_at, v.ended_at, v.version", (id,))
            return [entry_of(row) for row in rows]

    def holder_of(self, version: str) -> str | None:
        with self._database.reading() as db:
            row = db.execute(
                "SELECT d.id FROM version v JOIN document d ON d.id = v.document_id AND d.version = v.version"
                " WHERE v.version = ? AND NOT d.withdrawn",
                (version,),
            ).fetchone()
            return None if row is None else str(row["id"])

    def entry_of_file(self, file_digest: str) -> Entry | None:
        with self._database.reading() as db:
            row = db.execute(
                f"{ENTRIES} WHERE v.file_digest = ? AND NOT d.withdrawn AND d.version = v.version", (file_digest,)
            ).fetchone()
            return None if row is None else entry_of(row)

    def copies_of(self, document: Document) -> list[Copy]:
        with self._database.reading() as db:
            return copies_of(db, document)

    def document(self, id: str, version: str | None = None) -> Document:
        with self._database.reading() as db:
            if version is None:
                entry = self.entry(id)
                if entry is None:
                    raise self._missing(id)
                version = entry.version
            row = db.execute(
                "SELECT * FROM version WHERE document_id = ? AND substr(version, 1, ?) = ?",
                (id, len(version), version),
            ).fetchone()
        if row is None:
            raise self._missing(id) if self.entry(id) is None else no_version(id, version)
        return Document(
            id, row["version"], source_of(row["source"]), row["text"], tuple(json.loads(row["page_starts"]))
        )

    def resolve(self, address: Address) -> tuple[Document, Entry]:
        document = self.document(address.document_id, address.version)
        require_inside(address, document)
        with self._database.reading() as db:
            row = db.execute(f"{ENTRIES} WHERE d.id = ? AND v.version = ?", (document.id, document.version)).fetchone()
        return document, entry_of(row)

    def passages(self, ids: Collection[int]) -> dict[int, StoredPassage]:
        return {stored.id: stored for stored in self._passages.by_id(ids)}

    def passages_of(self, id: str) -> list[StoredPassage]:
        return list(self._passages.of(id))

    def stored(self, ids: range) -> Iterator[StoredPassage]:
        return self._passages.within(ids)

    def vectors(self, ids: NDArray[np.int64]) -> StoredVectors:
        return self._passages.vectors(ids)

    def vectors_from(self, first: int) -> Iterator[StoredVectors]:
        return self._passages.vectors_from(first)

    def passage_ids(self, filter: Filter | None = None) -> NDArray[np.int64]:
        return self._passages.ids() if filter is None else self._filtered.ids(filter)

    def vectors_of(self, digests: Iterable[bytes]) -> dict[bytes, NDArray[np.float16]]:
        with self._database.reading() as db:
            rows = ((digest, db.execute(_VECTOR, (digest,)).fetchone()) for digest in digests)
            return {digest: np.frombuffer(row["vector"], dtype=np.float16) for digest, row in rows if row is not None}

    def changes(self, since: int) -> list[Change]:
        with self._database.reading() as db:
            rows = db.execute("SELECT * FROM journal WHERE generation > ? ORDER BY generation", (since,))
            return [change_of(row) for row in rows]

    def settings(self) -> dict[str, str]:
        with self._database.reading() as db:
            return {row["name"]: row["value"] for row in db.execute("SELECT * FROM setting")}

    # What changes it

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._database.writing():
            yield

    def store_setting(self, name: str, value: str) -> None:
        with self._database.writing() as db:
            db.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (name, value))

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Matrix,
        provenance: Provenance,
        *,
        replacing: str | None = None,
        original: bytes | None = None,
    ) -> None:
        with self._database.writing() as db:
            row = db.execute("SELECT version, withdrawn FROM document WHERE id = ?", (document.id,)).fetchone()
            current = None if row is None or row["withdrawn"] else row["version"]
            if current != replacing:
                raise other_version(document.id)
            now = now_utc()
            digests = steps.put_version(db, document, provenance, now)
            if original is not None:
                steps.put_original(db, provenance.file_digest, original)
            steps.drop_originals(db, digests)
            db.execute("INSERT OR REPLACE INTO document VALUES (?, ?, 0)", (document.id, document.version))
            db.execute("DELETE FROM purged WHERE document_id = ?", (document.id,))
            steps.retire(db, document.id)
            steps.put_passages(db, document, passages, vectors, now)

    def original(self, file_digest: str) -> bytes | None:
        with self._database.reading() as db:
            row = db.execute("SELECT data FROM original WHERE file_digest = ?", (file_digest,)).fetchone()
        return None if row is None else bytes(row["data"])

    def original_bytes(self, file_digest: str) -> int | None:
        with self._database.reading() as db:
            row = db.execute("SELECT length(data) FROM original WHERE file_digest = ?", (file_digest,)).fetchone()
        return None if row is None else int(row[0])

    def withdraw(self, id: str) -> None:
        with self._database.writing() as db:
            now = now_utc()
            done = db.execute("UPDATE document SET withdrawn = 1 WHERE id = ? AND NOT withdrawn", (id,))
            if done.rowcount == 0:
                raise self._missing(id)
            db.execute("UPDATE version SET ended_at = ? WHERE document_id = ? AND ended_at IS NULL", (now, id))
            steps.retire(db, id)
            steps.write_journal(db, id, now, removed=steps.drop_passages(db, id), added=range(0))

    def purge(self, id: str) -> None:
        with self._database.writing() as db:
            is_there = db.execute("SELECT 1 FROM document WHERE id = ?", (id,)).fetchone() is not None
            if is_there:
                steps.erase(db, id, now_utc())
        self._passages.forget()
        emptied = self._database.empty_log()  # also of what an earlier purge left that was killed here
        if not is_there:
            raise self._missing(id)
        if not emptied:
            raise LibraryError(f"{id!r} was purged, but {LOG_KEPT}")

    def purged_at(self, id: str) -> str | None:
        with self._database.reading() as db:
            row = db.execute("SELECT at FROM purged WHERE document_id = ?", (id,)).fetchone()
        return None if row is None else str(row["at"])

    def purges(self) -> dict[str, str]:
        with self._database.reading() as db:
            return {row["document_id"]: row["at"] for row in db.execute("SELECT * FROM purged")}

    def take_over(
        self,
        history: Sequence[tuple[Document, Entry]],
        passages: Sequence[StoredPassage],
        originals: Mapping[str, bytes],
    ) -> None:
        with self._database.writing() as db:
            if self.entry(history[-1][0].id) is not None:
                raise other_version(history[-1][0].id)
            steps.put_history(db, history, passages, originals)

    def note_purge(self, id: str, at: str) -> None:
        with self._database.writing() as db:
            steps.mark_purged(db, id, at)

    def refill(
        self,
        manifest: Manifest,
        contents: Iterable[tuple[Document, Sequence[Passage], Matrix]],
        generation: int,
    ) -> None:
        with self._database.writing() as db:
            if _generation(db) != generation:
                raise has_changed()
            db.execute("DELETE FROM manifest")
            db.execute(
                "INSERT INTO manifest VALUES (:encoder, :fingerprint, :dimension, :passage_tokens)", asdict(manifest)
            )
            db.execute("DELETE FROM retired")
            now = now_utc()
            for document, passages, vectors in contents:
                steps.put_passages(db, document, passages, vectors, now)

    # Whether it agrees

    def is_there(self) -> bool:
        return self._path.is_file()

    def check(self) -> list[str]:
        emptied = self._database.empty_log()
        with self._database.reading() as db:
            db.execute("BEGIN")  # all is read as it was at one moment, whatever is written meanwhile
            try:
                return list(damages_in(db, self.manifest, log_is_empty=emptied))
            finally:
                db.execute("ROLLBACK")

    # Rows and connections

    def _missing(self, id: str) -> DocumentNotFound:
        return missing(id, self.purged_at(id))


def _generation(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(generation), 0) FROM journal").fetchone()[0])
