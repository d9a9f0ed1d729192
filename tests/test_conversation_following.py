"""Proves that follow-ups are understood from the turns before, and that questions which stand alone are left alone."""

from __future__ import annotations

import json
from importlib.resources import files

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.library import Filter
from qa.conversation.asking import Asker
from qa.conversation.following import understood
from qa.conversation.model import Exchange
from qa.model import Answer
from qa.settings import QUESTION_CHARACTERS
from tests.conftest import MakeParts
from tests.fakes import HashEncoder

encode = HashEncoder().encode

EXCHANGES = st.builds(Exchange, st.text(), st.text(), st.none() | st.text())
WORDS = st.lists(
    st.sampled_from(
        "And Who when was it she that there the E5 meeting in Krakow its of them hosted, LEAP 2027?".split()
    )
).map(" ".join)
IN_WORDS = st.builds(Exchange, WORDS, WORDS, st.none() | WORDS)


def after(searched: str, question: str, short_answer: str | None = None) -> str:
    """What a question means after one other."""
    return understood(question, [Exchange(searched, searched, short_answer)], encode)


@given(question=st.text() | WORDS, before=st.lists(EXCHANGES | IN_WORDS, max_size=3))
@example(question="When?", before=[Exchange("?", "?", None)])
@example(question="And it?", before=[Exchange("🦓", "🦓", "🦓")])
@example(question="Who hosted it?", before=[Exchange("What is x?", f"What is {'x' * QUESTION_CHARACTERS}?", None)])
def test_whatever_was_said_something_is_searched_for_that_can_be_asked(question: str, before: list[Exchange]) -> None:
    full = understood(question, before, encode)
    assert full.strip() or not question.strip()
    assert len(full) <= max(len(question), QUESTION_CHARACTERS)


@given(question=st.text() | WORDS)
def test_a_question_that_follows_nothing_is_searched_for_as_it_was_typed(question: str) -> None:
    assert understood(question, (), encode) == question


def test_nearly_all_questions_that_stand_by_themselves_are_left_alone() -> None:
    texts = (files("qa.evaluation") / "krakow-tune.jsonl").read_text("utf-8").splitlines()
    asked = [json.loads(line)["question"] for line in texts]
    altered = [question for question in asked if after("Who represented NATO in Krakow?", question) != question]
    assert len(altered) <= 0.04 * len(asked), altered


@pytest.mark.parametrize(
    ("searched", "short_answer", "question", "full"),
    [
        ("Who represented France in Krakow?", None, "And for Italy?", "Who represented France in Krakow for Italy?"),
        ("Who hosted the E5 meeting in Oslo?", None, "And in Rome?", "Who hosted the E5 meeting in Rome?"),
        ("When was the third meeting held?", None, "And the fifth?", "When was the fifth meeting held?"),
        ("What happens in 2029?", None, "What about 2027?", "What happens in 2027?"),
        ("What is an effector?", None, "And an interceptor?", "What is an interceptor?"),
        ("How much does EDIP offer?", None, "Only for Ukraine?", "How much does EDIP offer for Ukraine?"),
        ("Where was the ferry built?", None, "Who owns it?", "Who owns the ferry?"),
        ("What is LEAP?", None, "Who are its members?", "Who are LEAP's members?"),
        ("What is LEAP?", None, "What about its cost?", "What is LEAP's cost?"),
        ("Who chaired the council?", "Mayor Ola Nowak", "When did she resign?", "When did Mayor Ola Nowak resign?"),
        ("Who is Ola Nowak?", "the mayor", "When did she resign?", "When did Ola Nowak resign?"),
        ("Where is the hub?", "Jasionka airport", "Who works there?", "Who works at Jasionka airport?"),
        ("Which forces guard it?", "Danish forces", "How many of them?", "How many of Danish forces guard it?"),
        ("What did Lis say about LEAP?", None, "What does it cost?", "What does LEAP cost?"),
        ("What is the ferry plan?", None, "When was this plan made?", "When was the ferry plan made?"),
        ("Did Hungary veto it?", None, "When?", "When did Hungary veto it?"),
        ("Why did the talks fail?", None, "When was that?", "When did the talks fail?"),
        ("Who hosted the Oslo meeting?", "Lis", "Where was that?", "Where was the Oslo meeting hosted?"),
        ("Who was absent?", "Lis", "Why?", "Why was Lis absent?"),
        ("Who vetoed the law?", "Lis", "When did he do that?", "When was the law vetoed?"),
    ],
)  # fmt: skip
def test_what_a_question_leaves_open_is_taken_from_the_one_before(
    searched: str, short_answer: str | None, question: str, full: str
) -> None:
    assert after(searched, question, short_answer) == full


@pytest.mark.parametrize(
    "question",
    [
        "Is it true that LEAP is cheap?",
        "Was it Poland that hosted the meeting?",
        "Is there a second hub in Romania?",
        "Did Russia say that it sent the drones?",
        "What did Pistorius say about LEAP if it works?",
        "Who gave the E5 its name?",
        "What do these sources say about LEAP?",
        "Who doubts that LEAP is fast?",
        "But who hosted the London meeting?",
        "deep precision strike range",
        "And then?",
        "???",
    ],
)
def test_what_points_at_nothing_before_it_is_left_alone(question: str) -> None:
    assert after("Who represented NATO in Krakow?", question, "Radmila Shekerinska") == question


def test_a_pronoun_looks_further_back_where_the_last_question_names_nobody() -> None:
    before = [
        Exchange("", "Who chaired the council?", "Ola Nowak"),
        Exchange("", "Who drinks the water?", None),
    ]
    assert understood("Where does she live?", before, encode) == "Where does Ola Nowak live?"


def test_a_conversation_is_asked_one_turn_after_the_other(make_parts: MakeParts) -> None:
    answerer = make_parts(ferry="The ferry sails at eight.").answerer
    searched: list[str] = []

    def answer(question: str, filter: Filter | None) -> Answer:
        searched.append(question)
        return answerer.ask(question, filter)

    asker = Asker(answer, encode)
    before = asker.exchanges(["Where was the ferry built?", "Who owns it?"])
    turn = asker.ask(" And when does it sail? ", before)
    assert searched == ["Where was the ferry built?", "Who owns the ferry?", "When does the ferry sail?"]
    assert (turn.question, turn.searched) == ("And when does it sail?", "When does the ferry sail?")
    assert turn.answer.question == turn.searched


def test_what_somebody_says_to_search_for_is_not_understood_anew(make_parts: MakeParts) -> None:
    asker = Asker(make_parts(ferry="The ferry sails at eight.").answerer.ask, encode)
    before = asker.exchanges(["Where was the ferry built?"])
    assert asker.ask("Who owns it?", before, "Who owns it?").searched == "Who owns it?"
