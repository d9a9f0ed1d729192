"""The postings of passages: which of them hold a term, in one row a term and segment, as a search reads them.

Passages that are posted together are a segment. Small segments that follow one another are merged, so that a term has
few rows however many passages came one by one, as in O'Neil et al., "The log-structured merge-tree" (1996). What goes
is cut out of the rows at once.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache
from itertools import count, groupby

import numpy as np
from numpy.typing import NDArray

from corpus.postgres.connecting import Connection


class Field(StrEnum):
    """What a term is: a stem or spelling key, by which passages are ranked, or a whole word that is told of them."""

    STEM = "stem"
    WORD = "word"


ROWS = {
    Field.STEM: np.dtype([("passage", "<i8"), ("frequency", "<i4"), ("length", "<i4")]),
    Field.WORD: np.dtype([("passage", "<i8")]),
}
"""What a row says of each passage, by ascending id; ``length`` counts all stems of the passage, each time."""

THE_ROWS = "segment = ANY(ARRAY(SELECT number FROM segment)) AND field = %s AND term = ANY(%s)"
"""The rows of terms: segments are given, since the key begins with them, as rows are written and merged."""

_MERGED = 8
"""So many segments of one size, in powers of this number, are merged into one."""

_MERGED_BELOW = 4
"""Segments of this power of passages and more are merged no more, since writers wait meanwhile."""

_MERGE = """
    WITH gone AS (DELETE FROM posting WHERE segment = ANY(%s) RETURNING field, term, segment, held)
    INSERT INTO posting (field, term, segment, held)
    SELECT field, term, %s, string_agg(held, ''::bytea ORDER BY segment) FROM gone GROUP BY field, term
