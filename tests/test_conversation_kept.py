"""Proves that kept turns hold no text, are read back as they were, and open with quotes cut anew and how they stand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.files import find_files
from corpus.model import Address, Span
from index.intake import IfChanged
from qa.assembly import Parts
from qa.conversation.kept import BadKept, KeptQuote, KeptTurn
from qa.conversation.model import Turn
from qa.conversation.reopening import Standing, reopened
from qa.model import Abstention
from qa.settings import Settings
from tests.conftest import MakeParts

LEAP = (
    "# Plans\n\n## Money\n\nThe LEAP programme costs 90 million zlotys. Nobody expects it before the spring of 2027.\n"
)
HUB = "# Hub\n\nThe hub at Rzeszów has 210 soldiers from nine nations. It was opened by the minister in May.\n"
QUESTION = "How many soldiers serve at the Rzeszów hub?"

spans = st.builds(lambda start, length: Span(start, start + length), st.integers(0, 10**6), st.integers(1, 10**4))
addresses = st.builds(Address, st.from_regex(r"[a-z0-9]{1,9}", fullmatch=True), st.just("0" * 64), spans)
quotes = st.builds(
    KeptQuote,
    addresses,
    spans,
    st.none() | spans,
    st.floats(0, 1),
    st.lists(addresses, max_size=3).map(tuple),
)
turns = st.builds(
    KeptTurn,
    question=st.text(max_size=50),
    searched=st.text(max_size=50),
    asked_at=st.just("2026-11-28T21:00:00+00:00"),
    confidence=st.floats(0, 1),
    abstention=st.none() | st.sampled_from(Abstention),
    short=st.booleans(),
    quotes=st.lists(quotes, max_size=5).map(tuple),
    closest=st.lists(quotes, max_size=3).map(tuple),
    generation=st.integers(0, 10**9),
    settings=st.builds(Settings, strictness=st.floats(0, 1)),
    foreign_languages=st.lists(st.sampled_from(["pl", "de"]), max_size=2).map(tuple),
)


def had(parts: Parts, question: str) -> Turn:
    return Turn(question, question, parts.answerer.ask(question))


def words(text: str) -> set[str]:
    return {word for word in text.replace("#", " ").replace(".", " ").split() if len(word) > 3}


@given(turns)
def test_a_kept_turn_is_read_back_as_it_was(kept: KeptTurn) -> None:
    assert KeptTurn.from_json(kept.to_json()) == kept


@pytest.mark.parametrize("text", [
    "", "{}", "[]", "null", "{", '{"schema": 2}', '{"schema": 1}', "[" * 100_000,
])  # fmt: skip
def test_what_is_no_kept_turn_is_refused_in_one_line(text: str) -> None:
    with pytest.raises(BadKept, match="Ask again"):
        KeptTurn.from_json(text)


@given(turns, st.data())
def test_a_kept_turn_without_one_of_its_fields_is_refused_or_read(kept: KeptTurn, data: st.DataObject) -> None:
    fields = json.loads(kept.to_json())
    name = data.draw(st.sampled_from(sorted(fields)))
    for value in ({"what": 1}, "\ud800x", -1):
        told = ""
        try:
            KeptTurn.from_json(json.dumps({**fields, name: value}))
        except BadKept as error:
            told = str(error)
        assert "\n" not in told


@pytest.mark.parametrize("question", [QUESTION, "What does the LEAP programme cost?", "Who won the chess cup?"])
def test_what_is_opened_again_is_what_was_answered(make_parts: MakeParts, question: str) -> None:
    parts = make_parts(hub=HUB, leap=LEAP)
    turn = had(parts, question)
    again = reopened(KeptTurn.from_json(KeptTurn.of(turn).to_json()), parts.library)
    before, after = turn.answer, again.turn.answer
    assert (again.turn.question, again.turn.searched) == (question, question)
    assert (after.short_answer, after.abstention) == (before.short_answer, before.abstention)
    for one, other in zip((*before.quotes, *before.closest), (*after.quotes, *after.closest), strict=True):
        assert (one.address, one.text, one.highlight, one.pages, one.source, one.passage, one.also) == (
            *(other.address, other.text, other.highlight, other.pages, other.source, other.passage, other.also),
        )
    assert {each.standing for each in again.quotes} == {Standing.STANDS}


def test_no_word_of_a_source_is_kept(make_parts: MakeParts) -> None:
    parts = make_parts(hub=HUB, leap=LEAP)
    kept = KeptTurn.of(had(parts, "Who?")).to_json()
    assert not {word for word in words(HUB) | words(LEAP) if word in kept}
    assert "hub" in kept or "leap" in kept


def test_each_standing_is_told(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts(hub=HUB, leap=LEAP)
    kept = KeptTurn.of(had(parts, QUESTION))
    text = kept.quotes[0].address.span

    def standing() -> tuple[Standing, str | None]:
        first = reopened(kept, parts.library).quotes[0]
        return first.standing, None if first.quote is None else first.quote.text

    _, before = standing()
    assert before == HUB[text.start : text.end]
    (tmp_path / "hub.md").write_text(HUB.replace("210", "340"), "utf-8")
    (added,) = parts.intake.add(find_files([tmp_path / "hub.md"]), IfChanged.REPLACE)
    assert added.error is None
    assert standing() == (Standing.CHANGED, before)
    parts.library.withdraw("hub")
    assert standing() == (Standing.WITHDRAWN, before)
    parts.purge("hub")
    assert standing() == (Standing.PURGED, None)
    assert reopened(kept, parts.library).turn.answer.short_answer is None
    other = make_parts(name="other", leap=LEAP)
    assert reopened(kept, other.library).quotes[0].standing is Standing.MISSING
