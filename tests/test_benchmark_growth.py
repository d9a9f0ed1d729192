"""Holds the growth benchmark's exact rankings against the library's own search, and looks at its tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from index.terms import query_words
from qa.assembly import Parts, open_parts
from qa.settings import LEXICAL_READER, Settings
from tests.benchmarks.growth import exact
from tests.benchmarks.growth.filling import Case, fill
from tests.benchmarks.growth.measuring import ids, shared
from tests.benchmarks.growth.table import bars, side_by_side, table
from tests.benchmarks.growth.texts import Passages, Pool
from tests.fakes import HashEncoder

WORDS = "Delta Harbour Minister Ferries signed opened under with Vistula Treaty bridges nine towns market".split()
QUESTIONS = ["Who signed the treaty under the harbour?", "Which ferries opened nine markets?", "Vistula bridges"]


@pytest.fixture
def case(tmp_path: Path) -> Case:
    """Sixty passages, of which twenty are whole texts and the others put together."""
    chance = np.random.default_rng(1)
    whole, singles = ([" ".join(chance.choice(WORDS, length)) + "." for _ in range(20)] for length in (30, 9))
    Pool.make(tmp_path / "pool", whole, singles, HashEncoder.dimension)
    case = Case("sixty", "pool", 0, 60)
    fill(case, tmp_path, HashEncoder())
    return case


@pytest.fixture
def passages(case: Case, tmp_path: Path) -> Passages:
    return case.passages(tmp_path)


@pytest.fixture
def parts(case: Case, tmp_path: Path) -> Parts:
    return open_parts(case.folder(tmp_path), Settings(reader=LEXICAL_READER), encoder=HashEncoder())


def test_a_passage_is_its_parts_and_the_same_whatever_else_is_asked_for(passages: Passages) -> None:
    texts = passages.texts(range(60))
    assert texts[:20] == list(passages.pool.parts[:20])
    assert all(4 <= text.count(".") <= 6 for text in texts[20:])
    assert np.array_equal(passages.pool.recipes(17, 43), passages.recipes[17:43])
    assert np.array_equal(passages.pool.recipes(10_015, 10_025), passages.pool.recipes(0, 10_030)[10_015:10_025])


def test_the_library_holds_the_passages(parts: Parts, passages: Passages) -> None:
    stored = list(parts.library.stored(range(1, 61)))
    assert [each.passage.text for each in stored] == passages.texts(range(60))
    assert np.allclose([each.vector for each in stored], passages.vectors(range(60)), atol=1e-3)


def test_the_exact_rankings_are_those_of_the_library(parts: Parts, passages: Passages) -> None:
    vectors = HashEncoder().encode(QUESTIONS)
    words = [query_words(question) for question in QUESTIONS]
    dense, keyword = exact.by_cosine(passages, vectors), exact.by_keywords(passages, words)
    for number, question in enumerate(QUESTIONS):
        for ranking, found in (
            (dense[number], parts.vectors.search(vectors[number], exact.DEPTH)),
            (keyword[number], parts.keywords.search(words[number], exact.DEPTH)),
        ):
            assert [place + 1 for place, _ in ranking] == [each.passage_id for each in found]
            assert [score for _, score in ranking] == pytest.approx([each.score for each in found], abs=1e-5)
        fused = [place + 1 for place, _ in exact.hybrid(dense, keyword)[number]]
        near = ids(parts, parts.retriever.search(question, exact.DEPTH))
        assert near[0] == fused[0]
        assert {*fused[: exact.DEPTH]} <= {*near} <= {*fused}


def test_what_is_not_found_is_not_shared() -> None:
    assert shared([[(0, 1.0), (1, 0.5)], [(4, 1.0)]], [[1, 3], [5]]) == pytest.approx(0.75)


def test_tables_have_a_column_for_each_size_and_tell_of_a_bar_that_is_missed() -> None:
    figures = {2000: {"hybrid, ms": 10.0, "opening, ms": 5.0}, 20_000: {"hybrid, ms": 12.0, "opening, ms": 20.0}}
    assert "| passages | 2,000 | 20,000 | ratio |" in table(figures)
    assert "| hybrid, ms | 10 | 12 | 1.20 |" in table(figures)
    assert "| opening, largest over smallest | 4 | at most 1.5: missed |" in bars(figures)
    assert "| hybrid, largest over 20,000 | 1 | at most 4 |" in bars(figures)
    assert "not measured" in bars(figures)
    assert side_by_side({"one": {"a": 1.0}, "other": {"b": 2.0}}).splitlines()[2:] == ["| a | 1 |  |", "| b |  | 2 |"]
