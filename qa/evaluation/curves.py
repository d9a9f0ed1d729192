"""Confidence against truth: how well it ranks, how well it is calibrated, and what refusing more would gain."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

BINS = 15
"""Of equal width, for calibration (Guo et al. 2017)."""

Values = NDArray[np.float64]


def auroc(truth: Values, confidence: Values) -> float:
    """The chance that a true one has a higher confidence than a false one, ties counting half; NaN without both.

    From the sum of ranks (Hanley and McNeil 1982). ``truth`` is 1 or 0; both have shape (questions,).
    """
    true, false = int(truth.sum()), int((1 - truth).sum())
    if not true or not false:
        return float("nan")
    _, place, counts = np.unique(confidence, return_inverse=True, return_counts=True)
    ranks = (np.cumsum(counts) - (counts - 1) / 2)[place]
    return float((ranks @ truth - true * (true + 1) / 2) / (true * false))


def calibration_error(truth: Values, confidence: Values) -> float:
    """Mean distance between confidence and truth over the bins, weighted by their size (ECE; Guo et al. 2017)."""
    gaps = np.bincount(_bin(confidence), weights=truth - confidence, minlength=BINS)
    return float(np.abs(gaps).sum() / len(truth))


def reliability(truth: Values, confidence: Values) -> list[tuple[float, float, int]]:
    """Of each bin that has any: mean confidence, share that is true, how many."""
    bins = _bin(confidence)
    return [
        (float(confidence[bins == each].mean()), float(truth[bins == each].mean()), int((bins == each).sum()))
        for each in np.unique(bins)
    ]


def risk_coverage(right: Values, confidence: Values) -> tuple[Values, Values]:
    """Coverages, and the share of wrong answers among those given there, as less and less sure ones are given.

    El-Yaniv and Wiener 2010; equally sure ones count as wrong as they are on average, so that no order is preferred.
    """
    order = np.argsort(-confidence, kind="stable")
    _, place, counts = np.unique(-confidence[order], return_inverse=True, return_counts=True)
    wrong = (np.bincount(place, weights=1 - right[order]) / counts)[place]
    given = np.arange(1, len(wrong) + 1)
    return given / len(wrong), np.cumsum(wrong) / given


def area_under_risk(right: Values, confidence: Values) -> float:
    """The mean risk over all coverages (AURC; Geifman, Uziel and El-Yaniv 2019, section 2)."""
    return float(risk_coverage(right, confidence)[1].mean())


def _bin(confidence: Values) -> NDArray[np.int64]:
    return np.minimum((confidence * BINS).astype(np.int64), BINS - 1)
