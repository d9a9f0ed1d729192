"""Help beside an answer: what may have been misspelt, and which words of a refused question stand in no source."""

from qa.guiding.guide import Guide
from qa.guiding.vocabulary import Vocabulary

__all__ = ["Guide", "Vocabulary"]
