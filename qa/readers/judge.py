"""The judge: weighs all evidence for a sentence, and for the passages together, into calibrated probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.model import Span
from index.search import Hit
from qa.readers.candidates import Candidate, overlap, rarities, things_asked
from qa.readers.spans import Evidence

_TYPICAL_COSINE = 0.5
"""Taken where a passage was not found by its vector."""


_LEAST, _MOST = -8.0, 12.0
"""Bounds of log-odds: beyond them a sentence is as good as out, or in."""


class SentenceFeatures(NamedTuple):
    """What a sentence is judged by.

    ``log_odds`` is the model's, against no answer in that passage, ``lead`` the same less that of the best other
    sentence of all passages, both kept within bounds; ``share`` is the chance that the answer is in this sentence when
    all sentences and "no answer" compete; ``overlap`` the share of the question's terms in it; ``asked`` 1 where it
    holds the kind of thing that is asked for, 0 where not, 0.5 where no kind is; ``fits`` the same of the words marked
    in it; ``whole`` 1 where it ends as sentences do; ``cosine``, ``bm25`` (as a share of the best) and
    ``reciprocal_rank`` are those of its passage.
    """

    log_odds: float
    lead: float
    share: float
    overlap: float
    asked: float
    fits: float
    whole: float
    cosine: float
    bm25: float
    reciprocal_rank: float


class AnswerFeatures(NamedTuple):
    """What is looked at to tell whether the passages answer: the best sentence's, and how many others rival it.

    ``logit`` is that of the judge; ``total`` the log of the odds of all sentences together; ``rivals`` the log of how
    many sentences the evidence is spread over; ``coverage`` the share of the question's terms in its passage.
    """

    logit: float
    log_odds: float
    total: float
    rivals: float
    fits: float
    overlap: float
    coverage: float
    cosine: float


@dataclass(frozen=True, slots=True)
class Logistic:
    """A logistic regression: a bias and a weight for each feature."""

    bias: float
    weights: tuple[float, ...]

    @classmethod
    def of(cls, fitted: dict[str, Any], names: Sequence[str]) -> Logistic:
        """From the form in which it is shipped, a weight by the name of each feature."""
        return cls(float(fitted["bias"]), tuple(float(fitted[name]) for name in names))

    def logits(self, rows: NDArray[np.float64]) -> NDArray[np.float64]:
        """Of shape (rows,) for features of shape (rows, features)."""
        result: NDArray[np.float64] = rows @ np.array(self.weights) + self.bias
        return result


@dataclass(frozen=True, slots=True)
class Judge:
    """Two fitted regressions: whether a sentence answers, and whether the passages answer at all."""

    sentence: Logistic
    answer: Logistic

    @classmethod
    def of(cls, fitted: dict[str, Any]) -> Judge:
        """From the form in which it is shipped."""
        return cls(
            Logistic.of(fitted["sentence"], SentenceFeatures._fields),
            Logistic.of(fitted["answer"], AnswerFeatures._fields),
        )


def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logistic function."""
    result: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(logits, -40, 40)))
    return result


def sentence_features(question: str, found: Sequence[Candidate], evidence: Sequence[Evidence]) -> NDArray[np.float64]:
    """float64 of shape (sentences, features), in the order of SentenceFeatures."""
    log_odds = np.array([each.log_odds for each in evidence])
    shares = np.exp(log_odds - np.logaddexp(0.0, np.logaddexp.reduce(log_odds)))
    rarity = rarities(question, found)
    best_bm25 = max((each.hit.scores.bm25 or 0.0 for each in found), default=0.0) or 1.0
    return np.array(
        [
            SentenceFeatures(
                log_odds=min(max(odds, _LEAST), _MOST),
                lead=min(max(lead, _LEAST), _MOST),
                share=share,
                overlap=overlap(rarity, each.terms),
                asked=asked,
                fits=fits,
                whole=float(each.is_whole),
                cosine=_cosine(each.hit),
                bm25=(each.hit.scores.bm25 or 0.0) / best_bm25,
                reciprocal_rank=1 / each.hit.rank,
            )
            for each, odds, lead, share, (asked, fits) in zip(
                found,
                log_odds,
                _leads(log_odds),
                shares,
                [_kinds(question, each, seen.words) for each, seen in zip(found, evidence, strict=True)],
                strict=True,
            )
        ]
    )


def answer_features(
    question: str,
    found: Sequence[Candidate],
    evidence: Sequence[Evidence],
    features: NDArray[np.float64],
    logits: NDArray[np.float64],
) -> NDArray[np.float64]:
    """float64 of shape (1, features), in the order of AnswerFeatures."""
    best = int(np.argmax(logits))
    log_odds = np.array([each.log_odds for each in evidence])
    shares = np.exp(log_odds - np.logaddexp.reduce(log_odds))
    spread = -float(np.sum(shares * np.log(np.maximum(shares, 1e-12))))
    winner = SentenceFeatures(*features[best])
    passage = frozenset().union(*(each.terms for each in found if each.hit is found[best].hit))
    return np.array(
        [
            AnswerFeatures(
                logit=float(logits[best]),
                log_odds=winner.log_odds,
                total=float(np.logaddexp.reduce(log_odds)),
                rivals=spread,
                fits=winner.fits,
                overlap=winner.overlap,
                coverage=overlap(rarities(question, found), passage),
                cosine=winner.cosine,
            )
        ]
    )


def _leads(log_odds: NDArray[np.float64]) -> NDArray[np.float64]:
    """Each less the greatest of the others; 0 where there is no other."""
    if len(log_odds) < 2:
        return np.zeros_like(log_odds)
    first, second = np.sort(log_odds)[::-1][:2]
    others: NDArray[np.float64] = np.where(log_odds == first, second, first)
    return log_odds - others


def _kinds(question: str, candidate: Candidate, words: Span | None) -> tuple[float, float]:
    """Whether the sentence, and whether the words marked in it, are the kind of thing that is asked for."""
    things = things_asked(question, candidate.text)
    if things is None:
        return 0.5, 0.5
    own = None if words is None else words.shift(-candidate.span.start)
    fits = own is not None and any(each.start < own.end and own.start < each.end for each in things)
    return float(bool(things)), float(fits)


def _cosine(hit: Hit) -> float:
    return _TYPICAL_COSINE if hit.scores.cosine is None else hit.scores.cosine
