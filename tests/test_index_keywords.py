"""The keyword index: BM25 as one can compute it by hand, true deletions, and nothing lost by crash or damage."""

from __future__ import annotations

import math
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import cycle, islice, product
from pathlib import Path

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

import index.keywords.search
from corpus.library import Filter
from corpus.model import Kind, Source
from corpus.sqlite import FILE_NAME, SqliteLibrary
from index.keywords import TantivyKeywords
from index.keywords.folder import Folder
from index.search import Word
from index.terms import passage_terms, query_terms, query_words
from tests.indexed import documents, new_library, put_passages
from tests.processes import go, lines, worker

VOCABULARY = "amber birch cedar delta ember fjord glade heron inlet jetty".split()
TEXT = st.lists(st.sampled_from(VOCABULARY), min_size=1, max_size=40).map(" ".join)
WORD = st.lists(st.sampled_from([*VOCABULARY, "walrus"]), min_size=1, max_size=3, unique=True)
QUERY = st.lists(WORD, min_size=1, max_size=5)

K1, B = 1.2, 0.75


def bm25(texts: dict[int, str], query: Sequence[Word]) -> dict[int, float]:
    """BM25 as Lucene and tantivy define it, over the passages that hold any of the words, each the terms it may be.

    A passage holds a word as often as all its terms; as many passages count as holding it as hold its commonest term.

    Robertson and Zaragoza, "The Probabilistic Relevance Framework", 2009, with an idf that is never negative.
    """
    counts = {id: Counter(passage_terms(text)) for id, text in texts.items()}
    lengths = {id: sum(count.values()) for id, count in counts.items()}
    mean = sum(lengths.values()) / max(1, len(lengths))
    found = {}
    for id, count in counts.items():
        norm = K1 * (1 - B + B * lengths[id] / mean)
        score = 0.0
        for word in query:
            holding = max(sum(term in other for other in counts.values()) for term in word)
            idf = math.log(1 + (len(counts) - holding + 0.5) / (holding + 0.5))
            frequency = sum(count[term] for term in word)
            score += idf * (K1 + 1) * frequency / (frequency + norm)
        if score > 0:
            found[id] = score
    return found


@pytest.fixture
def library(tmp_path: Path) -> Iterator[SqliteLibrary]:
    library = new_library(tmp_path)
    put_passages(library, "woods", "Birch and cedar in the glade.", "A heron by the inlet.", publisher="forester")
    put_passages(library, "coast", "The jetty at the fjord: amber, amber, amber.", publisher="harbour master")
    yield library
    library.close()


@settings(max_examples=20, phases=[Phase.explicit, Phase.generate])
@given(data=st.data())
def test_scores_and_order_are_those_of_the_formula_whatever_came_and_went(data: st.DataObject) -> None:
    """Passages come, are replaced and go; what is left is scored as if nothing else had ever been there."""
    with tempfile.TemporaryDirectory() as folder:
        library = new_library(Path(folder))
        keywords = TantivyKeywords(library, Path(folder))
        texts: dict[str, dict[int, str]] = {}
        for _ in range(data.draw(st.integers(1, 12))):
            id = data.draw(st.sampled_from(["one", "two", "three", "four"]))
            if id in texts and data.draw(st.booleans()):
                library.withdraw(id)
                del texts[id]
            else:
                passages = data.draw(st.lists(TEXT, min_size=1, max_size=6))
                texts[id] = dict(zip(put_passages(library, id, *passages), passages, strict=True))
            if data.draw(st.booleans()):
                keywords.refresh()
        k = data.draw(st.integers(1, 30))
        query = [[query_terms(term)[0] for term in word] for word in data.draw(QUERY)]
        kept = data.draw(st.none() | st.sets(st.sampled_from(["one", "two", "three", "four"])))
        filter = None if kept is None else Filter(documents=frozenset(kept))
        found = keywords.search(query, k, filter)
        assert keywords.ids().tolist() == library.passage_ids().tolist()
        assert keywords.check() == []
        library.close()
    expected = bm25({id: text for part in texts.values() for id, text in part.items()}, query)
    allowed = {id for name, part in texts.items() if kept is None or name in kept for id in part}
    expected = {id: score for id, score in expected.items() if id in allowed}
    ranked = sorted(expected, key=lambda id: (-round(expected[id], 9), id))[:k]
    assert [each.score for each in found] == pytest.approx([expected[id] for id in ranked], rel=1e-5)
    assert [each.passage_id for each in found] == ranked


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ("amber", ["coast"]),
        ("Birches and cedars", ["woods"]),
        ("a heron at the jetty", ["coast", "woods"]),
        ("walrus", []),
        ("the of and", []),
        ("", []),
        ("(AND OR * \" '", []),
    ],
)
def test_passages_that_hold_a_term_are_found_and_no_others(
    library: SqliteLibrary, tmp_path: Path, asked: str, expected: list[str]
) -> None:
    found = TantivyKeywords(library, tmp_path).search(query_words(asked), 10)
    assert sorted(documents(library, found)) == expected


