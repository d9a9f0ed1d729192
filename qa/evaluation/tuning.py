"""Tuning: the strictness that keeps false answers to a wished share, and what it costs in refusals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import KrakowQAError
from qa.evaluation.curves import Values
from qa.evaluation.metrics import MEASURES, Metric, columns_of, payload_of
from qa.evaluation.records import Record

_DIGITS = 4
_RATES = [measure for measure in MEASURES if measure.name in {"false_answer_rate", "false_refusal_rate"}]


class CannotTune(KrakowQAError):
    """A set that says too little to choose a strictness by."""


@dataclass(frozen=True, slots=True)
class Tuned:
    """A strictness with the rates of errors: ``now``, as it ``fits`` the set, and ``expected`` of new questions.

    The last are cross-validated: each question is decided by the strictness that the other folds choose. All are
    metrics by name, ``false_answer_rate`` and ``false_refusal_rate``.
    """

    wished: float
    strictness: float
    now: dict[str, Metric]
    fits: dict[str, Metric]
    expected: dict[str, Metric]

    def payload(self) -> dict[str, Any]:
        """What ``tune --json`` prints."""
        return {
            "wished_false_answers": self.wished,
            "strictness": self.strictness,
            "now": payload_of(self.now),
            "fits": payload_of(self.fits),
            "expected": payload_of(self.expected),
        }

    def text(self) -> str:
        """The same to be read."""
        lines = [
            f"Strictness {self.strictness:g}, for at most {self.wished:g} false answers:"
            f" an answer is given from a confidence of {1 - self.strictness:.{_DIGITS}g} on",
            "",
            f"{'':<20} {'now':>7} {'fits':>7}   expected of new questions",
        ]
        for name, expected in self.expected.items():
            interval = f"{expected.value:.3f} ({expected.low:.3f} to {expected.high:.3f})"
            lines.append(f"{name:<20} {self.now[name].value:>7.3f} {self.fits[name].value:>7.3f}   {interval}")
        return "\n".join(lines)


def tune(records: Sequence[Record], wished: float, folds: int = 5, seed: int = 0) -> Tuned:
    """The strictness that answers as much as it may; raises CannotTune.

    ``wished`` is the share of unanswerable questions that may be answered, 0 to 1.
    """
    columns = columns_of(records)
    answerable = columns["answerable"] == 1
    confidence = np.where(columns["shown"] > 0, columns["confidence"], -1.0)  # no quotes, no answer
    for kind, count in (("answerable", int(answerable.sum())), ("unanswerable", int((~answerable).sum()))):
        if count < folds:
            raise CannotTune(
                f"The set has {count} {kind} questions, and {folds} folds need at least {folds} of both kinds."
                " Add some, or give fewer --folds"
            )
    threshold = _threshold(answerable, confidence, wished)
    of_others = np.empty(len(confidence))
    for held_out in _folds(answerable, folds, seed):
        of_others[held_out] = _threshold(answerable[~held_out], confidence[~held_out], wished)
    return Tuned(
        wished=wished,
        strictness=round(1 - threshold, _DIGITS),
        now=_rates(answerable, np.array([record.answered for record in records])),
        fits=_rates(answerable, confidence >= threshold),
        expected=_rates(answerable, confidence >= of_others),
    )


def _threshold(answerable: NDArray[np.bool_], confidence: Values, wished: float) -> float:
    """The least confidence, to four digits, from which on few enough unanswerable questions are answered."""
    unanswerable = np.sort(confidence[~answerable])[::-1]
    allowed = int(wished * len(unanswerable))
    if allowed >= len(unanswerable):
        return 0.0
    too_sure = unanswerable[allowed]
    above = confidence[confidence > too_sure]
    middle = (too_sure + (above.min() if len(above) else 1.0)) / 2
    return float(np.ceil(middle * 10**_DIGITS) / 10**_DIGITS)


def _folds(answerable: NDArray[np.bool_], folds: int, seed: int) -> list[NDArray[np.bool_]]:
    """Which questions each fold holds, with as many of both kinds as the others."""
    chance = np.random.default_rng(seed)
    fold_of = np.empty(len(answerable), dtype=np.int64)
    for kind in (answerable, ~answerable):
        fold_of[kind] = chance.permutation(int(kind.sum())) % folds
    return [fold_of == fold for fold in range(folds)]


def _rates(answerable: NDArray[np.bool_], answered: NDArray[np.bool_]) -> dict[str, Metric]:
    """Both rates of errors, where so many questions are answered."""
    columns = {
        "false_answer_rate": np.where(answerable, np.nan, answered),
        "false_refusal_rate": np.where(answerable, ~answered, np.nan),
    }
    found = ((measure.name, measure.metric(columns)) for measure in _RATES)
    return {name: metric for name, metric in found if metric is not None}
