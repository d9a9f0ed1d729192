"""Suggested questions: made of sentences by rules, proven by asking, varied, and gone with their documents."""

from __future__ import annotations

import threading
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from corpus.library import Filter
from corpus.model import Address, Document, Kind, Source, Span
from qa.assembly import Parts
from qa.model import Answer
from qa.suggesting.candidates import candidates, candidates_of
from qa.suggesting.choosing import beside, nearest, passing, unasked
from qa.suggesting.kept import Suggested, Suggestions
from qa.suggesting.suggestions import LEAST_CONFIDENCE, Suggestion, suggestions, touch
from tests.conftest import MakeParts, put
from tests.suggesting import kept_of

BRIDGE = """---
date: 2026-03-01
---
# The Harbour Bridge

The minister Ola Nowak opened the Harbour Bridge on 4 March 2025. The Harbour Bridge has 12 towers.
A capstan is a drum that turns to pull a rope.
"""
TOWER = """---
date: 2026-05-01
---
The Lighthouse Company was founded in 1904. The fee for the Lighthouse Tower was €30.
Ola Nowak said that the new cranes of Gdynia were blue.
"""
POLISH = "---\nlanguage: pl\n---\nThe Crane Company was founded in 1990."


def made_of(text: str) -> list[str]:
    """The questions of a text."""
    return [each.question for each in candidates_of(Document.of("it", Source("It"), text))]


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(bridge=BRIDGE, tower=TOWER)


# What is asked of a sentence


@pytest.mark.parametrize(
    ("sentence", "questions"),
    [
        ("A capstan is a drum that turns to pull a rope.", ["What is a capstan?"]),
        ("- **Capstan**: The capstan is the drum of a winch.", ["What is the capstan?"]),
        ("POLLOG, or the Polish hub, is a depot for goods.", ["What is POLLOG?"]),
        ("POLLOG is short for Polish Logistics.", ["What is POLLOG short for?"]),
        ("The venue of the Gdynia talks was Collegium Maius, a college.", ["What was the venue of the Gdynia talks?"]),
        ("The host of the Gdynia talks was President Ola Nowak.", ["Who was the host of the Gdynia talks?"]),
        ("The E5 group is also called Group of Five.", ["What is the E5 group called?"]),
        (
            "The German ministry calls the Gdynia paper a letter of intent.",
            ["What does the German ministry call the Gdynia paper?"],
        ),
        ("President Ola Nowak vetoed the Gdynia law.", ["Who vetoed the Gdynia law?"]),
        ("France was represented in Gdynia by President Ola Nowak.", ["Who represented France in Gdynia?"]),
        (
            "Nineteen EU states take part in the Gdynia scheme, according to Harbour Post.",
            ["How many EU states take part in the Gdynia scheme?"],
        ),
        (
            "The port of Gdynia bought 12 blue cranes in March.",
            [
                "How many blue cranes did the port of Gdynia buy in March?",
                "When did the port of Gdynia buy 12 blue cranes?",
            ],
        ),
        ("The Gdynia scheme provides €1.5 billion in grants.", ["How much does the Gdynia scheme provide in grants?"]),
        ("The fee for the Gdynia ferry was about €30.", ["How much was the fee for the Gdynia ferry?"]),
        ("The Gdynia law was adopted on 4 March 2025.", ["When was the Gdynia law adopted?"]),
        ("On 4 March 2025 the ministers of the E5 met.", ["When did the ministers of the E5 meet?"]),
        ("The third Gdynia meeting will take place in May 2027.", ["When will the third Gdynia meeting take place?"]),
        (
            "The leaders of the E5 met in Gdynia on 4 March 2025, Harbour Post reported.",
            [
                "Who met in Gdynia on 4 March 2025?",
                "Where did the leaders of the E5 meet on 4 March 2025?",
                "When did the leaders of the E5 meet in Gdynia?",
            ],
        ),
        ("The Gdynia talks failed because of the fee.", ["Why did the Gdynia talks fail?"]),
        (
            "Ola Nowak said in Gdynia that the new cranes of the port were blue.",
            ["What did Ola Nowak say about the new cranes of the port in Gdynia?"],
        ),
        ("Rauti describes the European pillar as a help.", ["How does Rauti describe the European pillar?"]),
    ],
)
def test_a_plain_sentence_gives_questions_that_it_answers(sentence: str, questions: list[str]) -> None:
    assert made_of(f"She saw Rauti in France.\n\n{sentence}\n") == questions


