"""The themes of what was found on a broad question: headings of the documents, each with its key sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from corpus.model import Passage, Source
from index.search import Hit, found_by
from index.terms import terms
from qa.model import Quote, Theme
from qa.overview.breadth import DEEDS, Broad
from qa.reader import Finding

PASSAGES = 24
"""How many passages are looked at for a broad question."""

LEAST_THEMES = 4
_LEAST_PASSAGES = 6
"""A question is broad where so many passages, under that many headings, are on its topic."""

_OF_A_THEME = 2
_SECOND_SHARE = 0.6
"""A second sentence of a theme is shown where it is so central, as a share of the first, and says something else."""

_OTHERWISE = 0.3
"""Two sentences say something else where they are no more alike than this."""

_RANK_DECAY = 0.03
_LIKENESS_COST = 1.0
_FEWEST_WORDS, _MOST_WORDS = 7, 60
_DENIES = re.compile(r"\b(?:no|none|nothing|nobody|not|never)\b", re.IGNORECASE)
_WHOLE = re.compile(r"[.!][\"'”’)]*$")


def theme_of(passage: Passage, source: Source) -> str:
    """What a passage stands under: the nearest heading, or else the document's title."""
    return passage.headings[-1] if passage.headings else source.title


def themed(groups: Iterable[Sequence[int]], quotes: Sequence[Quote]) -> tuple[Theme, ...]:
    """The themes of quotes that are grouped by their places; each is named after its first quote."""
    return tuple(
        Theme(theme_of(quotes[group[0]].passage, quotes[group[0]].source), tuple(group)) for group in groups if group
    )


def on_topic(asked: Broad, hits: Sequence[Hit]) -> list[Hit]:
    """The hits that hold the topic in text or headings; none where they are too few, or under too few headings."""
    found = [hit for hit in hits if _holds(asked, found_by(hit.passage))]
    is_spread = len({_key(theme_of(hit.passage, hit.source)) for hit in found}) >= LEAST_THEMES
    return found if is_spread and len(found) >= _LEAST_PASSAGES else []


def key_findings(asked: Broad, findings: Sequence[Finding]) -> list[list[Finding]]:
    """The key sentences by theme, the most central first, and of what is left those that say something else.

    Central is what shares its words, rare ones weighing more, with the other sentences (degree centrality as in
    LexRank, Erkan and Radev 2004); a good rank of its passage, the reader's confidence, and words for what is asked
    after count as well.
    """
    texts = [finding.text for finding in findings]
    kept = [place for place, text in enumerate(texts) if _says_something(text)]
    findings, texts = [findings[place] for place in kept], [texts[place] for place in kept]
    if not findings:
        return []
    likeness = _likeness(texts)
    scores = np.array(
        [
            central * _relevance(asked, finding, text)
            for central, finding, text in zip(_centrality(likeness), findings, texts, strict=True)
        ]
    )
    of_theme = [_key(theme_of(finding.hit.passage, finding.hit.source)) for finding in findings]
    return [
        [findings[place] for place in _with_second(first, scores, likeness, of_theme)]
        for first in _firsts(scores, likeness, of_theme)
    ]


def _firsts(scores: NDArray[np.float64], likeness: NDArray[np.float64], of_theme: Sequence[str]) -> list[int]:
    """The best sentence of each theme, each chosen for its score less its likeness to those chosen before."""
    themes = np.array(of_theme)
    chosen: list[int] = []
    left = np.ones(len(scores), dtype=bool)
    while left.any():
        told = likeness[:, chosen].max(axis=1) if chosen else np.zeros(len(scores))
        first = int(np.argmax(np.where(left, scores * (1 - _LIKENESS_COST * told), -1.0)))
        chosen.append(first)
        left &= themes != themes[first]
    return chosen


def _with_second(
    first: int, scores: NDArray[np.float64], likeness: NDArray[np.float64], of_theme: Sequence[str]
) -> list[int]:
    """A theme's first sentence with what else it says that is nearly as central."""
    others = [
        place
        for place in np.argsort(-scores, kind="stable").tolist()
        if place != first
        and of_theme[place] == of_theme[first]
        and scores[place] >= _SECOND_SHARE * scores[first]
        and likeness[place, first] <= _OTHERWISE
    ]
    return [first, *others[: _OF_A_THEME - 1]]


def _relevance(asked: Broad, finding: Finding, text: str) -> float:
    """How well a sentence fits by all but its centrality: halved where it has not the words that are asked after."""
    said = frozenset(terms(text))
    wanted = [not said.isdisjoint(word) for word in asked.words]
    if asked.asks_for_deeds:
        wanted.append(not said.isdisjoint(DEEDS))
    share = sum(wanted) / len(wanted) if wanted else 1.0
    said_at_all = 0.5 if _DENIES.search(text) else 1.0
    return said_at_all * (0.5 + share / 2) * (1 + finding.confidence) / (1 + _RANK_DECAY * finding.hit.rank)


def _centrality(likeness: NDArray[np.float64]) -> NDArray[np.float64]:
    """How much each sentence is like all others, 1 for the most central; float64 of shape (sentences,)."""
    degrees: NDArray[np.float64] = likeness.sum(axis=1) - likeness.diagonal()
    return degrees / (degrees.max() or 1.0)


def _likeness(texts: Sequence[str]) -> NDArray[np.float64]:
    """The cosine of each two texts over their terms, rare ones weighing more; float64 of shape (texts, texts)."""
    bags = [sorted(set(terms(text))) for text in texts]
    column = {term: place for place, term in enumerate(dict.fromkeys(term for bag in bags for term in bag))}
    weights = np.zeros((len(texts), len(column) or 1))
    for row, bag in enumerate(bags):
        weights[row, [column[term] for term in bag]] = 1
    weights *= np.log(1 + len(texts) / np.maximum(weights.sum(axis=0), 1))
    weights /= np.maximum(np.linalg.norm(weights, axis=1, keepdims=True), 1e-12)
    likeness: NDArray[np.float64] = weights @ weights.T
    return likeness


def _holds(asked: Broad, text: str) -> bool:
    """Whether a text holds all words of the topic, and tells of a deed where one asks what was done about it."""
    said = frozenset(terms(text))
    if asked.asks_for_deeds and asked.words and said.isdisjoint(DEEDS):
        return False
    return all(not said.isdisjoint(word) for word in asked.words)


def _says_something(text: str) -> bool:
    return _FEWEST_WORDS <= len(text.split()) <= _MOST_WORDS and _WHOLE.search(text) is not None


def _key(title: str) -> str:
    """The same for headings that differ in nothing but case, marks and small words."""
    return " ".join(terms(title)) or title
