"""The library in one SQLite file: documents, versions, passages, vectors and the journal."""

from __future__ import annotations

import json
import sqlite3
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import DocumentExists, DocumentNotFound, LibraryError, LibraryNotFound
from corpus.library import Change, Entry, Filter, Manifest, Matrix, Provenance, State, StoredPassage
from corpus.model import Address, Document, Kind, Passage, Reference, Source, Span, version_of

FORMAT_VERSION = 1
"""Of the schema below; kept in the file as SQLite's ``user_version``."""

FILE_NAME = "library.db"

_BUSY_TIMEOUT_S = 60.0

_SCHEMA = """
CREATE TABLE manifest (
    encoder TEXT NOT NULL, fingerprint TEXT NOT NULL, dimension INTEGER NOT NULL, passage_tokens INTEGER
);
CREATE TABLE version (
    document_id TEXT NOT NULL, version TEXT NOT NULL, text TEXT NOT NULL, characters INTEGER NOT NULL,
    source TEXT NOT NULL, page_starts TEXT NOT NULL, origin TEXT NOT NULL, file_digest TEXT NOT NULL,
    parser TEXT NOT NULL, added_at TEXT NOT NULL, ended_at TEXT,
    PRIMARY KEY (document_id, version)
) WITHOUT ROWID;
CREATE INDEX version_by_text ON version (version);
CREATE TABLE document (id TEXT PRIMARY KEY, version TEXT NOT NULL, withdrawn INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE passage (
    id INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL, version TEXT NOT NULL,
    span_start INTEGER NOT NULL, span_end INTEGER NOT NULL, headings TEXT NOT NULL, vector BLOB NOT NULL,
    FOREIGN KEY (document_id, version) REFERENCES version (document_id, version)
);
CREATE INDEX passage_by_document ON passage (document_id);
CREATE TABLE journal (
    generation INTEGER PRIMARY KEY AUTOINCREMENT, document_id TEXT NOT NULL, at TEXT NOT NULL,
    removed_start INTEGER NOT NULL, removed_stop INTEGER NOT NULL,
    added_start INTEGER NOT NULL, added_stop INTEGER NOT NULL
);
"""

_ENTRY = """
    SELECT d.id, v.version, v.source, d.withdrawn, d.version = v.version AS latest, v.origin, v.file_digest,
        v.parser, v.added_at, v.ended_at, v.characters,
        (SELECT count(*) FROM passage p WHERE p.document_id = v.document_id AND p.version = v.version) AS passages
    FROM document d JOIN version v ON v.document_id = d.id
"""


