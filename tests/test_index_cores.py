"""Proves that each core works on one thing at a time, in a fair order, and that nothing which fails stops it."""

from __future__ import annotations

import os
import threading
from concurrent.futures import Future
from unittest.mock import patch

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from index.cores import Cores
from qa.threads import calm_threads


def test_torch_computes_on_one_core_there_and_on_as_many_as_before_elsewhere() -> None:
    before = torch.get_num_threads()
    assert Cores(before).submit(torch.get_num_threads).result() == 1
    assert torch.get_num_threads() == before
    elsewhere: list[int] = []
    thread = threading.Thread(target=lambda: elsewhere.append(torch.get_num_threads()))
    thread.start()
    thread.join()
    assert elsewhere == [before]


def test_short_work_goes_first_and_else_what_came_first() -> None:
    cores, held, order = Cores(1), threading.Event(), list[str]()
    works: list[Future[object]] = [cores.submit(held.wait)]
    for number in range(4):
        works.append(cores.submit(lambda number=number: order.append(f"long{number}")))
        works.append(cores.submit(lambda number=number: order.append(f"short{number}"), short=True))
    held.set()
    for work in works:
        work.result()
    assert order == [*(f"short{number}" for number in range(4)), *(f"long{number}" for number in range(4))]


@settings(deadline=None, max_examples=20)
@given(number=st.integers(1, 4), short=st.lists(st.booleans(), max_size=60))
def test_never_are_more_at_work_than_there_are_cores_and_all_is_done(number: int, short: list[bool]) -> None:
    cores, lock, at_work, most = Cores(number), threading.Lock(), 0, 0

    def work() -> None:
        nonlocal at_work, most
        with lock:
            at_work += 1
            most = max(most, at_work)
        with lock:
            at_work -= 1

    for future in [cores.submit(work, short=is_short) for is_short in short]:
        future.result()
    assert most <= number
    assert at_work == 0


def test_cores_work_at_the_same_time() -> None:
    cores, both = Cores(2), threading.Barrier(2)
    for future in [cores.submit(lambda: both.wait(timeout=30)) for _ in range(2)]:
        future.result()


def test_what_fails_is_told_to_who_asked_and_the_core_goes_on() -> None:
    cores = Cores(1)
    with pytest.raises(ZeroDivisionError):
        cores.submit(lambda: 1 / 0).result()
    assert cores.submit(lambda: 1).result() == 1


@pytest.mark.parametrize(("given", "then"), [({}, "PASSIVE"), ({"OMP_WAIT_POLICY": "ACTIVE"}, "ACTIVE")])
def test_threads_that_wait_sleep_unless_the_user_has_said_otherwise(given: dict[str, str], then: str) -> None:
    with patch.dict(os.environ, given, clear=True):
        calm_threads()
        assert os.environ["OMP_WAIT_POLICY"] == then
