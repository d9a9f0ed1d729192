"""The steps of which every change is made, within its transaction: passages out, passages in, a line of the journal."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np

from corpus.copies import fingerprints
from corpus.library import Entry, Manifest, Matrix, Provenance, State, StoredPassage
from corpus.model import Document, Passage
from corpus.postgres.connecting import Connection
from corpus.postgres.graph import NAME as GRAPH
from corpus.postgres.postings import unpost, unpost_all
from corpus.postgres.rows import as_halfvec, byte_offsets
from corpus.stored import Row, as_json, now_utc

_PASSAGE_TYPES = ("text", "text", "int8", "int4", "int4", "int4", "int4", "text", "bytea", "bytea")
"""Of what is copied; a ``halfvec`` comes in its own binary form."""


def end_version(db: Connection, id: str, now: str) -> None:
    """The version of a document that has not ended ends now."""
    db.execute("UPDATE version SET ended_at = %s WHERE document_id = %s AND ended_at IS NULL", (now, id))


def files_of(db: Connection, id: str) -> list[str]:
    """The digests of the files that a document's versions were read from."""
    rows = db.execute("SELECT file_digest FROM version WHERE document_id = %s", (id,))
    return [row["file_digest"] for row in rows]


def put_version(db: Connection, document: Document, provenance: Provenance, now: str) -> None:
    """A version as the one that has not ended."""
    source = document.source
    told = {
        "source": as_json(source),
        "publisher": source.publisher,
        "kind": source.kind.value,
        "language": source.language,
        "day": source.day,
        "page_starts": json.dumps(document.page_starts),
        "origin": provenance.origin,
        "file_digest": provenance.file_digest,
        "parser": provenance.parser,
        "report": as_json(provenance.report),
        "added_at": now,
        "ended_at": None,
    }
    fixed = {
        "document_id": document.id,
        "version": document.version,
        "characters": len(document.text),
        "text": document.text.encode(),
    }
    columns = [*fixed, *told]
    db.execute(
        f"INSERT INTO version ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))})"
        f" ON CONFLICT (document_id, version) DO UPDATE SET {', '.join(f'{name} = excluded.{name}' for name in told)}",
        [*fixed.values(), *told.values()],
    )