def test_the_headings_above_a_passage_find_it(library: SqliteLibrary, tmp_path: Path) -> None:
    keywords = TantivyKeywords(library, tmp_path)
    walrus = query_words("walrus")
    assert keywords.search(walrus, 10) == []
    with library._database.writing() as db:
        db.execute("UPDATE passage SET headings = '[\"Walruses\"]' WHERE document_id = 'coast'")
    shutil.rmtree(tmp_path / "keywords")
    assert documents(library, TantivyKeywords(library, tmp_path).search(walrus, 10)) == ["coast"]


@pytest.mark.parametrize("k", [1, 3, 20])
def test_the_best_of_many_that_tantivy_cannot_tell_apart_are_found(tmp_path: Path, k: int) -> None:
    """It rounds lengths from 64 to 71 terms to the same."""
    library = new_library(tmp_path)
    texts = [" ".join(["amber", *["delta"] * (63 + number % 8)]) for number in range(200, 0, -1)]
    ids = put_passages(library, "long", *texts)
    expected = bm25(dict(zip(ids, texts, strict=True)), [["amber"]])
    found = TantivyKeywords(library, tmp_path).search([["amber"]], k)
    assert [each.passage_id for each in found] == sorted(expected, key=lambda id: (-round(expected[id], 9), id))[:k]
    library.close()


def test_passages_with_a_word_in_two_spellings_do_not_hide_those_that_hold_it_more_often(tmp_path: Path) -> None:
    library = new_library(tmp_path)
    keywords = TantivyKeywords(library, tmp_path)
    put_passages(library, "two", *["Country country " + "delta " * 6] * 600)
    put_passages(library, "one", *["country " * 8] * 3)
    assert documents(library, keywords.search(query_words("countries"), 3)) == ["one"] * 3
    library.close()


