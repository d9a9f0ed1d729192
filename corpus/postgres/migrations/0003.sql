-- The third format: files wait here until some worker reads and encodes them.

CREATE TABLE waiting (
    number bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, origin text NOT NULL, name text NOT NULL,
    metadata text NOT NULL, presumed text NOT NULL, charset text, error text, data bytea NOT NULL
);
ALTER TABLE waiting ALTER COLUMN data SET STORAGE EXTERNAL;
CREATE INDEX waiting_by_origin ON waiting (origin);
