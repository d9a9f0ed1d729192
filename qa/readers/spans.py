"""Span search: from what a model says of each token to how strongly each sentence answers, and with which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from corpus.model import Span

_SPAN_TOKENS = 30
"""The longest answer that is looked for, as in BERT's own SQuAD script (Devlin et al. 2019)."""

NOTHING = -30.0
"""Log-odds of a sentence in which no answer can be."""


@dataclass(frozen=True, slots=True)
class Window:
    """What a model says of the tokens of one stretch of a passage, and which passage that is, counted from 0.

    ``starts`` and ``ends`` are float32 of shape (tokens,): logits that the answer starts or ends there, less the logit
    that there is none. ``offsets`` is int64 of shape (tokens, 2): where each token stands in the passage.
    """

    passage: int
    starts: NDArray[np.float32]
    ends: NDArray[np.float32]
    offsets: NDArray[np.int64]


class SpanModel(Protocol):
    """A model that marks where an answer starts and ends, for any number of threads at once."""

    name: str

    def windows(self, question: str, passages: Sequence[str]) -> list[Window]:
        """What it says of each passage, long ones in several overlapping windows."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How strongly a sentence answers: log-odds against no answer in its passage, and its likeliest words."""

    log_odds: float
    words: Span | None


def evidence(window: Window, found: Sequence[Span]) -> list[Evidence]:
    """The evidence of each sentence of a passage, summed over all spans of at most 30 tokens inside it."""
    seen = [Evidence(NOTHING, None)] * len(found)
    of_token = _sentence_of_token(window.offsets, found)
    inside = np.flatnonzero(of_token >= 0)
    if not len(inside):
        return seen
    of_token, offsets = of_token[inside], window.offsets[inside]
    scores = _scores(window.starts[inside], window.ends[inside], of_token)
    lengths = scores.argmax(axis=1)
    of_start = scores[np.arange(len(scores)), lengths]
    numbers, firsts = np.unique(of_token, return_index=True)
    best = np.maximum.reduceat(of_start, firsts)
    shares = np.exp(scores - np.repeat(best, np.diff(firsts, append=len(scores)))[:, None]).sum(axis=1)
    log_odds = best + np.log(np.add.reduceat(shares, firsts))
    for number, first, odds, highest in zip(numbers, firsts, log_odds, best, strict=True):
        start = first + int(np.argmax(of_start[first:] == highest))
        seen[number] = Evidence(float(odds), Span(int(offsets[start, 0]), int(offsets[start + lengths[start], 1])))
    return seen


def _scores(starts: NDArray[np.float32], ends: NDArray[np.float32], of_token: NDArray[np.int64]) -> NDArray[np.float32]:
    """The logits of each span by its first token and its length; float32 of shape (tokens, 30), minus infinity where it
    leaves its sentence."""
    beyond = _SPAN_TOKENS - 1
    of_end = sliding_window_view(np.append(of_token, np.full(beyond, -1)), _SPAN_TOKENS)
    of_span = sliding_window_view(np.append(ends, np.zeros(beyond, dtype=np.float32)), _SPAN_TOKENS)
    return np.where(of_end == of_token[:, None], starts[:, None] + of_span, np.float32(-np.inf))


def _sentence_of_token(offsets: NDArray[np.int64], found: Sequence[Span]) -> NDArray[np.int64]:
    """The number of the sentence that each token stands in, -1 between sentences; int64 of shape (tokens,)."""
    if not found:
        return np.full(len(offsets), -1)
    starts = np.array([span.start for span in found])
    ends = np.array([span.end for span in found])
    number = np.searchsorted(starts, offsets[:, 0], side="right") - 1
    outside = (number < 0) | (offsets[:, 1] > ends[number])
    return np.where(outside, -1, number)
