"""Metrics: what the records of a run say of all its questions, with 95% intervals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from typing import Any, Final

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from qa.evaluation.curves import Values, area_under_risk, auroc, calibration_error
from qa.evaluation.records import Record

_RESAMPLES = 1000

Columns = Mapping[str, Values]
"""What records say, by name, each of shape (questions,); NaN where one says nothing of that."""

_RANKINGS: Final = {"recall@1": R @ 1, "recall@5": R @ 5, "recall@10": R @ 10, "mrr@10": RR @ 10, "ndcg@10": nDCG @ 10}
_MISSING: Final = float("nan")


@dataclass(frozen=True, slots=True)
class Metric:
    """A value with its bootstrapped 95% interval; NaN ends where a resample has no value."""

    value: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class Measure:
    """A metric by name, in a few words, with the columns it is of, and what it makes of rows where none is missing.

    ``at_once`` tells that the statistic takes many samples as further axes in front.
    """

    name: str
    meaning: str
    columns: tuple[str, ...]
    statistic: Callable[..., Any]
    higher_is_better: bool = True
    at_once: bool = False

    def metric(self, columns: Columns) -> Metric | None:
        """Its value over the rows that say something of it, with its interval; None where these cannot support it."""
        stacked = np.column_stack([columns[name] for name in self.columns])
        rows = stacked[~np.isnan(stacked).any(axis=1)]
        value = self.of(rows)
        return None if np.isnan(value) else Metric(float(value), *self._interval(rows))

    def of(self, rows: Values) -> float:
        """Its value for rows of its columns; NaN where they cannot support it."""
        return float(self.statistic(*rows.T)) if len(rows) else _MISSING

    def _interval(self, rows: Values) -> tuple[float, float]:
        """The percentile interval of resamples (Efron and Tibshirani 1993, chapter 13)."""
        chance = np.random.default_rng(0)
        samples = chance.integers(len(rows), size=(_RESAMPLES, len(rows)))
        if self.at_once:
            resampled = self.statistic(*np.moveaxis(rows[samples], -1, 0))
        else:
            resampled = [self.of(rows[sample]) for sample in samples]
        low, high = np.nanquantile(resampled, [0.025, 0.975])
        return float(low), float(high)


def _share(parts: Values, wholes: Values) -> Values:
    """NaN where there are no wholes."""
    whole = wholes.sum(axis=-1)
    return np.where(whole > 0, parts.sum(axis=-1) / np.maximum(whole, 1), _MISSING)


def _with_both(statistic: Callable[[Values, Values], float]) -> Callable[[Values, Values], float]:
    """The statistic where some questions are answerable and some are not."""
    return lambda truth, confidence: statistic(truth, confidence) if 0 < truth.mean() < 1 else _MISSING


def _mean(column: str, meaning: str, *, higher_is_better: bool = True) -> Measure:
    return Measure(column, meaning, (column,), partial(np.mean, axis=-1), higher_is_better, at_once=True)


def _latency(q: int, meaning: str) -> Measure:
    statistic = partial(np.percentile, q=q, axis=-1)
    return Measure(f"latency_ms_p{q}", meaning, ("latency_ms",), statistic, higher_is_better=False, at_once=True)


MEASURES: Final = (
    *(_mean(f"recall@{k}", f"share of the relevant documents among the first {k} found") for k in (1, 5, 10)),
    _mean("mrr@10", "how high the first relevant document stands, 1 at the top"),
    _mean("ndcg@10", "how high all relevant documents stand, 1 where none could stand higher"),
    _mean("exact_match", "share of short answers that equal an accepted one"),
    _mean("f1", "how far short answers overlap with accepted ones"),
    _mean("evidence@1", "share of answerable questions with the evidence in the first quote"),
    _mean("evidence@any", "share of answerable questions with the evidence in the quotes"),
    Measure("quote_integrity", "share of quotes that equal the stored text", ("intact", "shown"), _share, at_once=True),
    _mean("false_answer_rate", "share of unanswerable questions that were answered", higher_is_better=False),
    _mean("false_refusal_rate", "share of answerable questions that were refused", higher_is_better=False),
    Measure(
        "answerable_auroc",
        "chance that an answerable question has a higher confidence than one that is not",
        ("answerable", "confidence"),
        auroc,
    ),
    Measure(
        "aurc",
        "how often first quotes fail, on average over all shares of questions that one may answer",
        ("answerable", "right_first", "confidence"),
        lambda answerable, right, confidence: area_under_risk(right, confidence) if answerable.any() else _MISSING,
        higher_is_better=False,
    ),
    Measure(
        "ece",
        "how far the confidence is from the share that is answerable",
        ("answerable", "confidence"),
        _with_both(calibration_error),
        higher_is_better=False,
    ),
    _latency(50, "milliseconds that half of the questions took at most"),
    _latency(95, "milliseconds that 95 in 100 questions took at most"),
)
"""All metrics, in the order in which they are told.

