"""What the database finds by itself: the passages near a vector, and those that hold terms, by its own postings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.library import Filter, StoredVectors
from corpus.postgres.database import Connection, Database
from corpus.postgres.postings import Posting, letters_of, post
from corpus.postgres.rows import CURRENT, condition_of, stored_vectors

GRAPH = "passage_by_vector"
"""The name of the HNSW index, where there is one."""

_LINKS, _LOOKED_AT_BUILDING = 16, 128
_LOOKED_AT_LEAST, _LOOKED_AT_MOST = 200, 1000
"""pgvector's m, ef_construction, and the bounds of its hnsw.ef_search."""

_HAS_GRAPH = f"SELECT 1 FROM pg_class WHERE oid = to_regclass('{GRAPH}')"

_HOLDING = """
    SELECT a.term, (SELECT count(*) FROM posting p WHERE p.term = a.term) AS passages
    FROM unnest(%s::text[]) AS a(term)
"""

_BEST = """
    WITH held AS (
        SELECT p.passage_id, a.word, a.weight, sum(p.frequency) AS frequency
        FROM unnest(%s::text[], %s::int[], %s::float8[]) AS a(term, word, weight) JOIN posting p USING (term)
        GROUP BY p.passage_id, a.word, a.weight
    ), best AS (
        SELECT h.passage_id AS id, l.terms,
            sum(h.weight * h.frequency / (h.frequency + %s + %s * l.terms)) AS score
        FROM held h JOIN posted l ON l.passage_id = h.passage_id {among}
        GROUP BY h.passage_id, l.terms ORDER BY score DESC, h.passage_id LIMIT %s
    )
    SELECT b.id, b.terms, array_agg(h.word ORDER BY h.word) AS words,
        array_agg(h.frequency::int ORDER BY h.word) AS frequencies
    FROM best b JOIN held h ON h.passage_id = b.id
    GROUP BY b.id, b.terms, b.score ORDER BY b.score DESC, b.id
"""


def nearest_by(
    query: NDArray[np.float32], count: int, filter: Filter | None, *, along_graph: bool
) -> tuple[str, list[object]]:
    """The statement that finds the nearest, and its values: all are compared, or those that the graph leads to."""
    join, condition, values = "", "true", list[object]()
    if filter is not None:
        join = f"JOIN document d ON d.id = p.document_id {CURRENT}"
        condition, values = condition_of(filter)
    halfvec = f"halfvec({len(query)})"
    distance = f"(p.vector::{halfvec}) <#> %s::{halfvec}" if along_graph else "p.vector <#> %s::halfvec, p.id"
    asked = f"[{','.join(map(str, query.tolist()))}]"
    statement = f"SELECT p.id, p.vector FROM passage p {join} WHERE {condition} ORDER BY {distance} LIMIT %s"
    return statement, [*values, asked, count]


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted over all passages: how many, how many terms they have, and how many hold each of some terms."""

    passages: int
    terms: int
    holding: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Held:
    """A passage that holds words: how many terms it has, and how often it holds each word, by the word's number."""

    id: int
    terms: int
    frequencies: Mapping[int, int]


@dataclass(frozen=True, slots=True)
class Damping:
    """What a frequency f weighs: f / (f + ``fixed`` + ``each`` times the passage's length in terms)."""

    fixed: float
    each: float