@pytest.mark.parametrize(
    "sentence",
    [
        "It was adopted on 4 March 2025.",
        "The plan was adopted on 4 March 2025.",
        "The Gdynia law was not adopted on 4 March 2025.",
        "In Gdynia, he opened the bridge on 4 March 2025.",
        "“The Gdynia law was adopted on 4 March 2025.”",
        "The Gdynia law adopted by the council on 4 March 2025 says little.",
        "The Gdynia law had been adopted on 4 March 2025.",
        "Was the Gdynia law adopted on 4 March 2025?",
        "| The Gdynia law was adopted | on 4 March 2025. |",
        "Many laws were adopted in Gdynia in 2025.",
        "The Gdynia law that was adopted on 4 March 2025 holds.",
        "Ola Nowak, Jan Kowal and Ewa Lis opened the bridge, the tower and the school in 2025.",
        "Gdynia.",
    ],
)
def test_a_sentence_that_is_not_plain_gives_none(sentence: str) -> None:
    assert made_of(f"{sentence}\n") == []


def test_a_word_that_may_be_a_name_or_not_is_left_alone() -> None:
    sentence = "Bora is a wind of the coast."
    assert made_of(sentence) == []
    assert made_of(f"The wind of Gdynia, Bora, blows. {sentence}") == ["What is Bora?"]
    assert made_of(f"Here blows the bora. {sentence}") == ["What is bora?"]


# Which of them are suggested


def test_documents_come_in_turn_the_newest_first_and_each_asks_by_another_word(parts: Parts) -> None:
    first = list(islice(candidates(parts.library), 4))
    assert [each.address.document_id for each in first] == ["tower", "bridge", "tower", "bridge"]
    assert len({each.asks for each in first}) == 4


def test_each_is_made_of_a_sentence_that_stands_at_its_address(parts: Parts) -> None:
    of_capstan = next(each for each in candidates(parts.library) if each.question == "What is a capstan?")
    document, _ = parts.library.resolve(of_capstan.address)
    assert document.slice(of_capstan.address.span) == "A capstan is a drum that turns to pull a rope."


def test_only_english_documents_are_asked_about(make_parts: MakeParts) -> None:
    assert list(candidates(make_parts(polish=POLISH).library)) == []


def test_what_is_suggested_is_answered_by_the_sentence_that_it_is_made_of(parts: Parts) -> None:
    suggested = list(suggestions(parts))
    assert len(suggested) >= 4
    for each in suggested:
        answer = parts.answerer.ask(each.question)
        assert answer.answered
        assert answer.confidence == each.confidence >= LEAST_CONFIDENCE
        assert touch(answer.quotes[0].address, each.address)
    assert len({each.address for each in suggested}) == len(suggested)


def test_a_question_that_another_sentence_answers_first_is_not_suggested(make_parts: MakeParts) -> None:
    law = "The Gdynia law was adopted on 4 March 2025."
    parts = make_parts(one=law, other=f"# When was the Gdynia law adopted?\n\n{law}\n")
    assert len(list(candidates(parts.library))) == 1
    assert len(list(suggestions(parts))) <= 1


def test_it_ends_where_the_library_changes_and_where_it_is_told_to(parts: Parts, tmp_path: Path) -> None:
    making = suggestions(parts)
    next(making)
    put(parts, tmp_path, "more", "The Harbour Post was founded in 1950.")
    assert list(making) == []
    assert list(suggestions(parts, lambda: False)) == []


def test_a_library_without_documents_suggests_nothing(make_parts: MakeParts) -> None:
    assert list(suggestions(make_parts())) == []


# Held in memory, beside what others ask


def complete(kept: Suggestions, parts: Parts) -> Suggested:
    """All suggestions, waited for."""
    kept.now(parts)
    while not (now := kept.now(parts)).is_complete:
        threading.Event().wait(0.01)
    return now


def test_what_is_kept_is_what_the_library_answers(parts: Parts) -> None:
    kept = Suggestions(lambda: False)
    assert complete(kept, parts).suggestions == tuple(suggestions(parts))
    kept.close()


