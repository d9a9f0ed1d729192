"""Fits the judge: how the reader's evidence, the words and the ranks weigh against each other, as probabilities."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from qa.readers.judge import AnswerFeatures, Evaluated, Judge, Logistic, SentenceFeatures
from qa.readers.span_reader import SpanReader
from qa.readers.spans import SpanModel
from qa.training.asking import Asked, Weight

_PENALTY = 0.01

_UNTRAINED = Judge(
    Logistic(0.0, (1.0,) + (0.0,) * (len(SentenceFeatures._fields) - 1)),
    *(Logistic(0.0, (1.0,) + (0.0,) * (len(AnswerFeatures._fields) - 1)),) * 2,
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
    """The regressions, in the form in which they are shipped."""
    return {
        "sentence": _sentence([each for each in judged if each.weight.sentence]),
        "answer": _answer([each for each in judged if not each.seen.is_of_one_passage]),
        "answer_of_one": _answer([each for each in judged if each.seen.is_of_one_passage]),
    }


def _sentence(judged: Sequence[Judged]) -> dict[str, float]:
    """What puts right sentences first: a ranking, whose score a regression turns into log-odds."""
    direction = _ranking([each for each in judged if each.right.any()])
    scores = np.concatenate([each.seen.features @ direction for each in judged])[:, None]
    counts = np.repeat([each.weight.sentence for each in judged], [len(each.right) for each in judged])
    sureness = _regression(scores, np.concatenate([each.right for each in judged]), counts, ["score"])
    weights = dict(zip(SentenceFeatures._fields, sureness["score"] * direction, strict=True))
    return {"bias": sureness["bias"], **{name: round(float(weight), 4) for name, weight in weights.items()}}


def _ranking(judged: Sequence[Judged]) -> NDArray[np.float64]:
    """Weights by which the right sentences of each question win against its others, of shape (features,).

    The conditional logit of McFadden, "Conditional logit analysis of qualitative choice behavior" (1974), where any of
    the right ones may be chosen, with a penalty on the squares of weights of features that vary by one.
    """
    rows = [torch.tensor(each.seen.features) for each in judged]
    right = [torch.tensor(each.right) for each in judged]
    counts = torch.tensor([each.weight.sentence for each in judged], dtype=torch.float64)
    spread = torch.cat(rows).std(dim=0, correction=0)
    spread[spread == 0] = 1
    weights = torch.zeros(rows[0].shape[1], dtype=torch.float64, requires_grad=True)
    optimizer = torch.optim.LBFGS([weights], max_iter=100, line_search_fn="strong_wolfe")

    def loss() -> torch.Tensor:
        optimizer.zero_grad()
        scores = [each / spread @ weights for each in rows]
        won = torch.stack([s.logsumexp(0) - s[r].logsumexp(0) for s, r in zip(scores, right, strict=True)])
        total = (counts * won).sum() / counts.sum() + _PENALTY * (weights**2).sum()
        total.backward()  # type: ignore[no-untyped-call]
        return total

    optimizer.step(loss)  # type: ignore[no-untyped-call]
    found: NDArray[np.float64] = (weights.detach() / spread).numpy()
    return found


def _answer(judged: Sequence[Judged]) -> dict[str, float]:
    rows = np.array([each.seen.answer_features for each in judged])
    answerable = np.array([bool(each.right.any()) for each in judged])
    return _regression(rows, answerable, np.array([each.weight.answer for each in judged]), AnswerFeatures._fields)


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
