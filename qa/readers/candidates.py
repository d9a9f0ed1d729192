"""Candidates: the sentences of the passages found, as whole quotes, and what their words say about a question."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from corpus.blocks import sentences
from corpus.model import Span
from index.search import Hit
from index.terms import query_terms, query_words, terms

_QUOTE_WORDS = 80

_LEANS_BACK = re.compile(
    r"(?:In (?:this|that|such) |(?:It|This|That|These|Those|They|He|She|His|Her|Their|Its|Such|Both)\b)"
)
"""Openings of a sentence that say little without the sentence before."""

_ASKING = frozenset(
    term
    for word in "who whom whose what which when where why how did do does were has have had can could would should many"
    " much any there about".split()
    for term in terms(word)
)
"""The terms of words that ask and say nothing of what is asked about."""

_NAME = re.compile(r"(?<!^)(?<![.!?] )\b[^\W\d_a-z]\w+")
_DATE = re.compile(
    r"\b(?:19|20)\d\d\b|\b(?:January|February|March|April|May|June|July|August|September|October|November"
    r"|December|Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday|week|month|year|day|ago)s?\b"
)
_NUMBER = re.compile(
    r"\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|dozen|hundred|thousand|million|billion|half)\b"
)
_KINDS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (re.compile(r"\b(?:when|what (?:date|year|day|month|time)|by which|since|how long)\b", re.I), _DATE),
    (
        re.compile(r"\b(?:how (?:many|much|far|large|big|high|old)|what (?:share|percentage|number|sum))\b", re.I),
        _NUMBER,
    ),
    (re.compile(r"\b(?:who|whom|whose|where|which (?:country|countries|city|minister|person))\b", re.I), _NAME),
)
"""How each kind of thing is asked for, and how to tell it."""

_ASKS_WHAT_IT_IS = re.compile(
    r"\s*(?:what|who)(?: is|'s|’s| are| was| were| does| do)?(?: an?| the)? (?P<it>[^?,;]+?)"
    r"(?: mean| stand for)?[\s?]*",
    re.IGNORECASE,
)
_IT_IS = (
    r"\W*(?:%s\W*: )?(?:An? |The )?%s(?: \([^)]+\)|,[^,]+,)?"
    r" (?:(?:is|are|was|were) (?:an?|the|one of|short for|how|what|where)|means?|stands? for|refers? to)\b"
)
_NAME_WORDS = 4


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence of a hit; ``span`` and ``quote`` are in the passage, ``quote`` maybe with the sentence before."""

    hit: Hit
    span: Span
    quote: Span
    text: str
    terms: frozenset[str]

    @property
    def is_whole(self) -> bool:
        """Whether it ends as sentences do; headings and captions do not."""
        return self.text.endswith((".", "!", "?", '"', "”", "’", ")", "…"))


def candidates(hit: Hit) -> list[Candidate]:
    """The sentences of a hit in their order."""
    text = hit.passage.text
    found: list[Candidate] = []
    for span in sentences(text, hit.source.language):
        said = text[span.start : span.end]
        quote = span
        if found and _LEANS_BACK.match(said):
            longer = Span(found[-1].span.start, span.end)
            if len(text[longer.start : longer.end].split()) <= _QUOTE_WORDS:
                quote = longer
        found.append(Candidate(hit, span, quote, said, frozenset(terms(said))))
    return found


def rarities(question: str, found: Sequence[Candidate]) -> dict[str, float]:
    """The terms of a question, each with how rare it is among the sentences."""
    return {
        term: math.log(1 + len(found) / (0.5 + sum(term in each.terms for each in found)))
        for term in query_terms(question)
    }


def overlap(rarity: Mapping[str, float], terms_found: Collection[str]) -> float:
    """The share of a question's terms that is found, rare ones weighing more."""
    return sum(weight for term, weight in rarity.items() if term in terms_found) / (sum(rarity.values()) or 1.0)


class Topic:
    """What a question is about: its words but those that only ask, rare ones among the sentences weighing more."""

    def __init__(self, question: str, found: Sequence[Candidate]) -> None:
        words = {word for word in query_words(question) if not _ASKING.issuperset(word)}
        self._rarity = {
            word: math.log(1 + len(found) / (0.5 + sum(not each.terms.isdisjoint(word) for each in found)))
            for word in sorted(words)
        }

    def share_in(self, terms_found: Collection[str]) -> float:
        """The share of the words that is found, in one spelling or another."""
        held = sum(weight for word, weight in self._rarity.items() if any(term in terms_found for term in word))
        return held / (sum(self._rarity.values()) or 1.0)


class Definition:
    """What a question asks to be told about, where it asks what or who something is and nothing else."""

    def __init__(self, question: str) -> None:
        asked = _ASKS_WHAT_IT_IS.fullmatch(question)
        named = asked is not None and len(asked["it"].split()) <= _NAME_WORDS
        self._it_is = (
            re.compile(_IT_IS.replace("%s", re.escape(asked["it"])), re.IGNORECASE) if asked and named else None
        )

    def given_by(self, text: str) -> bool:
        """Whether a sentence begins by saying what it is."""
        return self._it_is is not None and self._it_is.match(text) is not None


class KindAsked:
    """The kind of thing a question asks for: a date, a number, a name, or none of these."""

    def __init__(self, question: str) -> None:
        self._thing = next((thing for asks, thing in _KINDS if asks.search(question)), None)
        self._own = frozenset(query_terms(question))

    def held_by(self, text: str, within: Span | None = None) -> float:
        """1 where a text, or a span of it, has such a thing beyond the question's own words, and 0 where not; 0.5 where
        no kind is asked for."""
        if self._thing is None:
            return 0.5
        span = within or Span(0, len(text))
        return float(
            any(
                match.start() < span.end and span.start < match.end() and not self._own.issuperset(terms(match[0]))
                for match in self._thing.finditer(text)
            )
        )
