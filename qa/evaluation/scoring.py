"""How an answer is scored: its quotes by the evidence, its short answer as in SQuAD's script."""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from corpus.library import Library
from qa.evaluation.questions import Question, holds_evidence
from qa.evaluation.records import Record
from qa.model import Answer, Quote

_PUNCTUATION = str.maketrans("", "", string.punctuation)
_ARTICLES = re.compile(r"\b(?:a|an|the)\b")


def scored(question: Question, answer: Answer, library: Library) -> Record:
    """The record of an answer; its quotes are cut anew from the library to see whether they are intact.

    The short answer is taken to be the highlighted words of the first quote; for questions that want whole sentences
    the page does not repeat them above the quotes.
    """
    given = _highlighted(answer.quotes)
    accepted = question.answers if question.answerable else ("",)
    shown = answer.quotes + answer.closest
    return Record(
        question,
        answer=replace(answer, hits=(), timings_ms={}),
        position=next(
            (n for n in range(1, len(answer.quotes) + 1) if holds_evidence(question, answer.quotes[:n])), None
        ),
        right_first=holds_evidence(question, shown[:1]),
        exact_match=exact_match(given, accepted) if accepted else None,
        f1=f1(given, accepted) if accepted else None,
        intact=sum(library.resolve(quote.address)[0].slice(quote.address.span) == quote.text for quote in shown),
    )


def normalized_answer(text: str) -> str:
    """Lower case, without punctuation, articles and extra white space (Rajpurkar et al. 2016, section 6.1)."""
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def exact_match(given: str, accepted: Sequence[str]) -> float:
    """1 where the answer equals an accepted one after normalisation, else 0."""
    return float(any(normalized_answer(given) == normalized_answer(answer) for answer in accepted))


def f1(given: str, accepted: Sequence[str]) -> float:
    """The harmonic mean of precision and recall over words, for the accepted answer that fits best.

    Where one side is empty after normalisation, both must be, as in the SQuAD 2.0 script.
    """
    return max(_overlap(normalized_answer(given).split(), normalized_answer(answer).split()) for answer in accepted)


def _overlap(given: list[str], accepted: list[str]) -> float:
    if not given or not accepted:
        return float(given == accepted)
    shared = sum((Counter(given) & Counter(accepted)).values())
    return 2 * shared / (len(given) + len(accepted))


def _highlighted(quotes: Sequence[Quote]) -> str:
    if not quotes or quotes[0].highlight is None:
        return ""
    return quotes[0].text[quotes[0].highlight.start : quotes[0].highlight.end]
