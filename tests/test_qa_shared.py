"""Proves that questions asked at once are read together, in the order in which they came, and each gets its own."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.readers.shared import SharedSpanModel
from qa.readers.spans import Window
from tests.fakes import WordSpanModel

UNREADABLE = "unreadable"


class HeldSpanModel(WordSpanModel):
    """Notes which questions it was given together; each pass waits until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.passes: list[list[str]] = []
        self.began, self.let_go = threading.Semaphore(0), threading.Semaphore(0)

    def windows_of(self, asked: Sequence[tuple[str, Sequence[str]]]) -> list[list[Window]]:
        self.passes.append([question for question, _ in asked])
        self.began.release()
        self.let_go.acquire()
        if any(UNREADABLE in passages for _, passages in asked):
            raise ValueError(self.passes[-1][0])
        return super().windows_of(asked)


class Asking:
    """Asks a shared model from threads of its own, one question after the other."""

    def __init__(self, most_passages: int, threads: ThreadPoolExecutor) -> None:
        self.model = HeldSpanModel()
        self.shared = SharedSpanModel(self.model, most_passages)
        self._threads = threads

    def ask(self, question: str, *passages: str) -> Future[list[Window]]:
        """Ask, and come back when the question waits."""
        waiting = len(self.shared._waiting)
        answer = self._threads.submit(self.shared.windows, question, passages)
        while len(self.shared._waiting) == waiting and not answer.done():
            threading.Event().wait(0.001)
        return answer

    def ask_while_one_is_read(self, *questions: Sequence[str]) -> list[Future[list[Window]]]:
        """The answers to questions, each with its passages, that came while the pass of a first one ran."""
        self._threads.submit(self.shared.windows, "first", ["The first passage."])
        self.model.began.acquire()
        return [self.ask(*question) for question in questions]


@contextmanager
def asking(most_passages: int = 64) -> Iterator[Asking]:
    with ThreadPoolExecutor(32) as threads:
        each = Asking(most_passages, threads)
        try:
            yield each
        finally:
            each.model.let_go.release(1000)


def same(one: Sequence[Window], other: Sequence[Window]) -> bool:
    return [(each.passage, each.starts.tolist(), each.offsets.tolist()) for each in one] == [
        (each.passage, each.starts.tolist(), each.offsets.tolist()) for each in other
    ]


@given(asked=st.lists(st.lists(st.text("Nowak chaired it 1926 ", max_size=30), max_size=5), min_size=1, max_size=8))
def test_who_asks_gets_what_the_model_says_of_the_own_question_and_passages(asked: list[list[str]]) -> None:
    questions = [(f"Who chaired {number}?", passages) for number, passages in enumerate(asked)]
    with ThreadPoolExecutor(8) as threads:
        shared = SharedSpanModel(WordSpanModel(), most_passages=7)
        answers = list(threads.map(lambda each: shared.windows(*each), questions))
    for (question, passages), windows in zip(questions, answers, strict=True):
        assert same(windows, WordSpanModel().windows(question, passages))


def test_what_comes_while_a_pass_runs_is_read_together_in_the_next_one_in_its_order() -> None:
    with asking() as each:
        answers = each.ask_while_one_is_read(*([f"q{number}", "It is.", "It was."] for number in range(5)))
        each.model.let_go.release(2)
        for answer in answers:
            answer.result()
        assert each.model.passes == [["first"], ["q0", "q1", "q2", "q3", "q4"]]


def test_a_pass_takes_no_further_question_once_it_is_full_and_none_is_passed_over() -> None:
    sizes = [3, 9, 1, 1, 1, 4, 12, 1]
    with asking(most_passages=4) as each:
        answers = each.ask_while_one_is_read(*([f"q{n}", *["It is."] * size] for n, size in enumerate(sizes)))
        each.model.let_go.release(9)
        for answer in answers:
            answer.result()
        assert each.model.passes[1:] == [["q0", "q1"], ["q2", "q3", "q4", "q5"], ["q6"], ["q7"]]


def test_no_question_waits_for_those_that_come_later() -> None:
    with asking(most_passages=1) as each:
        (early,) = each.ask_while_one_is_read(["early", "It is."])
        late = [each.ask(f"late{number}", "It was.") for number in range(5)]
        each.model.let_go.release(2)
        assert early.result()
        assert not any(answer.done() for answer in late)


def test_what_goes_wrong_with_one_question_is_nothing_to_those_read_with_it() -> None:
    with asking() as each:
        well, ill, other = each.ask_while_one_is_read(["well", "It is."], ["ill", UNREADABLE], ["other", "It was."])
        each.model.let_go.release(5)
        assert same(well.result(), WordSpanModel().windows("well", ["It is."]))
        assert same(other.result(), WordSpanModel().windows("other", ["It was."]))
        with pytest.raises(ValueError, match="ill"):
            ill.result()
        assert each.model.passes[1:] == [["well", "ill", "other"], ["well"], ["ill"], ["other"]]
        each.model.let_go.release()
        assert each.ask("after", "It is.").result()


def test_nothing_is_read_of_no_passages() -> None:
    assert SharedSpanModel(WordSpanModel()).windows("Who?", []) == []
