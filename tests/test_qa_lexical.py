"""Proves what the lexical reader looks for in a sentence, and that its findings are whole sentences of the passages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.blocks import sentences
from corpus.model import Span
from index.encoder import normalized
from index.search import Hit
from qa.reader import Reading
from qa.readers.lexical import FITTED, Features, LexicalReader, Weights
from tests.fakes import HashEncoder
from tests.reading import cut, hit
from tests.texts import texts

ENCODER = HashEncoder()
BEFORE = "Anyone may skip this line."


def as_found(text: str, question: str, rank: int = 1, start: int = 0) -> Hit:
    """A passage as the retriever finds it."""
    vectors = normalized(ENCODER.encode([question, text]))
    return hit(text, rank, start, cosine=float(vectors[0] @ vectors[1]))


def read(question: str, *passages: str, start: int = 0) -> Reading:
    hits = [as_found(text, question, rank, start) for rank, text in enumerate(passages, start=1)]
    return LexicalReader(ENCODER).read(question, hits)


def only(feature: str) -> Weights:
    """Weights by which nothing but one feature counts."""
    weights = Features(*(float(name == feature) for name in Features._fields))
    return Weights(bias=0.0, features=weights, answerable_bias=0.0, answerable_slope=1.0)


@given(question=texts, passages=st.lists(texts, max_size=4), start=st.integers(0, 9))
def test_findings_are_whole_sentences_of_their_passages_best_first(
    question: str, passages: list[str], start: int
) -> None:
    reading = read(question, *(text for text in passages if text.strip()), start=start)
    confidences = [finding.confidence for finding in reading.findings]
    assert confidences == sorted(confidences, reverse=True)
    assert all(0 <= confidence <= 1 for confidence in confidences)
    assert 0 < reading.confidence < 1 if confidences else reading.confidence == 0
    for finding in reading.findings:
        passage = finding.hit.passage
        assert finding.quote in passage.span
        within = [span.shift(start) for span in sentences(passage.text)]
        whole = [span for span in within if span in finding.quote]
        assert Span(whole[0].start, whole[-1].end) == finding.quote
        assert finding.highlight in (None, whole[-1])
        assert len(whole) == (1 if finding.highlight is None else 2)
        assert not finding.is_short_answer


def test_without_passages_there_is_no_confidence() -> None:
    assert read("Who chaired the harbour council?") == Reading((), 0.0)


def test_a_passage_of_headings_and_code_has_no_finding() -> None:
    assert read("Who chaired the harbour council?", "# The harbour council\n\n```\nchair = harbour\n```") == Reading(
        (), 0
    )


@pytest.mark.parametrize(
    ("question", "holds", "lacks"),
    [
        (
            "Who led the harbour talks?",
            "the harbour talks led by Nowak ended.",
            "the harbour talks led by somebody ended.",
        ),
        ("When did the harbour talks end?", "The harbour talks end on Monday.", "The harbour talks end on demand."),
        ("Since when is the harbour shut?", "The harbour is shut for a year.", "The harbour is shut for a while."),
        (
            "How many cranes did the harbour buy?",
            "The harbour did buy nine cranes.",
            "The harbour did buy blue cranes.",
        ),
        ("How much did the harbour cranes cost?", "The harbour cranes cost 40 each.", "The harbour cranes cost a lot."),
        ("Where will the ferries go?", "the ferries go to Gdynia.", "the ferries go to islands."),
    ],
)
def test_a_sentence_with_the_kind_of_thing_that_is_asked_for_is_preferred(
    question: str, holds: str, lacks: str
) -> None:
    for passage in (f"{lacks} {holds}", f"{holds} {lacks}"):
        by_text = {cut(finding): finding.confidence for finding in read(question, passage).findings}
        assert by_text[holds] > by_text[lacks]


def test_a_name_that_the_question_has_already_is_no_answer_to_who() -> None:
    question = "Who wrote to Nowak?"
    passage = "the letter reached Nowak. the letter to Nowak is from Wolski. the letter is lost."
    surest, *others = LexicalReader(ENCODER, only("asked")).read(question, [as_found(passage, question)]).findings
    assert cut(surest) == "the letter to Nowak is from Wolski."
    assert all(other.confidence < surest.confidence for other in others)


def test_a_sentence_that_shares_the_questions_words_comes_first() -> None:
    reading = read("What colour are the harbour cranes?", f"{BEFORE} The harbour cranes are blue. Nobody came.")
    assert cut(reading.findings[0]) == "The harbour cranes are blue."


def test_a_rare_word_of_the_question_weighs_more_than_a_common_one() -> None:
    question = "harbour dredging"
    common = " ".join(f"The harbour has rule {word}." for word in ("alpha", "beta", "gamma", "delta"))
    rare = "The dredging has rule omega."
    surest, *others = (
        LexicalReader(ENCODER, only("overlap")).read(question, [as_found(f"{common} {rare}", question)]).findings
    )
    assert cut(surest) == rare
    assert all(other.confidence < surest.confidence for other in others)


@pytest.mark.parametrize("opening", ["It", "They", "This", "He", "She", "Their ships", "Both", "In that year it"])
def test_a_sentence_that_leans_on_the_one_before_is_quoted_with_it(opening: str) -> None:
    leaning = f"{opening} will close the harbour."
    (finding,) = (
        each
        for each in read("Who will close the harbour?", f"{BEFORE} The council met. {leaning}", start=7).findings
        if cut(each).endswith(leaning)
    )
    assert cut(finding) == f"The council met. {leaning}"
    assert finding.highlight is not None
    assert cut(finding, finding.highlight) == leaning


@pytest.mark.parametrize("words", [80, 81])
def test_a_quote_that_would_be_longer_than_80_words_stands_alone(words: int) -> None:
    leaning = "It will close the harbour."
    before = f"The council {'met and ' * ((words - 9) // 2)}{'then ' * ((words - 9) % 2)}left it."
    assert len(f"{before} {leaning}".split()) == words
    (finding,) = (each for each in read("harbour", f"{before} {leaning}").findings if cut(each).endswith(leaning))
    assert cut(finding) == (f"{before} {leaning}" if words <= 80 else leaning)
    assert (finding.highlight is None) is (words > 80)


@pytest.mark.parametrize("text", ["The council met. Italy closed the harbour.", "It will close the harbour."])
def test_a_sentence_that_leans_on_nothing_is_quoted_alone(text: str) -> None:
    finding = next(each for each in read("harbour", text).findings if "harbour" in cut(each))
    assert cut(finding) == text.removeprefix("The council met. ")
    assert finding.highlight is None


@pytest.mark.parametrize("fragment", ["{}", "{}:", "- {}"])
def test_a_fragment_counts_less_than_a_sentence(fragment: str) -> None:
    question = "What colour are the harbour cranes?"
    assert (
        0
        < read(question, fragment.format("The harbour cranes are blue")).confidence
        < read(question, "The harbour cranes are blue.").confidence
    )


def test_the_same_sentence_counts_more_in_a_better_passage() -> None:
    reading = read("What colour are the harbour cranes?", *["The harbour cranes are blue."] * 3)
    assert [finding.hit.rank for finding in reading.findings] == [1, 2, 3]


def test_far_down_passages_are_read_where_they_share_the_questions_words() -> None:
    short, long = (" ".join(f"Clause {number} stays as it was." for number in range(most)) for most in (6, 30))
    answer = "the harbour cranes were painted by Nowak."
    reading = read("Who painted the harbour cranes?", short, short, short, long, answer)
    assert cut(reading.findings[0]) == answer


@pytest.mark.parametrize("best", [0.0, 1e-300, 0.5, 1.0])
def test_a_confidence_at_the_end_of_its_range_is_still_one(best: float) -> None:
    assert 0 < FITTED.answerable(best) < 1