Of the ranking of documents, over questions that have relevant ones, as trec_eval computes them: ``recall@k``: share of
the relevant documents among the first k. ``mrr@10``: one through the rank of the first relevant document, 0 after the
tenth (Voorhees 1999). ``ndcg@10``: the grades of the first ten, each through the binary logarithm of its rank plus 1,
as a share of the best there can be (Järvelin and Kekäläinen 2002).

``exact_match`` and ``f1``: of the short answer, mean over questions with accepted answers and, where the set has such,
those without an answer, for which only a refusal is right. ``evidence@1``, ``evidence@any``: share of the questions
with evidence for which it stands in the first quote, in any. ``quote_integrity``: share of quotes equal to the stored
text. ``false_answer_rate``: share of unanswerable questions that were answered; ``false_refusal_rate``: share of
answerable ones that were refused. ``answerable_auroc``: chance that an answerable question has a higher confidence than
one that is not. ``aurc``: area under the risk–coverage curve, where a question is risked in vain unless its first quote
holds the evidence. ``ece``: expected calibration error of the confidence that a question is answerable.
``latency_ms_*``: percentiles of the milliseconds that a question took.
"""


def columns_of(records: Sequence[Record], latencies_ms: Sequence[float] = ()) -> Columns:
    """What the records say; latencies of as many questions, or none. There are no columns of no records."""
    if not records:
        return {}
    accepts_answers = any(record.question.answers for record in records)
    rows = [_row(record, accepts_answers) for record in records]
    columns = {name: np.array([row[name] for row in rows], dtype=np.float64) for name in rows[0]}
    columns.update(_rankings(records))
    columns["latency_ms"] = np.array(latencies_ms or [_MISSING] * len(records), dtype=np.float64)
    return columns


def metrics(columns: Columns) -> dict[str, Metric]:
    """All metrics that the rows support, by name."""
    found = ((measure.name, measure.metric(columns)) for measure in MEASURES if columns)
    return {name: metric for name, metric in found if metric is not None}


def figure(name: str, value: float) -> str:
    """A metric's value as people read it; milliseconds are told whole."""
    return f"{value:.0f}" if name.startswith("latency") else f"{value:.3f}"


def payload_of(found: Mapping[str, Metric]) -> dict[str, dict[str, float]]:
    """Metrics as JSON has them."""
    return {name: {field: round(value, 4) for field, value in asdict(metric).items()} for name, metric in found.items()}


def by_tag(records: Sequence[Record], columns: Columns) -> dict[str, dict[str, Metric]]:
    """The metrics of the questions with each tag."""
    tags = sorted({tag for record in records for tag in record.question.tags})
    found = {}
    for tag in tags:
        own = np.array([tag in record.question.tags for record in records])
        found[tag] = metrics({name: values[own] for name, values in columns.items()})
    return found


def _row(record: Record, accepts_answers: bool) -> dict[str, float | None]:
    question, answer = record.question, record.answer
    if answer is None:
        return dict.fromkeys(_OF_ANSWERS)
    has_evidence = question.answerable and bool(question.evidence)
    return {
        "answerable": question.answerable,
        "confidence": answer.confidence,
        "exact_match": record.exact_match if accepts_answers else None,
        "f1": record.f1 if accepts_answers else None,
        "evidence@1": record.position == 1 if has_evidence else None,
        "evidence@any": record.position is not None if has_evidence else None,
        "right_first": record.right_first if has_evidence or not question.answerable else None,
        "intact": record.intact,
        "shown": record.shown,
        "false_answer_rate": None if question.answerable else answer.answered,
        "false_refusal_rate": not answer.answered if question.answerable else None,
    }


_OF_ANSWERS = (
    "answerable", "confidence", "exact_match", "f1", "evidence@1", "evidence@any", "right_first", "intact", "shown",
    "false_answer_rate", "false_refusal_rate",
)  # fmt: skip


def _rankings(records: Sequence[Record]) -> dict[str, Values]:
    """The metrics of each ranking; the records are numbered, since ids may look alike to trec_eval."""
    judged = {
        str(number): record
        for number, record in enumerate(records)
        if record.found is not None and record.question.relevant
    }
    relevant = {number: dict(record.question.relevant) for number, record in judged.items()}
    scores = {
        number: {document: 1 / rank for rank, document in enumerate(record.found or (), start=1)}
        for number, record in judged.items()
    }
    found = {name: np.full(len(records), _MISSING) for name in _RANKINGS}
    names = {str(measure): name for name, measure in _RANKINGS.items()}
    if judged:
        for each in ir_measures.iter_calc(list(_RANKINGS.values()), relevant, scores):
            found[names[str(each.measure)]][int(each.query_id)] = each.value
    return found
