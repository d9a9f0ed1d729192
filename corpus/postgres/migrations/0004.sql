-- The fourth format: a document's current version is a row of version, from which the planner knows how many it joins.
--
-- Without that it takes each filter for one that lets a single document through, and compares all vectors of those that
-- it lets through where the graph would be quicker.

ALTER TABLE document ADD FOREIGN KEY (id, version) REFERENCES version (document_id, version);

-- No passage is posted twice, since the journal says once that it came; a key of three columns costs more than it proves.
ALTER TABLE posting DROP CONSTRAINT posting_pkey;
CREATE INDEX posting_by_passage ON posting (document_id, passage_id);