class Terms:
    """The postings as they are at one moment."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def counted(self, terms: Sequence[str]) -> Counted:
        """What is counted over all passages."""
        (row,) = self._db.execute("SELECT passages, terms FROM keywords")
        holding = self._db.execute(_HOLDING, (list(terms),))
        return Counted(row["passages"], row["terms"], {each["term"]: each["passages"] for each in holding})

    def best(
        self, words: Sequence[Sequence[str]], weights: Sequence[float], damping: Damping, k: int, filter: Filter | None
    ) -> list[Held]:
        """The k passages with the highest sums of damped weights, ties by id; a word is held as any of its terms."""
        asked = [(term, number, weights[number]) for number, word in enumerate(words) for term in word]
        among, values = "", list[object]()
        if filter is not None:
            condition, values = condition_of(filter)
            among = f"JOIN document d ON d.id = l.document_id {CURRENT} WHERE {condition}"
        columns = [list(column) for column in zip(*asked, strict=True)] or [[], [], []]
        rows = self._db.execute(_BEST.format(among=among), [*columns, damping.fixed, damping.each, *values, k])
        return [Held(row["id"], row["terms"], dict(zip(row["words"], row["frequencies"], strict=True))) for row in rows]


class Searches:
    """Searches over the passages of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    # By vector

    def nearest(self, query: NDArray[np.float32], count: int, filter: Filter | None) -> StoredVectors:
        """The passages whose vectors have the highest inner products with it, at most so many, by ascending id.

        All are compared, in 16 bits; where there is a graph, those that it leads to.
        """
        with self._database.reading() as db, db.transaction(), db.cursor(binary=True) as cursor:
            has_graph = db.execute(_HAS_GRAPH).fetchone() is not None
            if has_graph:
                looked_at = min(max(count, _LOOKED_AT_LEAST), _LOOKED_AT_MOST)
                db.execute(f"SET LOCAL hnsw.ef_search = {looked_at}; SET LOCAL hnsw.iterative_scan = strict_order")
            rows = cursor.execute(*nearest_by(query, count, filter, along_graph=has_graph)).fetchall()
        return stored_vectors(sorted(rows, key=lambda row: int(row["id"])))

    @property
    def has_graph(self) -> bool:
        """Whether vectors are searched along a graph, HNSW."""
        with self._database.reading() as db:
            return db.execute(_HAS_GRAPH).fetchone() is not None

    def make_graph(self, dimension: int) -> None:
        """Make the graph of all vectors, of that dimension, which follows all later changes by itself."""
        with self._database.writing() as db:
            db.execute(
                f"CREATE INDEX IF NOT EXISTS {GRAPH} ON passage"
                f" USING hnsw ((vector::halfvec({dimension})) halfvec_ip_ops)"
                f" WITH (m = {_LINKS}, ef_construction = {_LOOKED_AT_BUILDING})"
            )
            db.execute("ANALYZE passage, document, version, posting, posted")

    # By terms

    def passages(self) -> int:
        """How many passages are found by their terms."""
        with self._database.reading() as db:
            return Terms(db).counted([]).passages

    @contextmanager
    def terms(self) -> Iterator[Terms]:
        """The postings, to be asked about one question."""
        with self._database.at_one_moment() as db:
            yield Terms(db)

    def posted_until(self) -> int:
        """The generation at which the postings stand."""
        with self._database.reading() as db:
            (row,) = db.execute("SELECT generation FROM keywords")
            return int(row["generation"])

    @contextmanager
    def posting(self) -> Iterator[Posting]:
        """Bring the postings up, in one transaction with what is read of the library by this thread within.

        Nobody changes the library meanwhile. What went from it went from the postings in the same transaction.
        """
        with self._database.writing() as db:
            (row,) = db.execute("SELECT generation FROM keywords")
            posting = Posting(row["generation"])
            yield posting
            post(db, posting)

    def holding(self, words: Sequence[tuple[Sequence[str], str]], k: int) -> list[int]:
        """At most k passages that hold each of the words, given as terms, of which it holds any, and unstemmed."""
        by_term = "SELECT passage_id FROM posting WHERE term = ANY(%s)"
        each = f"({by_term} UNION SELECT passage_id FROM posted WHERE words @> %s)"
        sought = " INTERSECT ".join([each] * len(words)) or "SELECT passage_id FROM posted"
        values = [value for terms, word in words for value in (list(terms), [word])]
        with self._database.reading() as db:
            rows = db.execute(f"{sought} ORDER BY passage_id LIMIT %s", [*values, k])
            return [row["passage_id"] for row in rows]

    def words_like(self, word: str, slips: int) -> list[str]:
        """The unstemmed words that may be so many slips from one: of its length and letters, but for these."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT word FROM vocabulary WHERE length(word) BETWEEN %s AND %s"
                " AND bit_count((letters # %s)::bit(32)) <= %s",
                (len(word) - slips, len(word) + slips, letters_of(word), 2 * slips),
            )
            return [row["word"] for row in rows]

    def holding_any(self, words: Sequence[str], k: int) -> list[int]:
        """At most k passages that hold any of the unstemmed words."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT passage_id FROM posted WHERE words && %s ORDER BY passage_id LIMIT %s", (list(words), k)
            )
            return [row["passage_id"] for row in rows]

    def posted_ids(self) -> NDArray[np.int64]:
        """The passages that can be found, ascending."""
        with self._database.reading() as db:
            rows = db.execute("SELECT passage_id FROM posted ORDER BY passage_id").fetchall()
        return np.array([row["passage_id"] for row in rows], dtype=np.int64)

    def frequencies(self, passage_id: int) -> dict[str, int]:
        """How often a passage holds each of its terms."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT p.term, p.frequency FROM posted l JOIN posting p USING (document_id, passage_id)"
                " WHERE l.passage_id = %s",
                (passage_id,),
            )
            return {row["term"]: row["frequency"] for row in rows}
