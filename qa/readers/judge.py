"""The judge: weighs all evidence for a sentence, and for the passages together, into calibrated probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.model import Span
from index.search import Hit
from qa.readers.candidates import Candidate, Definition, KindAsked, Topic
from qa.readers.spans import Evidence

_TYPICAL_COSINE = 0.5
"""Taken where a passage was not found by its vector."""

_LEAST, _MOST = -8.0, 12.0
"""Bounds of log-odds: beyond them a sentence is as good as out, or in."""


class SentenceFeatures(NamedTuple):
    """What a sentence is judged by.

    ``log_odds`` is the model's, against no answer in that passage, ``lead`` the same less that of the best other
    sentence of all passages, both kept within bounds; ``share`` is the chance that the answer is in this sentence when
    all sentences and "no answer" compete; ``overlap`` the share of the question's words in it; ``asked`` 1 where it
    holds the kind of thing that is asked for, 0 where not, 0.5 where no kind is; ``fits`` the same of the words marked
    in it, or of all of it where none are; ``defines`` 1 where it begins by saying what that is which is asked for;
    ``whole`` 1 where it ends as sentences do; ``cosine``, ``bm25`` (as a share of the best) and ``reciprocal_rank`` are
    those of its passage.
    """

    log_odds: float
    lead: float
    share: float
    overlap: float
    asked: float
    fits: float
    defines: float
    whole: float
    cosine: float
    bm25: float
    reciprocal_rank: float


class AnswerFeatures(NamedTuple):
    """What is looked at to tell whether the passages answer.

    ``total`` is the log of the model's odds of all sentences together; ``rivals`` the log of how many sentences these
    are spread over.
    """

    total: float
    rivals: float


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
    """Fitted regressions: whether a sentence answers, and whether the passages answer at all.

    Where there is one passage only, nobody has searched for it: that it speaks of what is asked says less, and a
    regression of its own, ``answer_of_one``, weighs the same features.
    """

    sentence: Logistic
    answer: Logistic
    answer_of_one: Logistic

    @classmethod
    def of(cls, fitted: dict[str, Any]) -> Judge:
        """From the form in which it is shipped."""
        return cls(
            Logistic.of(fitted["sentence"], SentenceFeatures._fields),
            Logistic.of(fitted["answer"], AnswerFeatures._fields),
            Logistic.of(fitted["answer_of_one"], AnswerFeatures._fields),
        )

    def confidence(self, seen: Evaluated) -> float:
        """The probability that the passages answer."""
        answer = self.answer_of_one if seen.is_of_one_passage else self.answer
        return float(probabilities(answer.logits(seen.answer_features[None, :]))[0])


def probabilities(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """The logistic function."""
    result: NDArray[np.float64] = 1 / (1 + np.exp(-np.clip(logits, -40, 40)))
    return result


class Evaluated:
    """The sentences of the passages found, the evidence for each, and what the judge weighs."""

    def __init__(self, question: str, found: Sequence[Candidate], evidence: Sequence[Evidence]) -> None:
        self.found = found
        self.evidence = evidence
        self._log_odds = np.array([each.log_odds for each in evidence])
        self.features = self._sentence_features(Topic(question, found), KindAsked(question), Definition(question))
        """float64 of shape (sentences, features), in the order of SentenceFeatures."""

    @property
    def is_of_one_passage(self) -> bool:
        """Whether all sentences are of the same passage."""
        return len({each.hit.rank for each in self.found}) == 1

    @property
    def answer_features(self) -> NDArray[np.float64]:
        """float64 of shape (features,), in the order of AnswerFeatures."""
        total = np.logaddexp.reduce(self._log_odds)
        shares = np.exp(self._log_odds - total)
        rivals = -np.sum(shares * np.log(np.maximum(shares, 1e-12)))
        return np.array(AnswerFeatures(float(total), float(rivals)))

    def _sentence_features(self, topic: Topic, kind: KindAsked, definition: Definition) -> NDArray[np.float64]:
        shares = np.exp(self._log_odds - np.logaddexp(0.0, np.logaddexp.reduce(self._log_odds)))
        best_bm25 = max((each.hit.scores.bm25 or 0.0 for each in self.found), default=0.0) or 1.0
        return np.array(
            [
                SentenceFeatures(
                    log_odds=min(max(seen.log_odds, _LEAST), _MOST),
                    lead=min(max(lead, _LEAST), _MOST),
                    share=share,
                    overlap=topic.share_in(each.terms),
                    asked=kind.held_by(each.text),
                    fits=kind.held_by(each.text, _own(each, seen.words)),
                    defines=float(definition.given_by(each.text)),
                    whole=float(each.is_whole),
                    cosine=_cosine(each.hit),
                    bm25=(each.hit.scores.bm25 or 0.0) / best_bm25,
                    reciprocal_rank=1 / each.hit.rank,
                )
                for each, seen, lead, share in zip(
                    self.found, self.evidence, _leads(self._log_odds), shares, strict=True
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


def _own(candidate: Candidate, words: Span | None) -> Span | None:
    """The words marked, from the beginning of the sentence."""
    return None if words is None else words.shift(-candidate.span.start)


def _cosine(hit: Hit) -> float:
    return _TYPICAL_COSINE if hit.scores.cosine is None else hit.scores.cosine
