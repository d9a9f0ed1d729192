"""What the database knows of terms: which passages hold them, and which words are spelled like one."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.ids import Ids
from corpus.library import Filter
from corpus.postgres.connecting import Connection
from corpus.postgres.database import Database
from corpus.postgres.passages import ids_of
from corpus.postgres.postings import ROWS, THE_ROWS, Field, Posting, letters_of, post
from corpus.postgres.rows import RANGES, ids_in

Holding = Mapping[str, NDArray[np.void]]
"""The passages that hold each term, as ``ROWS`` has them; one that none holds is missing."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What is counted over all passages: how many, and how many stems they have, counting each time."""

    passages: int
    terms: int

    @property
    def mean_length(self) -> float:
        """How many stems a passage has; 1 where there are none."""
        return self.terms / self.passages if self.terms > 0 else 1.0


@dataclass(slots=True)
class Held:
    """What is posted of a passage: how often each stem stands there and how many do in all, and its words."""

    stems: dict[str, tuple[int, int]]
    words: set[str]


class Moment:
    """The postings as they are at one moment."""

    def __init__(self, db: Connection) -> None:
        self._db = db

    def counted(self) -> Counted:
        """What is counted over all passages."""
        (row,) = self._db.execute("SELECT passages, terms FROM keywords")
        return Counted(**row)

    def holding(self, stems: Collection[str]) -> Holding:
        """The passages that hold each of the stems, by ascending id."""
        return _holding(self._db, Field.STEM, stems)

    def ids_of(self, filter: Filter) -> Ids:
        """Of the passages that a filter lets through, ascending."""
        return ids_of(self._db, filter)


class Terms:
    """The postings of a database."""

    def __init__(self, database: Database) -> None:
        self._database = database

    @contextmanager
    def at_one_moment(self) -> Iterator[Moment]:
        """The postings, to be asked about one question."""
        with self._database.at_one_moment() as db:
            yield Moment(db)

    def posted_until(self) -> int:
        """The generation at which the postings stand."""
        with self._database.reading() as db:
            return _posted_until(db)

    @contextmanager
    def posting(self) -> Iterator[Posting]:
        """Bring the postings up, in one transaction with what is read of the library by this thread within.

        Nobody changes the library meanwhile. What went from it went from the postings in the same transaction.
        """
        with self._database.writing() as db:
            posting = Posting(_posted_until(db))
            yield posting
            post(db, posting)

    def ids(self) -> Ids:
        """The passages that can be found, ascending."""
        with self._database.reading() as db:
            (row,) = db.execute(f"SELECT {RANGES} FROM posted")
            return ids_in(row)

    def holding_all(self, words: Sequence[tuple[Collection[str], str]]) -> Ids:
        """The passages that hold each of at least one word, given as stems, of which they hold any, and unstemmed."""
        with self._database.reading() as db:
            by_stem = _holding(db, Field.STEM, {stem for stems, _ in words for stem in stems})
            by_word = _holding(db, Field.WORD, {word for _, word in words})
        each = [_any_of(by_stem, stems) + _any_of(by_word, [word]) for stems, word in words]
        found, *others = (_union(held) for held in each)
        for other in others:
            found = np.intersect1d(found, other, assume_unique=True)
        return found

    def holding_any(self, words: Collection[str]) -> Ids:
        """The passages that hold any of the unstemmed words, ascending."""
        with self._database.reading() as db:
            return _union(_any_of(_holding(db, Field.WORD, words), words))

    def words_like(self, word: str, slips: int) -> list[str]:
        """The unstemmed words that may be so many slips from one: of its length and letters, but for these."""
        with self._database.reading() as db:
            rows = db.execute(
                "SELECT word FROM vocabulary WHERE length(word) BETWEEN %s AND %s"
                " AND bit_count((letters # %s)::bit(32)) <= %s",
                (len(word) - slips, len(word) + slips, letters_of(word), 2 * slips),
            )
            return [row["word"] for row in rows]

    def held_by(self, ids: range) -> dict[int, Held]:
        """What is posted of the passages with these ids; all rows of their segments are read."""
        posted = {id: Held({}, set()) for id in ids}
        with self._database.at_one_moment() as db, db.cursor("posted") as cursor:
            cursor.execute(
                "SELECT field, term, held FROM posting JOIN segment ON number = segment WHERE segment < %s"
                " AND segment >= (SELECT coalesce(max(number), 0) FROM segment WHERE number <= %s)",
                (ids.stop, ids.start),
                binary=True,
            )
            for row in cursor:
                name = Field(row["field"])
                held = np.frombuffer(row["held"], dtype=ROWS[name])
                start, stop = np.searchsorted(held["passage"], [ids.start, ids.stop])
                for values in held[start:stop].tolist():
                    if name is Field.STEM:
                        posted[values[0]].stems[row["term"]] = values[1:]
                    else:
                        posted[values[0]].words.add(row["term"])
        return posted


def _posted_until(db: Connection) -> int:
    (row,) = db.execute("SELECT generation FROM keywords")
    return int(row["generation"])


def _holding(db: Connection, name: Field, terms: Iterable[str]) -> Holding:
    with db.cursor(binary=True) as cursor:
        rows = cursor.execute(
            f"SELECT term, held FROM posting WHERE {THE_ROWS} ORDER BY segment",
            (name, list(terms)),
        ).fetchall()
    held: dict[str, list[bytes]] = {}
    for row in rows:
        held.setdefault(row["term"], []).append(row["held"])
    return {term: np.frombuffer(b"".join(parts), dtype=ROWS[name]) for term, parts in held.items()}


def _any_of(holding: Holding, terms: Collection[str]) -> list[Ids]:
    return [holding[term]["passage"] for term in terms if term in holding]


def _union(ids: Sequence[Ids]) -> Ids:
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *ids]))
