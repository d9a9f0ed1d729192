"""The same passages in both engines: loaded, asked in turns, compared with exact search, and changed."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import psycopg

from corpus.postgres.dsn import Dsn
from index.encoder import Encoder
from index.retriever import Retrieval
from index.terms import query_words
from qa.assembly import Parts
from tests.benchmarks.growth import exact
from tests.benchmarks.growth.changing import changing
from tests.benchmarks.growth.filling import Case, filled
from tests.benchmarks.growth.measuring import FILTERS, FOUND, Clock, Figures, Subject, disk_mb, ids, shared

FOLDER, POSTGRES, RATIO = "in a folder", "in PostgreSQL", "ratio"

_DEPTH = exact.DEPTH

_ENCODED = 1000
"""So many passages are encoded to see what that takes."""


@dataclass(frozen=True, slots=True)
class Engines:
    """Which passages both hold, where they lie, and how many questions are asked."""

    case: Case
    work: Path
    encoder: Encoder
    dsn: Dsn
    questions: int

    def subjects(self) -> dict[str, Subject]:
        """The library of each engine, by its name."""
        places = {FOLDER: self.case.folder(self.work), POSTGRES: self.dsn}
        return {name: Subject(self.work, self.case, self.questions, place) for name, place in places.items()}


def measured(engines: Engines) -> dict[str, Figures]:
    """All figures of both, and how many times the folder's the one of PostgreSQL is."""
    columns = _loaded(engines)
    subjects = engines.subjects()
    open = {name: subject.warm() for name, subject in subjects.items()}
    for figures in (_asked(open, subjects[FOLDER]), _recall(open, engines)):
        for name in columns:
            columns[name] |= figures[name]
    for name, parts in open.items():
        parts.library.close()
        columns[name] |= {what: value for what, value in changing(subjects[name]).items() if what.count(",") == 1}
    columns[RATIO] = {
        what: columns[POSTGRES][what] / value for what, value in columns[FOLDER].items() if columns[POSTGRES].get(what)
    }
    return columns


def _loaded(engines: Engines) -> dict[str, Figures]:
    """Both filled, one after the other, and how fast: all, and the indexes by themselves."""
    passages = engines.case.passages(engines.work)
    passages.pool.encode(engines.encoder, passages.recipes)
    encoding_s = _encoding_s(engines.encoder, passages.texts(range(_ENCODED)))
    folder = engines.case.folder(engines.work)
    shutil.rmtree(folder, ignore_errors=True)
    columns = {}
    for name, place in {FOLDER: folder, POSTGRES: engines.dsn}.items():
        start = time.perf_counter()
        rates = filled(place, passages, engines.encoder)
        each_s = (time.perf_counter() - start) / engines.case.size
        columns[name] = {
            "loading, passages/s": 1 / each_s,
            "loading with encoding, passages/s": 1 / (each_s + encoding_s),
            **rates,
        }
    columns[FOLDER]["on disk, MB"] = disk_mb(folder)["disk: in all, MB"]
    columns[POSTGRES]["on disk, MB"] = _database_mb(engines.dsn)
    return columns


def _encoding_s(encoder: Encoder, texts: Sequence[str]) -> float:
    """What it takes to encode a passage among others."""
    start = time.perf_counter()
    encoder.encode(texts)
    return (time.perf_counter() - start) / len(texts)


def _database_mb(dsn: Dsn) -> float:
    with psycopg.connect(dsn.url) as db:
        row = db.execute(
            "SELECT sum(pg_total_relation_size(oid)) FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = current_schema()::regnamespace"
        ).fetchone()
    assert row is not None
    return float(row[0]) / 1e6


def _asked(open: Mapping[str, Parts], subject: Subject) -> dict[str, Figures]:
    """Each question put to one engine and then to the other, whole and by its steps."""
    clocks = {name: Clock() for name in open}
    for question in subject.questions:
        vector, words = subject.encoder.encode([question])[0], query_words(question)
        for name, parts in open.items():
            timed = clocks[name].timed
            timed("hybrid", parts.retriever.search)(question, FOUND)
            timed("dense", parts.retriever.search)(question, FOUND, retrieval=Retrieval.DENSE)
            timed("dense: vectors", parts.vectors.search)(vector, _DEPTH)
            timed("hybrid: keywords", parts.keywords.search)(words, _DEPTH)
            for share, filter in FILTERS.items():
                timed(f"hybrid, filtered to {share}", parts.retriever.search)(question, FOUND, filter)
    return {
        name: {
            f"{step}, {which}, ms": value
            for step in clock.laps_ms
            for which, value in (("p50", clock.p50(step)), ("p95", clock.p95(step)))
        }
        for name, clock in clocks.items()
    }


def _recall(open: Mapping[str, Parts], engines: Engines) -> dict[str, Figures]:
    """How much of the exact top ten each finds; a passage that a hit stands for, as its copy, is among them."""
    subject, passages = engines.subjects()[FOLDER], engines.case.passages(engines.work)
    vectors = np.concatenate([engines.encoder.encode([question]) for question in subject.questions])
    words = [query_words(question) for question in subject.questions]
    dense, keyword = exact.by_cosine(passages, vectors), exact.by_keywords(passages, words)
    return {
        name: {
            "recall@10: hybrid": shared(
                exact.hybrid(dense, keyword),
                [ids(parts, parts.retriever.search(question, FOUND)) for question in subject.questions],
            ),
            "recall@10: dense": shared(
                dense, [[found.passage_id for found in parts.vectors.search(vector, FOUND)] for vector in vectors]
            ),
            "recall@10: keywords": shared(
                keyword, [[found.passage_id for found in parts.keywords.search(word, FOUND)] for word in words]
            ),
        }
        for name, parts in open.items()
    }