class SqliteLibrary:
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
        self._local = threading.local()
        self._connections: list[sqlite3.Connection] = []
        self._text = lru_cache(maxsize=64)(self._read_text)
        with self._reading() as db:
            (found,) = db.execute("PRAGMA user_version").fetchone()
            if found != FORMAT_VERSION:
                raise LibraryError(
                    f"{path} has library format {found}, and this krakow-qa reads {FORMAT_VERSION};"
                    " open it with the version that made it"
                )

    @classmethod
    def create(cls, path: Path, manifest: Manifest) -> SqliteLibrary:
        """Make an empty library in a file that is not there yet; raises LibraryError."""
        if path.exists():
            raise LibraryError(f"There is a file at {path} already. Give another folder")
        try:
            with closing(sqlite3.connect(path, isolation_level=None)) as db:
                db.execute("PRAGMA journal_mode = WAL")
                db.executescript(f"BEGIN; {_SCHEMA} PRAGMA user_version = {FORMAT_VERSION};")
                db.execute(
                    "INSERT INTO manifest VALUES (:encoder, :fingerprint, :dimension, :passage_tokens)",
                    asdict(manifest),
                )
                db.execute("COMMIT")
        except sqlite3.Error as error:
            raise LibraryError(f"{path} cannot be made ({error}). Give another folder") from error
        return cls(path)

    def close(self) -> None:
        for connection in self._connections:
            connection.close()

    # What is there

    @property
    def manifest(self) -> Manifest:
        with self._reading() as db:
            return Manifest(*db.execute("SELECT * FROM manifest").fetchone())

    def generation(self) -> int:
        with self._reading() as db:
            return _generation(db)

    def entries(self) -> list[Entry]:
        with self._reading() as db:
            rows = db.execute(f"{_ENTRY} WHERE NOT d.withdrawn AND d.version = v.version ORDER BY d.id")
            return [_entry(row) for row in rows]

    def entry(self, id: str) -> Entry | None:
        with self._reading() as db:
            row = db.execute(f"{_ENTRY} WHERE d.id = ? AND d.version = v.version", (id,)).fetchone()
            return None if row is None else _entry(row)

    def holder_of(self, version: str) -> str | None:
        with self._reading() as db:
            row = db.execute(
                "SELECT d.id FROM version v JOIN document d ON d.id = v.document_id AND d.version = v.version"
                " WHERE v.version = ? AND NOT d.withdrawn",
                (version,),
            ).fetchone()
            return None if row is None else str(row["id"])

    def document(self, id: str, version: str | None = None) -> Document:
        with self._reading() as db:
            if version is None:
                entry = self.entry(id)
                if entry is None:
                    raise _not_found(id)
                version = entry.version
            row = db.execute(
                "SELECT * FROM version WHERE document_id = ? AND substr(version, 1, ?) = ?",
                (id, len(version), version),
            ).fetchone()
        if row is None:
            raise DocumentNotFound(
                f"The library has no version {version} of {id!r}. See what it has: krakow-qa show {id}"
                if self.entry(id) is not None
                else str(_not_found(id))
            )
        return Document(id, row["version"], _source(row["source"]), row["text"], tuple(json.loads(row["page_starts"])))

    def resolve(self, address: Address) -> tuple[Document, Entry]:
        document = self.document(address.document_id, address.version)
        if address.span.end > len(document.text):
            raise DocumentNotFound(
                f"{address} lies outside its document, which has {len(document.text)} characters; check the address"
            )
        with self._reading() as db:
            row = db.execute(f"{_ENTRY} WHERE d.id = ? AND v.version = ?", (document.id, document.version)).fetchone()
        return document, _entry(row)

    def passages(self, ids: Collection[int]) -> dict[int, StoredPassage]:
        chosen = json.dumps([int(id) for id in ids])
        found = self._stored("p.id IN (SELECT value FROM json_each(?))", [chosen])
        return {stored.id: stored for stored in found}

    def stored(self, ids: range) -> Iterator[StoredPassage]:
        return self._stored("p.id >= ? AND p.id < ?", [ids.start, ids.stop])

    def passage_ids(self, filter: Filter | None = None) -> NDArray[np.int64]:
        condition, values = _condition(filter or Filter())
        with self._reading() as db:
            rows = db.execute(
                "SELECT p.id FROM passage p JOIN version v USING (document_id, version)"
                f" WHERE {condition} ORDER BY p.id",
                values,
            ).fetchall()
        return np.array([row["id"] for row in rows], dtype=np.int64)

    def changes(self, since: int) -> list[Change]:
        with self._reading() as db:
            rows = db.execute("SELECT * FROM journal WHERE generation > ? ORDER BY generation", (since,))
            return [
                Change(
                    row["generation"],
                    row["document_id"],
                    range(row["removed_start"], row["removed_stop"]),
                    range(row["added_start"], row["added_stop"]),
                )
                for row in rows
            ]

    # What changes it

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Matrix,
        provenance: Provenance,
        *,
        replacing: str | None = None,
    ) -> None:
        with self._writing() as db:
            row = db.execute("SELECT version, withdrawn FROM document WHERE id = ?", (document.id,)).fetchone()
            current = None if row is None or row["withdrawn"] else row["version"]
            if current != replacing:
                raise DocumentExists(
                    f"{document.id!r} has become another version meanwhile; look at it with"
                    f" krakow-qa show {document.id}, and add again"
                )
            now = _now()
            db.execute("UPDATE version SET ended_at = ? WHERE document_id = ? AND ended_at IS NULL", (now, document.id))
            db.execute(
                "INSERT INTO version VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, NULL)"
                " ON CONFLICT DO UPDATE SET source = excluded.source, page_starts = excluded.page_starts,"
                " origin = excluded.origin, file_digest = excluded.file_digest, parser = excluded.parser,"
                " added_at = excluded.added_at, ended_at = NULL",
                (
                    document.id,
                    document.version,
                    document.text,
                    len(document.text),
                    json.dumps(asdict(document.source), ensure_ascii=False),
                    json.dumps(document.page_starts),
                    provenance.origin,
                    provenance.file_digest,
                    provenance.parser,
                    now,
                ),
            )
            db.execute("INSERT OR REPLACE INTO document VALUES (?, ?, 0)", (document.id, document.version))
            _put_passages(db, document, passages, vectors, now)

    def withdraw(self, id: str) -> None:
        with self._writing() as db:
            now = _now()
            done = db.execute("UPDATE document SET withdrawn = 1 WHERE id = ? AND NOT withdrawn", (id,))
            if done.rowcount == 0:
                raise _not_found(id)
            db.execute("UPDATE version SET ended_at = ? WHERE document_id = ? AND ended_at IS NULL", (now, id))
            _journal(db, id, now, removed=_drop_passages(db, id), added=range(0))

    def refill(
        self,
        manifest: Manifest,
        contents: Iterable[tuple[Document, Sequence[Passage], Matrix]],
        generation: int,
    ) -> None:
        with self._writing() as db:
            if _generation(db) != generation:
                raise LibraryError("The library has changed meanwhile, and nothing was done. Try it again")
            db.execute("DELETE FROM manifest")
            db.execute(
                "INSERT INTO manifest VALUES (:encoder, :fingerprint, :dimension, :passage_tokens)", asdict(manifest)
            )
            now = _now()
            for document, passages, vectors in contents:
                _put_passages(db, document, passages, vectors, now)

    # Whether it agrees

    def check(self) -> list[str]:
        with self._reading() as db:
            db.execute("BEGIN")  # all is read as it was at one moment, whatever is written meanwhile
            try:
                return [
                    *(f"database: {row[0]}" for row in db.execute("PRAGMA integrity_check") if row[0] != "ok"),
                    *_damaged_versions(db),
                    *_damaged_documents(db),
                    *_damaged_passages(db, self.manifest),
                    *_damaged_journal(db),
                ]
            finally:
                db.execute("ROLLBACK")

    # Rows and connections

    def _stored(self, condition: str, values: Sequence[int | str]) -> Iterator[StoredPassage]:
        with self._reading() as db:
            rows = db.execute(
                "SELECT p.*, v.source FROM passage p JOIN version v USING (document_id, version)"
                f" WHERE {condition} ORDER BY p.id",
                values,
            ).fetchall()
        for row in rows:
            span = Span(row["span_start"], row["span_end"])
            text = self._text(row["document_id"], row["version"])[span.start : span.end]
            headings = tuple(json.loads(row["headings"]))
            passage = Passage(row["document_id"], row["version"], span, text, headings)
            vector = np.frombuffer(row["vector"], dtype=np.float16)
            yield StoredPassage(row["id"], passage, _source(row["source"]), vector)

    def _read_text(self, id: str, version: str) -> str:
        with self._reading() as db:
            row = db.execute("SELECT text FROM version WHERE document_id = ? AND version = ?", (id, version))
            return str(row.fetchone()["text"])

    @contextmanager
    def _reading(self) -> Iterator[sqlite3.Connection]:
        try:
            yield self._connection()
        except sqlite3.Error as error:
            raise LibraryError(f"{self._path} cannot be read ({error}). Look at it with: krakow-qa check") from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        """One transaction: all of it is done, or nothing."""
        try:
            db = self._connection()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.execute("ROLLBACK")
                raise
            db.execute("COMMIT")
        except sqlite3.Error as error:
            raise LibraryError(
                f"{self._path} cannot be written ({error}); nothing was changed. Try it again"
            ) from error

    def _connection(self) -> sqlite3.Connection:
        if not hasattr(self._local, "connection"):
            connection = sqlite3.connect(
                self._path, timeout=_BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=False
            )
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA synchronous = FULL")
            connection.execute("PRAGMA foreign_keys = ON")
            self._connections.append(connection)
            self._local.connection = connection
        connection = self._local.connection
        assert isinstance(connection, sqlite3.Connection)
        return connection


