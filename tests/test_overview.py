"""Proves that too broad a question, and no other, gets key passages by theme, and how these are shown and kept."""

from __future__ import annotations

import json

import pytest

from corpus.model import Kind, Reference, Source
from qa.answerer import Answerer
from qa.assembly import Parts
from qa.conversation.claims import claims_of
from qa.conversation.exporting import Form, exported
from qa.conversation.kept import KeptTurn
from qa.conversation.model import Turn
from qa.conversation.reopening import Reopened, reopened
from qa.conversation.verifying import verified
from qa.model import Answer
from qa.overview.breadth import breadth
from qa.overview.themes import PASSAGES, on_topic, theme_of
from qa.payload import answer_payload
from qa.plain import answer_text
from qa.readers.lexical import LexicalReader
from qa.settings import Settings
from qa.web.render import render_answer
from qa.wording import BROAD
from tests.conftest import MakeParts
from tests.recognised import BROAD as BROAD_SETS
from tests.recognised import questions_of
from tests.test_qa_answerer import store

QUESTION = "Tell me about the cranes"
COUNCIL = """# Harbour council

## Paint & colours <b>

The council had nine tall cranes painted blue over the long summer.
Paint for the cranes came by rail from a mill in Elblag.

## Money

The cranes cost the harbour four million zloty in the first year.
A bank in Gdynia lent the money at low interest.

## Crews

Forty drivers work the cranes by day and twelve more by night.
Each driver of the cranes sits an exam on wind every spring.

## Storms

In the storm of March the old cranes swung freely and broke two lamps.
Since then a siren warns the drivers of the cranes of strong gusts.

## Museum

One of the cranes stands in the harbour museum beside the steam tug.
Children climb the museum stairs to look at the cranes on Sundays.

## Future

The harbour wants three electric cranes before the end of the decade.
A maker from Finland offered cranes that feed power back when they lower a load.
"""

SECOND = """## Ghosts

Sailors say that ghosts move the cranes on nights without any moon.
A priest from Hel blessed all of the cranes in November.
"""


def overview(parts: Parts, question: str = QUESTION, **settings: float) -> Answer:
    return Answerer(parts.retriever, LexicalReader(parts.encoder), Settings(**settings)).ask(question)


def again(parts: Parts, answer: Answer) -> Reopened:
    kept = KeptTurn.of(Turn(answer.question, answer.question, answer))
    return reopened(KeptTurn.from_json(kept.to_json()), parts.library)


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(council=COUNCIL)


# What is broad


@pytest.mark.models
@pytest.mark.parametrize("name", ["development", "reported"])
def test_broad_questions_are_told_from_others(briefs: Parts, name: str) -> None:
    seen = [(each, _is_broad(briefs, each["question"])) for each in questions_of(BROAD_SETS / f"{name}.jsonl")]
    of_broad = [is_broad for question, is_broad in seen if question["broad"]]
    of_others = [not is_broad for question, is_broad in seen if not question["broad"]]
    assert sum(of_broad) >= 0.9 * len(of_broad)
    assert sum(of_others) >= 0.97 * len(of_others)


def _is_broad(parts: Parts, question: str) -> bool:
    asked = breadth(question)
    return asked is not None and bool(on_topic(asked, parts.retriever.search(asked.query, PASSAGES)))


@pytest.mark.parametrize(
    ("question", "topic"),
    [
        ("What was agreed?", ""),
        ("so, WHAT HAPPENED THERE?!", ""),
        ("Could you please give me a quick overview of the cranes?", "the cranes"),
        ("What's in the harbour agreement?", "the harbour agreement"),
        ("Tell me what was decided in Gdynia on 3 May 2026, please", "Gdynia 3 May 2026"),
        ("What did the port delegates commit themselves to?", ""),
        ("  cranes  ", "cranes"),
    ],
)
def test_a_broad_form_tells_its_topic(question: str, topic: str) -> None:
    asked = breadth(question)
    assert asked is not None
    assert asked.topic == topic


@pytest.mark.parametrize(
    "question",
    [
        "",
        "?",
        "the",
        "What was agreed on cranes?",
        "What did Gdynia agree to?",
        "What did the Polish delegates agree to?",
        "Tell me about Nowak's cranes",
        "Tell me about the price of the cranes",
        "crane driver wages night shift",
        "by rail",
        "Summarise what Nowak said about cranes",
        "What are cranes?",
        "Tell me about " + "cranes " * 40,
    ],
)
def test_what_asks_for_something_in_particular_is_not_broad(question: str) -> None:
    assert breadth(question) is None


# What it gets


def test_a_broad_question_gets_key_passages_under_the_headings_of_the_documents(parts: Parts) -> None:
    answer = overview(parts)
    assert 4 <= len(answer.themes) <= 5
    assert all(1 <= len(theme.quotes) <= 2 for theme in answer.themes)
    assert [place for theme in answer.themes for place in theme.quotes] == list(range(len(answer.quotes)))
    for theme in answer.themes:
        quotes = [answer.quotes[place] for place in theme.quotes]
        assert {theme_of(quote.passage, quote.source) for quote in quotes} == {theme.title}
        for quote in quotes:
            document, _ = parts.library.resolve(quote.address)
            assert f"## {theme.title}" in document.text
            assert document.slice(quote.address.span) == quote.text
            assert quote.highlight is None
    assert (answer.answered, answer.short_answer, answer.closest) == (True, None, ())
    assert overview(parts).quotes == answer.quotes