@pytest.mark.parametrize("filter", [None, Filter(publishers=frozenset({"odd"}))])
def test_of_more_ties_than_are_looked_at_the_first_by_id_are_taken(tmp_path: Path, filter: Filter | None) -> None:
    """Whatever became of the segments that they are in."""
    library = new_library(tmp_path)
    keywords = TantivyKeywords(library, tmp_path)
    ids = []
    for number in range(12):
        ids += put_passages(library, f"d{number}", *["amber delta"] * 100, publisher="odd" if number % 2 else None)
        if number > 5:
            keywords.refresh()
    best = put_passages(library, "best", "amber", publisher="odd")
    library.withdraw("d1")
    left = [id for place, id in enumerate(ids) if place // 100 != 1 and (filter is None or place // 100 % 2)]
    found = keywords.search([["amber"]], 10, filter)
    assert [each.passage_id for each in found] == [*best, *left[:9]]
    library.close()


def test_a_long_passage_has_the_score_of_the_formula_within_five_percent(tmp_path: Path) -> None:
    """Tantivy keeps lengths above 40 terms rounded."""
    library = new_library(tmp_path)
    texts = [" ".join(VOCABULARY[: 3 + number] * (7 + number)) for number in range(7)]
    ids = put_passages(library, "long", *texts)
    expected = bm25(dict(zip(ids, texts, strict=True)), [["jetti"], ["heron"], ["amber"]])
    found = TantivyKeywords(library, tmp_path).search([["jetti"], ["heron"], ["amber"]], 10)
    assert {each.passage_id: each.score for each in found} == pytest.approx(expected, rel=0.05)
    library.close()


DATES = [None, "2023", "2024-02", "2024-02-01", "2024-02-29", "2025-12", "2026-01-01"]
SINCE = st.none() | st.sampled_from(["2023", "2024-02", "2024-02-02", "2024-02-29", "2026-01-01", "2027"])


def some(values: Sequence[str]) -> st.SearchStrategy[frozenset[str] | None]:
    return st.none() | st.frozensets(st.sampled_from([*values, "other"]), max_size=3)


FILTERS = st.builds(
    Filter,
    documents=some([f"d{number}" for number in range(90)]),
    publishers=some(["harbour", "city"]),
    kinds=some(list(Kind)),
    languages=some(["en", "pl"]),
    since=SINCE,
    until=SINCE,
)


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[SqliteLibrary, TantivyKeywords]]:
    """Ninety documents of one passage each, of all kinds, publishers, languages and dates."""
    folder = tmp_path_factory.mktemp("sources")
    library = new_library(folder)
    for number, (kind, publisher, language, date) in enumerate(
        islice(cycle(product(list(Kind)[:3], ["harbour", "city", None], ["en", None], DATES)), 90)
    ):
        text = " ".join(["amber", *VOCABULARY[: number % 9]])
        source = Source("t", kind, publisher=publisher, language=language, date=date)
        put_passages(library, f"d{number}", text, source=source)
    yield library, TantivyKeywords(library, folder)
    library.close()


@given(filter=FILTERS, k=st.sampled_from([1, 5, 100]))
def test_a_filter_lets_through_what_the_librarys_does(
    sources: tuple[SqliteLibrary, TantivyKeywords], filter: Filter, k: int
) -> None:
    library, keywords = sources
    allowed = set(library.passage_ids(filter).tolist())
    everything = keywords.search([["amber"], ["birch"]], 100)
    assert (
        keywords.search([["amber"], ["birch"]], k, filter)
        == [found for found in everything if found.passage_id in allowed][:k]
    )


