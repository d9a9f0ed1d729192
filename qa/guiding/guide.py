"""The guide: what is told beside an answer, from the words of the library as it is at that moment."""

from __future__ import annotations

from corpus.library import Library
from qa.guiding.lacking import Lacking
from qa.guiding.spelling import Speller
from qa.guiding.vocabulary import Vocabulary


class Guide:
    """Tells what may have been misspelt in a question, and which of its words stand in no source."""

    def __init__(self, vocabulary: Vocabulary, library: Library) -> None:
        self._speller = Speller(vocabulary, library)
        self._lacking = Lacking(vocabulary, library)

    def spelling(self, question: str) -> str | None:
        """The question with its misspelt words as the sources spell them; None where there are none."""
        return self._speller.corrected(question)

    def missing(self, question: str) -> tuple[str, ...] | None:
        """What of the question stands in no source; empty where all does, None where that cannot be told."""
        return self._lacking.missing(question)
