"""What both engines promise: ranked finds, filters, and at every question the library as it stands."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

import index.holdings
from corpus.library import Filter, Library
from index.in_postgres import PostgresKeywords, PostgresVectors
from index.keywords import TantivyKeywords
from index.search import Found
from index.terms import query_words
from index.vectors import FaissVectors
from tests.engines import Place
from tests.indexed import documents, new_library, put_passages, question, scores
from tests.postgres import Server

TEXTS = {
    "bridge": "The bridge over the river carries heavy trains.",
    "ferry": "A ferry crosses the river where no bridge stands.",
    "harbour": "Cranes unload grain in the harbour all night.",
    "kitchen": "Dumplings with mushrooms simmer on the stove.",
}


@dataclass(frozen=True, slots=True)
class Engine:
    """One engine over a library, asked in words."""

    library: Library
    place: Place
    derived: FaissVectors | TantivyKeywords | PostgresVectors | PostgresKeywords

    def find(self, asked: str, k: int = 10, filter: Filter | None = None) -> list[Found]:
        if isinstance(self.derived, FaissVectors | PostgresVectors):
            return self.derived.search(question(asked), k, filter)
        return self.derived.search(query_words(asked), k, filter)

    def names(self, asked: str, k: int = 10, filter: Filter | None = None) -> list[str]:
        return documents(self.library, self.find(asked, k, filter))


OpenEngine = Callable[[], Engine]


CODED = "coded FaissVectors"
IN_POSTGRES = "{} over postgres"
"""The embedded engines follow the journal of any library."""


@pytest.fixture(
    params=[
        *(FaissVectors, TantivyKeywords, CODED),
        *(PostgresVectors, PostgresKeywords),
        *(IN_POSTGRES.format(each.__name__) for each in (FaissVectors, TantivyKeywords)),
    ]
)
def open_engine(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[OpenEngine]:
    """Opens one engine over one library, as often as a test wants: each time as another process would."""
    if request.param == CODED:  # as a large library is searched
        monkeypatch.setattr(index.holdings, "_WHOLE_MOST", 1)
        monkeypatch.setattr(index.holdings, "_NEW_MOST", 1)
    name = request.param if isinstance(request.param, str) else request.param.__name__
    server: Server | None = request.getfixturevalue("postgres") if "ostgres" in name else None
    place = Place(str(tmp_path) if server is None else server.new_dsn())
    opened: list[Library] = [new_library(place)]

    def open_again() -> Engine:
        library = place.open()
        opened.append(library)
        if request.param in {PostgresVectors, PostgresKeywords}:
            return Engine(library, place, request.param(library))
        return Engine(library, place, (TantivyKeywords if "Tantivy" in name else FaissVectors)(library, tmp_path))

    yield open_again
    for library in opened:
        library.close()
    if server is not None:
        server.drop_all()


@pytest.fixture
def engine(open_engine: OpenEngine) -> Engine:
    """An engine over four documents."""
    made = open_engine()
    for id, text in TEXTS.items():
        put_passages(made.library, id, text, publisher=id[0])
    return made


def test_the_document_with_most_of_the_words_comes_first(engine: Engine) -> None:
    assert engine.names("a bridge for trains over the river")[:2] == ["bridge", "ferry"]
    assert engine.names("grain in the harbour")[0] == "harbour"


def test_scores_never_rise_down_the_list(engine: Engine) -> None:
    found = scores(engine.find("river bridge grain"))
    assert found == sorted(found, reverse=True)
    assert found[0] > found[-1]


@pytest.mark.parametrize("k", [1, 2, 3])
def test_fewer_are_the_beginning_of_more(engine: Engine, k: int) -> None:
    assert engine.find("river bridge grain", k) == engine.find("river bridge grain", 100)[:k]


def test_k_may_be_larger_than_the_index(engine: Engine) -> None:
    assert set(engine.names("river bridge grain dumplings", 1000)) == set(TEXTS)


def test_an_empty_index_finds_nothing(open_engine: OpenEngine) -> None:
    engine = open_engine()
    assert engine.find("river") == engine.find("river", 5, Filter(documents=frozenset({"bridge"}))) == []
    assert engine.derived.ids().tolist() == engine.derived.check() == []


@pytest.mark.parametrize("kept", [{"ferry"}, {"ferry", "kitchen"}, {"harbour", "nowhere"}])
def test_a_filter_lets_through_only_what_it_names_with_the_same_scores(engine: Engine, kept: set[str]) -> None:
    asked = "river bridge grain mushrooms"
    all_found = engine.find(asked)
    expected = [found for found in all_found if documents(engine.library, [found])[0] in kept]
    assert engine.find(asked, 10, Filter(documents=frozenset(kept))) == expected != []
    assert engine.find(asked, 10, Filter(publishers=frozenset(id[0] for id in kept))) == expected
    assert engine.find(asked, 1, Filter(documents=frozenset(kept))) == expected[:1]


@pytest.mark.parametrize(
    "filter", [Filter(documents=frozenset()), Filter(publishers=frozenset({"nobody"})), Filter(since="2026")]
)
def test_a_filter_that_lets_nothing_through_finds_nothing(engine: Engine, filter: Filter) -> None:
    assert engine.find("river bridge grain", 10, filter) == []


def test_many_equal_passages_stand_by_id_and_the_first_of_them_are_taken(engine: Engine) -> None:
    for number in range(6):
        put_passages(engine.library, f"echo-{number}", *["The lighthouse keeper sleeps."] * 10)
        engine.derived.refresh()
    everything = engine.find("lighthouse keeper", 60)
    ids = [found.passage_id for found in everything]
    assert ids == sorted(ids)
    assert len(set(scores(everything))) == 1
    for k in (1, 7, 30, 59):
        assert engine.find("lighthouse keeper", k) == everything[:k]


def test_order_and_scores_are_the_same_each_time_and_after_opening_again(
    engine: Engine, open_engine: OpenEngine
) -> None:
    first = engine.find("river bridge grain")
    assert engine.find("river bridge grain") == first
    assert open_engine().find("river bridge grain") == first


def test_a_change_of_another_process_counts_at_once(engine: Engine, open_engine: OpenEngine) -> None:
    other = open_engine()
    assert "bridge" in engine.names("bridge")
    other.library.withdraw("bridge")
    assert "bridge" not in engine.names("bridge")
    put_passages(other.library, "tunnel", "A tunnel replaces the bridge.")
    assert engine.names("tunnel bridge")[0] == "tunnel"
    put_passages(other.library, "tunnel", "Swallows nest under the eaves.")
    assert engine.names("swallows eaves")[0] == "tunnel"
    assert engine.find("tunnel bridge") == other.find("tunnel bridge")


def test_a_withdrawn_passage_is_never_found(engine: Engine, open_engine: OpenEngine) -> None:
    (withdrawn,) = engine.library.passage_ids(Filter(documents=frozenset({"ferry"})))
    engine.library.withdraw("ferry")
    for each in (engine, open_engine()):
        for filter in (None, Filter(documents=frozenset({"ferry", "bridge"}))):
            assert withdrawn not in {found.passage_id for found in each.find("ferry river bridge", 10, filter)}
        assert withdrawn not in each.derived.ids()


def test_everything_withdrawn_finds_nothing(engine: Engine) -> None:
    engine.derived.refresh()
    for id in TEXTS:
        engine.library.withdraw(id)
    assert engine.find("river bridge grain dumplings") == []
    assert engine.derived.check() == []


@pytest.mark.parametrize("engaged", [False, True])
def test_adding_then_withdrawing_leaves_every_find_as_it_was(engine: Engine, engaged: bool) -> None:
    before = engine.find("river bridge grain")
    for number in range(20):
        put_passages(engine.library, f"guest-{number}", "Grain by the river.", f"River {number} of grain and grain.")
        if engaged:
            engine.derived.refresh()
    for number in range(20):
        engine.library.withdraw(f"guest-{number}")
        if engaged:
            engine.derived.refresh()
    after = engine.find("river bridge grain")
    assert [found.passage_id for found in after] == [found.passage_id for found in before]
    assert scores(after) == pytest.approx(scores(before), rel=1e-6)


@pytest.mark.parametrize(
    ("tampering", "said"),
    [
        ("DELETE FROM passage WHERE id = 2", "passage 2 should be gone"),
        (
            "INSERT INTO passage (id, {columns}) SELECT 99, {columns} FROM passage WHERE id = 2",
            "passage 99 is missing",
        ),
        (
            "UPDATE passage SET headings = '[\"Smuggled\"]', vector = (SELECT vector FROM passage WHERE id = 3)"
            " WHERE id = 2",
            "passage 2 differs",
        ),
    ],
)
def test_check_names_the_passage_that_disagrees(engine: Engine, tampering: str, said: str) -> None:
    if isinstance(engine.derived, PostgresVectors):
        pytest.skip("it has nothing beside the library that could disagree")
    assert engine.derived.check() == []
    columns = "document_id, version, span_start, span_end, headings, vector, digest"
    columns += ", byte_start, byte_end" if engine.place.is_postgres else ""
    engine.place.damage(tampering.format(columns=columns))
    (line,) = engine.derived.check()
    assert line.startswith(type(engine.derived).__name__)
    assert said in line