@pytest.mark.parametrize("change", ["withdraw", "purge"])
def test_nothing_is_suggested_of_a_document_that_went_from_that_moment_on(parts: Parts, change: str) -> None:
    kept = Suggestions(lambda: False)
    before = complete(kept, parts).suggestions
    assert {each.address.document_id for each in before} == {"bridge", "tower"}
    getattr(parts.library, change)("tower")
    assert "tower" not in {each.address.document_id for each in kept.now(parts).suggestions}
    after = complete(kept, parts).suggestions
    assert {each.address.document_id for each in after} == {"bridge"}
    kept.close()


def test_nothing_is_asked_while_others_ask_and_closing_waits_for_no_more_than_the_question_in_hand(
    parts: Parts,
) -> None:
    asked: list[str] = []

    class Watched:
        library, encoder = parts.library, parts.encoder

        class answerer:  # noqa: N801
            @staticmethod
            def ask(question: str) -> Answer:
                asked.append(question)
                return parts.answerer.ask(question)

    is_busy = threading.Event()
    is_busy.set()
    kept = Suggestions(is_busy.is_set)
    kept.now(Watched())  # type: ignore[arg-type]
    threading.Event().wait(0.3)
    assert asked == []
    kept.close()
    assert asked == []
    assert not kept.now(Watched()).suggestions  # type: ignore[arg-type]
    assert "suggesting" not in {thread.name for thread in threading.enumerate()}


# Which of them are shown


def suggestion(question: str, document: str, start: int, parts: Parts) -> Suggestion:
    address = Address(document, "0" * 12, Span(start, start + 10))
    return Suggestion(question, address, Source("It"), 0.9, parts.encoder.encode([question])[0])


def test_what_was_asked_is_not_shown_again(parts: Parts) -> None:
    one, other = suggestion("Who came?", "a", 0, parts), suggestion("Who went?", "a", 50, parts)
    assert unasked([one, other], ["who  CAME"]) == [other]


@pytest.mark.parametrize(
    ("filter", "passes"),
    [
        (None, True),
        (Filter(publishers=frozenset({"Harbour Post"})), True),
        (Filter(publishers=frozenset({"NATO"})), False),
        (Filter(kinds=frozenset({"article"}), languages=frozenset({"en", "pl"})), True),
        (Filter(kinds=frozenset({"brief"})), False),
        (Filter(documents=frozenset({"b"})), False),
        (Filter(since="2026-02-01", until="2026-02-28"), True),
        (Filter(since="2026-02-02"), False),
        (Filter(until="2026-01-31"), False),
    ],
)
def test_only_documents_that_a_filter_lets_through_are_asked_about(
    filter: Filter | None, passes: bool, parts: Parts
) -> None:
    source = Source("It", Kind.ARTICLE, "Harbour Post", "2026-02", "en")
    one = replace(suggestion("Who came?", "a", 0, parts), source=source)
    assert passing([one], filter) == ([one] if passes else [])


def test_a_document_without_a_date_passes_no_filter_by_date(parts: Parts) -> None:
    assert passing([suggestion("Who came?", "a", 0, parts)], Filter(until="2030-01-01")) == []


def test_beside_an_answer_stand_those_of_its_documents_the_nearest_to_its_quotes_first(parts: Parts) -> None:
    far, near, same, other, none = (
        suggestion(f"What is {number}?", document, start, parts)
        for number, (document, start) in enumerate([("a", 900), ("a", 120), ("a", 105), ("b", 0), ("c", 0)])
    )
    quoted = [Address("a", "0" * 64, Span(100, 110)), Address("b", "0" * 64, Span(40, 50))]
    assert beside([none, other, far, same, near], quoted) == [near, far, other]


def test_after_a_refusal_the_nearest_in_meaning_come_first(parts: Parts) -> None:
    cranes, tolls = suggestion("Who painted the cranes?", "a", 0, parts), suggestion("What are tolls?", "a", 50, parts)
    assert nearest([tolls, cranes], parts.encoder.encode(["Why are the cranes blue?"])[0]) == [cranes, tolls]


@pytest.mark.models
def test_most_questions_made_of_the_briefs_are_answered_by_their_own_sentence(briefs: Parts) -> None:
    kept = kept_of(briefs)
    assert len(kept) >= 100
    assert sum(kept.values()) >= 0.7 * len(kept)