def test_of_few_quotes_there_are_as_few_themes(parts: Parts) -> None:
    assert len(overview(parts, quotes=2).themes) == 2


@pytest.mark.parametrize("question", ["Tell me about the museum", "Tell me about trams", "What drives the cranes?"])
def test_a_question_on_little_or_on_something_is_answered_as_any_other(parts: Parts, question: str) -> None:
    assert overview(parts, question).themes == ()


def test_a_document_without_headings_lends_its_title_and_a_brief_comes_after_its_source(make_parts: MakeParts) -> None:
    parts = make_parts()
    said = {
        "brief": "Our brief says that the blue cranes lift timber from Finland all year.",
        "minutes": "The minutes tell that green cranes lift salt from Spain in autumn.",
        "letter": "A letter complains that noisy cranes wake the pilots before dawn.",
        "report": "The report counts how many cranes broke down during the frost.",
        "diary": "A diary describes how children painted cranes on the sea wall.",
        "poster": "The poster promises rides on old cranes to all who like heights.",
    }
    for id, text in said.items():
        source = Source(f"The {id}", Kind.BRIEF if id == "brief" else Kind.DOCUMENT)
        references = (Reference("minutes", "The minutes"),) if id == "brief" else ()
        store(parts.library, id, Source(source.title, source.kind, references=references), text)
    answer = overview(parts, quotes=6)
    titles = [theme.title for theme in answer.themes]
    assert set(titles) == {f"The {id}" for id in said}
    assert titles.index("The minutes") < titles.index("The brief")


# How it is shown, kept and proven


def test_an_overview_says_that_the_question_is_broad_and_states_no_confidence(parts: Parts) -> None:
    answer = overview(parts)
    payload = answer_payload(answer)
    assert payload["confidence"] is None
    assert {quote["confidence"] for quote in payload["quotes"]} == {None}
    assert payload["themes"] == [{"title": theme.title, "quotes": [*theme.quotes]} for theme in answer.themes]
    conversation = [again(parts, answer)]
    shown = [
        answer_text(answer),
        render_answer(answer, 1),
        exported(conversation, Form.HTML),
        exported(conversation, Form.MARKDOWN),
    ]
    for text in shown:
        assert BROAD in text
        assert "onfidence" not in text
        assert "Museum" in text
        assert "Crews" in text


def test_headings_are_escaped_on_the_page_and_in_exports(parts: Parts) -> None:
    answer = overview(parts)
    assert "Paint & colours <b>" in [theme.title for theme in answer.themes]
    for text in (render_answer(answer, 1), exported([again(parts, answer)], Form.HTML)):
        assert "Paint &amp; colours &lt;b&gt;" in text
        assert "<b>" not in text


@pytest.mark.parametrize("form", Form)
def test_every_quote_of_an_exported_overview_is_proven(parts: Parts, form: Form) -> None:
    answer = overview(parts)
    proof = verified(claims_of(exported([again(parts, answer)], form).encode()), parts.library)
    assert (proof.standing, proof.stands) == (len(answer.quotes), True)


def test_an_overview_is_kept_without_its_titles_and_opened_with_them(parts: Parts) -> None:
    answer = overview(parts)
    kept = KeptTurn.of(Turn(QUESTION, QUESTION, answer)).to_json()
    assert "Museum" not in kept
    assert again(parts, answer).turn.answer.themes == answer.themes


def test_what_is_left_of_an_overview_keeps_its_themes(parts: Parts) -> None:
    store(parts.library, "second", Source("A second paper"), SECOND)
    answer = overview(parts)
    lost = {place for place, quote in enumerate(answer.quotes) if quote.address.document_id == "second"}
    assert 0 < len(lost) < len(answer.quotes)
    kept = KeptTurn.of(Turn(QUESTION, QUESTION, answer))
    parts.library.purge("second")
    left = reopened(kept, parts.library).turn.answer
    said = {
        theme.title: [answer.quotes[place].text for place in theme.quotes if place not in lost]
        for theme in answer.themes
        if not lost.issuperset(theme.quotes)
    }
    assert {theme.title: [left.quotes[place].text for place in theme.quotes] for theme in left.themes} == said


def test_a_turn_that_was_kept_before_there_were_themes_is_still_read(parts: Parts) -> None:
    fields = json.loads(KeptTurn.of(Turn(QUESTION, QUESTION, overview(parts))).to_json())
    del fields["themes"]
    for quote in fields["quotes"]:
        del quote["whole"]
    assert KeptTurn.from_json(json.dumps(fields)).themes == ()


def test_themes_that_somebody_made_up_are_passed_over(parts: Parts) -> None:
    fields = json.loads(KeptTurn.of(Turn(QUESTION, QUESTION, overview(parts))).to_json())
    kept = KeptTurn.from_json(json.dumps({**fields, "themes": [[99, -1], [], [0]]}))
    assert [theme.quotes for theme in reopened(kept, parts.library).turn.answer.themes] == [(0,)]
