"""The simple reader: judges sentences by meaning, shared terms, and whether they hold what is asked for."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.encoder import Encoder
from index.search import Hit
from qa.reader import Finding, Reading
from qa.readers.candidates import Candidate, KindAsked, candidates, overlap, rarities
from qa.settings import LEXICAL_READER

_READ_WHOLE = 3
_ENCODED = 24
"""Sentences compared by meaning: all of the first passages, and of the others those with the most shared terms, since
encoding is what takes time."""

_FRAGMENT = 0.25
"""A heading or caption, which ends without a full stop, is taken for a quarter as sure as a sentence."""

_LEAST = 1e-9
"""No confidence is nearer to 0 or 1, where log-odds end."""


class Features(NamedTuple):
    """What a sentence is judged by, and also the weight of each.

    ``cosine`` and ``overlap`` compare the sentence with the question, by meaning and by shared terms, rare ones
    counting more; ``passage_cosine`` compares its passage; ``asked`` is 1 where it holds what kind of thing is asked
    for, 0 where not, 0.5 where no kind is; ``reciprocal_rank`` is that of the passage.
    """

    cosine: float
    passage_cosine: float
    overlap: float
    asked: float
    reciprocal_rank: float


@dataclass(frozen=True, slots=True)
class Weights:
    """Two logistic regressions, as ``tests/benchmarks/fit_lexical.py`` fits them.

    The first judges a sentence by its features, the second from the best sentence's log-odds whether the passages
    answer at all.
    """

    bias: float
    features: Features
    answerable_bias: float
    answerable_slope: float

    def confidence(self, sentences: Sequence[Features]) -> NDArray[np.float64]:
        """P(the sentence answers) for each, shape (sentences,)."""
        logits: NDArray[np.float64] = self.bias + np.array(sentences) @ np.array(self.features)
        return 1 / (1 + np.exp(-logits))

    def answerable(self, best: float) -> float:
        """P(the passages answer) where the best sentence has the confidence ``best``, in [0, 1]."""
        best = min(max(best, _LEAST), 1 - _LEAST)
        logit = self.answerable_slope * math.log(best / (1 - best)) + self.answerable_bias
        return 1 / (1 + math.exp(-logit))


FITTED = Weights(
    bias=-9.60,
    features=Features(
        cosine=11.29,
        passage_cosine=-4.30,
        overlap=3.63,
        asked=0.89,
        reciprocal_rank=2.58,
    ),
    answerable_bias=1.39,
    answerable_slope=0.60,
)


class LexicalReader:
    """A ``Reader`` without a model of its own: it tells on topic from off topic better than said from not said."""

    name = LEXICAL_READER
    languages: frozenset[str] | None = frozenset({"en"})

    def __init__(self, encoder: Encoder, weights: Weights = FITTED) -> None:
        self._encoder = encoder
        self._weights = weights

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        judged = self.features(question, hits)
        if not judged:
            return Reading((), 0.0)
        confidences = self._weights.confidence([features for _, features in judged])
        findings = sorted(
            (
                _finding(sentence, float(confidence) * (1.0 if sentence.is_whole else _FRAGMENT))
                for (sentence, _), confidence in zip(judged, confidences, strict=True)
            ),
            key=lambda finding: -finding.confidence,
        )
        return Reading(tuple(findings), self._weights.answerable(findings[0].confidence))

    def features(self, question: str, hits: Sequence[Hit]) -> list[tuple[Candidate, Features]]:
        """The sentences worth a look, and what each is judged by."""
        found = [sentence for hit in hits for sentence in candidates(hit)]
        if not found:
            return []
        rarity = rarities(question, found)
        shared = [overlap(rarity, each.terms) for each in found]
        kind = KindAsked(question)
        best = sorted(
            range(len(found)),
            key=lambda place: (found[place].hit.rank > _READ_WHOLE, -shared[place], place),
        )[:_ENCODED]
        vectors = self._encoder.encode([question, *(found[place].text for place in best)])
        return [
            (
                sentence,
                Features(
                    cosine=float(vector @ vectors[0]),
                    passage_cosine=sentence.hit.scores.cosine or 0.0,
                    overlap=shared[place],
                    asked=kind.held_by(sentence.text),
                    reciprocal_rank=1 / sentence.hit.rank,
                ),
            )
            for place, vector in zip(best, vectors[1:], strict=True)
            for sentence in (found[place],)
        ]


def _finding(sentence: Candidate, confidence: float) -> Finding:
    start = sentence.hit.passage.span.start
    widened = sentence.quote != sentence.span
    return Finding(
        hit=sentence.hit,
        quote=sentence.quote.shift(start),
        highlight=sentence.span.shift(start) if widened else None,
        confidence=confidence,
    )
