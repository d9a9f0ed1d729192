"""Work done ahead: all of it, in its order, within its bound; errors in their place; nothing after it is closed."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.ahead import Ahead, Closed


@given(st.lists(st.integers()), st.integers(0, 5))
def test_all_comes_in_its_order(items: list[int], most: int) -> None:
    assert list(Ahead(items, most)) == items


@pytest.mark.parametrize("most", [0, 3])
def test_no_more_is_made_than_may_wait(most: int) -> None:
    made: list[int] = []
    ahead = Ahead((made.append(number) or number for number in range(20)), most)
    for taken in range(1, 6):
        next(ahead)
        assert len(made) <= taken + most + 1
    ahead.close()


def test_an_error_comes_after_what_came_before_it() -> None:
    def items() -> Iterator[int]:
        yield from (1, 2)
        raise ValueError("the third is bad")

    ahead = Ahead(items(), most=9)
    assert [next(ahead), next(ahead)] == [1, 2]
    with pytest.raises(ValueError, match="the third"):
        next(ahead)


def test_what_is_ready_is_given_without_waiting() -> None:
    going = threading.Event()

    def items() -> Iterator[int]:
        yield 1
        going.wait(10)
        yield 2

    ahead = Ahead(items(), most=9)
    assert (next(ahead), ahead.ready()) == (1, None)
    going.set()
    assert (next(ahead), list(ahead), ahead.ready()) == (2, [], None)


def test_nothing_is_begun_after_it_is_closed() -> None:
    made: list[int] = []
    ahead = Ahead((made.append(number) or number for number in range(9)), most=0)
    next(ahead)
    ahead.close()
    before = len(made)
    assert (list(ahead), ahead.ready(), len(made)) == ([], None, before)
    assert before < 4
    with pytest.raises(Closed):
        ahead.check()
