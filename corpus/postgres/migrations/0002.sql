-- The second format: passages are found by their terms here too, in the postings of the keyword search.
--
-- They follow the journal: the row of keywords says up to which generation, and what is counted over all passages.

CREATE TABLE keywords (generation bigint NOT NULL, passages bigint NOT NULL, terms bigint NOT NULL);
INSERT INTO keywords VALUES (0, 0, 0);

CREATE TABLE posted (
    document_id text NOT NULL, passage_id bigint NOT NULL, terms integer NOT NULL, words text[] NOT NULL,
    PRIMARY KEY (document_id, passage_id)
);
CREATE INDEX posted_by_passage ON posted (passage_id) INCLUDE (terms);
CREATE INDEX posted_by_word ON posted USING gin (words);

-- All words, unstemmed, with a bit for each letter and in how many passages each stands: for words that are misspelt.
CREATE TABLE vocabulary (word text COLLATE "C" PRIMARY KEY, letters integer NOT NULL, passages integer NOT NULL);

CREATE TABLE posting (
    document_id text NOT NULL, passage_id bigint NOT NULL, term text COLLATE "C" NOT NULL, frequency integer NOT NULL,
    PRIMARY KEY (document_id, passage_id, term)
);
CREATE INDEX posting_by_term ON posting (term) INCLUDE (passage_id, frequency);
