"""Fits the judge: how the reader's evidence, the words and the ranks weigh against each other, as probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from qa.readers.judge import AnswerFeatures, Evaluated, Judge, Logistic, SentenceFeatures
from qa.readers.span_reader import SpanReader
from qa.readers.spans import SpanModel
from qa.training.asking import Asked, Weight

_UNTRAINED = Judge(
    Logistic(0.0, (1.0,) + (0.0,) * (len(SentenceFeatures._fields) - 1)),
    Logistic(0.0, (1.0,) + (0.0,) * (len(AnswerFeatures._fields) - 1)),
)
"""Trusts the model alone; what it says is not used, only the features are."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What a model made of a question's passages, which of their sentences are right, and how much that counts."""

    seen: Evaluated
    right: NDArray[np.bool_]
    weight: Weight


def judged(model: SpanModel, asked: Iterable[Asked]) -> list[Judged]:
    """The features of all sentences, for a model; a question whose passages hold no sentence is left out."""
    reader = SpanReader(model, _UNTRAINED)
    evaluated = ((each, reader.evaluate(each.question, each.hits)) for each in asked)
    return [Judged(seen, _right(seen, each), each.weight) for each, seen in evaluated if seen.found]


def fit(judged: Sequence[Judged]) -> dict[str, Any]:
    """Both regressions, in the form in which they are shipped."""
    rows = np.concatenate([each.seen.features for each in judged])
    right = np.concatenate([each.right for each in judged])
    weights = np.array([each.weight.answer for each in judged])
    of_sentences = np.repeat([each.weight.sentence for each in judged], [len(each.right) for each in judged])
    sentence = _regression(rows, right, of_sentences, SentenceFeatures._fields)
    logistic = Logistic.of(sentence, SentenceFeatures._fields)
    answers = [each.seen.answer_features(logistic.logits(each.seen.features)) for each in judged]
    answerable = np.array([bool(each.right.any()) for each in judged])
    return {
        "sentence": sentence,
        "answer": _regression(np.concatenate(answers), answerable, weights, AnswerFeatures._fields),
    }


def _regression(
    rows: NDArray[np.float64], truth: NDArray[np.bool_], counts: NDArray[np.float64], names: Sequence[str]
) -> dict[str, float]:
    spread = rows.std(axis=0)
    spread[spread == 0] = 1
    model = LogisticRegression(C=10.0, max_iter=2000).fit(rows / spread, truth, sample_weight=counts)
    weights = model.coef_[0] / spread
    return {
        "bias": round(float(model.intercept_[0]), 4),
        **{name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
    }


def _right(seen: Evaluated, asked: Asked) -> NDArray[np.bool_]:
    return np.array(
        [
            any(
                document == each.hit.passage.document_id and span in each.quote.shift(each.hit.passage.span.start)
                for document, span in asked.places
            )
            for each in seen.found
        ],
        dtype=bool,
    )
