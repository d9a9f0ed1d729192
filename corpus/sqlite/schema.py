"""The tables of a library, and what their rows mean."""

from __future__ import annotations

from corpus.library import Filter

FORMAT_VERSION = 5
"""Of the schema below; kept in the file as SQLite's ``user_version``."""

SCHEMA = """
CREATE TABLE manifest (
    encoder TEXT NOT NULL, fingerprint TEXT NOT NULL, dimension INTEGER NOT NULL, passage_tokens INTEGER
);
CREATE TABLE version (
    document_id TEXT NOT NULL, version TEXT NOT NULL, characters INTEGER NOT NULL, source TEXT NOT NULL,
    page_starts TEXT NOT NULL, origin TEXT NOT NULL, file_digest TEXT NOT NULL, parser TEXT NOT NULL,
    added_at TEXT NOT NULL, ended_at TEXT,
    text TEXT NOT NULL,  -- last, so that the other columns are read without it
    PRIMARY KEY (document_id, version)
);
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

MIGRATIONS = {
    1: """
CREATE TABLE report (
    document_id TEXT NOT NULL, version TEXT NOT NULL, report TEXT NOT NULL, PRIMARY KEY (document_id, version)
) WITHOUT ROWID;
CREATE TABLE original (file_digest TEXT PRIMARY KEY, data BLOB NOT NULL);
CREATE TABLE purged (document_id TEXT PRIMARY KEY, at TEXT NOT NULL) WITHOUT ROWID;
""",
    2: """
ALTER TABLE journal ADD COLUMN purged INTEGER NOT NULL DEFAULT 0;
CREATE TABLE fingerprint (hash INTEGER, document_id TEXT, PRIMARY KEY (hash, document_id)) WITHOUT ROWID;
CREATE INDEX fingerprint_by_document ON fingerprint (document_id);
CREATE INDEX version_by_file ON version (file_digest);
""",
    3: """
CREATE TABLE setting (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
""",
    4: """
ALTER TABLE passage ADD COLUMN digest BLOB;
UPDATE passage SET digest = unhexed(told.digest) FROM (
    SELECT CAST(each.key AS INTEGER) AS id, each.value AS digest
    FROM (
        SELECT v.text, json_group_array(json_array(p.id, p.span_start, p.span_end, p.headings)) AS places
        FROM version v JOIN passage p USING (document_id, version) GROUP BY document_id, version
    ) cut_up, json_each(digests(cut_up.text, cut_up.places)) each
) told WHERE told.id = passage.id;
CREATE INDEX passage_by_digest ON passage (digest);
CREATE TABLE retired (
    digest BLOB, document_id TEXT, vector BLOB NOT NULL, PRIMARY KEY (digest, document_id)
) WITHOUT ROWID;
CREATE INDEX retired_by_document ON retired (document_id);
DELETE FROM fingerprint;
INSERT INTO fingerprint
    SELECT each.value, d.id FROM document d JOIN version v ON v.document_id = d.id AND v.version = d.version,
        json_each(fingerprints(v.text)) each
    WHERE NOT d.withdrawn;
""",
}
"""What makes the next format of a format; SCHEMA is the first. The functions are those of ``corpus.sqlite.upgrade``.

``retired`` holds the vectors of passages that went, each once a document, until it comes back or is purged.
"""

ENTRIES = """
    SELECT d.id, v.version, v.source, d.withdrawn, d.version = v.version AS latest, v.origin, v.file_digest,
        v.parser, v.added_at, v.ended_at, v.characters, r.report,
        (SELECT count(*) FROM passage p WHERE p.document_id = v.document_id AND p.version = v.version) AS passages
    FROM document d JOIN version v ON v.document_id = d.id
        LEFT JOIN report r ON r.document_id = v.document_id AND r.version = v.version
"""
"""One row a version, with how it stands."""


def condition_of(filter: Filter) -> tuple[str, list[str]]:
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
