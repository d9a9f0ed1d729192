"""The reader that reads: a span model marks answers, and the judge weighs them with all else that is known."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np

from index.search import Hit
from qa.reader import Finding, Reading
from qa.readers.candidates import Candidate, candidates
from qa.readers.judge import Evaluated, Judge, probabilities
from qa.readers.spans import NOTHING, Evidence, SpanModel, evidence

_SHORT_ANSWER_WORDS = 16

_WANTS_SENTENCES = re.compile(
    r"\s*(?:why\b|how\b(?! (?:many|much|long|far|large|big|high|tall|old|often|fast|deep|wide|heavy|late|soon)\b)"
    r"|what (?:was|were|is|has been|had been) (?:agreed|decided|said|discussed|announced|promised|planned)\b"
    r"|what did .* (?:agree|decide|say|discuss|announce|promise|plan)\b"
    r"|(?:is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|may|might|must)\b)",
    re.IGNORECASE,
)
"""Questions that a few words do not answer: why, how, what was agreed, and those to be answered by yes or no."""

_SAYS_IT_IS_NOT_SAID = re.compile(
    r"\b(?:(?:do|does|did|has|have|had) not (?:say|said|state|stated|name|named|give|given|tell|told|confirm|confirmed)"
    r"|(?:is|are|was|were|been) not (?:said|stated|named|given|known|found|confirmed|published))\b",
    re.IGNORECASE,
)
"""Such a sentence is a good answer as a whole; a few words of it say the contrary."""


class SpanReader:
    """A ``Reader`` with a span model."""

    def __init__(self, model: SpanModel, judge: Judge, languages: frozenset[str] | None = None) -> None:
        self.name = model.name
        self.languages = languages
        self._model = model
        self._judge = judge

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        seen = self.evaluate(question, hits)
        if not seen.found:
            return Reading((), 0.0)
        logits = self._judge.sentence.logits(seen.features)
        confidences = probabilities(logits)
        short = not _WANTS_SENTENCES.match(question)
        findings = [
            _finding(seen.found[number], seen.evidence[number], float(confidences[number]), short)
            for number in np.argsort(-logits, kind="stable")
        ]
        return Reading(tuple(findings), self._judge.confidence(seen))

    def evaluate(self, question: str, hits: Sequence[Hit]) -> Evaluated:
        """What the model and the words say of each sentence."""
        of_hit = [candidates(hit) for hit in hits]
        best = [[Evidence(NOTHING, None)] * len(found) for found in of_hit]
        for window in self._model.windows(question, [hit.passage.text for hit in hits]):
            said = evidence(window, [each.span for each in of_hit[window.passage]])
            best[window.passage] = [
                max(pair, key=lambda each: each.log_odds) for pair in zip(best[window.passage], said, strict=True)
            ]
        found = [each for sentences in of_hit for each in sentences]
        seen = [each for sentences in best for each in sentences]
        return Evaluated(question, found, seen)


def _finding(candidate: Candidate, seen: Evidence, confidence: float, short: bool) -> Finding:
    start = candidate.hit.passage.span.start
    words = seen.words
    text = candidate.hit.passage.text
    return Finding(
        hit=candidate.hit,
        quote=candidate.quote.shift(start),
        highlight=None if words is None else words.shift(start),
        confidence=confidence,
        is_short_answer=short
        and words is not None
        and _SAYS_IT_IS_NOT_SAID.search(candidate.text) is None
        and len(text[words.start : words.end].split()) <= _SHORT_ANSWER_WORDS,
    )
