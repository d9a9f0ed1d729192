"""Proves that a question for several things gets the whole list that its best quote is of, and no other does."""

from __future__ import annotations

import shutil
from collections.abc import Iterator

import pytest

from corpus.model import Source, Span
from index.bert_encoder import BertEncoder
from qa.answerer import Answerer
from qa.assembly import Parts, assemble, open_library
from qa.conversation.claims import claims_of
from qa.conversation.exporting import Form, exported
from qa.conversation.kept import KeptTurn
from qa.conversation.model import Turn
from qa.conversation.reopening import reopened
from qa.conversation.verifying import verified
from qa.listing import asks_for_several, items_of
from qa.model import Answer
from qa.payload import answer_payload
from qa.plain import answer_text
from qa.settings import Settings
from qa.web.render import render_answer
from tests.conftest import MakeParts
from tests.recognised import LISTS, add_lists, is_listed, questions_of
from tests.test_qa_answerer import ScriptedReader, store

QUESTION = "What are the five priorities of the board?"
LEAD = "For the season it set itself five priorities:"
ITEMS = (
    "dredging the basin",
    "a hall for the auction",
    "shore power & <b>lamps</b>",
    "two rescue boats",
    "lower tolls",
)
PLAN = f"""# A plan

The board looked back on a hard winter. {LEAD}

- {ITEMS[0]}
- {ITEMS[1]}

* {ITEMS[2]}
* {ITEMS[3]}
* {ITEMS[4]}

The board reports in autumn.
"""


def answer(
    make_parts: MakeParts, text: str, found: str | tuple[str, ...], question: str = QUESTION, *, word: str = ""
) -> tuple[Answer, Parts]:
    """What comes of a question where the reader finds these sentences, the surest first, and a word in each."""
    parts = make_parts()
    store(parts.library, "plan", Source("A plan"), text)
    script = [(each, 0.9 - place / 10) for place, each in enumerate((found,) if isinstance(found, str) else found)]
    reader = ScriptedReader(*script, word=word, short=bool(word))
    return Answerer(parts.retriever, reader, Settings(passages=60)).ask(question), parts


# The set


@pytest.fixture(scope="module")
def lists(briefs: Parts, encoder: BertEncoder, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """The shipped briefs with the made-up documents of the set."""
    folder = tmp_path_factory.mktemp("lists") / "library"
    shutil.copytree(briefs.folder, folder)
    parts = assemble(open_library(folder), folder, encoder, Settings())
    add_lists(parts)
    yield parts
    parts.library.close()


@pytest.mark.models
def test_list_questions_get_whole_lists_and_others_do_not(lists: Parts) -> None:
    told = [(question, is_listed(lists, question)) for question in questions_of(LISTS / "reported.jsonl")]
    whole = [is_right for question, is_right in told if question["document"] is not None]
    others = [is_right for question, is_right in told if question["document"] is None]
    assert sum(whole) >= 0.75 * len(whole)
    assert sum(others) >= 0.95 * len(others)


# What is widened


@pytest.mark.parametrize("found", [LEAD, ITEMS[0], ITEMS[4]], ids=["lead-in", "first item", "last item"])
def test_the_whole_list_is_quoted_with_its_lead_in_as_one_slice(make_parts: MakeParts, found: str) -> None:
    given, parts = answer(make_parts, PLAN, (found, ITEMS[1], "The board reports in autumn."))
    first, other = given.quotes
    document, _ = parts.library.resolve(first.address)
    assert first.text == document.slice(first.address.span) == PLAN[PLAN.index(LEAD) : PLAN.index("\n\nThe board rep")]
    assert first.address.span in first.passage.span
    assert document.slice(first.passage.span) == first.passage.text
    assert (other.text, first.whole, given.short_answer) == ("The board reports in autumn.", None, None)


def test_the_highlight_stays_where_it_is(make_parts: MakeParts) -> None:
    given, _ = answer(make_parts, PLAN, ITEMS[2], word="power")
    (quote,) = given.quotes
    assert quote.parts[1] == "power"
    assert given.short_answer is None


@pytest.mark.parametrize(
    ("question", "found"),
    [
        ("What is the first priority of the board?", ITEMS[0]),
        ("How many priorities are there?", LEAD),
        ("Which priority costs most?", ITEMS[1]),
        ("What are the names of the boats?", ITEMS[3]),
        (QUESTION, "The board reports in autumn."),
        (QUESTION, "The board looked back on a hard winter."),
    ],
)
def test_other_questions_and_other_sentences_stay_as_they_are(make_parts: MakeParts, question: str, found: str) -> None:
    given, _ = answer(make_parts, PLAN, found, question)
    assert [quote.text for quote in given.quotes] == [found]


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("Here are the boats:\n\n1. Ola\n\n2. Ewa\n\n3. Jan\n\nNo more.", "Ewa", (0, "\n\nNo more")),
        ("The boats:\n\n| Boat | Crew |\n|---|---|\n| Ola | 4 |\n| Ewa | 5 |\n\nEnd.", "Ewa", (0, "\n\nEnd")),
        ("# Boats\n\n- Ola\n- Ewa\n\n# Cars\n\n- Fiat\n", "Ola", (len("# Boats\n\n"), "\n\n# Cars")),
        ("Boats are few.\n\n(a) Ola is old.\n\n(b) Ewa is new.\n\nEnd.", "Ola is old.", (0, "\n\nEnd")),
        ("Some boats sail. First, Ola sails. It is old. Second, Ewa sails. Wind blows.", "It is old.", (0, " Wind")),
        ("All boats sail.\n\nFirstly, Ola.\n\nSecondly, Ewa.\n\nWind.", "Secondly, Ewa.", (0, "\n\nWind")),
    ],
    ids=["numbered", "table", "under a heading", "lettered", "in sentences", "in paragraphs"],
)
def test_lists_of_each_form_are_seen(make_parts: MakeParts, text: str, found: str, expected: tuple[int, str]) -> None:
    given, _ = answer(make_parts, text, found, "Which boats sail?")
    start, behind = expected
    assert given.quotes[0].text == text[start : text.index(behind)]


