"""Made-up records of a run, one of every verdict, for tests of what is told of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from corpus.model import Address, Passage, Source, Span
from qa.evaluation.questions import Part, Question
from qa.evaluation.records import Record
from qa.evaluation.run import Header, Run
from qa.model import Abstention, Answer, Quote
from qa.settings import Settings

HEADER = Header(
    set="harbour.jsonl",
    set_digest="5" * 64,
    format="jsonl",
    questions=6,
    settings={"reader": "lexical", "strictness": 0.5},
    encoder="hash",
    encoder_fingerprint="f" * 64,
    corpus="c" * 64,
    documents={"minutes": "a" * 64, "summary": "b" * 64},
    versions={"python": "3.11"},
)


def quote(text: str = "Nine cranes are blue.", *, document: str = "minutes", title: str = "Minutes") -> Quote:
    span = Span(0, len(text))
    return Quote(
        Address(document, "a" * 12, span), "a" * 64, (3,), text, Span(0, 4), 0.8, Source(title, publisher="Harbour"),
        Passage(document, "a" * 64, span, text),
    )  # fmt: skip


def answer(confidence: float, *quotes: Quote, short: str | None = None) -> Answer:
    return Answer("?", confidence, short, quotes, (), (), None, {}, Settings(), generation=1)


def refusal(confidence: float, *closest: Quote) -> Answer:
    return Answer("?", confidence, None, (), closest, (), Abstention.NOT_IN_SOURCES, {}, Settings(), generation=1)


def question(id: str, text: str = "How many cranes?", *, answerable: bool = True, **fields: Any) -> Question:
    evidence = ((Part("Nine cranes", (("minutes", Span(0, 11)),)),),) if answerable else ()
    return Question(id, text, answerable, evidence=evidence, **fields)


RECORDS = (
    Record(question("right", tags=("numbers",), answers=("Nine",)), answer=answer(0.9, quote(), short="Nine"),
           position=1, right_first=True, exact_match=1.0, f1=1.0, intact=1),
    Record(question("lower", tags=("numbers",)), answer=answer(0.7, quote("Ten."), quote()), position=2, intact=2),
    Record(question("wrong", "Which cranes?", tags=("kinds",)), answer=answer(0.6, quote("Ten.")), intact=1),
    Record(question("refused", history=("Who?",)), answer=refusal(0.2, quote()), right_first=True, intact=1),
    Record(question("silent", "Which zebra?", answerable=False, note="no zebra"), answer=refusal(0.1), exact_match=1.0,
           f1=1.0),
    Record(question("spoke", "What is owed?", answerable=False), answer=answer(0.55, quote("Ten.")), exact_match=0.0,
           f1=0.0, intact=1),
)  # fmt: skip
"""One of each verdict but UNJUDGED."""

LATENCIES = (10.0, 20.0, 30.0, 40.0, 50.0, 60.0)


def a_run(records: Sequence[Record] = RECORDS, latencies: Sequence[float] = LATENCIES, **header: Any) -> Run:
    return Run(replace(HEADER, **{"questions": len(records), **header}), records, latencies)


def a_search() -> Run:
    """Documents only ranked, for one question that has relevant ones and one whose are missed."""
    found = [
        Record(Question("first", "cranes", True, relevant=(("summary", 2),)), found=("minutes", "summary")),
        Record(Question("second", "ferry", True, relevant=(("summary", 1),)), found=("minutes",)),
        Record(Question("third", "zebra", True), found=("minutes",)),
    ]
    return a_run(found, (1.0, 2.0, 3.0))
