"""The guide: what is told beside an answer, from the words of the library as it is at that moment."""

from __future__ import annotations

import time
from dataclasses import replace

from corpus.library import Library
from qa.guiding.lacking import Lacking
from qa.guiding.spelling import Speller
from qa.guiding.vocabulary import Vocabulary
from qa.model import Abstention, Answer

_LOOKED_FOR = frozenset({Abstention.NOTHING_FOUND, Abstention.NOT_IN_SOURCES})
"""Where a question is refused so, its words may tell why."""


class Guide:
    """Tells what may have been misspelt in a question, and which of its words stand in no source."""

    def __init__(self, vocabulary: Vocabulary, library: Library) -> None:
        self._speller = Speller(vocabulary, library)
        self._lacking = Lacking(vocabulary, library)

    def beside(self, answer: Answer) -> Answer:
        """The answer with what may have been misspelt and what is missing; the time that it takes is its step "guide".

        Where only some documents were searched, nothing is said of words that all stand somewhere.
        """
        start = time.perf_counter()
        spelling = self.spelling(answer.question)
        missing = self.missing(answer.question) if answer.abstention in _LOOKED_FOR else None
        if answer.filter is not None:
            missing = missing or None
        took_ms = round(1000 * (time.perf_counter() - start), 2)
        timings_ms = {**answer.timings_ms, "guide": took_ms}
        timings_ms["total"] = round(timings_ms.pop("total") + took_ms, 2)  # the last, as without a guide
        return replace(answer, spelling=spelling, missing=missing, timings_ms=timings_ms)

    def spelling(self, question: str) -> str | None:
        """The question with its misspelt words as the sources spell them; None where there are none."""
        return self._speller.corrected(question)

    def missing(self, question: str) -> tuple[str, ...] | None:
        """What of the question stands in no source; empty where all does, None where that cannot be told."""
        return self._lacking.missing(question)
