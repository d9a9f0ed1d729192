"""Searches in PostgreSQL find what the embedded ones find, with the same scores; along a graph nearly all of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np
import psycopg
import pytest

import index.in_postgres
import qa.evaluation
from corpus.library import Filter
from corpus.model import Source
from corpus.moving import copy_library
from corpus.postgres.dsn import Dsn
from corpus.postgres.graph import NAME as GRAPH
from corpus.postgres.graph import nearest_by
from corpus.postgres.library import PostgresLibrary
from index.encoder import Vectors, normalized
from index.in_postgres import PostgresKeywords, PostgresVectors
from index.keywords import TantivyKeywords
from index.retriever import Retriever
from index.search import Found
from index.terms import query_words
from index.vectors import FaissVectors
from qa.assembly import Parts
from tests.engines import Place
from tests.indexed import new_library, put_passages, question, scores
from tests.postgres import Server
from tests.processes import wait_until

_DOCUMENTS, _DIMENSION = 60, 64
_WORDS = (
    "harbour crane barge Shekerinska Szekerinska pier ferry salt amber timber drone drones radar Kraków convoy berth"
    " agreement agreed agrees minister ministers 2026 5 E5 LEAP tonnes fog captain river bridges bridge night"
).split()
_FILTERS = [
    None,
    Filter(publishers=frozenset({"Port"})),
    Filter(languages=frozenset({"pl"}), since="2026-02"),
    Filter(documents=frozenset({"d3", "d4"})),
]


@dataclass(frozen=True, slots=True)
class Both:
    """The same documents in both engines, with the searches of each."""

    embedded: tuple[FaissVectors, TantivyKeywords]
    postgres: tuple[PostgresVectors, PostgresKeywords]
    library: PostgresLibrary


@pytest.fixture(scope="module")
def both(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Both]:
    """Passages of very unequal lengths, of which some repeat others, some were replaced and some withdrawn."""
    folder = tmp_path_factory.mktemp("embedded")
    libraries = [new_library(Place(str(folder))), new_library(Place(postgres.new_dsn()))]
    for library in libraries:
        random = Random(7)
        for number in (*range(_DOCUMENTS), 3, 8, 13):
            texts = [" ".join(random.choices(_WORDS, k=random.choice([2, 3, 9, 40, 160]))) for _ in range(9)]
            source = Source(
                f"D{number}",
                publisher=random.choice(["Port", "Pier", None]),
                date=random.choice(["2026", "2026-02", "2026-03-04", None]),
                language=random.choice(["en", "pl"]),
            )
            put_passages(library, f"d{number}", *texts, texts[0], source=source)
        for number in (5, 6):
            library.withdraw(f"d{number}")
    embedded, in_postgres = libraries
    assert isinstance(in_postgres, PostgresLibrary)
    yield Both(
        (FaissVectors(embedded, folder), TantivyKeywords(embedded, folder)),
        (PostgresVectors(in_postgres), PostgresKeywords(in_postgres)),
        in_postgres,
    )
    for library in libraries:
        library.close()
    postgres.drop_all()


def questions() -> list[str]:
    random = Random(11)
    return [" ".join(random.choices(_WORDS, k=random.randint(1, 6))) for _ in range(40)]


@pytest.mark.parametrize("filter", _FILTERS, ids=["all", "publisher", "language and date", "documents"])
@pytest.mark.parametrize("k", [1, 10, 50])
def test_both_engines_find_the_same_with_the_same_scores(both: Both, filter: Filter | None, k: int) -> None:
    for asked in questions():
        vector, words = question(asked), query_words(asked)
        assert both.postgres[0].search(vector, k, filter) == both.embedded[0].search(vector, k, filter) != []
        assert both.postgres[1].search(words, k, filter) == both.embedded[1].search(words, k, filter) != []


@pytest.mark.parametrize(
    "text", ["crane", "Cranes", "of the", "Port harbour", "agreeing minister", "zither", "D7", "5"]
)
def test_both_engines_know_which_passages_hold_words(both: Both, text: str) -> None:
    found = [set(keywords.holding(text, 10_000)) for keywords in (both.embedded[1], both.postgres[1])]
    assert found[0] == found[1]
    assert len(both.postgres[1].holding(text, 3)) == min(3, len(found[1]))


@pytest.mark.parametrize("slips", [1, 2])
@pytest.mark.parametrize("word", ["harbuor", "hrabour", "timbr", "barges", "convoi", "leap", "q"])
@pytest.mark.parametrize("apart_from", [[], ["harbour"], ["barge", "drone", "bridges"]])
def test_both_engines_know_which_words_are_spelled_alike(
    both: Both, word: str, slips: int, apart_from: list[str]
) -> None:
    engines = (both.embedded[1], both.postgres[1])
    found = [set(keywords.spelled_like(word, slips, apart_from, 10_000)) for keywords in engines]
    assert found[0] == found[1]


def test_a_word_that_is_known_to_be_alike_is_looked_for_no_more(both: Both) -> None:
    assert both.postgres[1].spelled_like("harbuor", 1, [], 5)
    assert both.postgres[1].spelled_like("harbuor", 1, ["harbour"], 5) == []


@pytest.mark.models
def test_every_question_of_ours_finds_the_same_in_both(briefs: Parts, postgres: Server) -> None:
    """So that whatever is made of what is found, and every metric, is the same too."""
    library = PostgresLibrary.create(Dsn(postgres.new_dsn()), briefs.library.manifest)
    assert len(list(copy_library(briefs.library, library))) >= 16
    retriever = Retriever(library, briefs.encoder, PostgresVectors(library), PostgresKeywords(library))
    sets = [Path(qa.evaluation.__file__).with_name(name) for name in ("krakow.jsonl", "krakow-tune.jsonl")]
    asked = [json.loads(line)["question"] for file in sets for line in file.read_text("utf-8").splitlines()]
    assert len(asked) > 200
    for text in asked:
        assert retriever.search(text, 20) == briefs.retriever.search(text, 20)
    library.close()


def test_what_no_passage_holds_is_found_nowhere(both: Both) -> None:
    assert both.postgres[1].search(query_words("zither"), 5) == []
    assert both.postgres[1].search([], 5) == []
    found = both.postgres[1].search(query_words("zither harbour"), 5)
    assert found == both.embedded[1].search(query_words("zither harbour"), 5) != []


def test_postings_are_made_in_steps_and_by_whoever_comes_first(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.in_postgres, "_STEP", 3)
    place = Place(postgres.new_dsn())
    one, other = new_library(place), place.open()
    assert isinstance(one, PostgresLibrary)
    assert isinstance(other, PostgresLibrary)
    for number in range(10):
        put_passages(one, f"d{number}", "Cranes by night.", f"Barge {number}.")
    one.withdraw("d4")
    put_passages(one, "d5", "Another text.")
    keywords = PostgresKeywords(one), PostgresKeywords(other)
    found = [each.search(query_words("crane night"), 20) for each in keywords]
    assert len(found[0]) == 8
    assert found[0] == found[1]
    assert [each.check() for each in keywords] == [[], []]
    assert one.terms.posted_until() == one.generation()
    one.purge("d6")
    assert other.check() == []
    assert len(keywords[1].search(query_words("crane night"), 20)) == 7
    one.close()
    other.close()
    postgres.drop_all()


def test_segments_are_merged_and_cut_without_a_difference(postgres: Server, tmp_path: Path) -> None:
    place = Place(postgres.new_dsn())
    library, embedded = new_library(place), new_library(tmp_path)
    assert isinstance(library, PostgresLibrary)
    ours, theirs = PostgresKeywords(library), TantivyKeywords(embedded, tmp_path)
    random, most = Random(5), 0
    for number in range(150):
        id, texts = f"d{random.randrange(60)}", [" ".join(random.choices(_WORDS, k=7)) for _ in range(4)]
        for each in (library, embedded):
            put_passages(each, id, *texts)
            if number % 11 == 0:
                each.purge(id)
        if number % 2 == 0:
            ours.refresh()
            most = max(most, len(segments(place.text)))
        if number % 25 == 24:
            for words in (query_words(" ".join(random.choices(_WORDS, k=3))) for _ in range(10)):
                assert ours.search(words, 20) == theirs.search(words, 20) != []
            assert ours.check() == library.check() == []
    assert 4 <= most <= 16
    passages = len(library.passage_ids())
    assert sum(segments(place.text).values()) == passages > 150
    for entry in library.entries():
        library.withdraw(entry.id)
    assert segments(place.text) == {}
    assert ours.check() == library.check() == []
    library.close()
    embedded.close()
    postgres.drop_all()


def segments(url: str) -> dict[int, int]:
    """How many passages each segment of the postings has."""
    with psycopg.connect(url) as db:
        return dict(db.execute("SELECT number, passages FROM segment").fetchall())


def clustered(number: int) -> Vectors:
    """Unit vectors around some centres, as texts lie."""
    random = np.random.default_rng(3)
    centres = random.normal(size=(40, _DIMENSION))
    spread = random.normal(size=(number, _DIMENSION))
    return normalized((centres[random.integers(40, size=number)] + 0.7 * spread).astype(np.float32))


def recall(truth: list[list[Found]], found: list[list[Found]]) -> float:
    pairs = zip(truth, found, strict=True)
    return float(
        np.mean([len({f.passage_id for f in a} & {f.passage_id for f in b}) / max(len(a), 1) for a, b in pairs])
    )


def along_the_graph(url: str, query: Vectors, filter: Filter | None) -> bool:
    """Whether the server finds the nearest by the graph, as it says itself."""
    statement, values = nearest_by(query, 50, filter, along_graph=True)
    with psycopg.connect(url) as db:
        plan = db.execute(f"EXPLAIN {statement}".encode(), values).fetchall()
    return any(GRAPH in line for (line,) in plan)


def test_along_a_graph_nearly_all_of_the_nearest_are_found_and_scored_the_same(
    postgres: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(index.in_postgres, "_GRAPH_FROM", 1000)
    place = Place(postgres.new_dsn())
    library = new_library(place)
    assert isinstance(library, PostgresLibrary)
    vectors, keywords = PostgresVectors(library), PostgresKeywords(library)
    rows, each = clustered(3000), 10
    with library.together():
        for number in range(0, len(rows), each):
            texts = [f"Passage {number + n}." for n in range(each)]
            source = Source("D", publisher="Port" if number % 60 == 0 else "Pier")
            put_passages(library, f"d{number}", *texts, source=source, vectors=rows[number : number + each])
    queries = clustered(3040)[3000:]
    filters = (None, Filter(publishers=frozenset({"Port"})))
    exact = [[vectors.search(query, 10, filter) for query in queries] for filter in filters]
    assert vectors.kind == "exact"
    keywords.refresh()
    vectors.save_if_grown()
    assert vectors.kind == "hnsw"
    for filter, truth in zip(filters, exact, strict=True):
        found = [vectors.search(query, 10, filter) for query in queries]
        assert recall(truth, found) >= 0.97
        assert all(len(each) == 10 for each in found)
        for hits, best in zip(found, truth, strict=True):
            known = {each.passage_id: each for each in best}
            assert all(each == known.get(each.passage_id, each) for each in hits)
            assert scores(hits) == sorted(scores(hits), reverse=True)
    for filter in (None, Filter(publishers=frozenset({"Pier"}))):
        assert along_the_graph(place.text, queries[0], filter)
    library.withdraw("d0")
    gone = set(range(1, 11))
    assert not gone & {each.passage_id for query in queries for each in vectors.search(query, 10)}
    library.close()
    postgres.drop_all()


@pytest.fixture
def grown(postgres: Server, monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Place, PostgresLibrary]]:
    """A library of so many passages that a graph is due."""
    monkeypatch.setattr(index.in_postgres, "_GRAPH_FROM", 20)
    place = Place(postgres.new_dsn())
    library = new_library(place)
    assert isinstance(library, PostgresLibrary)
    put_passages(library, "many", *(f"Passage {number}." for number in range(30)))
    yield place, library
    library.close()
    postgres.drop_all()


def test_the_library_is_read_and_changed_while_the_graph_is_made(grown: tuple[Place, PostgresLibrary]) -> None:
    place, library = grown
    vectors, other = PostgresVectors(library), PostgresVectors(library)
    with ThreadPoolExecutor(1) as beside:
        with psycopg.connect(place.text) as writer:
            writer.execute("LOCK passage IN ROW EXCLUSIVE MODE")  # as who changes it has it, for which it waits
            making = beside.submit(vectors.save_if_grown)
            wait_until(lambda: "passage_by_vector" in " ".join(indexes(place.text)))
            put_passages(library, "more", "A crane.")
            assert len(vectors.search(question("crane"), 40)) == 31
            other.save_if_grown()  # leaves it to the one that is about it
            assert not making.done()
            assert vectors.kind == "exact"
        making.result()
    assert vectors.kind == "hnsw"
    assert vectors.search(question("A crane."), 1) == [Found(31, pytest.approx(1, abs=1e-3))]


def test_a_graph_that_was_left_unfinished_is_made_anew(grown: tuple[Place, PostgresLibrary]) -> None:
    place, library = grown
    vectors = PostgresVectors(library)
    vectors.save_if_grown()
    with psycopg.connect(place.text) as db:
        db.execute("UPDATE pg_index SET indisvalid = false WHERE indexrelid = 'passage_by_vector'::regclass")
    assert vectors.kind == "exact"
    assert len(vectors.search(question("Passage 3."), 40)) == 30
    vectors.save_if_grown()
    assert vectors.kind == "hnsw"


def indexes(url: str) -> list[str]:
    with psycopg.connect(url) as db:
        return [name for (name,) in db.execute("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()")]
