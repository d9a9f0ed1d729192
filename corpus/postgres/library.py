"""The library in a PostgreSQL database: documents, versions, passages, vectors and the journal."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from corpus.alike import COMPARED, near_copies
from corpus.copies import fingerprints
from corpus.errors import DocumentNotFound
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
from corpus.postgres import steps
from corpus.postgres.check import damages_in
from corpus.postgres.database import Database
from corpus.postgres.dsn import Dsn
from corpus.postgres.graph import Graph
from corpus.postgres.passages import Passages
from corpus.postgres.rows import CURRENT, ENTRIES, vectors_of
from corpus.postgres.schema import generation_of, id_of, make
from corpus.postgres.terms import Terms
from corpus.postgres.waiting import Waiting
from corpus.refusals import has_changed, missing, no_version, other_version, require_inside
from corpus.stored import change_of, entry_of, now_utc, source_of

_OF_LATEST = "d.version = v.version"


class PostgresLibrary(Library):
    """A ``Library`` in a database, for any number of processes on any number of machines.

    Writers queue for the row of the manifest; readers see the last finished transaction, and wait for nobody. A killed
    process leaves the last finished transaction behind.
    """

    def __init__(self, dsn: Dsn) -> None:
        """Open it; raises LibraryNotFound or LibraryError."""
        self._database = Database(dsn)
        self._passages = Passages(self._database)
        self.graph = Graph(self._database)
        self.terms = Terms(self._database)
        self.waiting = Waiting(self._database)

    @classmethod
    def create(cls, dsn: Dsn, manifest: Manifest) -> PostgresLibrary:
        """Make an empty library where there is none yet; raises LibraryError."""
        make(dsn, manifest)
        return cls(dsn)

    def close(self) -> None:
        self._database.close()

    # What is there

    @property
    def id(self) -> str:
        """What tells this library from all others, wherever its database is moved."""
        with self._database.reading() as db:
            return id_of(db)

    @property
    def manifest(self) -> Manifest:
        with self._database.reading() as db:
            (row,) = db.execute("SELECT encoder, fingerprint, dimension, passage_tokens FROM manifest")
            return Manifest(**row)

    def generation(self) -> int:
        with self._database.reading() as db:
            return generation_of(db)

    def entries(self, *, withdrawn: bool = False) -> list[Entry]:
        among = _OF_LATEST if withdrawn else f"{_OF_LATEST} AND NOT d.withdrawn"
        with self._database.reading() as db:
            return [entry_of(row) for row in db.execute(f'{ENTRIES} WHERE {among} ORDER BY d.id COLLATE "C"')]

    def entry(self, id: str) -> Entry | None:
        return self._entry(f"d.id = %s AND {_OF_LATEST}", id)

    def versions(self, id: str) -> list[Entry]:
        with self._database.reading() as db:
            rows = db.execute(f"{ENTRIES} WHERE d.id = %s ORDER BY latest, v.added_at, v.ended_at, v.version", (id,))
            return [entry_of(row) for row in rows]

    def holder_of(self, version: str) -> str | None:
        entry = self._entry(f"v.version = %s AND {_OF_LATEST} AND NOT d.withdrawn", version)
        return None if entry is None else entry.id

    def entry_of_file(self, file_digest: str) -> Entry | None:
        return self._entry(f"v.file_digest = %s AND {_OF_LATEST} AND NOT d.withdrawn", file_digest)

    def copies_of(self, document: Document) -> list[Copy]:
        with self._database.reading() as db:
            rows = db.execute(
                f"SELECT d.id, v.source, v.text FROM document d {CURRENT} WHERE d.id IN"
                " (SELECT document_id FROM fingerprint WHERE hash = ANY(%s) AND document_id <> %s"
                " GROUP BY document_id ORDER BY count(*) DESC, document_id LIMIT %s)",
                (list(fingerprints(document.text)), document.id, COMPARED),
            )
            others = [(row["id"], source_of(row["source"]), row["text"].decode()) for row in rows]
        return near_copies(document, others)

    def document(self, id: str, version: str | None = None) -> Document:
        among = _OF_LATEST if version is None else "starts_with(v.version, %s)"
        with self._database.reading() as db:
            row = db.execute(
                "SELECT v.version, v.source, v.text, v.page_starts"
                f" FROM version v JOIN document d ON d.id = v.document_id WHERE v.document_id = %s AND {among} LIMIT 1",
                (id,) if version is None else (id, version),
            ).fetchone()
        if row is None:
            raise self._missing(id) if self.entry(id) is None else no_version(id, version)
        starts = tuple(json.loads(row["page_starts"]))
        return Document(id, row["version"], source_of(row["source"]), row["text"].decode(), starts)

    def resolve(self, address: Address) -> tuple[Document, Entry]:
        document = self.document(address.document_id, address.version)
        require_inside(address, document)
        entry = self._entry("d.id = %s AND v.version = %s", document.id, document.version)
        if entry is None:  # it was purged at this moment
            raise self._missing(document.id)
        return document, entry

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
        return self._passages.ids() if filter is None else self._passages.ids_of(filter)

    def vectors_of(self, digests: Iterable[bytes]) -> dict[bytes, NDArray[np.float16]]:
        asked = list(digests)
        with self._database.reading() as db, db.cursor(binary=True) as cursor:
            rows = cursor.execute(
                "SELECT digest, vector FROM passage WHERE digest = ANY(%s)"
                " UNION ALL SELECT digest, vector FROM retired WHERE digest = ANY(%s)",
                (asked, asked),
            ).fetchall()
        return {row["digest"]: vectors_of([row["vector"]])[0] for row in reversed(rows)}

    def changes(self, since: int) -> list[Change]:
        with self._database.reading() as db:
            rows = db.execute("SELECT * FROM journal WHERE generation > %s ORDER BY generation", (since,))
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
            db.execute(
                "INSERT INTO setting VALUES (%s, %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                (name, value),
            )

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
            row = db.execute("SELECT version, withdrawn FROM document WHERE id = %s", (document.id,)).fetchone()
            current = None if row is None or row["withdrawn"] else row["version"]
            if current != replacing:
                raise other_version(document.id)
            now, removed = now_utc(), range(0)
            if row is not None:
                files = steps.files_of(db, document.id)
                steps.end_version(db, document.id, now)
                steps.retire(db, document.id)
                removed = steps.drop_passages(db, document.id)
            steps.put_version(db, document, provenance, now)
            if original is not None:
                steps.put_original(db, provenance.file_digest, original)
            steps.put_document(db, document, steps.put_passages(db, document, passages, vectors, removed))
            if row is None:
                db.execute("DELETE FROM purged WHERE document_id = %s", (document.id,))
            else:
                steps.drop_originals(db, files)
                steps.drop_retired(db, document.id)

    def original(self, file_digest: str) -> bytes | None:
        with self._database.reading() as db:
            row = db.execute("SELECT data FROM original WHERE file_digest = %s", (file_digest,)).fetchone()
        return None if row is None else bytes(row["data"])

    def original_bytes(self, file_digest: str) -> int | None:
        with self._database.reading() as db:
            row = db.execute(
                "SELECT octet_length(data) AS bytes FROM original WHERE file_digest = %s", (file_digest,)
            ).fetchone()
        return None if row is None else int(row["bytes"])

    def withdraw(self, id: str) -> None:
        with self._database.writing() as db:
            now = now_utc()
            done = db.execute("UPDATE document SET withdrawn = true WHERE id = %s AND NOT withdrawn", (id,))
            if done.rowcount == 0:
                raise self._missing(id)
            steps.end_version(db, id, now)
            steps.retire(db, id)
            steps.write_journal(db, id, removed=steps.drop_passages(db, id), added=0)

    def purge(self, id: str) -> None:
        with self._database.writing() as db:
            if db.execute("SELECT 1 FROM document WHERE id = %s", (id,)).fetchone() is None:
                raise self._missing(id)
            steps.erase(db, id, now_utc())

    def purged_at(self, id: str) -> str | None:
        with self._database.reading() as db:
            row = db.execute("SELECT at FROM purged WHERE document_id = %s", (id,)).fetchone()
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
            if self.generation() != generation:
                raise has_changed()
            steps.put_manifest(db, manifest)
            db.execute("DELETE FROM retired")
            for document, passages, vectors in contents:
                removed = steps.drop_passages(db, document.id)
                steps.put_document(db, document, steps.put_passages(db, document, passages, vectors, removed))

    # Whether it agrees

    def is_there(self) -> bool:
        return True

    def check(self) -> list[str]:
        with self._database.at_one_moment() as db:
            return list(damages_in(db, self.manifest))

    # Rows

    def _entry(self, condition: str, *values: str) -> Entry | None:
        with self._database.reading() as db:
            row = db.execute(f"{ENTRIES} WHERE {condition} LIMIT 1", values).fetchone()
            return None if row is None else entry_of(row)

    def _missing(self, id: str) -> DocumentNotFound:
        return missing(id, self.purged_at(id))