@pytest.mark.parametrize(
    "text",
    ["# Cars\n\n- Ola\n- Ewa\n", "Boats:\n\n- Ola\n\nEwa stays.", "Boats first met in Hel. The second Ola sank."],
    ids=["of something else", "of one item", "no order"],
)
def test_what_is_no_list_of_what_is_asked_is_left(make_parts: MakeParts, text: str) -> None:
    found = "The second Ola sank." if "sank" in text else "Ola"
    given, _ = answer(make_parts, text, found, "Which boats sail?")
    assert given.quotes[0].text == found


@pytest.mark.parametrize("place", [0, 20, 39])
def test_of_a_long_list_a_part_is_quoted_that_says_where_all_of_it_is(make_parts: MakeParts, place: int) -> None:
    items = [f"boat number {number} with its crew of {number} sailors and a cat on board" for number in range(40)]
    text = "These boats sail:\n\n" + "\n".join(f"- {item}" for item in items)
    given, parts = answer(make_parts, text, items[place], "Which boats sail?")
    (quote,) = given.quotes
    assert items[place] in quote.text
    assert len(quote.text) <= 1500
    assert len(items_of(quote.text)) > 15
    assert quote.whole is not None
    assert parts.library.resolve(quote.whole)[0].slice(quote.whole.span) == text
    kept = KeptTurn.from_json(KeptTurn.of(Turn("?", "?", given)).to_json())
    again = reopened(kept, parts.library)
    assert again.turn.answer.quotes[0].whole == quote.whole
    assert answer_payload(given)["quotes"][0]["whole"] == str(quote.whole)
    for shown in (answer_text(given), render_answer(given, 1), *(exported([again], form) for form in Form)):
        assert str(quote.whole) in shown


def test_an_item_that_is_too_long_is_quoted_alone(make_parts: MakeParts) -> None:
    text = f"These boats sail:\n\n- Ola {'with sails ' * 200}\n- Ewa\n- Jan\n"
    given, _ = answer(make_parts, text, "Ola with sails", "Which boats sail?")
    assert given.quotes[0].text == "Ola with sails"


# How it is shown


def test_a_list_is_shown_as_one_with_all_of_its_words_escaped(make_parts: MakeParts) -> None:
    given, parts = answer(make_parts, PLAN, ITEMS[2], word="power")
    page = render_answer(given, 1)
    assert page.count("<li>") == 5
    assert f"<p>{LEAD} <a" in page
    assert "<li>shore <mark>power</mark> &amp; &lt;b&gt;lamps&lt;/b&gt;</li>" in page
    assert f"\n    - {ITEMS[0]}\n    - {ITEMS[1]}\n" in answer_text(given)
    again = reopened(KeptTurn.of(Turn(QUESTION, QUESTION, given)), parts.library)
    for form in Form:
        proof = verified(claims_of(exported([again], form).encode()), parts.library)
        assert (proof.standing, proof.stands) == (1, True)


def test_text_between_items_is_never_left_out(make_parts: MakeParts) -> None:
    assert items_of("- one\n\nA word between.\n\n- two\n- three") == ()
    assert items_of("- one") == ()
    assert items_of("| a | b |\n|---|---|\n| c | |") == (Span(2, 7), Span(22, 23))
    assert items_of("Before:\n\n- one\n- two\n\nBehind.") == (Span(11, 14), Span(17, 20))


@pytest.mark.parametrize(
    "question",
    [
        "Which countries take part?",
        "Who attended?",
        "What are the five priorities?",
        "Please name all who spoke",
        "Give me the list of harbours",
        "Who were the ministers?",
        "what people came",
    ],
)
def test_several_things_are_asked_for(question: str) -> None:
    assert asks_for_several(question)


@pytest.mark.parametrize(
    "question",
    [
        "Which ship came first?",
        "Who chaired it?",
        "What is its list price?",
        "How many boats sail?",
        "",
        "boats",
    ],
)
def test_one_thing_is_asked_for(question: str) -> None:
    assert not asks_for_several(question)