def put_passages(
    db: Connection, document: Document, passages: Sequence[Passage], vectors: Matrix, removed: range
) -> range:
    """Passages, vectors and fingerprints of a document that has none, and the journal's line of it; the passages' ids.

    ``removed`` are the ids of those that it had before.
    """
    raised = write_journal(db, document.id, removed, len(passages))
    if vectors.shape != (len(passages), raised["dimension"]):
        raise ValueError(
            f"vectors of shape {vectors.shape} for {len(passages)} passages and dimension {raised['dimension']}"
        )
    first = int(raised["first"])
    offsets = byte_offsets(document.text)
    columns = "document_id, version, id, span_start, span_end, byte_start, byte_end, headings, digest, vector"
    with db.cursor() as cursor, cursor.copy(f"COPY passage ({columns}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(_PASSAGE_TYPES)
        for id, (passage, vector) in enumerate(zip(passages, vectors.astype(np.float16), strict=True), start=first):
            start, end = passage.span.start, passage.span.end
            place = (start, end, int(offsets[start]), int(offsets[end]))
            made = (as_json(passage.headings), passage.digest, as_halfvec(vector))
            copy.write_row((document.id, document.version, id, *place, *made))
    hashes = sorted(fingerprints(document.text))
    db.execute("INSERT INTO fingerprint SELECT %s, unnest(%b::bigint[])", (document.id, hashes))
    return range(first, first + len(passages))


def put_history(
    db: Connection,
    history: Sequence[tuple[Document, Entry]],
    passages: Sequence[StoredPassage],
    originals: Mapping[str, bytes],
) -> None:
    """A document that is not there, with all its versions, the latest last, and its files."""
    for document, entry in history:
        put_version(db, document, entry.provenance, entry.added_at)
        db.execute(
            "UPDATE version SET ended_at = %s WHERE document_id = %s AND version = %s",
            (entry.ended_at, document.id, document.version),
        )
    for digest, data in originals.items():
        put_original(db, digest, data)
    document, entry = history[-1]
    if entry.state is State.CURRENT:
        vectors = np.stack([stored.vector for stored in passages])
        added = put_passages(db, document, [stored.passage for stored in passages], vectors, removed=range(0))
        put_document(db, document, added)
    else:
        write_journal(db, document.id, removed=range(0), added=0)
        put_document(db, document, range(0), withdrawn=True)


def put_document(db: Connection, document: Document, passages: range, *, withdrawn: bool = False) -> None:
    """A document with its latest version and the ids of its passages."""
    db.execute(
        "INSERT INTO document VALUES (%s, %s, %s, %s, %s) ON CONFLICT (id) DO UPDATE SET version = excluded.version,"
        " withdrawn = excluded.withdrawn, first_passage = excluded.first_passage, passages = excluded.passages",
        (document.id, document.version, withdrawn, passages.start, len(passages)),
    )


def put_original(db: Connection, digest: str, data: bytes) -> None:
    """The file with a SHA-256, unless it is there."""
    db.execute("INSERT INTO original VALUES (%s, %s) ON CONFLICT DO NOTHING", (digest, data))


def mark_purged(db: Connection, id: str, at: str) -> None:
    """Note that a document was purged."""
    db.execute("INSERT INTO purged VALUES (%s, %s) ON CONFLICT (document_id) DO UPDATE SET at = excluded.at", (id, at))


def retire(db: Connection, id: str) -> None:
    """Keep the vectors of a document's passages, which are about to go, for when the same text comes again."""
    db.execute(
        "INSERT INTO retired SELECT document_id, digest, vector FROM passage WHERE document_id = %s"
        " ON CONFLICT DO NOTHING",
        (id,),
    )


def drop_retired(db: Connection, id: str) -> None:
    """Delete those of the kept vectors that the document's passages have again."""
    db.execute(
        "DELETE FROM retired r USING passage p"
        " WHERE r.document_id = %s AND p.document_id = r.document_id AND p.digest = r.digest",
        (id,),
    )


def drop_passages(db: Connection, id: str) -> range:
    """Delete a document's passages with their postings, and the fingerprints of its text; the ids of the passages."""
    (row,) = db.execute("SELECT first_passage, passages FROM document WHERE id = %s", (id,))
    for table in ("passage", "fingerprint"):
        db.execute(f"DELETE FROM {table} WHERE document_id = %s", (id,))
    db.execute("UPDATE document SET first_passage = 0, passages = 0 WHERE id = %s", (id,))
    unpost(db, id)
    return range(row["first_passage"], row["first_passage"] + row["passages"])


def erase(db: Connection, id: str, now: str) -> None:
    """Delete all that there is of a document but the journal's lines, and note that it was purged."""
    write_journal(db, id, removed=drop_passages(db, id), added=0, purged=True)
    digests = files_of(db, id)
    for table, column in {"retired": "document_id", "document": "id", "version": "document_id"}.items():
        db.execute(f"DELETE FROM {table} WHERE {column} = %s", (id,))
    drop_originals(db, digests)
    mark_purged(db, id, now)


def drop_originals(db: Connection, digests: Sequence[str]) -> None:
    """Delete those of the files that no version was read from any more."""
    db.execute(
        "DELETE FROM original o WHERE file_digest = ANY(%s)"
        " AND NOT EXISTS (SELECT 1 FROM version v WHERE v.file_digest = o.file_digest)",
        (list(digests),),
    )


def put_manifest(db: Connection, manifest: Manifest) -> None:
    """What the library is made with from now on, for which all passages come anew; the graph is made when needed."""
    db.execute(f"DROP INDEX IF EXISTS {GRAPH}")
    unpost_all(db)
    db.execute(
        "UPDATE manifest SET encoder = %s, fingerprint = %s, dimension = %s, passage_tokens = %s",
        (manifest.encoder, manifest.fingerprint, manifest.dimension, manifest.passage_tokens),
    )


def write_journal(db: Connection, id: str, removed: range, added: int, *, purged: bool = False) -> Row:
    """One change more, which raises the generation; the dimension, and the first id of those added, or 0."""
    (raised,) = db.execute(
        "WITH raised AS (UPDATE manifest SET generation = generation + 1, last_passage = last_passage + %s"
        " RETURNING generation, dimension, CASE %s WHEN 0 THEN 0 ELSE last_passage - %s + 1 END AS first),"
        " written AS (INSERT INTO journal"
        " SELECT generation, %s, %s, %s, %s, first, first + %s, %s FROM raised)"
        " SELECT dimension, first FROM raised",
        (added, added, added, id, now_utc(), removed.start, removed.stop, added, purged),
    )
    return raised