def _put_passages(
    db: sqlite3.Connection, document: Document, passages: Sequence[Passage], vectors: Matrix, now: str
) -> None:
    """Passages and vectors in the place of the document's present ones, and the journal's line of it."""
    (dimension,) = db.execute("SELECT dimension FROM manifest").fetchone()
    if vectors.shape != (len(passages), dimension):
        raise ValueError(f"vectors of shape {vectors.shape} for {len(passages)} passages and dimension {dimension}")
    removed = _drop_passages(db, document.id)
    (last,) = db.execute("SELECT coalesce(max(seq), 0) FROM sqlite_sequence WHERE name = 'passage'").fetchone()
    db.executemany(
        "INSERT INTO passage VALUES (NULL, ?, ?, ?, ?, ?, ?)",
        (
            (
                passage.document_id,
                passage.version,
                passage.span.start,
                passage.span.end,
                json.dumps(passage.headings, ensure_ascii=False),
                vector.tobytes(),
            )
            for passage, vector in zip(passages, vectors.astype(np.float16), strict=True)
        ),
    )
    _journal(db, document.id, now, removed, added=range(last + 1, last + 1 + len(passages)))


def _drop_passages(db: sqlite3.Connection, id: str) -> range:
    (first, last) = db.execute("SELECT min(id), max(id) FROM passage WHERE document_id = ?", (id,)).fetchone()
    db.execute("DELETE FROM passage WHERE document_id = ?", (id,))
    return range(0) if first is None else range(first, last + 1)


