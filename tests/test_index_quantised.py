"""The vector index of a large library: codes that are scanned, refined with the stored vectors, and kept on disk."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import numpy as np
import pytest

import index.holdings
import index.vectors
from corpus.library import Filter
from corpus.sqlite import SqliteLibrary
from index.encoder import Vectors, normalized
from index.holdings import Growing, Kind
from index.search import Found
from index.snapshot import Snapshot
from index.vectors import FaissVectors
from tests.indexed import new_library, put_passages

DIMENSION = 64
DOCUMENTS, EACH = 40, 50


def clustered(count: int, seed: int) -> Vectors:
    """Unit vectors around forty middles."""
    middles = np.random.default_rng(0).standard_normal((DOCUMENTS, DIMENSION))
    random = np.random.default_rng(seed)
    return normalized(middles[random.integers(0, len(middles), count)] + random.standard_normal((count, DIMENSION)))


QUERIES = clustered(60, seed=1)


@pytest.fixture(autouse=True)
def small_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.holdings, "_WHOLE_MOST", 500)
    monkeypatch.setattr(index.holdings, "_NEW_MOST", 120)
    monkeypatch.setattr(index.vectors, "_SNAPSHOT_FROM", 100)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[SqliteLibrary]:
    """Two thousand passages."""
    library = new_library(tmp_path, dimension=DIMENSION)
    for number in range(DOCUMENTS):
        put(library, f"d{number}", seed=100 + number)
    yield library
    library.close()


@pytest.fixture
def vectors(library: SqliteLibrary, tmp_path: Path) -> FaissVectors:
    return FaissVectors(library, tmp_path)


def put(library: SqliteLibrary, id: str, seed: int) -> range:
    texts = [f"{id} {place}" for place in range(EACH)]
    return put_passages(library, id, *texts, publisher=id[-1], vectors=clustered(EACH, seed))


def ranked(library: SqliteLibrary, query: Vectors, k: int, filter: Filter | None = None) -> list[int]:
    """The k best of all the passages, by NumPy."""
    stored = library.vectors(library.passage_ids(filter))
    return stored.ids[np.lexsort((stored.ids, -(normalized(stored.vectors) @ query)))][:k].tolist()


def ids(found: list[Found]) -> list[int]:
    return [each.passage_id for each in found]


def seen(vectors: FaissVectors) -> list[list[Found]]:
    return [vectors.search(query, 10) for query in QUERIES]


def recall(library: SqliteLibrary, vectors: FaissVectors, filter: Filter | None = None) -> float:
    shares = [
        len({*ids(vectors.search(query, 10, filter))} & {*ranked(library, query, 10, filter)}) / 10 for query in QUERIES
    ]
    return float(np.mean(shares))


def test_the_kind_follows_from_the_number_of_passages(tmp_path: Path) -> None:
    library = new_library(tmp_path / "small", dimension=DIMENSION)
    vectors = FaissVectors(library, tmp_path / "small")
    for number, kind in enumerate([Kind.EXACT] * 10 + [Kind.QUANTISED] * 3):
        put(library, f"d{number}", seed=number)
        vectors.refresh()
        assert vectors.kind is kind
    library.close()


def test_nearly_all_of_the_true_ten_best_are_found(library: SqliteLibrary, vectors: FaissVectors) -> None:
    assert recall(library, vectors) >= 0.97
    assert vectors.kind is Kind.QUANTISED


def test_scores_are_the_cosines_of_the_stored_vectors(library: SqliteLibrary, vectors: FaissVectors) -> None:
    for query in QUERIES[:10]:
        found = vectors.search(query, 50)
        stored = library.vectors(np.array(ids(found)))
        cosines = dict(zip(stored.ids.tolist(), normalized(stored.vectors) @ query, strict=True))
        assert [each.score for each in found] == pytest.approx([cosines[id] for id in ids(found)], abs=1e-6)
        assert found == sorted(found, key=lambda each: (-each.score, each.passage_id))


@pytest.mark.parametrize("k", [1, 7, 50])
def test_fewer_are_the_beginning_of_more_where_as_many_are_refined(vectors: FaissVectors, k: int) -> None:
    for query in QUERIES:
        assert vectors.search(query, k) == vectors.search(query, 50)[:k]


@pytest.mark.parametrize(
    ("filter", "least"),
    [
        (Filter(documents=frozenset({"d3", "d17"})), 1.0),
        (Filter(publishers=frozenset("1234")), 0.97),
        (Filter(documents=frozenset()), 1.0),
    ],
    ids=["few: all compared", "many: scanned deeper", "none"],
)
def test_a_filter_finds_what_a_full_ranking_leaves_through_it(
    library: SqliteLibrary, vectors: FaissVectors, filter: Filter, least: float
) -> None:
    allowed = set(library.passage_ids(filter).tolist())
    wanted = min(10, len(allowed))
    for query in QUERIES:
        assert len(allowed.intersection(ids(vectors.search(query, 10, filter)))) == wanted
    if allowed:
        assert recall(library, vectors, filter) >= least


def test_what_is_added_and_withdrawn_again_leaves_every_find_as_it_was(
    library: SqliteLibrary, vectors: FaissVectors
) -> None:
    put(library, "new", seed=7)  # whole when it is withdrawn
    library.withdraw("new")
    before = seen(vectors)
    for number in range(6):
        put(library, f"guest-{number}", seed=number)
        vectors.refresh()
    assert seen(vectors) != before
    for number in range(6):
        library.withdraw(f"guest-{number}")
        vectors.refresh()
    assert seen(vectors) == before
    assert vectors.check() == []


def test_how_the_passages_came_changes_no_find(library: SqliteLibrary, vectors: FaissVectors, tmp_path: Path) -> None:
    for number in range(30):
        put(library, f"later-{number}", seed=number)
        vectors.refresh()
        if number % 3 == 0:
            library.withdraw(f"later-{number}")
    at_once = FaissVectors(library, tmp_path / "elsewhere")
    assert [ids(found) for found in seen(vectors)] == [ids(found) for found in seen(at_once)]


def test_many_equal_passages_stand_by_id_and_the_first_of_them_are_taken(
    library: SqliteLibrary, vectors: FaissVectors
) -> None:
    one = clustered(1, seed=9)
    alike = put_passages(library, "echo", *map(str, range(600)), vectors=np.repeat(one, 600, axis=0))
    for k in (1, 40):
        assert ids(vectors.search(one[0], k)) == list(alike[:k])


def test_a_snapshot_is_written_in_the_background_and_finds_the_same(
    library: SqliteLibrary, vectors: FaissVectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = seen(vectors)
    vectors.finish()
    again = FaissVectors(library, tmp_path)
    monkeypatch.setattr(library, "vectors_from", lambda first: iter(()))  # nothing is there but the snapshot
    assert seen(again) == before
    assert again.check() == []
    again.finish()


@pytest.mark.parametrize("kept", [0.0, 0.5, 0.99])
def test_a_damaged_snapshot_is_made_up_for_from_the_library(
    library: SqliteLibrary, vectors: FaissVectors, tmp_path: Path, kept: float
) -> None:
    before = seen(vectors)
    vectors.finish()
    file = tmp_path / "vectors.faiss"
    written = file.read_bytes()
    for damaged in (written[: int(kept * len(written))], written.replace(b"Irfn", b"IxFI")):
        file.write_bytes(damaged)
        again = FaissVectors(library, tmp_path)
        assert seen(again) == before
        again.finish()


def test_an_altered_code_is_told_by_check(library: SqliteLibrary, vectors: FaissVectors, tmp_path: Path) -> None:
    vectors.refresh()
    vectors._held._codes.blank(range(6, 7))
    (line,) = vectors.check()
    assert line.endswith("passage 7 differs from the library")


def test_nothing_is_kept_of_a_withdrawn_code(library: SqliteLibrary, vectors: FaissVectors) -> None:
    (first, *_) = library.passage_ids(Filter(documents=frozenset({"d3"}))).tolist()
    vector = normalized(library.vectors(np.array([first])).vectors)[0]
    vectors.refresh()
    place = vectors._held.ids().tolist().index(first)
    assert vectors._held._codes.holds(place, vector)
    library.withdraw("d3")
    vectors.refresh()
    assert not vectors._held._codes._index.reconstruct(place).any()


def test_a_snapshot_that_is_being_written_does_not_outlive_a_purge(
    library: SqliteLibrary, vectors: FaissVectors, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    vectors.refresh()
    begun, may_end = threading.Event(), threading.Event()
    write = Snapshot.write

    def write_slowly(self: Snapshot, file: IO[bytes]) -> None:
        begun.set()
        assert may_end.wait(30)
        write(self, file)

    with monkeypatch.context() as patch:
        patch.setattr(Snapshot, "write", write_slowly)
        vectors.save_if_grown()
        assert begun.wait(30)
    library.purge("d3")
    vectors.refresh()
    may_end.set()
    vectors.finish()
    assert [file.name for file in tmp_path.iterdir() if "vectors" in file.name] == []
    assert vectors.check() == FaissVectors(library, tmp_path).check() == []


def test_where_much_is_masked_all_is_read_anew_and_nothing_else_changes(
    library: SqliteLibrary, vectors: FaissVectors
) -> None:
    vectors.refresh()
    for number in range(0, DOCUMENTS, 2):
        library.withdraw(f"d{number}")
    before = seen(vectors)
    vectors.finish()
    assert seen(vectors) == before
    vectors.finish()
    assert len(vectors._held) == DOCUMENTS * EACH // 2
    assert vectors.check() == []


def test_a_growing_array_seldom_moves_and_keeps_what_it_holds() -> None:
    growing = Growing(np.empty((0, 2), dtype=np.int64))
    before, moves = growing.rows, 0
    for number in range(1000):
        growing.append(np.full((3, 2), number))
        moves += not np.shares_memory(growing.rows, before) and len(before) > 0
        before = growing.rows
    assert moves <= 12
    assert growing.rows[:, 0].tolist() == [number for number in range(1000) for _ in range(3)]
