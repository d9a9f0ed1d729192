"""Metrics: what each question scored, and what that says of all of them, with 95% intervals."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from qa.evaluation.questions import Question
from qa.model import Answer

_RESAMPLES = 1000
_BINS = 15

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Scored:
    """A question with its answer and how it scored.

    ``position`` is how many quotes, from the first, it takes to hold the evidence, None where they never do;
    ``exact_match`` and ``f1`` are None where the set has no accepted answer for it; ``quotes`` counts the quotes shown
    and ``intact`` those equal to the stored text.
    """

    question: Question
    answer: Answer
    position: int | None
    exact_match: float | None
    f1: float | None
    quotes: int
    intact: int


@dataclass(frozen=True, slots=True)
class Metric:
    """A value with its bootstrapped 95% interval; NaN ends where a resample has no value."""

    value: float
    low: float
    high: float


def normalized_answer(text: str) -> str:
    """Lower case, without punctuation, articles and extra white space (Rajpurkar et al. 2016, section 6.1)."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(given: str, accepted: Sequence[str]) -> float:
    """1 where the answer equals an accepted one after normalisation, else 0."""
    return float(any(normalized_answer(given) == normalized_answer(answer) for answer in accepted))


def f1(given: str, accepted: Sequence[str]) -> float:
    """The harmonic mean of precision and recall over words, for the accepted answer that fits best.

    Where one side is empty after normalisation, both must be, as in the SQuAD 2.0 script.
    """
    return max(_overlap(normalized_answer(given).split(), normalized_answer(answer).split()) for answer in accepted)


def metrics(scored: Sequence[Scored]) -> dict[str, Metric]:
    """All metrics that the questions support, by name.

    ``exact_match`` and ``f1``: of the short answer, mean over questions with accepted answers and, among them, those
    without an answer, where only a refusal is right. ``evidence@1``, ``evidence@any``: share of answerable questions
    whose evidence stands in the first quote, in any. ``quote_integrity``: share of quotes equal to the stored text.
    ``false_answer_rate``: share of unanswerable questions that were answered; ``false_refusal_rate``: share of
    answerable ones that were refused. ``answerable_auroc``: chance that an answerable question has a higher confidence
    than one that is not. ``ece``: expected calibration error of the confidence that the question is answerable, 15
    bins of equal width (Guo et al. 2017).
    """
    if not scored:
        return {}
    answerable = np.array([each.question.answerable for each in scored])
    answered = np.array([float(each.answer.answered) for each in scored])
    confidence = np.array([each.answer.confidence for each in scored])
    found: dict[str, Metric] = {}
    if any(each.question.answers for each in scored):
        for name, values in (
            ("exact_match", [each.exact_match for each in scored if each.exact_match is not None]),
            ("f1", [each.f1 for each in scored if each.f1 is not None]),
        ):
            found[name] = mean(np.array(values))
    with_evidence = [each for each in scored if each.question.answerable and each.question.evidence]
    if with_evidence:
        found["evidence@1"] = mean(np.array([float(each.position == 1) for each in with_evidence]))
        found["evidence@any"] = mean(np.array([float(each.position is not None) for each in with_evidence]))
    quotes = np.array([(each.intact, each.quotes) for each in scored], dtype=np.float64)
    if quotes[:, 1].sum():
        found["quote_integrity"] = _bootstrap(
            len(quotes), lambda rows: float(quotes[rows, 0].sum() / max(quotes[rows, 1].sum(), 1))
        )
    if not answerable.all():
        found["false_answer_rate"] = mean(answered[~answerable])
    if answerable.any():
        found["false_refusal_rate"] = mean(1 - answered[answerable])
    if answerable.any() and not answerable.all():
        found["answerable_auroc"] = _bootstrap(len(scored), lambda rows: auroc(answerable[rows], confidence[rows]))
        found["ece"] = _bootstrap(len(scored), lambda rows: calibration_error(answerable[rows], confidence[rows]))
    return found


def mean(values: Values) -> Metric:
    """The mean of one value a question."""
    return _bootstrap(len(values), lambda rows: float(values[rows].mean()))


def calibration_error(truth: NDArray[np.bool_], confidence: Values) -> float:
    """Mean distance between confidence and truth over bins of equal width, weighted by their size."""
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = np.bincount(bins, weights=truth - confidence, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(truth))


def auroc(truth: NDArray[np.bool_], confidence: Values) -> float:
    """The chance that a true one has a higher confidence than a false one, ties counting half; NaN without both.

    From the sum of ranks (Hanley and McNeil 1982).
    """
    true, false = int(truth.sum()), int((~truth).sum())
    if not true or not false:
        return float("nan")
    _, place, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks[truth].sum() - true * (true + 1) / 2) / (true * false))


def _bootstrap(size: int, statistic: Callable[[NDArray[np.int64]], float]) -> Metric:
    """The statistic of all rows, and its percentile interval over resamples (Efron and Tibshirani 1993, chapter 13)."""
    chance = np.random.default_rng(0)
    resampled = [statistic(chance.integers(size, size=size)) for _ in range(_RESAMPLES)]
    low, high = np.nanquantile(resampled, [0.025, 0.975])
    return Metric(statistic(np.arange(size)), float(low), float(high))


def _overlap(given: list[str], accepted: list[str]) -> float:
    if not given or not accepted:
        return float(given == accepted)
    shared = sum((Counter(given) & Counter(accepted)).values())
    return 2 * shared / (len(given) + len(accepted))
