"""Proves that the reader turns what a span model marks into whole sentences, short answers and one confidence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.blocks import sentences
from qa.reader import Reading
from qa.readers.candidates import Definition
from qa.readers.judge import AnswerFeatures, Judge, Logistic, SentenceFeatures, probabilities
from qa.readers.shipment import Shipment
from qa.readers.span_reader import SpanReader
from tests.fakes import WordSpanModel
from tests.reading import cut, hit
from tests.texts import texts

CHAIR = "The harbour council met at noon. It was chaired by Nowak. Gulls slept."
CRANES = "Cranes are blue."


def logistic(names: tuple[str, ...], **weights: float) -> Logistic:
    return Logistic(0.0, tuple(weights.get(name, 0.0) for name in names))


TRUSTING = logistic(AnswerFeatures._fields, total=1.0)
MODEL_ALONE = Judge(logistic(SentenceFeatures._fields, log_odds=1.0), TRUSTING, TRUSTING)


def read(question: str, *passages: str, start: int = 0, judge: Judge = MODEL_ALONE, window_words: int = 40) -> Reading:
    hits = [hit(text, rank, start) for rank, text in enumerate(passages, start=1)]
    return SpanReader(WordSpanModel(window_words), judge).read(question, hits)


@given(question=texts, passages=st.lists(texts, max_size=4), start=st.integers(0, 9))
def test_findings_are_whole_sentences_best_first_with_their_words_inside(
    question: str, passages: list[str], start: int
) -> None:
    reading = read(question, *(text for text in passages if text.strip()), start=start)
    confidences = [finding.confidence for finding in reading.findings]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in [*confidences, reading.confidence])
    for finding in reading.findings:
        passage = finding.hit.passage
        assert finding.quote in passage.span
        assert finding.highlight is None or finding.highlight in finding.quote
        within = [span.shift(start) for span in sentences(passage.text)]
        assert finding.quote.start in {span.start for span in within}
        assert finding.quote.end in {span.end for span in within}


def test_the_sentence_that_holds_the_marked_words_comes_first_with_what_it_leans_on() -> None:
    reading = read("Who chaired the harbour council?", CRANES, CHAIR, start=5)
    first = reading.findings[0]
    assert cut(first) == "The harbour council met at noon. It was chaired by Nowak."
    assert cut(first, first.highlight) == "Nowak"
    assert first.is_short_answer


def test_no_passages_give_no_findings_and_no_confidence() -> None:
    assert read("Who chaired the council?") == Reading((), 0.0)


@pytest.mark.parametrize(
    "question",
    [
        "Why did Nowak chair the harbour council?",
        "How did the harbour council meet?",
        "Was the harbour council chaired?",
        "Did it meet?",
        "What was agreed by the harbour council?",
        "What did the harbour council decide?",
    ],
)
def test_a_question_that_few_words_do_not_answer_gets_sentences_only(question: str) -> None:
    assert not any(finding.is_short_answer for finding in read(question, CHAIR).findings)


@pytest.mark.parametrize("question", ["Who chaired it?", "How many chaired it?", "When did it meet?", "Which council?"])
def test_a_question_after_a_fact_gets_a_short_answer(question: str) -> None:
    assert read(question, CHAIR).findings[0].is_short_answer


@pytest.mark.parametrize(
    ("said", "short"),
    [
        ("Nowak chaired the harbour council.", True),
        ("The minutes do not say that Nowak chaired the harbour council.", False),
        ("It is not known whether Nowak chaired the harbour council.", False),
    ],
)
def test_words_of_a_sentence_that_says_nothing_is_said_are_no_short_answer(said: str, short: bool) -> None:
    first = read("Who chaired the harbour council?", said).findings[0]
    assert cut(first) == said
    assert first.is_short_answer is short


@pytest.mark.parametrize(
    ("question", "sentence", "given"),
    [
        ("What is the LEAP?", "LEAP is short for something.", True),
        ("what is LEAP", "**LEAP**: LEAP, in full something, is a scheme.", True),
        ("What does LEAP mean?", "LEAP (something) stands for something.", True),
        ("Who is Ola Nowak?", "Ola Nowak is the chair.", True),
        ("Who's Nowak?", "Nowak, the chair, is a sailor.", True),
        ("What is LEAP?", "The LEAP document is a letter.", False),
        ("What is LEAP?", "In Krakow, LEAP is short for something.", False),
        ("What is the cost of the first of all projects?", "The cost of the first of all projects is high.", False),
        ("When is LEAP?", "LEAP is in May.", False),
        ("What is LEAP?", "LEAP was launched in May.", False),
        ("What is (it?", "(it is a bracket.", True),
    ],
)
def test_a_sentence_defines_what_is_asked_for_where_it_begins_so(question: str, sentence: str, given: bool) -> None:
    assert Definition(question).given_by(sentence) is given


def test_a_long_passage_read_in_windows_gives_each_sentence_its_best_window() -> None:
    text = "The gulls slept near the pier. " * 30 + "Nowak chaired the council."
    whole, windows = (read("Who chaired the council?", text, window_words=words) for words in (500, 20))
    assert len(whole.findings) == len(windows.findings) == 31
    assert cut(windows.findings[0]) == "Nowak chaired the council."


def test_confidence_rises_with_the_evidence() -> None:
    question = "Who chaired the harbour council at noon?"
    assert read(question, CHAIR).confidence > read(question, "Nowak slept.").confidence


def test_one_passage_alone_is_judged_by_a_regression_of_its_own() -> None:
    judge = Judge(MODEL_ALONE.sentence, TRUSTING, Logistic(-99.0, TRUSTING.weights))
    question = "Who chaired the harbour council?"
    assert read(question, CHAIR, judge=judge).confidence < 0.01 < read(question, CHAIR).confidence
    assert read(question, CHAIR, CRANES, judge=judge) == read(question, CHAIR, CRANES)


def test_retrieval_and_words_count_as_the_judge_says() -> None:
    by_rank = Judge(logistic(SentenceFeatures._fields, reciprocal_rank=1.0), TRUSTING, TRUSTING)
    by_words = Judge(logistic(SentenceFeatures._fields, overlap=1.0), TRUSTING, TRUSTING)
    question = "Who chaired the harbour council?"
    assert read(question, CRANES, CHAIR, judge=by_rank).findings[0].hit.rank == 1
    assert read(question, CRANES, CHAIR, judge=by_words).findings[0].hit.rank == 2


def test_features_are_those_that_their_docstring_names() -> None:
    reader = SpanReader(WordSpanModel(), MODEL_ALONE)
    hits = [hit(CHAIR, 1, cosine=None, bm25=6.0), hit(CRANES, 2, cosine=0.2, bm25=3.0)]
    seen = reader.evaluate("Who chaired the harbour council?", hits)
    rows = [SentenceFeatures(*row) for row in seen.features]
    assert [row.reciprocal_rank for row in rows] == [1, 1, 1, 0.5]
    assert [row.bm25 for row in rows] == [1, 1, 1, 0.5]
    assert [row.cosine for row in rows] == [0.5, 0.5, 0.5, 0.2]
    best = max(rows, key=lambda row: row.log_odds)
    assert best.lead > 0
    assert sum(row.lead > 0 for row in rows) == 1
    assert rows[3].overlap == 0 < rows[0].overlap
    assert [row.asked for row in rows] == [0, 1, 0, 0]
    assert [row.fits for row in rows] == [0, 1, 0, 0]


def test_the_shipped_judge_has_a_weight_for_every_feature_and_trusts_the_model() -> None:
    judge = Judge.of(Shipment().card()["judge"])
    assert len(judge.sentence.weights) == len(SentenceFeatures._fields)
    assert len(judge.answer.weights) == len(AnswerFeatures._fields)
    assert judge.sentence.weights[SentenceFeatures._fields.index("log_odds")] > 0


def test_probabilities_are_between_0_and_1_and_rise() -> None:
    found = probabilities(np.array([-1e6, -1.0, 0.0, 1.0, 1e6]))
    assert found[2] == 0.5
    assert (np.diff(found) > 0).all()
    assert found.min() > 0
    assert found.max() <= 1
