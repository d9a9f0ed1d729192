"""What the keyword engines know a passage by: the terms it is ranked by, and the words of all that is told of it."""

from __future__ import annotations

from corpus.library import StoredPassage
from index.search import found_by, told_of
from index.terms import STOP_WORDS, folded, passage_terms, words


def ranked_by(stored: StoredPassage) -> list[str]:
    """The terms by which a passage is found and ranked, in order."""
    return passage_terms(found_by(stored.passage))


def words_told(stored: StoredPassage) -> set[str]:
    """The words of all that is told of a passage, folded and not stemmed, without stop words."""
    return {folded(word) for word in set(words(told_of(stored)))} - STOP_WORDS - {""}
