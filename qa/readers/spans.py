"""Span search: from what a model says of each token to how strongly each sentence answers, and with which words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
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
    """A model that marks where an answer starts and ends."""

    name: str

    def windows(self, question: str, passages: Sequence[str]) -> list[Window]:
        """What it says of each passage, long ones in several overlapping windows."""


class BulkSpanModel(Protocol):
    """A model that reads the passages of several questions together."""

    name: str

    def windows_of(self, asked: Sequence[tuple[str, Sequence[str]]]) -> list[list[Window]]:
        """What a ``SpanModel`` says of the passages of each question, in their order."""


@dataclass(frozen=True, slots=True)
class Evidence:
    """How strongly a sentence answers: log-odds against no answer in its passage, and its likeliest words."""

    log_odds: float
    words: Span | None


def evidence(window: Window, found: Sequence[Span]) -> list[Evidence]:
    """The evidence of each sentence of a passage, summed over all spans of at most 30 tokens inside it."""
    tokens = len(window.starts)
    of_token = _sentence_of_token(window.offsets, found)
    places = np.arange(tokens)[:, None] + np.arange(_SPAN_TOKENS)[None, :]
    ends = np.append(window.ends, -np.inf)[np.minimum(places, tokens)]
    end_sentence = np.append(of_token, -1)[np.minimum(places, tokens)]
    inside = (end_sentence == of_token[:, None]) & (of_token[:, None] >= 0)
    scores = np.where(inside, window.starts[:, None] + ends, -np.inf)
    by_start = np.logaddexp.reduce(scores, axis=1)
    log_odds = np.full(len(found), -np.inf)
    np.logaddexp.at(log_odds, of_token[of_token >= 0], by_start[of_token >= 0])
    return [
        Evidence(float(odds), _likeliest(window, scores, of_token == number))
        if np.isfinite(odds)
        else Evidence(NOTHING, None)
        for number, odds in enumerate(log_odds)
    ]


def _sentence_of_token(offsets: NDArray[np.int64], found: Sequence[Span]) -> NDArray[np.int64]:
    """The number of the sentence that each token stands in, -1 between sentences; int64 of shape (tokens,)."""
    if not found:
        return np.full(len(offsets), -1)
    starts = np.array([span.start for span in found])
    ends = np.array([span.end for span in found])
    number = np.searchsorted(starts, offsets[:, 0], side="right") - 1
    outside = (number < 0) | (offsets[:, 1] > ends[number])
    return np.where(outside, -1, number)


def _likeliest(window: Window, scores: NDArray[np.float32], rows: NDArray[np.bool_]) -> Span:
    masked = np.where(rows[:, None], scores, -np.inf)
    start, length = np.unravel_index(int(np.argmax(masked)), masked.shape)
    return Span(int(window.offsets[start, 0]), int(window.offsets[start + length, 1]))
