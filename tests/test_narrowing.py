"""Proves that a filter lets only what it names through, that answers and refusals say so, and that it is kept."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.library import Filter
from qa.assembly import Parts
from qa.conversation.asking import Asker
from qa.conversation.claims import claims_of
from qa.conversation.exporting import Form, exported
from qa.conversation.feedback import Opinion, Verdict
from qa.conversation.kept import BadKept, KeptTurn
from qa.conversation.model import Turn
from qa.conversation.reopening import reopened
from qa.conversation.verifying import verified
from qa.evaluation.opinions import entry_of
from qa.model import Abstention, Answer
from qa.narrowing import MOST_NAMED, BadFilter, Choices, checked_filter, filter_of, in_words
from qa.payload import answer_payload
from qa.plain import turn_text
from qa.web.render import render_turn
from tests.conftest import MakeParts

HARBOUR = """---
kind: statement
publisher: Harbour office
date: 2026-03-04
language: en
---
Ola Nowak chaired the harbour council. Nine cranes will be painted blue.
"""
MARKET = """---
kind: article
publisher: <b>Market</b> & office
date: 2025-11
language: en
---
Jan Lis chaired the market council. Nine cranes of paper hang there.
"""
PORT = """---
publisher: Port of Gdynia
language: pl
---
Rada portu pomaluje dziewięć dźwigów na niebiesko.
"""
BRIEF = (
    "---\nkind: brief\ndate: 2026-03-05\nlanguage: en\nsources: [eeas]\n---\nA chair led the council of the harbour.\n"
)
QUESTION = "Who chaired the council?"
HARBOUR_OFFICE = Filter(publishers=frozenset({"Harbour office"}))

names = st.none() | st.frozensets(
    st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=9), max_size=4
)
days = st.tuples(st.dates(), st.dates()).map(lambda pair: [day.isoformat() for day in sorted(pair)])
filters = st.builds(
    lambda named, pair, has_first, has_last: Filter(
        *named, pair[0] if has_first else None, pair[1] if has_last else None
    ),
    st.tuples(names, names, names, names),
    days,
    st.booleans(),
    st.booleans(),
)


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(harbour=HARBOUR, market=MARKET, port=PORT, summary=BRIEF)


def quoted(answer: Answer) -> set[str]:
    return {quote.address.document_id for quote in (*answer.quotes, *answer.closest)}


def narrowed(parts: Parts, filter: Filter | None, question: str = QUESTION) -> Turn:
    return Asker(parts.answerer.ask, parts.encoder.encode).ask(question, filter=filter)


# What a filter is


@given(filters)
def test_a_filter_of_days_stays_as_it_is_and_is_told_in_a_line(filter: Filter) -> None:
    assert checked_filter(filter) == (None if filter == Filter() else filter)
    assert in_words(filter) == " ".join(in_words(filter).split())
    assert (in_words(filter) == "") == (filter == Filter())


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("2026", "2026", ("2026-01-01", "2026-12-31")),
        ("2024-02", "2024-02", ("2024-02-01", "2024-02-29")),
        (" 2026-02-20 ", "", ("2026-02-20", None)),
    ],
)
def test_of_a_month_or_a_year_the_first_and_the_last_day_are_meant(
    since: str, until: str, days: tuple[str | None, str | None]
) -> None:
    filter = filter_of(since=since, until=until)
    assert filter is not None
    assert (filter.since, filter.until) == days


@pytest.mark.parametrize(
    "day", ["2026-13", "2026-02-30", "2026-00", "2026-2-3", "20 February", "٢٠٢٦", "2026-02-20T10:00", "\ud800", "0000"]
)
def test_what_is_no_date_is_refused_with_how_dates_are_written(day: str) -> None:
    for given_dates in ({"since": day}, {"until": day}):
        with pytest.raises(BadFilter, match=r"is no date\. Write it as 2026-02-20, 2026-02 or 2026"):
            filter_of(**given_dates)


def test_what_cannot_be_meant_is_refused() -> None:
    with pytest.raises(BadFilter, match="since 2026-03-01 and until 2026-02-28"):
        filter_of(since="2026-03", until="2026-02")
    with pytest.raises(BadFilter, match="half of a character"):
        filter_of(publishers=["\ud800"])
    with pytest.raises(BadFilter, match=rf"10000 publishers, and at most {MOST_NAMED}"):
        filter_of(publishers=[f"Publisher {number}" for number in range(10_000)])


def test_it_is_told_in_words() -> None:
    filter = filter_of(
        publishers=["B", "A", "C", "D\n\nE", "F"],
        kinds=["brief"],
        languages=["pl"],
        documents=["x"],
        since="2026",
        until="2026-02",
    )
    assert filter is not None
    assert in_words(filter) == (
        "A or B or C or 2 more; brief; language pl; document x; since 1 January 2026; until 28 February 2026"
    )
    assert in_words(Filter(documents=frozenset())) == "no document"


def test_a_name_that_no_document_has_is_told_with_those_that_are_near(parts: Parts) -> None:
    choices = Choices.of(parts.library.entries())
    assert choices.publishers == ("<b>Market</b> & office", "Harbour office", "Port of Gdynia")
    assert (choices.kinds, choices.languages) == (("statement", "article", "brief", "document"), ("en", "pl"))
    for filter, told in (
        (filter_of(publishers=["harbor office"]), "Did you mean 'Harbour office'"),
        (filter_of(publishers=["gdynia"]), "Did you mean 'Port of Gdynia'"),
        (filter_of(publishers=["zzz"]), "There are <b>Market</b> & office, Harbour office, Port of Gdynia"),
        (filter_of(publishers=["EEAS"]), "our briefs rest on what it published, and are summaries of our own"),
        (filter_of(documents=["habour"]), "Did you mean 'harbour'"),
        (filter_of(languages=["de"]), "the language 'de'. There are en, pl"),
    ):
        assert filter is not None
        with pytest.raises(BadFilter) as refused:
            choices.require(filter)
        assert told in str(refused.value)
    choices.require(Filter(frozenset({"port"}), frozenset({"Port of Gdynia"}), None, frozenset({"pl"})))
    with pytest.raises(BadFilter, match="None has a publisher"):
        Choices.of([]).require(HARBOUR_OFFICE)


# Answers


@pytest.mark.parametrize(
    ("filter", "passing"),
    [
        (None, {"harbour", "market", "port", "summary"}),
        (Filter(), {"harbour", "market", "port", "summary"}),
        (HARBOUR_OFFICE, {"harbour"}),
        (Filter(kinds=frozenset({"brief"})), {"summary"}),
        (Filter(languages=frozenset({"pl"})), {"port"}),
        (Filter(since="2026"), {"harbour", "summary"}),
        (Filter(until="2025"), {"market"}),
        (Filter(documents=frozenset({"market", "port"})), {"market", "port"}),
    ],
)
def test_only_documents_that_pass_are_quoted(parts: Parts, filter: Filter | None, passing: set[str]) -> None:
    answer = parts.answerer.ask(QUESTION, filter)
    assert quoted(answer)
    assert quoted(answer) <= passing
    assert {hit.passage.document_id for hit in answer.hits} == passing
    assert answer.filter == checked_filter(filter)


def test_a_brief_is_not_published_by_those_that_it_rests_on(parts: Parts) -> None:
    assert parts.answerer.ask(QUESTION, Filter(publishers=frozenset({"EEAS"}))).abstention is (
        Abstention.NO_DOCUMENT_PASSES
    )


@pytest.mark.parametrize(
    "filter", [Filter(publishers=frozenset({"nobody"})), Filter(documents=frozenset()), Filter(since="2030")]
)
def test_where_no_document_passes_the_filter_is_the_reason(parts: Parts, filter: Filter) -> None:
    turn = narrowed(parts, filter)
    assert (turn.answer.abstention, turn.answer.closest) == (Abstention.NO_DOCUMENT_PASSES, ())
    assert "No answer: no document passes the filter (confidence" in turn_text(turn)
    for id in ("harbour", "market", "port", "summary"):
        parts.library.withdraw(id)
    assert narrowed(parts, filter).answer.abstention is Abstention.EMPTY_LIBRARY


def test_a_refusal_says_that_only_some_were_searched(parts: Parts) -> None:
    strict = replace(parts, settings=replace(parts.settings, strictness=0.0))
    turn = narrowed(strict, HARBOUR_OFFICE)
    assert turn.answer.abstention is Abstention.NOT_IN_SOURCES
    told = "the sources do not seem to say this; only those named above were searched"
    assert turn_text(turn).startswith("searched only in: Harbour office\n\n")
    assert told in turn_text(turn)
    assert told in render_turn(turn, 1)
    assert "named above" not in turn_text(narrowed(strict, None)) + render_turn(narrowed(strict, None), 1)


def test_what_follows_is_understood_by_what_the_same_filter_let_through(parts: Parts) -> None:
    asker = Asker(parts.answerer.ask, parts.encoder.encode)
    asked: list[Filter | None] = []

    def answer(question: str, filter: Filter | None) -> Answer:
        asked.append(filter)
        return parts.answerer.ask(question, filter)

    replace(asker, answer=answer).exchanges([QUESTION, "And the market council?"], HARBOUR_OFFICE)
    assert asked == [HARBOUR_OFFICE, HARBOUR_OFFICE]


# Kept, opened again, exported


@given(filters.map(checked_filter))
def test_a_kept_filter_is_read_back_as_it_was(filter: Filter | None) -> None:
    kept = KeptTurn("?", "?", "2026-11-29T08:00:00+00:00", 0.5, None, False, (), (), 1, filter=filter)
    assert KeptTurn.from_json(kept.to_json()) == kept


def test_a_turn_that_was_kept_before_there_were_filters_is_read(parts: Parts) -> None:
    kept = KeptTurn.of(narrowed(parts, None))
    older = {name: value for name, value in json.loads(kept.to_json()).items() if name != "filter"}
    assert KeptTurn.from_json(json.dumps(older)) == kept


@pytest.mark.parametrize(
    "filter",
    [
        {"publishers": ["x"] * 3 + ["\ud800"]},
        {"documents": [str(number) for number in range(MOST_NAMED + 1)]},
        {"since": "2026-03-01", "until": "2026-02-01"},
        {"since": "<script>"},
        {"kinds": "brief"},
        [],
        "x",
    ],
)
def test_a_kept_filter_that_somebody_made_up_is_refused_in_a_line(parts: Parts, filter: object) -> None:
    fields = {**json.loads(KeptTurn.of(narrowed(parts, None)).to_json()), "filter": filter}
    with pytest.raises(BadKept, match=r"cannot be read\. Ask again"):
        KeptTurn.from_json(json.dumps(fields))


@pytest.mark.parametrize("form", Form)
def test_what_is_opened_again_and_exported_says_what_was_searched(parts: Parts, form: Form) -> None:
    filter = filter_of(publishers=["<b>Market</b> & office"], since="2025-11")
    turn = narrowed(parts, filter)
    again = reopened(KeptTurn.from_json(KeptTurn.of(turn).to_json()), parts.library)
    assert again.turn.answer.filter == filter
    assert "searched only in: &lt;b&gt;Market&lt;/b&gt; &amp; office; since 1 November 2025" in render_turn(
        again.turn, 1
    )
    text = exported([again], form)
    told = {
        Form.MARKDOWN: r"Searched only in: \<b\>Market\</b\> \& office; since 1 November 2025",
        Form.HTML: "Searched only in: &lt;b&gt;Market&lt;/b&gt; &amp; office; since 1 November 2025",
        Form.JSON: '"<b>Market</b> & office"',
    }
    assert told[form] in text
    assert verified(claims_of(text.encode()), parts.library).stands


def test_the_filter_is_in_the_json_of_an_answer(parts: Parts) -> None:
    assert answer_payload(parts.answerer.ask(QUESTION))["filter"] is None
    assert answer_payload(parts.answerer.ask(QUESTION, Filter(kinds=frozenset({"brief", "article"}), since="2025")))[
        "filter"
    ] == {
        "documents": None,
        "publishers": None,
        "kinds": ["article", "brief"],
        "languages": None,
        "since": "2025-01-01",
        "until": None,
    }


def test_that_some_documents_rightly_say_nothing_does_not_make_a_question_unanswerable(parts: Parts) -> None:
    def entry(filter: Filter | None) -> dict[str, object]:
        turn = narrowed(replace(parts, settings=replace(parts.settings, strictness=0.0)), filter)
        opinion = Opinion(1, "ann", "2026-11-29T08:00:00+00:00", Verdict.RIGHT, "", KeptTurn.of(turn))
        made: dict[str, object] = json.loads(entry_of(opinion, parts.library))
        return made

    assert (entry(None)["answerable"], entry(None)["tags"]) == (False, ["feedback", "right"])
    assert (entry(HARBOUR_OFFICE)["answerable"], entry(HARBOUR_OFFICE)["tags"]) == (
        True,
        ["feedback", "right", "narrowed"],
    )