def _journal(db: sqlite3.Connection, id: str, now: str, removed: range, added: range) -> None:
    db.execute(
        "INSERT INTO journal VALUES (NULL, ?, ?, ?, ?, ?, ?)",
        (id, now, removed.start, removed.stop, added.start, added.stop),
    )


def _damaged_versions(db: sqlite3.Connection) -> Iterator[str]:
    for row in db.execute("SELECT * FROM version"):
        id, version = row["document_id"], row["version"]
        if version_of(row["text"]) != version or len(row["text"]) != row["characters"]:
            yield f"{id}: its text is not the one of version {version}"
        try:
            _source(row["source"])
            json.loads(row["page_starts"])
        except (ValueError, KeyError, TypeError, AttributeError):
            yield f"{id}: what is said about version {version} cannot be read"


def _damaged_documents(db: sqlite3.Connection) -> Iterator[str]:
    lost = db.execute(
        "SELECT d.id FROM document d LEFT JOIN version v ON v.document_id = d.id AND v.version = d.version"
        " WHERE v.version IS NULL"
    )
    yield from (f"{row['id']}: its current version is missing" for row in lost)
    bare = db.execute(
        "SELECT d.id FROM document d WHERE NOT d.withdrawn"
        " AND NOT EXISTS (SELECT 1 FROM passage p WHERE p.document_id = d.id AND p.version = d.version)"
    )
    yield from (f"{row['id']}: it has no passages" for row in bare)


