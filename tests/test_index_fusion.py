"""Reciprocal rank fusion: the formula of the paper, ties by id, and no matter which ranking comes first."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.fusion import fuse

RANKINGS = st.lists(st.lists(st.integers(1, 12), unique=True, max_size=8), max_size=6)


@given(RANKINGS, st.randoms(use_true_random=False))
def test_the_order_of_the_rankings_does_not_matter(rankings: list[list[int]], random: Random) -> None:
    shuffled = random.sample(rankings, len(rankings))
    assert fuse(shuffled) == fuse(rankings)


@given(RANKINGS)
def test_every_id_comes_once_with_the_sum_over_its_ranks_best_first_and_ties_by_id(rankings: list[list[int]]) -> None:
    fused = fuse(rankings)
    assert {id for id, _ in fused} == {id for ranking in rankings for id in ranking}
    for id, score in fused:
        ranks = [ranking.index(id) + 1 for ranking in rankings if id in ranking]
        assert score == pytest.approx(sum(1 / (60 + rank) for rank in ranks), rel=1e-12)
    assert fused == sorted(fused, key=lambda item: (-item[1], item[0]))
    assert len(fused) == len(dict(fused))


def test_two_rankings_by_hand() -> None:
    assert fuse([[7, 5], [5, 9]]) == [(5, 1 / 62 + 1 / 61), (7, 1 / 61), (9, 1 / 62)]


def test_equal_scores_stand_by_id() -> None:
    assert [id for id, _ in fuse([[3, 8], [2, 9]])] == [2, 3, 8, 9]


@pytest.mark.parametrize("rankings", [[], [[]], [[], []]])
def test_nothing_found_gives_nothing(rankings: list[list[int]]) -> None:
    assert fuse(rankings) == []
