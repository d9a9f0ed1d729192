-- The first format of a library: its tables lie in the schema that comes first in the search path.
--
-- Texts are bytes of UTF-8, since PostgreSQL's own have no NUL, and a passage is cut from them without reading the rest.
-- All that grows with the documents has the document's id in its key, by which it can be distributed.

CREATE EXTENSION IF NOT EXISTS vector;

CREATE TABLE krakow_qa (format integer NOT NULL);
INSERT INTO krakow_qa VALUES (0);

-- One row. Whoever changes the library locks it first, so that generations and passage ids rise one by one.
CREATE TABLE manifest (
    library uuid NOT NULL DEFAULT gen_random_uuid(),
    encoder text NOT NULL, fingerprint text NOT NULL, dimension integer NOT NULL, passage_tokens integer,
    generation bigint NOT NULL DEFAULT 0, last_passage bigint NOT NULL DEFAULT 0
);

CREATE TABLE version (
    document_id text NOT NULL, version text NOT NULL, characters integer NOT NULL, source text NOT NULL,
    publisher text, kind text NOT NULL, language text, day text, page_starts text NOT NULL,
    origin text NOT NULL, file_digest text NOT NULL, parser text NOT NULL, report text NOT NULL,
    added_at text NOT NULL, ended_at text, text bytea NOT NULL,
    PRIMARY KEY (document_id, version)
);
ALTER TABLE version ALTER COLUMN text SET STORAGE EXTERNAL;
CREATE INDEX version_by_text ON version (version);
CREATE INDEX version_by_file ON version (file_digest);

CREATE TABLE document (id text PRIMARY KEY, version text NOT NULL, withdrawn boolean NOT NULL);

CREATE TABLE passage (
    document_id text NOT NULL, version text NOT NULL, id bigint NOT NULL,
    span_start integer NOT NULL, span_end integer NOT NULL, byte_start integer NOT NULL, byte_end integer NOT NULL,
    headings text NOT NULL, digest bytea, vector halfvec NOT NULL,
    PRIMARY KEY (document_id, id), FOREIGN KEY (document_id, version) REFERENCES version
);
CREATE INDEX passage_by_id ON passage (id);
CREATE INDEX passage_by_digest ON passage USING hash (digest);

CREATE TABLE retired (
    document_id text NOT NULL, digest bytea NOT NULL, vector halfvec NOT NULL, PRIMARY KEY (document_id, digest)
);
CREATE INDEX retired_by_digest ON retired USING hash (digest);

CREATE TABLE fingerprint (document_id text NOT NULL, hash bigint NOT NULL, PRIMARY KEY (document_id, hash));
CREATE INDEX fingerprint_by_hash ON fingerprint (hash);

CREATE TABLE original (file_digest text PRIMARY KEY, data bytea NOT NULL);
ALTER TABLE original ALTER COLUMN data SET STORAGE EXTERNAL;

CREATE TABLE journal (
    generation bigint PRIMARY KEY, document_id text NOT NULL, at text NOT NULL,
    removed_start bigint NOT NULL, removed_stop bigint NOT NULL,
    added_start bigint NOT NULL, added_stop bigint NOT NULL, purged boolean NOT NULL
);

CREATE TABLE purged (document_id text PRIMARY KEY, at text NOT NULL);
CREATE TABLE setting (name text PRIMARY KEY, value text NOT NULL);
