"""BM25 over postings finds what the formula finds passage by passage, whatever the postings, filters and depths."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.keywords.bm25 import bm25, idf
from index.keywords.postings import Rows, best
from index.search import Found

_ROW = [("passage", "<i8"), ("frequency", "<i4"), ("length", "<i4")]
_TERMS = "abcde"

Texts = dict[int, str]

texts = st.dictionaries(st.integers(1, 2**40), st.text(_TERMS + "xyz", min_size=1, max_size=9), min_size=1, max_size=30)
words = st.lists(st.lists(st.sampled_from(_TERMS), min_size=1, max_size=2, unique=True), max_size=4)


def rows(texts: Texts, term: str) -> Rows:
    """The postings of a term, where each character of a text is one."""
    held = [(id, text.count(term), len(text)) for id, text in sorted(texts.items()) if term in text]
    return np.array(held, dtype=_ROW)


def postings(texts: Texts, words: list[list[str]]) -> list[list[Rows]]:
    return [[held for term in word if len(held := rows(texts, term))] for word in words]


def one_by_one(texts: Texts, words: list[list[str]], k: int, among: set[int]) -> list[Found]:
    """By the formula, of each passage by itself."""
    mean_length = sum(map(len, texts.values())) / len(texts)
    idfs = [idf(len(texts), max(len(rows(texts, term)) for term in word)) for word in words]
    found = [
        Found(id, bm25(idfs, [sum(map(text.count, word)) for word in words], len(text), mean_length))
        for id, text in texts.items()
        if id in among and any(term in text for word in words for term in word)
    ]
    return sorted(found, key=lambda each: (-each.score, each.passage_id))[:k]


@given(texts=texts, words=words, k=st.integers(1, 12), data=st.data())
def test_the_best_are_those_of_the_formula(texts: Texts, words: list[list[str]], k: int, data: st.DataObject) -> None:
    among = set(data.draw(st.lists(st.sampled_from(sorted(texts)), unique=True)))
    held, mean_length = postings(texts, words), sum(map(len, texts.values())) / len(texts)
    found = best(held, len(texts), mean_length, k)
    assert found == one_by_one(texts, words, k, set(texts))
    filtered = best(held, len(texts), mean_length, k, among=np.array(sorted(among), dtype=np.int64))
    assert filtered == one_by_one(texts, words, k, among)


def test_of_many_that_hold_the_same_those_with_the_lowest_ids_are_found() -> None:
    held = np.array([(id, 1, 3) for id in range(1, 5001)], dtype=_ROW)
    found = best([[held]], 6000, 3.0, 10)
    assert [each.passage_id for each in found] == list(range(1, 11))
    assert len({each.score for each in found}) == 1


@pytest.mark.parametrize("words", [[], [[]]])
def test_without_postings_nothing_is_found(words: list[list[Rows]]) -> None:
    assert best(words, 0, 1.0, 5) == []