def _damaged_passages(db: sqlite3.Connection, manifest: Manifest) -> Iterator[str]:
    strays = db.execute(
        "SELECT p.id FROM passage p LEFT JOIN document d"
        " ON d.id = p.document_id AND d.version = p.version AND NOT d.withdrawn WHERE d.id IS NULL"
    )
    yield from (f"passage {row['id']}: its version is not current" for row in strays)
    passages = db.execute(
        "SELECT p.*, json_valid(p.headings) AS is_json, v.characters"
        " FROM passage p JOIN version v USING (document_id, version)"
    )
    for row in passages:
        if not 0 <= row["span_start"] < row["span_end"] <= row["characters"]:
            yield f"passage {row['id']}: its span lies outside its document"
        if not row["is_json"]:
            yield f"passage {row['id']}: its headings cannot be read"
        if not _is_unit_vector(row["vector"], manifest.dimension):
            yield f"passage {row['id']}: its vector is not one of {manifest.encoder}"


def _is_unit_vector(stored: object, dimension: int) -> bool:
    if not isinstance(stored, bytes) or len(stored) != dimension * np.dtype(np.float16).itemsize:
        return False
    vector = np.frombuffer(stored, dtype=np.float16).astype(np.float32)
    return bool(abs(np.linalg.norm(vector) - 1) < 0.01)


def _damaged_journal(db: sqlite3.Connection) -> Iterator[str]:
    """The documents whose changes do not follow from one another, or do not end at the passages that are there."""
    told: dict[str, range] = {}
    wrong: set[str] = set()
    for row in db.execute("SELECT * FROM journal ORDER BY generation"):
        id = row["document_id"]
        if told.get(id, range(0)) != range(row["removed_start"], row["removed_stop"]):
            wrong.add(id)
        told[id] = range(row["added_start"], row["added_stop"])
    held = {
        id: (number, range(first, last + 1))
        for id, number, first, last in db.execute(
            "SELECT document_id, count(*), min(id), max(id) FROM passage GROUP BY document_id"
        )
    }
    for id in told.keys() | held.keys():
        ids = told.get(id, range(0))
        if held.get(id, (0, range(0))) != (len(ids), ids):
            wrong.add(id)
    yield from (f"{id}: its passages are not those of the journal" for id in sorted(wrong))


def _condition(filter: Filter) -> tuple[str, list[str]]:
    """The filter as SQL over ``version v``."""
    conditions, values = ["1"], list[str]()
    sets = (
        ("v.document_id", filter.documents),
        ("v.source ->> 'publisher'", filter.publishers),
        ("v.source ->> 'kind'", filter.kinds),
        ("v.source ->> 'language'", filter.languages),
    )
    for column, allowed in sets:
        if allowed is not None:
            conditions.append(f"{column} IN ({','.join('?' * len(allowed))})")
            values += sorted(allowed)
    for comparison, date in ((">=", filter.since), ("<=", filter.until)):
        if date is not None:
            conditions.append(f"substr((v.source ->> 'date') || '-01-01', 1, 10) {comparison} ?")
            values.append(date)
    return " AND ".join(conditions), values


def _generation(db: sqlite3.Connection) -> int:
    return int(db.execute("SELECT coalesce(max(generation), 0) FROM journal").fetchone()[0])


def _entry(row: sqlite3.Row) -> Entry:
    if not row["latest"]:
        state = State.SUPERSEDED
    elif row["withdrawn"]:
        state = State.WITHDRAWN
    else:
        state = State.CURRENT
    return Entry(
        id=row["id"],
        version=row["version"],
        source=_source(row["source"]),
        state=state,
        provenance=Provenance(row["origin"], row["file_digest"], row["parser"]),
        added_at=row["added_at"],
        ended_at=row["ended_at"],
        characters=row["characters"],
        passages=row["passages"],
    )


@lru_cache(maxsize=1024)
def _source(stored: str) -> Source:
    fields: dict[str, Any] = json.loads(stored)
    references = tuple(Reference(**reference) for reference in fields.pop("references"))
    return Source(**{**fields, "kind": Kind(fields["kind"])}, references=references)


def _not_found(id: str) -> DocumentNotFound:
    return DocumentNotFound(f"The library has no document {id!r}. See what it has: krakow-qa list")


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
