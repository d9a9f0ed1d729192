"""Proves that quotes which say the same are grouped, that other values for the same thing are shown, and no others."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.model import Address, Kind, Passage, Source, Span, version_of
from index.bert_encoder import BertEncoder
from qa.answerer import Answerer
from qa.assembly import Parts, load_reader
from qa.conversation.claims import claims_of
from qa.conversation.exporting import Form, exported
from qa.conversation.kept import KeptTurn
from qa.conversation.model import Turn
from qa.conversation.reopening import reopened
from qa.conversation.verifying import verified
from qa.differing.comparing import compared
from qa.differing.dates import dates
from qa.differing.grouping import Statements, differences
from qa.differing.names import names
from qa.differing.quantities import quantities
from qa.differing.values import agree, amounts, comparable
from qa.model import Answer, Quote, ValueKind
from qa.payload import answer_payload
from qa.plain import answer_text
from qa.settings import OUR_READER, Settings
from qa.web.render import render_answer
from qa.wording import elsewhere, readable_date
from tests.conftest import MakeParts
from tests.differing import PAIRS, outcomes
from tests.test_qa_answerer import ScriptedReader, store
from tests.texts import texts

WHEN = "When was the harbour law passed?"
MAY, JUNE = "The harbour law was passed on 12 May 2026.", "The harbour law was passed on 9 June 2026."
MAY_AGAIN = "After a long night the harbour law was passed on Tuesday 12 May."


def quote(text: str, marked: str = "", id: str = "one", source: Source | None = None) -> Quote:
    start = text.index(marked)
    version = version_of(text)
    span = Span(0, len(text))
    return Quote(
        address=Address.of(id, version, span),
        version=version,
        pages=(),
        text=text,
        highlight=Span(start, start + len(marked)) if marked else None,
        confidence=0.9,
        source=source or Source(f"Report {id}", publisher=f"Publisher {id}"),
        passage=Passage(id, version, span, text),
    )


# Values


@given(st.dates(datetime.date(1900, 1, 1), datetime.date(2099, 12, 31)))
def test_a_day_is_the_same_in_every_form(day: datetime.date) -> None:
    words = readable_date(day.isoformat())
    number, month, year = words.split()
    forms = [words, day.isoformat(), f"{month} {number}, {year}", f"{day:%A}, {words}", f"{day:%d.%m.%Y}", f"{day:%A}"]
    found = [dates(f"It came on {form} at last") for form in forms]
    assert [len(each) for each in found] == [1] * len(forms)
    assert all(agree(one[0], other[0]) for one in found for other in found)
    (another,) = dates((day + datetime.timedelta(days=1)).isoformat()) or [None]
    assert another is None or not any(agree(each[0], another) for each in found)


@given(number=st.integers(2, 10_000_000), euros=st.booleans())
def test_a_whole_number_is_the_same_with_separators_and_differs_from_the_next(number: int, euros: bool) -> None:
    thing = "euros" if euros else "ships"
    one, other, more = (
        quantities(f"They saw {form} {thing}.") for form in (f"{number}", f"{number:,}", f"{number + 1:,}")
    )
    assert agree(one[0], other[0])
    assert agree(other[0], one[0])
    assert comparable(one[0], more[0])
    assert not agree(one[0], more[0])


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("EUR 2 million", "two million euros"),
        ("€18m", "18 million euros"),
        ("PLN 1,500 million", "1.5 billion zlotys"),
        ("a quarter of a billion euros", "250 million euros"),
        ("five ships", "5 ships"),
        ("two dozen ships", "24 ships"),
        ("twelve hundred ships", "1,200 ships"),
        ("a hundred and fifty ships", "150 ships"),
        ("197,000 people", "almost 200,000 people"),
        ("more than 300 people", "340 people"),
        ("up to 300 people", "280 people"),
        ("€43.7 billion", "€43.734 billion"),
        ("about 80 km", "some 80 kilometres"),
        ("1.2 km", "1,200 metres"),
        ("half a tonne", "500 kg"),
        ("two hours", "120 minutes"),
        ("4.8%", "4.8 per cent"),
        ("a quarter of it", "25% of it"),
    ],
)
def test_a_quantity_is_the_same_in_other_words(one: str, other: str) -> None:
    (a,), (b,) = amounts(f"There are {one}."), amounts(f"There are {other}.")
    assert comparable(a, b)
    assert agree(a, b)


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("40 million euros", "€55 million", True),
        ("4,200 ships", "some 6,500 ships", True),
        ("4.8% of it", "4.5% of it", True),
        ("more than 300 people", "451 people", True),
        ("12 ships", "3 trains", False),
        ("40 million euros", "40 million zlotys", False),
        ("12 kilograms", "12 kilometres", False),
    ],
)
def test_quantities_differ_only_in_one_unit_and_of_one_thing(one: str, other: str, differ: bool) -> None:
    (a,), (b,) = amounts(f"There are {one}."), amounts(f"There are {other}.")
    assert (comparable(a, b) and not agree(a, b)) is differ


@pytest.mark.parametrize(
    "text", ["the E5 met", "the Five Eyes met", "an F-35 flew", "a third party", "in the first quarter", "5G towers"]
)
def test_a_number_that_is_part_of_a_name_or_counts_nothing_is_no_quantity(text: str) -> None:
    assert amounts(f"Today {text}.") == []


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Dr Helena Wrona", "Wrona", True),
        ("Šekerinska", "Radmila Shekerinska", True),
        ("Kraków", "Cracow", True),
        ("Łódź", "Lodz", True),
        ("E5", "European Group of Five", True),
        ("UK", "United Kingdom", True),
        ("Anna Zielska", "Marek Dolny", False),
        ("Toruń", "Płock", False),
        ("E5", "European Group of Four", False),
    ],
)
def test_a_name_is_the_same_with_and_without_title_accents_and_in_short(one: str, other: str, same: bool) -> None:
    (a,), (b,) = names(f"for {one} today"), names(f"for {other} today")
    assert agree(a, b) is agree(b, a) is same


@given(texts)
def test_every_value_is_a_slice_and_agrees_with_itself(text: str) -> None:
    for each in (*dates(text), *amounts(text), *names(text)):
        assert each.span in Span(0, len(text))
        assert agree(each, each)


# Two quotes


@given(texts, texts, st.sampled_from([WHEN, "How many ministers came?", "Who signed it?", "What was agreed?"]))
def test_comparing_is_symmetric_and_nothing_differs_from_itself(one: str, other: str, question: str) -> None:
    if not one.strip() or not other.strip():
        return
    a, b = quote(one, one[:20], "one"), quote(other, other[:20], "two")
    there, back = compared(question, a, b), compared(question, b, a)
    assert (there is None) is (back is None)
    assert there is None or back is None or there.agree is back.agree
    assert compared(question, a, a) is None
    reprint = compared(question, a, quote(one, one[:20], "two"))
    assert reprint is None or reprint.agree


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("What did the port pay for cranes?", "In 2024 the port paid €20 million for cranes.",
         "In 2025 the port paid €35 million for cranes."),
        ("How many jets are there?", "Norland has 32 jets there.", "Sudland has 48 jets there."),
        ("When was the package adopted?", "The package was planned to be adopted on 23 May 2026.",
         "The package was adopted on 9 June 2026."),
        ("Who led the talks?", "The talks were led by Anna Zielska.", "The talks were also led by Marek Dolny."),
        ("Who attended the talks?", "Anna Zielska attended the talks.", "Marek Dolny attended the talks."),
        (WHEN, MAY, JUNE.replace("harbour law", "roof tax")),
    ],
    ids=["years", "subjects", "planned", "also", "several", "no subject in common"],
)  # fmt: skip
def test_quotes_of_different_things_do_not_differ(question: str, one: str, other: str) -> None:
    assert differences(question, [quote(one, one[:-1]), quote(other, other[:-1], "two")]) == ()


def test_a_source_that_tells_the_other_value_too_does_not_differ() -> None:
    both = "The harbour law was passed on 12 May 2026, not on 9 June 2026 as others write."
    assert differences(WHEN, [quote(both, "12 May 2026"), quote(JUNE, "9 June 2026", "two")]) == ()


def test_quotes_of_one_document_do_not_differ() -> None:
    assert differences(WHEN, [quote(MAY, "12 May 2026"), quote(JUNE, "9 June 2026")]) == ()


def test_every_value_is_one_side_and_each_side_marks_it() -> None:
    july = JUNE.replace("June", "July")
    quotes = [quote(MAY, "12 May 2026"), quote(JUNE, "9 June 2026", "two"), quote(july, "9 July 2026", "three")]
    (difference,) = differences(WHEN, quotes)
    assert difference.kind is ValueKind.DATE
    assert [(side.quote, quotes[side.quote].text[side.span.start : side.span.end]) for side in difference.sides] == [
        (0, "12 May 2026"), (1, "9 June 2026"), (2, "9 July 2026"),
    ]  # fmt: skip


# Quotes grouped


def test_the_same_in_other_words_joins_the_first_and_another_value_does_not() -> None:
    statements = Statements(WHEN)
    first, again, other = quote(MAY, "12 May 2026"), quote(MAY_AGAIN, "12 May", "two"), quote(JUNE, "June", "three")
    assert [statements.add(each) for each in (first, again, other)] == [True, False, True]
    assert [[each.text for each in kept.reworded] for kept in statements.quotes] == [[MAY_AGAIN], []]
    assert elsewhere(statements.quotes[0]) == "also in Publisher two"


def test_a_quote_that_lacks_the_answer_is_no_other_wording_of_it() -> None:
    statements = Statements("What is EDIP?")
    statements.add(quote("EDIP offers grants for the years 2025 to 2027, of which some for Ukraine.", "Ukraine"))
    assert not statements.add(quote("EDIP offers grants for the years 2025 to 2027.", "grants", "two"))
    assert statements.quotes[0].reworded == ()


# Answers


def asked(parts: Parts, *script: tuple[str, float], word: str, question: str = WHEN) -> Answer:
    return Answerer(parts.retriever, ScriptedReader(*script, word=word), Settings()).ask(question)


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts()


@pytest.fixture
def differing(parts: Parts) -> Answer:
    post = Source("Law passed", Kind.ARTICLE, "Harbour Post", "2026-05-13")
    remarks = Source("To the <press>", Kind.REMARKS, "Port & Co", "2026-06-10", speaker="Ola Nowak")
    store(parts.library, "post", post, MAY)
    store(parts.library, "remarks", remarks, JUNE)
    return asked(parts, (MAY, 0.9), (JUNE, 0.8), word="passed on")


def test_an_answer_shows_both_values_with_who_gives_them_in_the_terminal(differing: Answer) -> None:
    assert (
        "Sources differ in the date:\n"
        "  [1] 12 May 2026 — Law passed (Harbour Post · article · 13 May 2026)\n"
        "  [2] 9 June 2026 — To the <press> (Port & Co · Ola Nowak · remarks · 10 June 2026)\n"
    ) in answer_text(differing)


def test_an_answer_shows_both_values_with_who_gives_them_on_the_page_and_escaped(differing: Answer) -> None:
    turn = render_answer(differing, 7)
    assert '<section class="differing" aria-label="Sources differ in the date">' in turn
    block = turn[turn.index('<section class="differing"') : turn.index("</section>")]
    assert [value in block for value in ("<strong>12 May 2026</strong>", "<strong>9 June 2026</strong>")] == [True] * 2
    assert "Port &amp; Co · Ola Nowak · remarks · 10 June 2026" in block
    assert 'href="#turn-7-source-2" aria-label="Source 2"' in block
    assert "<press>" not in turn


def test_an_answer_shows_both_values_with_who_gives_them_in_json(differing: Answer) -> None:
    payload = answer_payload(differing)
    (difference,) = payload["differences"]
    assert difference["kind"] == "date"
    for side, publisher in zip(difference["sides"], ["Harbour Post", "Port & Co"], strict=True):
        quoted = payload["quotes"][side["quote"]]
        start, end = side["span"]
        assert (side["address"], side["publisher"]) == (quoted["address"], publisher)
        assert quoted["text"][start:end] == side["value"]


@pytest.mark.parametrize("form", [Form.MARKDOWN, Form.HTML])
def test_an_answer_that_is_opened_again_and_exported_says_it_too(parts: Parts, differing: Answer, form: Form) -> None:
    again = reopened(KeptTurn.of(Turn(WHEN, WHEN, differing)), parts.library)
    assert again.turn.answer.differences == differing.differences
    said = exported([again], form)
    assert "Sources differ in the date: 12 May 2026 (Law passed" in said
    assert verified(claims_of(said.encode()), parts.library).stands
    parts.library.purge("remarks")
    assert reopened(again.kept, parts.library).turn.answer.differences == ()


def test_an_answer_without_differences_shows_none(make_parts: MakeParts) -> None:
    parts = make_parts()
    store(parts.library, "post", Source("Law passed", publisher="Harbour Post"), MAY)
    store(parts.library, "again", Source("Night", publisher="Baltic Courier"), MAY_AGAIN)
    given_answer = asked(parts, (MAY, 0.9), (MAY_AGAIN, 0.8), word="passed on")
    turn = render_answer(given_answer, 1)
    assert (len(given_answer.quotes), given_answer.differences, "differ" in turn) == (1, (), False)
    assert "document · also in Baltic Courier" in turn
    assert f"Also, in other words: “{MAY_AGAIN}” Night (Baltic Courier · document)" in turn
    assert "also, in other words: Night (Baltic Courier · document), again@" in answer_text(given_answer)
    assert [each["text"] for each in answer_payload(given_answer)["quotes"][0]["reworded"]] == [MAY_AGAIN]


def test_a_reprint_with_another_number_is_shown_to_differ(make_parts: MakeParts) -> None:
    parts = make_parts()
    thanks = " ".join(f"Then speaker {number} rose and thanked the house for its patience." for number in range(4))
    store(parts.library, "original", Source("Original", publisher="Harbour Post"), f"{thanks} {MAY}")
    altered = MAY.replace("2026", "2027")
    store(parts.library, "reprint", Source("Reprint", publisher="Baltic Courier"), f"{thanks} {altered}")
    (found,) = parts.retriever.search(WHEN, 5)
    first = next(text for text in (MAY, altered) if text in found.passage.text)
    given_answer = asked(parts, (first, 0.9), word=first[-12:-1])
    (difference,) = given_answer.differences
    shown = [given_answer.quotes[side.quote] for side in difference.sides]
    assert {(each.source.title, each.text) for each in shown} == {("Original", MAY), ("Reprint", altered)}


@pytest.mark.models
def test_planted_differences_are_shown_and_agreeing_pairs_are_not(encoder: BertEncoder) -> None:
    seen = list(outcomes(PAIRS / "reported.jsonl", encoder, load_reader(OUR_READER, encoder)))
    planted = [each.right for each in seen if each.pair["kind"] is not None]
    agreeing = [each.right for each in seen if each.pair["kind"] is None]
    assert (len(planted), len(agreeing)) == (42, 42)
    assert sum(planted) >= 0.8 * len(planted)
    assert len(agreeing) - sum(agreeing) <= 0.05 * len(agreeing)
