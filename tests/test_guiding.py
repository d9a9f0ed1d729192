"""Proves what is offered for misspelt questions, and that what a refusal says of the question's words is true."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.library import Filter, Library
from index.terms import folded, terms, words
from qa.answerer import Answerer
from qa.assembly import Parts
from qa.conversation.exporting import Form, exported
from qa.conversation.kept import KeptTurn
from qa.conversation.model import Turn
from qa.conversation.reopening import reopened
from qa.guiding import Guide
from qa.model import Abstention, Answer
from qa.payload import answer_payload
from qa.plain import turn_text
from qa.readers.lexical import LexicalReader
from qa.settings import Settings
from qa.web.render import render_turn
from tests.conftest import MakeParts, put
from tests.misspelling import briefs_at, wrongly_offered

HARBOUR = (
    "---\ntitle: Notes of the Quay Gazette\npublisher: Radio Wawel\n---\n"
    "# Harbour\n\nMayor Ola Nowak met Lech Lis in the harbour of Gdynia."
    " Two ferries from Szczecin carry interceptors and drones.\n"
)


@pytest.fixture(scope="module")
def on_briefs(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """The shipped briefs with a fake encoder."""
    with briefs_at(tmp_path_factory.mktemp("guiding") / "library") as parts:
        yield parts


def lines(path: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text("utf-8").splitlines()]


def guide(parts: Parts) -> Guide:
    return Guide(parts.keywords, parts.library)


# Spelling


def test_slips_are_found_and_right_questions_left_alone(on_briefs: Parts) -> None:
    (missed, misspelt), (disturbed, right) = (wrongly_offered(guide(on_briefs), name) for name in ("misspelt", "right"))
    assert len(missed) <= 0.12 * misspelt, missed
    assert len(disturbed) <= 0.03 * right, disturbed


def test_what_is_right_in_our_question_sets_is_left_alone(on_briefs: Parts) -> None:
    asked = [each for each in lines(files("qa.evaluation") / "krakow-tune.jsonl") if "typo" not in each["tags"]]
    assert {each["question"]: guide(on_briefs).spelling(each["question"]) for each in asked} == {
        each["question"]: None for each in asked
    }


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("What do ferreis carry?", "What do ferries carry?"),
        ("Who met in Gydnia?", "Who met in Gdynia?"),
        ("who met in gydnia and why?", "who met in Gdynia and why?"),
        ("Which drones and intercepters?", "Which drones and interceptors?"),
        ("Drrones?", "Drones?"),
        ("What is Gdynia's haarbour?", "What is Gdynia's harbour?"),
        ("What says the Gazete?", "What says the Gazette?"),
        ("Who is Ola Novak?", None),  # searched for as Nowak as it is
        ("What is in Stettin?", None),
        ("Where is Gdynka2?", None),
        ("What is GDINYA?", None),
        ("Is gdynka.example a page of ferreis/drones?", None),
        ("Kto był w Gdyni na statkach?", None),
        ("What does cheese cost?", None),
        ("What didn't ferries carry?", None),
        ("", None),
    ],
)
def test_what_is_offered(make_parts: MakeParts, typed: str, meant: str | None) -> None:
    assert guide(make_parts(harbour=HARBOUR)).spelling(typed) == meant


def test_only_what_the_library_has_now_is_offered(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts(harbour=HARBOUR)
    spelling = guide(parts).spelling
    typed = "Where do trawlres and ferreis go?"
    assert spelling(typed) == "Where do trawlres and ferries go?"
    put(parts, tmp_path, "boats", "# Boats\n\nTwo trawlers go north.\n")
    assert spelling(typed) == "Where do trawlers and ferries go?"
    parts.library.withdraw("boats")
    assert spelling(typed) == "Where do trawlres and ferries go?"
    parts.purge("harbour")
    assert spelling(typed) is None


@settings(max_examples=100)
@given(
    question=st.text(max_size=80)
    | st.lists(st.sampled_from(["ferreis", "Nowak", "’s", "-", "İ", "ﬁ", "\n"])).map("".join)
)
def test_whatever_is_typed_only_another_question_is_offered(on_briefs: Parts, question: str) -> None:
    told = guide(on_briefs)
    assert told.spelling(question) != question
    assert all(part.strip() and part in question for part in told.missing(question) or ())


# What is missing


def stands(library: Library, text: str) -> bool:
    """Whether a document of the library has a text, word by word."""
    sought = f" {' '.join(map(folded, words(text)))} "
    return any(
        sought in f" {' '.join(map(folded, words(library.document(entry.id).text)))} " for entry in library.entries()
    )


def test_what_refusals_say_of_our_questions_is_true(on_briefs: Parts) -> None:
    refused = [
        each["question"] for each in lines(files("qa.evaluation") / "krakow-tune.jsonl") if not each["answerable"]
    ]
    told = {question: guide(on_briefs).missing(question) for question in refused}
    assert len(refused) > 20
    assert sum(bool(missing) for missing in told.values()) > len(refused) / 2
    assert not [missing for missing in sum(filter(None, told.values()), ()) if stands(on_briefs.library, missing)]
    known = {term for entry in on_briefs.library.entries() for term in terms(on_briefs.library.document(entry.id).text)}
    for question, missing in told.items():
        unknown = {word for word in re.findall(r"\w{4,}", question) if known.isdisjoint(terms(word) or known)}
        assert missing is not None, question
        assert unknown <= set(re.findall(r"\w+", " ".join(missing))), question


@pytest.mark.parametrize(
    ("question", "missing"),
    [
        ("What is planned in Tokyo?", ("planned", "Tokyo")),
        ("Did ferries carry drones to Tokyo's harbour?", ("Tokyo",)),
        ("Who carried a drone by ferry?", ()),  # in other forms
        ("Who is Lech Nowak?", ()),  # both in one sentence
        ("What did the Quay Gazette say on Radio Wawel?", ()),  # title and publisher
        ("Is Radio Gdansk right?", ("Radio Gdansk", "right")),
        ("How many police officers met Ola Nowak?", ("police officers",)),
        ("Why was Turkey refused?", ("Turkey", "refused")),
        ("Co podpisano w Warszawie?", None),
        ("Is it?", None),
    ],
)
def test_what_is_missing(make_parts: MakeParts, question: str, missing: tuple[str, ...] | None) -> None:
    assert guide(make_parts(harbour=HARBOUR)).missing(question) == missing


def test_a_name_of_known_words_is_missing_unless_a_document_has_it(make_parts: MakeParts) -> None:
    parts = make_parts(
        passage_tokens=5,
        one="# One\n\nOla came by sea.\n",
        two="# Two\n\nJan Nowak came by land.\n",
        three="# Three\n\nThen there came Grand Harbour Master Lis, it was told.\n",
    )
    missing = guide(parts).missing
    assert missing("Who is Ola Nowak?") == ("Ola Nowak",)
    assert missing("Who is Jan Nowak?") == ()
    assert not any("Grand Harbour Master" in stored.passage.text for stored in parts.library.passages_of("three"))
    assert missing("Who is Grand Harbour Master?") == ()


def test_what_is_missing_follows_the_library(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts(harbour=HARBOUR)
    missing = guide(parts).missing
    assert missing("Where do trawlers go?") == ("trawlers go",)
    put(parts, tmp_path, "boats", "# Boats\n\nA trawler may go north.\n")
    assert missing("Where do trawlers go?") == ()
    parts.purge("boats")
    assert missing("Where do trawlers go?") == ("trawlers go",)


# What answers say


def asked(parts: Parts, question: str, strictness: float) -> Turn:
    """A turn by the lexical reader, with the guide."""
    answerer = Answerer(parts.retriever, LexicalReader(parts.encoder), Settings(strictness=strictness), guide(parts))
    return Turn(question, question, answerer.ask(question))


def test_an_offer_stands_beside_the_answer_and_changes_nothing_in_it(make_parts: MakeParts) -> None:
    parts = make_parts(harbour=HARBOUR)
    turn = asked(parts, "What do ferreis carry?", 1)
    bare = Answerer(parts.retriever, LexicalReader(parts.encoder), Settings(strictness=1)).ask(turn.question)
    assert turn.answer.answered
    assert found(turn.answer) == found(bare)
    assert (turn.answer.spelling, turn.answer.missing) == ("What do ferries carry?", None)
    assert list(turn.answer.timings_ms) == [*list(bare.timings_ms)[:-1], "guide", "total"]
    assert "Did you mean: What do ferries carry?\n" in turn_text(turn)
    assert answer_payload(turn.answer)["spelling"] == "What do ferries carry?"


def found(answer: Answer) -> tuple[Any, ...]:
    return answer.question, answer.confidence, answer.quotes, answer.closest, answer.hits, answer.short_answer


def test_a_refusal_says_what_is_missing_at_every_door(make_parts: MakeParts) -> None:
    parts = make_parts(harbour=HARBOUR)
    turn = asked(parts, "Do ferries carry *elk* and moose?", 0)
    assert answer_payload(turn.answer)["missing"] == ["elk", "moose"]
    said = "“elk” and “moose” stand in no source."
    assert said in turn_text(turn)
    assert said in render_turn(turn, 1)
    again = reopened(KeptTurn.from_json(KeptTurn.of(turn).to_json()), parts.library)
    then = "“elk” and “moose” stood in no source."
    assert then in render_turn(again.turn, 1, again.kept, again=again)
    assert all(then in exported([again], form) for form in (Form.MARKDOWN, Form.HTML))
    assert json.loads(exported([again], Form.JSON))["turns"][0]["missing"] == ["elk", "moose"]


def test_a_refusal_says_where_nothing_is_missing(make_parts: MakeParts) -> None:
    turn = asked(make_parts(harbour=HARBOUR), "Which ferries carry Lech Lis?", 0)
    assert "All words of the question stand in the sources, in one form or another" in turn_text(turn)


def test_under_a_filter_only_what_no_source_has_is_told(make_parts: MakeParts) -> None:
    parts = make_parts(harbour=HARBOUR, boats="# Boats\n\nTrawlers go north.\n")
    answerer = Answerer(parts.retriever, LexicalReader(parts.encoder), Settings(strictness=0), guide(parts))
    boats, nowhere = Filter(documents=frozenset({"boats"})), Filter(publishers=frozenset({"Nobody"}))
    assert answerer.ask("Do trawlers carry Lech Lis?", boats).missing is None
    assert answerer.ask("Do trawlers carry Lech Lis to Tokyo?", boats).missing == ("Tokyo",)
    assert answerer.ask("Do trawlers go to Tokyo?", nowhere).missing is None


def test_nothing_is_said_of_an_empty_library(make_parts: MakeParts) -> None:
    answer = asked(make_parts(), "Where is Tokyo?", 0).answer
    assert (answer.abstention, answer.missing, answer.spelling) == (Abstention.EMPTY_LIBRARY, None, None)


def test_what_is_offered_is_not_kept_since_it_is_a_word_of_a_source(make_parts: MakeParts) -> None:
    parts = make_parts(harbour=HARBOUR)
    kept = KeptTurn.of(asked(parts, "What do ferreis carry?", 1)).to_json()
    assert "ferries" not in kept.lower()


def test_turns_that_were_kept_before_are_read(make_parts: MakeParts) -> None:
    kept = KeptTurn.of(asked(make_parts(harbour=HARBOUR), "What is elk?", 0))
    fields = {name: value for name, value in json.loads(kept.to_json()).items() if name != "missing"}
    assert KeptTurn.from_json(json.dumps(fields)).missing is None
