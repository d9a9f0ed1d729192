"""Proves the span search against the plain double loop that it stands for."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.model import Span
from qa.readers.spans import NOTHING, Evidence, Window, evidence

MOST_TOKENS = 30

logits = st.floats(-12, 12, width=32)


@st.composite
def windows(draw: st.DrawFn) -> Window:
    """A window of tokens of random length with random gaps between them."""
    tokens = draw(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 5), logits, logits), min_size=1, max_size=50))
    offsets, place = [], 0
    for gap, length, _, _ in tokens:
        offsets.append((place + gap, place + gap + length))
        place += gap + length
    starts, ends = (np.array([token[part] for token in tokens], dtype=np.float32) for part in (2, 3))
    return Window(0, starts, ends, np.array(offsets))


@st.composite
def sentence_spans(draw: st.DrawFn) -> list[Span]:
    """Sentences in order, with gaps, that know nothing of tokens."""
    found, place = [], 0
    for gap, length in draw(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 60)), max_size=5)):
        found.append(Span(place + gap, place + gap + length))
        place += gap + length
    return found


def plainly(window: Window, sentence: Span) -> Evidence:
    """The sum and the best of all spans of at most 30 tokens inside a sentence, one by one."""
    scores = {
        Span(int(window.offsets[first, 0]), int(window.offsets[last, 1])): float(window.starts[first])
        + float(window.ends[last])
        for first in range(len(window.starts))
        for last in range(first, min(first + MOST_TOKENS, len(window.starts)))
        if window.offsets[first, 0] >= sentence.start and window.offsets[last, 1] <= sentence.end
    }
    if not scores:
        return Evidence(NOTHING, None)
    return Evidence(float(np.logaddexp.reduce(list(scores.values()))), max(scores, key=scores.__getitem__))


@given(window=windows(), found=sentence_spans())
def test_evidence_is_that_of_the_plain_double_loop(window: Window, found: list[Span]) -> None:
    for seen, sentence in zip(evidence(window, found), found, strict=True):
        expected = plainly(window, sentence)
        assert seen.log_odds == pytest.approx(expected.log_odds, abs=1e-3)
        assert (seen.words is None) is (expected.words is None)
        if seen.words is not None:
            assert seen.words in sentence


def test_the_likeliest_words_are_those_with_the_highest_logits() -> None:
    starts, ends = np.full(6, -5.0, dtype=np.float32), np.full(6, -5.0, dtype=np.float32)
    starts[2], ends[3] = 4.0, 3.0
    offsets = np.array([(4 * n, 4 * n + 3) for n in range(6)])
    (seen,) = evidence(Window(0, starts, ends, offsets), [Span(0, 23)])
    assert seen.words == Span(8, 15)
    assert seen.log_odds == pytest.approx(7.0, abs=0.01)


def test_words_across_two_sentences_are_evidence_of_neither() -> None:
    starts, ends = np.full(4, -9.0, dtype=np.float32), np.full(4, -9.0, dtype=np.float32)
    starts[1], ends[2] = 9.0, 9.0
    offsets = np.array([(0, 3), (4, 7), (8, 11), (12, 15)])
    first, second = evidence(Window(0, starts, ends, offsets), [Span(0, 7), Span(8, 15)])
    assert max(first.log_odds, second.log_odds) < 1.0


def test_a_passage_without_sentences_has_no_evidence() -> None:
    window = Window(0, np.zeros(2, dtype=np.float32), np.zeros(2, dtype=np.float32), np.array([(0, 1), (2, 3)]))
    assert evidence(window, []) == []
