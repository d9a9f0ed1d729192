"""The simple reader: judges sentences by meaning, shared terms, and whether they hold what is asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from corpus.blocks import sentences
from corpus.model import Span
from index.encoder import Encoder
from index.search import Hit
from index.terms import query_terms, terms
from qa.reader import Finding, Reading

_READ_WHOLE = 3
_ENCODED = 24
"""Sentences compared by meaning: all of the first passages, and of the others those with the most shared terms, since
encoding is what takes time."""

_QUOTE_WORDS = 80

_FRAGMENT = 0.25
"""A heading or caption, which ends without a full stop, is taken for a quarter as sure as a sentence."""

_LEAST = 1e-9
"""No confidence is nearer to 0 or 1, where log-odds end."""

_LEANS_BACK = re.compile(
    r"(?:In (?:this|that|such) |(?:It|This|That|These|Those|They|He|She|His|Her|Their|Its|Such|Both)\b)"
)
"""Openings of a sentence that say little without the sentence before."""

_NAME = re.compile(r"(?<!^)(?<![.!?] )\b[^\W\d_a-z]\w+")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|week|month|year|day|ago)s?\b"
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million|billion|half)\b"
)
_ASKED: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(r"\b(?:when|what (?:date|year|day|month|time)|by which|since|how long)\b", re.I), _DATE),
    (
        re.compile(r"\b(?:how (?:many|much|far|large|big|high|old)|what (?:share|percentage|number|sum))\b", re.I),
        _NUMBER,
    ),
    (re.compile(r"\b(?:who|whom|whose|where|which (?:country|countries|city|minister|person))\b", re.I), _NAME),
)


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


@dataclass(frozen=True, slots=True)
class _Sentence:
    """A sentence of a hit; ``span`` and ``quote`` are in the passage, ``quote`` maybe with the sentence before."""

    hit: Hit
    span: Span
    quote: Span
    text: str
    terms: frozenset[str]

    @property
    def is_whole(self) -> bool:
        return self.text.endswith((".", "!", "?", '"', "”", "’", ")", "…"))


class LexicalReader:
    """A ``Reader`` without a model of its own: it tells on topic from off topic better than said from not said."""

    name = "lexical"

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

    def features(self, question: str, hits: Sequence[Hit]) -> list[tuple[_Sentence, Features]]:
        """The sentences worth a look, and what each is judged by."""
        found = [sentence for hit in hits for sentence in _sentences(hit)]
        if not found:
            return []
        asked = query_terms(question)
        overlaps = _overlaps(asked, found)
        best = sorted(
            range(len(found)),
            key=lambda place: (found[place].hit.rank > _READ_WHOLE, -overlaps[place], place),
        )[:_ENCODED]
        vectors = self._encoder.encode([question, *(found[place].text for place in best)])
        expected = next((answer for asks, answer in _ASKED if asks.search(question)), None)
        return [
            (
                sentence,
                Features(
                    cosine=float(vector @ vectors[0]),
                    passage_cosine=sentence.hit.scores.cosine or 0.0,
                    overlap=overlaps[place],
                    asked=_has_new(expected, sentence.text, set(asked)),
                    reciprocal_rank=1 / sentence.hit.rank,
                ),
            )
            for place, vector in zip(best, vectors[1:], strict=True)
            for sentence in (found[place],)
        ]


def _sentences(hit: Hit) -> list[_Sentence]:
    text = hit.passage.text
    found: list[_Sentence] = []
    for span in sentences(text, hit.source.language):
        said = text[span.start : span.end]
        quote = span
        if found and _LEANS_BACK.match(said):
            longer = Span(found[-1].span.start, span.end)
            if len(text[longer.start : longer.end].split()) <= _QUOTE_WORDS:
                quote = longer
        found.append(_Sentence(hit, span, quote, said, frozenset(terms(said))))
    return found


def _overlaps(asked: Sequence[str], found: Sequence[_Sentence]) -> list[float]:
    """For each sentence the share of the question's terms that it holds, those rare among them weighing more."""
    rarity = {
        term: math.log(1 + len(found) / (0.5 + sum(term in sentence.terms for sentence in found))) for term in asked
    }
    whole = sum(rarity.values()) or 1.0
    return [sum(weight for term, weight in rarity.items() if term in sentence.terms) / whole for sentence in found]


def _has_new(expected: re.Pattern[str] | None, text: str, asked: set[str]) -> float:
    """1 where the sentence holds what kind of thing is asked for, and not only the question's own words; else 0."""
    if expected is None:
        return 0.5
    return float(any(not asked.issuperset(terms(match[0])) for match in expected.finditer(text)))


def _finding(sentence: _Sentence, confidence: float) -> Finding:
    start = sentence.hit.passage.span.start
    widened = sentence.quote != sentence.span
    return Finding(
        hit=sentence.hit,
        quote=sentence.quote.shift(start),
        highlight=sentence.span.shift(start) if widened else None,
        confidence=confidence,
    )
