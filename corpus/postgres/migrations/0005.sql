-- The fifth format: all passages of a segment that hold a term stand in one row, so that few are written and read.
--
-- A segment is named by the first id that it had; see corpus/postgres/postings.py for what the bytes are. Terms are not
-- keyed by document as the other tables are, since a search reads them by term. All passages are posted anew.

DROP TABLE posted, posting, vocabulary;
UPDATE keywords SET generation = 0, passages = 0, terms = 0;

CREATE TABLE segment (number bigint PRIMARY KEY, passages bigint NOT NULL);

CREATE TABLE posting (
    field text COLLATE "C" NOT NULL, term text COLLATE "C" NOT NULL, segment bigint NOT NULL, held bytea NOT NULL,
    PRIMARY KEY (segment, field, term)
);
ALTER TABLE posting ALTER COLUMN held SET STORAGE EXTERNAL;

CREATE TABLE posted (
    document_id text PRIMARY KEY, first_passage bigint NOT NULL, passages integer NOT NULL, length bigint NOT NULL,
    stems text NOT NULL, words text NOT NULL
);

-- All words, unstemmed, with a bit for each letter: for words that are misspelt.
CREATE TABLE vocabulary (word text COLLATE "C" PRIMARY KEY, letters integer NOT NULL);

-- Which passages a document has at present, so that a filter reads no passage.
ALTER TABLE document ADD first_passage bigint NOT NULL DEFAULT 0, ADD passages integer NOT NULL DEFAULT 0;
UPDATE document d SET first_passage = p.first, passages = p.number
    FROM (SELECT document_id, min(id) AS first, count(*) AS number FROM passage GROUP BY document_id) p
    WHERE p.document_id = d.id;
