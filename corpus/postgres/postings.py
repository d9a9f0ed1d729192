"""The postings of passages: put in when a passage is taken in, and out with its document."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from corpus.postgres.database import Connection


@dataclass(frozen=True, slots=True)
class Posted:
    """A passage that is taken in: how often it holds each of its terms, and its unstemmed words, each once."""

    document_id: str
    passage_id: int
    frequencies: Mapping[str, int]
    words: Collection[str]


@dataclass(slots=True)
class Posting:
    """The postings at work: up to which generation they stand, and what is put into them."""

    generation: int
    added: list[Posted] = field(default_factory=list)


def post(db: Connection, posting: Posting) -> None:
    """Put in what was added, none of which is there."""
    lengths = [sum(each.frequencies.values()) for each in posting.added]
    with db.cursor() as cursor, cursor.copy("COPY posted FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(("text", "int8", "int4", "text[]"))
        for each, length in zip(posting.added, lengths, strict=True):
            copy.write_row((each.document_id, each.passage_id, length, sorted(each.words)))
    with db.cursor() as cursor, cursor.copy("COPY posting FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(("text", "int8", "text", "int4"))
        for each in posting.added:
            for term, frequency in each.frequencies.items():
                copy.write_row((each.document_id, each.passage_id, term, frequency))
    counts = Counter(word for each in posting.added for word in each.words)
    db.execute(
        "INSERT INTO vocabulary SELECT * FROM unnest(%s::text[], %s::int[], %s::int[])"
        " ON CONFLICT (word) DO UPDATE SET passages = vocabulary.passages + excluded.passages",
        (list(counts), list(map(letters_of, counts)), list(counts.values())),
    )
    db.execute(
        "UPDATE keywords SET generation = %s, passages = passages + %s, terms = terms + %s",
        (posting.generation, len(lengths), sum(lengths)),
    )


def unpost(db: Connection, document_id: str) -> None:
    """Take out all passages of a document, and the words that no other has."""
    db.execute("DELETE FROM posting WHERE document_id = %s", (document_id,))
    gone = db.execute("DELETE FROM posted WHERE document_id = %s RETURNING terms, words", (document_id,)).fetchall()
    counts = Counter(word for row in gone for word in row["words"])
    db.execute(
        "UPDATE vocabulary v SET passages = v.passages - a.passages"
        " FROM unnest(%s::text[], %s::int[]) AS a(word, passages) WHERE v.word = a.word",
        (list(counts), list(counts.values())),
    )
    db.execute("DELETE FROM vocabulary WHERE word = ANY(%s) AND passages = 0", (list(counts),))
    db.execute(
        "UPDATE keywords SET passages = passages - %s, terms = terms - %s",
        (len(gone), sum(row["terms"] for row in gone)),
    )


def letters_of(word: str) -> int:
    """A bit for each letter from a to z that a word has, and one for all other signs."""
    return sum({1 << (ord(char) - 97 if "a" <= char <= "z" else 26) for char in word})