@pytest.mark.parametrize("step", [1, 7, 1000])
def test_a_library_taken_in_by_steps_is_the_same(
    library: SqliteLibrary, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    for number in range(6):
        put_passages(library, f"d{number}", *(f"{word} {number}" for word in VOCABULARY[number:]))
    library.withdraw("d3")
    at_once = TantivyKeywords(library, tmp_path).search([["jetti"], ["heron"]], 50)
    shutil.rmtree(tmp_path / "keywords")
    monkeypatch.setattr(index.keywords.search, "_STEP", step)
    keywords = TantivyKeywords(library, tmp_path)
    assert keywords.search([["jetti"], ["heron"]], 50) == at_once
    assert keywords.ids().tolist() == library.passage_ids().tolist()
    assert keywords.check() == []


@pytest.mark.parametrize("mark", [b"0", b"1", b"2", b"", b"seven", None])
def test_a_crash_between_commit_and_mark_repeats_steps_and_doubles_nothing(
    library: SqliteLibrary, tmp_path: Path, mark: bytes | None
) -> None:
    library.withdraw("coast")
    put_passages(library, "coast", "Only the jetty is left.")
    before = TantivyKeywords(library, tmp_path).search([["jetti"], ["heron"]], 10)
    file = tmp_path / "keywords" / "generation"
    assert int(file.read_text().split()[0]) == library.generation()
    file.unlink()
    if mark is not None:
        file.write_bytes(mark)
    keywords = TantivyKeywords(library, tmp_path)
    assert keywords.search([["jetti"], ["heron"]], 10) == before != []
    assert keywords.ids().tolist() == library.passage_ids().tolist()
    assert keywords.check() == []
    assert int(file.read_text().split()[0]) == library.generation()


def test_what_a_killed_writer_left_is_cleared_and_hinders_nobody(library: SqliteLibrary, tmp_path: Path) -> None:
    """Killed before it could say what counts: its segment and its list of deletions are there, and count for nothing.

    Another process has the index open since before, and writes again.
    """
    other = TantivyKeywords(library, tmp_path)
    other.refresh()
    told = {name: (tmp_path / "keywords" / name).read_bytes() for name in ("meta.json", "generation")}
    library.withdraw("coast")
    put_passages(library, "quay", "Zithers on the quay.")
    TantivyKeywords(library, tmp_path).refresh()
    for name, data in told.items():
        (tmp_path / "keywords" / name).write_bytes(data)
    left = {file for file in (tmp_path / "keywords").iterdir() if b"zither" in file.read_bytes()}
    assert documents(library, other.search([["jetti"], ["zither"]], 10)) == ["quay"]
    assert other.check() == []
    assert left
    assert not any(file.exists() for file in left)


def _each(pattern: str, harm: Callable[[Path], object]) -> Callable[[Path], None]:
    def harm_all(folder: Path) -> None:
        files = list(folder.glob(pattern))
        assert files
        for file in files:
            harm(file)

    return harm_all


@pytest.mark.parametrize(
    "harm",
    [
        _each("meta.json", lambda file: file.write_bytes(b"{")),
        _each("meta.json", lambda file: file.unlink()),
        _each("*.idx", lambda file: file.unlink()),
        _each("*.store", lambda file: file.write_bytes(b"")),
        _each("*.term", lambda file: file.write_bytes(file.read_bytes()[:-10])),
        shutil.rmtree,
        lambda folder: (shutil.rmtree(folder), folder.mkdir()),
        lambda folder: (shutil.rmtree(folder), folder.write_bytes(b"")),
    ],
    ids=["broken meta", "no meta", "no postings", "empty store", "short terms", "no folder", "empty folder", "a file"],
)
def test_a_damaged_folder_is_made_anew(library: SqliteLibrary, tmp_path: Path, harm: Callable[[Path], None]) -> None:
    before = TantivyKeywords(library, tmp_path).search([["jetti"], ["heron"]], 10)
    harm(tmp_path / "keywords")
    keywords = TantivyKeywords(library, tmp_path)
    assert keywords.search([["jetti"], ["heron"]], 10) == before != []
    assert keywords.check() == []
    assert [file.name for file in tmp_path.iterdir() if "keywords" in file.name] == ["keywords"]


def test_a_damaged_folder_is_made_anew_once_by_those_who_find_it_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "keywords").mkdir()
    (tmp_path / "keywords" / "meta.json").write_text("{")
    number, found, made = 4, list[bool](), list[bool]()
    all_have_looked = threading.Barrier(number)

    def opened(folder: Folder, before: Callable[[Folder], object] = Folder._opened) -> object:
        index = before(folder)
        found.append(index is None)
        if len(found) <= number:
            all_have_looked.wait(timeout=60)
        return index

    def make(folder: Folder, before: Callable[[Folder], object] = Folder._made) -> object:
        made.append(True)
        return before(folder)

    monkeypatch.setattr(Folder, "_opened", opened)
    monkeypatch.setattr(Folder, "_made", make)
    with ThreadPoolExecutor(number) as pool:
        list(pool.map(lambda _: Folder(tmp_path / "keywords"), range(number)))
    assert found == [True] * (number + 1) + [False] * (number - 1)
    assert len(made) == 1


@pytest.mark.parametrize("made", [False, True])
@pytest.mark.parametrize("count", [2, pytest.param(6, marks=pytest.mark.long)])
def test_processes_that_catch_up_at_once_all_end_right(tmp_path: Path, made: bool, count: int) -> None:
    library = new_library(tmp_path)
    if made:
        TantivyKeywords(library, tmp_path)
    for number in range(30):
        put_passages(library, f"d{number}", *(f"{word} {number}" for word in VOCABULARY))
    library.withdraw("d7")
    with ExitStack() as stack:
        workers = [stack.enter_context(worker("refresh", tmp_path)) for _ in range(count)]
        for each in workers:
            go(each)
        ids = str(library.passage_ids().tolist())
        for each in workers:
            assert lines(each) == [ids, ids]
    keywords = TantivyKeywords(SqliteLibrary(tmp_path / FILE_NAME), tmp_path)
    assert keywords.check() == []
    library.close()