"""


@dataclass(frozen=True, slots=True)
class Posted:
    """A passage that is taken in: how often it holds each of its stems, and its unstemmed words, each once."""

    document_id: str
    passage_id: int
    frequencies: Mapping[str, int]
    words: Collection[str]

    @property
    def length(self) -> int:
        """How many stems it has, counting each time."""
        return sum(self.frequencies.values())


@dataclass(slots=True)
class Posting:
    """The postings at work: up to which generation they stand, and what is put into them, by ascending id."""

    generation: int
    added: list[Posted] = field(default_factory=list)


def post(db: Connection, posting: Posting) -> None:
    """Put in what was added, none of which is there."""
    db.execute(
        "UPDATE keywords SET generation = %s, passages = passages + %s, terms = terms + %s",
        (posting.generation, len(posting.added), sum(each.length for each in posting.added)),
    )
    if posting.added:
        _put_documents(db, posting.added)
        _put_segment(db, posting.added)
        _merge(db)


def unpost(db: Connection, document_id: str) -> None:
    """Cut all passages of a document out, and the words that no other has."""
    posted = db.execute("DELETE FROM posted WHERE document_id = %s RETURNING *", (document_id,)).fetchone()
    if posted is None:
        return
    first, passages = posted["first_passage"], posted["passages"]
    ids = range(first, first + passages)
    (row,) = db.execute("SELECT max(number) AS segment FROM segment WHERE number <= %s", (first,))
    _cut_out(db, Field.STEM, posted["stems"].split(), row["segment"], ids)
    gone = _cut_out(db, Field.WORD, posted["words"].split(), row["segment"], ids)
    db.execute(
        f"DELETE FROM vocabulary WHERE word = ANY(%s) AND word NOT IN (SELECT term FROM posting WHERE {THE_ROWS})",
        (gone, Field.WORD, gone),
    )
    db.execute("UPDATE segment SET passages = passages - %s WHERE number = %s", (passages, row["segment"]))
    db.execute("DELETE FROM segment WHERE number = %s AND passages = 0", (row["segment"],))
    db.execute("UPDATE keywords SET passages = passages - %s, terms = terms - %s", (passages, posted["length"]))


def unpost_all(db: Connection) -> None:
    """Cut out everything, for when all passages are about to come anew."""
    for table in ("posted", "posting", "segment", "vocabulary"):
        db.execute(f"DELETE FROM {table}")
    db.execute("UPDATE keywords SET passages = 0, terms = 0")


@lru_cache(maxsize=1 << 16)
def letters_of(word: str) -> int:
    """A bit for each letter from a to z that a word has, and one for all other signs."""
    return sum({1 << (ord(char) - 97 if "a" <= char <= "z" else 26) for char in word})


def _put_documents(db: Connection, added: Sequence[Posted]) -> None:
    """What each document has in the postings, so that it can be cut out."""
    columns = "document_id, first_passage, passages, length, stems, words"
    with db.cursor() as cursor, cursor.copy(f"COPY posted ({columns}) FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(("text", "int8", "int4", "int8", "text", "text"))
        for document_id, group in groupby(added, key=lambda each: each.document_id):
            passages = list(group)
            stems = " ".join(set().union(*(each.frequencies for each in passages)))
            words = " ".join(set().union(*(each.words for each in passages)))
            length = sum(each.length for each in passages)
            copy.write_row((document_id, passages[0].passage_id, len(passages), length, stems, words))


def _put_segment(db: Connection, added: Sequence[Posted]) -> None:
    number = added[0].passage_id
    words = _words_of(added)
    db.execute("INSERT INTO segment VALUES (%s, %s)", (number, len(added)))
    with db.cursor() as cursor, cursor.copy("COPY posting FROM STDIN (FORMAT binary)") as copy:
        copy.set_types(("text", "text", "int8", "bytea"))
        for name, held in ((Field.STEM, _stems_of(added)), (Field.WORD, words)):
            for term in sorted(held):
                copy.write_row((name.value, term, number, held[term]))
    db.execute(
        "INSERT INTO vocabulary SELECT * FROM unnest(%s::text[], %s::int[]) ON CONFLICT DO NOTHING",
        (list(words), list(map(letters_of, words))),
    )


def _stems_of(added: Sequence[Posted]) -> dict[str, bytes]:
    """The row of each stem."""
    numbers = [len(each.frequencies) for each in added]
    rows = np.empty(sum(numbers), dtype=ROWS[Field.STEM])
    rows["passage"] = np.repeat([each.passage_id for each in added], numbers)
    rows["length"] = np.repeat([each.length for each in added], numbers)
    rows["frequency"] = [frequency for each in added for frequency in each.frequencies.values()]
    return _by_term([each.frequencies for each in added], rows)


def _words_of(added: Sequence[Posted]) -> dict[str, bytes]:
    """The row of each word."""
    words = [each.words for each in added]
    rows = np.empty(sum(map(len, words)), dtype=ROWS[Field.WORD])
    rows["passage"] = np.repeat([each.passage_id for each in added], list(map(len, words)))
    return _by_term(words, rows)


def _by_term(terms: Sequence[Iterable[str]], rows: NDArray[np.void]) -> dict[str, bytes]:
    """The rows of each term as bytes, from one for each term of each passage, in order."""
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    of_rows = np.fromiter((numbers[term] for held in terms for term in held), dtype=np.int64, count=len(rows))
    held = rows[np.argsort(of_rows, kind="stable")].tobytes()
    ends = (np.cumsum(np.bincount(of_rows)) * rows.itemsize).tolist()
    return {term: held[start:end] for term, start, end in zip(numbers, [0, *ends], ends, strict=False)}


def _merge(db: Connection) -> None:
    """Merge the latest segments of about one size, the smallest first, where there are enough.

    A large one is not written anew for the sake of a few small ones.
    """
    segments = [(row["number"], row["passages"]) for row in db.execute("SELECT * FROM segment ORDER BY number DESC")]
    for power in range(1, _MERGED_BELOW + 1):
        below = (number for number, (_, passages) in enumerate(segments) if passages >= _MERGED**power)
        run = segments[: next(below, len(segments))]
        sizes = [passages for _, passages in run]
        if len(run) >= _MERGED and sum(sizes) >= 2 * max(sizes):
            numbers = [number for number, _ in run]
            db.execute("DELETE FROM segment WHERE number = ANY(%s)", (numbers,))
            db.execute("INSERT INTO segment VALUES (%s, %s)", (min(numbers), sum(sizes)))
            db.execute(_MERGE, (numbers, min(numbers)))
            return


def _cut_out(db: Connection, name: Field, terms: Sequence[str], segment: int, ids: range) -> list[str]:
    """Cut passages out of the rows of terms in a segment; the terms whose rows are gone."""
    with db.cursor(binary=True) as cursor:
        rows = cursor.execute(
            "SELECT term, held FROM posting WHERE field = %s AND term = ANY(%s) AND segment = %s",
            (name, terms, segment),
        ).fetchall()
    left: dict[str, bytes] = {}
    for row in rows:
        held = np.frombuffer(row["held"], dtype=ROWS[name])
        start, stop = np.searchsorted(held["passage"], [ids.start, ids.stop])
        left[row["term"]] = held[:start].tobytes() + held[stop:].tobytes()
    gone = [term for term, held in left.items() if not held]
    db.execute(
        "DELETE FROM posting WHERE field = %s AND term = ANY(%s) AND segment = %s",
        (name, gone, segment),
    )
    kept = {term: held for term, held in left.items() if held}
    db.execute(
        "UPDATE posting p SET held = a.held FROM unnest(%s::text[], %s::bytea[]) AS a(term, held)"
        " WHERE p.field = %s AND p.term = a.term AND p.segment = %s",
        (list(kept), list(kept.values()), name, segment),
    )
    return gone
