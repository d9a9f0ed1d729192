"""Mining: the paragraphs that are most like a question in their words, for negatives that a search would find."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer

from index.terms import terms
from qa.evaluation.sets.squad import Paragraph, SquadQuestion
from qa.training.examples import Mine

_MOST = 12
_AT_ONCE = 512


def miner(paragraphs: Sequence[Paragraph]) -> Mine:
    """A function that gives for each question the numbers of its most similar paragraphs, by TF-IDF cosine."""
    vectorizer = TfidfVectorizer(analyzer=terms, sublinear_tf=True)
    matrix = vectorizer.fit_transform([paragraph.text for paragraph in paragraphs]).T.tocsr()

    def mine(questions: Sequence[SquadQuestion]) -> list[Sequence[int]]:
        found: list[Sequence[int]] = []
        for start in range(0, len(questions), _AT_ONCE):
            asked = vectorizer.transform([question.text for question in questions[start : start + _AT_ONCE]])
            scores = (asked @ matrix).toarray()
            best = np.argpartition(-scores, min(_MOST, len(paragraphs)) - 1, axis=1)[:, :_MOST]
            order = np.argsort(-np.take_along_axis(scores, best, axis=1), axis=1)
            found.extend(np.take_along_axis(best, order, axis=1).tolist())
        return found

    return mine
