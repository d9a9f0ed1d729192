"""The vector index: exactly NumPy's cosines and order; its snapshot spares time and never changes an answer."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations, product
from pathlib import Path
from typing import IO
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import index.holdings
import index.vectors
from corpus.library import Filter, StoredVectors
from corpus.sqlite import FILE_NAME, SqliteLibrary
from index.derived import replacing
from index.encoder import Vectors, normalized
from index.search import Found
from index.vectors import FaissVectors
from tests.fakes import HashEncoder
from tests.indexed import documents, new_library, put_passages, question

DIMENSION = 8

CORNERS = [
    normalized(np.array([signs[places.index(at)] if at in places else 0 for at in range(DIMENSION)]))
    for places in combinations(range(DIMENSION), 4)
    for signs in product((-1, 1), repeat=4)
]
"""Unit vectors of four halves, whose cosines are exact quarters: ties are true ties."""


@dataclass
class Watched(SqliteLibrary):
    """A library that notes which passages an index reads from it."""

    path: Path
    read: list[int] = field(default_factory=list)

    def __post_init__(self) -> None:
        SqliteLibrary.__init__(self, self.path)

    def vectors_from(self, first: int) -> Iterator[StoredVectors]:
        for stored in super().vectors_from(first):
            self.read += stored.ids.tolist()
            yield stored


@pytest.fixture
def watch(tmp_path: Path) -> Iterator[Callable[[], Watched]]:
    """Opens one library again and again; it has thirty passages, of which two are withdrawn."""
    first = new_library(tmp_path)
    for number in range(10):
        put_passages(first, f"stop-{number}", *(f"Tram {number} calls at stop {stop}." for stop in range(3)))
    opened = [first]

    def open_again() -> Watched:
        opened.append(watched := Watched(tmp_path / FILE_NAME))
        return watched

    yield open_again
    for library in opened:
        library.close()


@pytest.fixture
def small_snapshots(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(index.vectors, "_SNAPSHOT_FROM", 0)
    monkeypatch.setattr(index.vectors, "_SNAPSHOT_SHARE", 0)


def save(library: SqliteLibrary, folder: Path) -> list[Found]:
    """Write a snapshot; what is found before it is read by anyone."""
    vectors = FaissVectors(library, folder)
    found = vectors.search(question("tram stop 2"), 12)
    vectors.save_if_grown()
    return found


@pytest.mark.parametrize("whole_most", [30_000, 5], ids=["exact", "quantised"])
@given(data=st.data(), exact=st.booleans(), k=st.integers(1, 40), seed=st.integers(0, 2**32 - 1))
def test_cosines_and_order_are_numpys(whole_most: int, data: st.DataObject, exact: bool, k: int, seed: int) -> None:
    """Those of a quantised index too, as long as it has no more passages than it compares exactly."""
    random = np.random.default_rng(seed)
    count = data.draw(st.integers(1, 60))
    rows = [CORNERS[i] for i in random.integers(0, 40, count)] if exact else random.standard_normal((count, DIMENSION))
    query = CORNERS[int(random.integers(0, 40))] if exact else normalized(random.standard_normal(DIMENSION))
    sizes = data.draw(st.lists(st.integers(1, 10), min_size=1, max_size=6))
    withdrawn = data.draw(st.sets(st.sampled_from(range(len(sizes)))))
    kept = data.draw(st.none() | st.sets(st.sampled_from(range(len(sizes)))))
    limits = patch.multiple(index.holdings, _WHOLE_MOST=whole_most, _NEW_MOST=3)
    with tempfile.TemporaryDirectory() as folder, limits:
        library = new_library(Path(folder), dimension=DIMENSION)
        vectors = FaissVectors(library, Path(folder))
        expected: dict[int, float] = {}
        for number, size in enumerate(sizes):
            mine = normalized(np.stack([rows[(number * 10 + i) % count] for i in range(size)]))
            ids = put_passages(library, f"d{number}", *map(str, range(size)), vectors=mine)
            vectors.refresh()
            if number in withdrawn:
                library.withdraw(f"d{number}")
            elif kept is None or number in kept:
                stored = normalized(mine.astype(np.float16))
                expected |= {id: float(row @ query) for id, row in zip(ids, stored, strict=True)}
        filter = None if kept is None else Filter(documents=frozenset(f"d{number}" for number in kept))
        found = vectors.search(query, k, filter)
        library.close()
    ranked = sorted(expected, key=lambda id: (-expected[id], id))[:k]
    assert [each.score for each in found] == pytest.approx([expected[id] for id in ranked], abs=1e-6)
    assert [expected[each.passage_id] for each in found] == pytest.approx([each.score for each in found], abs=1e-6)
    if exact:
        assert [each.passage_id for each in found] == ranked


@pytest.mark.usefixtures("small_snapshots")
def test_a_snapshot_spares_reading_the_passages_and_finds_the_same(
    watch: Callable[[], Watched], tmp_path: Path
) -> None:
    before = save(watch(), tmp_path)
    library = watch()
    assert FaissVectors(library, tmp_path).search(question("tram stop 2"), 12) == before
    assert library.read == []


@pytest.mark.usefixtures("small_snapshots")
def test_after_a_snapshot_only_what_is_new_is_read(watch: Callable[[], Watched], tmp_path: Path) -> None:
    save(watch(), tmp_path)
    library = watch()
    new = put_passages(library, "depot", "All trams sleep in the depot.")
    library.withdraw("stop-3")
    vectors = FaissVectors(library, tmp_path)
    found = documents(library, vectors.search(question("trams sleep in the depot"), 50))
    assert found[0] == "depot"
    assert "stop-3" not in found
    assert library.read == list(new)


def test_without_much_change_no_snapshot_is_written(watch: Callable[[], Watched], tmp_path: Path) -> None:
    save(watch(), tmp_path)
    library = watch()
    FaissVectors(library, tmp_path).refresh()
    assert len(library.read) == 30


@pytest.mark.usefixtures("small_snapshots")
def test_a_snapshot_holds_no_withdrawn_vector(watch: Callable[[], Watched], tmp_path: Path) -> None:
    library = watch()
    vectors = FaissVectors(library, tmp_path)
    vectors.refresh()
    vectors.save_if_grown()
    with_all = sum(file.stat().st_size for file in tmp_path.glob("vectors*"))
    library.withdraw("stop-3")
    vectors.refresh()
    vectors.save_if_grown()
    less = with_all - sum(file.stat().st_size for file in tmp_path.glob("vectors*"))
    assert less >= 3 * 4 * library.manifest.dimension
    assert vectors.check() == FaissVectors(watch(), tmp_path).check() == []


@pytest.mark.parametrize(
    "damage",
    [
        lambda data: b"",
        lambda data: data[: len(data) // 2],
        lambda data: data[:-1],
        lambda data: b"not a snapshot",
        lambda data: b"[]\n" + data,
        lambda data: b"{}\n" + data,
        lambda data: bytes(1000),
        None,
    ],
    ids=["empty", "half", "one byte short", "text", "list", "object", "zeros", "missing"],
)
@pytest.mark.usefixtures("small_snapshots")
def test_a_damaged_snapshot_is_made_up_for_from_the_library(
    watch: Callable[[], Watched],
    tmp_path: Path,
    damage: Callable[[bytes], bytes] | None,
) -> None:
    before = save(watch(), tmp_path)
    file = tmp_path / "vectors.faiss"
    if damage is None:
        file.unlink()
    else:
        file.write_bytes(damage(file.read_bytes()))
    vectors = FaissVectors(watch(), tmp_path)
    assert vectors.search(question("tram stop 2"), 12) == before
    assert vectors.check() == []


@pytest.mark.usefixtures("small_snapshots")
def test_a_snapshot_with_an_altered_vector_is_told_by_check(watch: Callable[[], Watched], tmp_path: Path) -> None:
    library = watch()
    save(library, tmp_path)
    (stored,) = library.stored(range(7, 8))
    kept = normalized(stored.vector).tobytes()
    file = tmp_path / "vectors.faiss"
    assert kept in file.read_bytes()
    file.write_bytes(file.read_bytes().replace(kept, normalized(-stored.vector).tobytes(), 1))
    (line,) = FaissVectors(library, tmp_path).check()
    assert "differs from the library" in line


@pytest.mark.usefixtures("small_snapshots")
def test_a_snapshot_of_another_encoder_is_not_used(watch: Callable[[], Watched], tmp_path: Path) -> None:
    save(watch(), tmp_path)
    with tempfile.TemporaryDirectory() as elsewhere:
        other = new_library(Path(elsewhere), HashEncoder("other"))
        for file in tmp_path.glob("vectors*"):
            (Path(elsewhere) / file.name).write_bytes(file.read_bytes())
        vectors = FaissVectors(other, Path(elsewhere))
        assert vectors.search(question("tram stop 2"), 12) == []
        assert vectors.check() == []
        other.close()


@pytest.mark.parametrize("first", ["slow", "fast"])
@pytest.mark.usefixtures("small_snapshots")
def test_two_that_save_at_once_leave_a_snapshot_that_is_true(
    watch: Callable[[], Watched], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, first: str
) -> None:
    """One writes its whole snapshot after the other's first file is in place; both know different generations."""
    slow, fast = FaissVectors(watch(), tmp_path), FaissVectors(watch(), tmp_path)
    slow.refresh()
    library = watch()
    library.withdraw("stop-3")
    put_passages(library, "depot", "All trams sleep in the depot.")
    fast.refresh()
    one, other = (slow, fast) if first == "slow" else (fast, slow)
    interrupted: list[Path] = []

    @contextmanager
    def replacing_before_the_other_saves(path: Path) -> Iterator[IO[bytes]]:
        with replacing(path) as file:
            yield file
        if not interrupted:
            interrupted.append(path)
            other.save_if_grown()

    monkeypatch.setattr(index.vectors, "replacing", replacing_before_the_other_saves)
    one.save_if_grown()
    assert FaissVectors(watch(), tmp_path).check() == []


def test_making_an_index_reads_neither_snapshot_nor_passages(
    watch: Callable[[], Watched], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    library = watch()
    monkeypatch.setattr(index.vectors, "read_snapshot", None)
    vectors = FaissVectors(library, tmp_path)
    assert library.read == []
    with pytest.raises(TypeError):
        vectors.refresh()


@pytest.mark.parametrize("shape", [(3,), (2, 3), (0, 3)])
def test_normalized_vectors_have_length_one_and_zeros_stay(shape: tuple[int, ...]) -> None:
    vectors: Vectors = np.arange(1, 1 + np.prod(shape)).reshape(shape).astype(np.float16)
    assert normalized(vectors).dtype == np.float32
    assert np.linalg.norm(normalized(vectors), axis=-1) == pytest.approx(1)
    assert not normalized(np.zeros(shape)).any()
