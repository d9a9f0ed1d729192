"""Proves that answers hold only what is stored now, in the right order, and that doubt leads to an abstention."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.blocks import sentences
from corpus.cutting import cut
from corpus.library import Library, Provenance, Report, State
from corpus.model import Document, Kind, Reference, Source, Span
from index.retriever import Retriever
from index.search import Hit, found_by
from qa.answerer import Answerer, BadQuestion
from qa.assembly import Parts
from qa.model import Abstention, Answer, Quote
from qa.payload import answer_payload, resolved_payload
from qa.plain import answer_text, resolved_text
from qa.reader import Finding, Reading
from qa.readers.lexical import LexicalReader
from qa.settings import QUESTION_CHARACTERS, Settings
from qa.web.render import render_answer
from tests.conftest import MakeParts
from tests.fakes import HashEncoder
from tests.texts import texts

QUESTION = "What did the harbour council decide?"
CHAIRS = "Ola Nowak chaired the harbour council."
CRANES = "Nine cranes will be painted blue."
TOLLS = "Tolls fall by a third from May."
FERRIES = "Two ferries leave for Gdynia every night."
LIGHTS = "Old lighthouse keepers keep their pensions."
DREDGE = "Dredging waits until spring floods recede."
PILOTS = "Harbour pilots train with fog simulators."
SENTENCES = (CHAIRS, CRANES, TOLLS, FERRIES, LIGHTS, DREDGE, PILOTS)


class ScriptedReader:
    """A ``Reader`` that finds what it is told to: sentences, with the confidence of each, and a word to highlight.

    ``meanwhile`` happens while it reads for the first time.
    """

    name = "scripted"

    def __init__(
        self,
        *script: tuple[str, float],
        meanwhile: Callable[[], None] = lambda: None,
        word: str = "",
        short: bool = False,
    ) -> None:
        self.script, self.meanwhile, self.word, self.short = script, meanwhile, word, short

    languages = None

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        findings = tuple(
            self.finding(text, confidence, hits)
            for text, confidence in self.script
            if any(text in hit.passage.text for hit in hits)
        )
        meanwhile, self.meanwhile = self.meanwhile, lambda: None
        meanwhile()
        return Reading(findings, max((finding.confidence for finding in findings), default=0.0))

    def finding(self, text: str, confidence: float, hits: Sequence[Hit]) -> Finding:
        hit = next(hit for hit in hits if text in hit.passage.text)
        start = hit.passage.span.start + hit.passage.text.index(text)
        word = start + text.index(self.word)
        highlight = Span(word, word + len(self.word)) if self.word else None
        return Finding(hit, Span(start, start + len(text)), highlight, confidence, self.short)


class NothingRetriever(Retriever):
    """Finds nothing, as where all that was found is withdrawn a moment later."""

    def search(self, *_arguments: Any, **_options: Any) -> list[Hit]:
        return []


def store(
    library: Library,
    id: str,
    source: Source,
    text: str,
    *,
    page_starts: tuple[int, ...] = (),
    report: Report = Report(),  # noqa: B008, it is frozen
) -> Document:
    """Put a document into the library, in the place of the one with its id."""
    document = Document.of(id, source, text, page_starts)
    encoder = HashEncoder()
    passages = cut(document, 60, encoder.count_tokens)
    vectors = encoder.encode([found_by(passage) for passage in passages])
    entry = library.entry(id)
    replacing = entry.version if entry is not None and entry.state is State.CURRENT else None
    library.add(document, passages, vectors, Provenance("", "", "", report), replacing=replacing)
    return document


def answer(parts: Parts, *script: tuple[str, float], question: str = QUESTION, **settings: float) -> Answer:
    return Answerer(parts.retriever, ScriptedReader(*script), Settings(**settings)).ask(question)


def said(quotes: Sequence[Quote]) -> list[str]:
    return [quote.text for quote in quotes]


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(council=f"# Harbour council\n\n{' '.join(SENTENCES)}\n")


# Laws


@cache
def shared_parts(make_parts: MakeParts) -> Parts:
    """One library for all examples of a property, each of which leaves it without documents."""
    return make_parts()


def holds_what_is_stored(quote: Quote, library: Library) -> None:
    """The quote is whole sentences of its passage, equal to the stored text of a current document."""
    document, entry = library.resolve(quote.address)
    assert entry.state is State.CURRENT
    assert quote.version == document.version
    assert quote.source == document.source
    assert quote.text == document.text[quote.address.span.start : quote.address.span.end]
    assert document.slice(quote.passage.span) == quote.passage.text
    assert quote.address.span in quote.passage.span
    within = [span.shift(quote.passage.span.start) for span in sentences(quote.passage.text, quote.source.language)]
    whole = [span for span in within if span in quote.address.span]
    assert 1 <= len(whole) <= 3
    assert Span(whole[0].start, whole[-1].end) == quote.address.span
    assert quote.highlight is None or quote.highlight in Span(0, len(quote.text))
    assert 0 <= quote.confidence <= 1


@given(
    documents=st.lists(texts, max_size=3, unique=True),
    questions=st.lists(texts, min_size=1, max_size=2),
    strictness=st.sampled_from([0.0, 0.5, 0.9, 1.0]),
)
@settings(max_examples=30)
@example(documents=["One. It is. It is not. One."], questions=["Who is it?"], strictness=1.0)
def test_whatever_is_stored_and_asked_every_quote_is_stored_text(
    make_parts: MakeParts, documents: list[str], questions: list[str], strictness: float
) -> None:
    parts = shared_parts(make_parts)
    answerer = Answerer(parts.retriever, LexicalReader(parts.encoder), Settings(strictness=strictness))
    for number, text in enumerate(text for text in documents if text.strip()):
        store(parts.library, f"d-{number}", Source(f"Text {number}"), text)
    for question in (question.strip()[:QUESTION_CHARACTERS] for question in questions if question.strip()):
        first, again = answerer.ask(question), answerer.ask(question)
        assert (first.quotes, first.closest, first.confidence) == (again.quotes, again.closest, again.confidence)
        assert len(first.quotes) <= 5
        assert len(first.closest) <= 3
        assert first.answered == bool(first.quotes)
        assert not (first.quotes and first.closest)
        for quote in first.quotes + first.closest:
            holds_what_is_stored(quote, parts.library)
    for entry in parts.library.entries():
        parts.library.withdraw(entry.id)


# Which quotes, and in what order


def test_an_answer_has_at_most_five_quotes_the_surest_first(parts: Parts) -> None:
    script = [(text, 0.9 - place / 20) for place, text in enumerate(SENTENCES)]
    given_answer = answer(parts, *script)
    assert [(quote.text, quote.confidence) for quote in given_answer.quotes] == script[:5]
    assert (given_answer.closest, given_answer.abstention) == ((), None)


def test_an_abstention_has_at_most_three_closest_passages_the_surest_first(parts: Parts) -> None:
    refusal = answer(parts, *[(text, 0.4 - place / 50) for place, text in enumerate(SENTENCES)])
    assert said(refusal.closest) == list(SENTENCES[:3])
    assert (refusal.quotes, refusal.short_answer) == ((), None)
    assert refusal.abstention is Abstention.NOT_IN_SOURCES


def test_a_quote_far_less_sure_than_the_first_is_left_out(parts: Parts) -> None:
    assert said(answer(parts, (CHAIRS, 0.9), (CRANES, 0.3), (TOLLS, 0.01)).quotes) == [CHAIRS, CRANES]


def test_quotes_that_say_the_same_become_the_surest_one(parts: Parts) -> None:
    again = "The harbour council: Ola Nowak chaired it."
    longer = f"{CHAIRS} {CRANES}"
    store(parts.library, "minutes", Source("Minutes"), f"{again} Nobody spoke of trams.")
    given_answer = answer(parts, (longer, 0.9), (CHAIRS, 0.8), (again, 0.7), (CRANES, 0.6), (TOLLS, 0.5))
    assert said(given_answer.quotes) == [longer, TOLLS]


def by_id(source_id: str) -> Source:
    return Source("Our brief", Kind.BRIEF, references=(Reference(source_id, "The minutes"),))


def by_url(source_id: str) -> Source:
    url = f"https://harbour.example/{source_id}"
    return Source("Our brief", Kind.BRIEF, references=(Reference("m", "The minutes", url=url),))


@pytest.mark.parametrize(
    ("brief", "order"),
    [
        (by_id("minutes"), [TOLLS, FERRIES, CRANES]),
        (by_url("minutes"), [TOLLS, FERRIES, CRANES]),
        (by_id("article"), [CRANES, TOLLS, FERRIES]),
        (by_url("article"), [CRANES, TOLLS, FERRIES]),
        (by_id("other-brief"), [CRANES, TOLLS, FERRIES]),
        (Source("Our brief", Kind.BRIEF), [CRANES, TOLLS, FERRIES]),
        (Source("No brief", references=(Reference("minutes", "The minutes"),)), [CRANES, TOLLS, FERRIES]),
    ],
    ids=["rests by id", "rests by URL", "other id", "other URL", "on a brief", "on nothing", "is no brief"],
)
def test_a_brief_comes_after_a_source_that_it_rests_on_and_after_no_other(
    make_parts: MakeParts, brief: Source, order: list[str]
) -> None:
    parts = make_parts()
    store(parts.library, "our-brief", brief, CRANES)
    store(parts.library, "other-brief", Source("Another brief", Kind.BRIEF), TOLLS)
    store(parts.library, "minutes", Source("Minutes", url="https://harbour.example/minutes"), FERRIES)
    assert said(answer(parts, (CRANES, 0.9), (TOLLS, 0.8), (FERRIES, 0.7)).quotes) == order


def test_a_passed_over_brief_loses_no_place_to_sources_that_it_does_not_rest_on(make_parts: MakeParts) -> None:
    parts = make_parts()
    store(parts.library, "our-brief", by_id("minutes"), CRANES)
    store(parts.library, "minutes", Source("Minutes"), TOLLS)
    store(parts.library, "article", Source("An article", Kind.ARTICLE), FERRIES)
    assert said(answer(parts, (CRANES, 0.9), (TOLLS, 0.8), (FERRIES, 0.7)).quotes) == [TOLLS, CRANES, FERRIES]


# What a quote is


def test_a_quote_tells_its_page_its_highlight_and_what_stands_around_it(parts: Parts) -> None:
    text = f"{CHAIRS}\n\n{FERRIES}\n\n{LIGHTS}"
    second, third = text.index(FERRIES), text.index(LIGHTS)
    document = store(parts.library, "paged", Source("Paged"), f"{text}\n", page_starts=(0, second, third))
    reader = ScriptedReader((FERRIES, 0.9), word="Two ferries", short=True)
    parts.library.withdraw("council")
    given_answer = Answerer(parts.retriever, reader, Settings()).ask(QUESTION)
    (quote,) = given_answer.quotes
    assert (quote.pages, quote.text) == ((2,), FERRIES)
    assert quote.highlight == Span(0, len("Two ferries"))
    assert given_answer.short_answer == "Two ferries"
    assert str(quote.address) == f"paged@{document.version[:12]}#{second}-{second + len(FERRIES)}"
    assert quote.passage.text == text


def test_a_quote_of_a_page_that_was_read_by_ocr_says_so_wherever_it_is_shown(parts: Parts) -> None:
    text = f"{CRANES}\n\n{FERRIES}"
    report = Report(pages=2, ocr_pages=(2,))
    store(parts.library, "scan", Source("A scan"), f"{text}\n", page_starts=(0, text.index(FERRIES)), report=report)
    parts.library.withdraw("council")
    given = answer(parts, (CRANES, 0.9), (FERRIES, 0.8))
    assert [([*quote.pages], quote.by_ocr) for quote in given.quotes] == [([1], False), ([2], True)]
    assert [quote["by_ocr"] for quote in answer_payload(given)["quotes"]] == [False, True]
    assert "A scan, page 1\n" in answer_text(given)
    assert "A scan, page 2, read by OCR\n" in answer_text(given)
    turn = render_answer(given, 1)
    assert (turn.count(", page 1"), turn.count(", page 2, read by OCR")) == (2, 2)  # on the card, and in what is copied
    address = given.quotes[1].address
    shown = resolved_payload(address, *parts.library.resolve(address))
    assert (shown["page"], shown["by_ocr"]) == (2, True)
    assert "A scan, page 2, read by OCR\n" in resolved_text(shown, parts.library.entries()[0])


def test_a_highlight_that_is_no_short_answer_gives_none(parts: Parts) -> None:
    given_answer = Answerer(parts.retriever, ScriptedReader((FERRIES, 0.9), word="Gdynia"), Settings()).ask(QUESTION)
    (quote,) = given_answer.quotes
    start = FERRIES.index("Gdynia")
    assert (quote.highlight, [*quote.pages]) == (Span(start, start + len("Gdynia")), [])
    assert given_answer.short_answer is None


# What changes between reading and quoting


@pytest.mark.parametrize(
    "change",
    [
        lambda library: library.withdraw("minutes"),
        lambda library: store(library, "minutes", Source("Minutes"), f"{FERRIES} As amended."),
    ],
    ids=["withdrawn", "replaced"],
)
def test_a_document_that_goes_while_it_is_read_is_not_quoted(parts: Parts, change: Callable[[Library], None]) -> None:
    store(parts.library, "minutes", Source("Minutes"), FERRIES.replace("Two", "Twelve"))
    gone = (FERRIES.replace("Two", "Twelve"), 0.9)
    reader = ScriptedReader(gone, (CRANES, 0.8), meanwhile=lambda: change(parts.library))
    given_answer = Answerer(parts.retriever, reader, Settings()).ask(QUESTION)
    assert (said(given_answer.quotes), given_answer.confidence) == ([CRANES], 0.8)


def test_where_all_that_was_read_goes_meanwhile_there_is_no_answer(parts: Parts) -> None:
    reader = ScriptedReader((CRANES, 0.9), meanwhile=lambda: parts.library.withdraw("council"))
    refusal = Answerer(parts.retriever, reader, Settings()).ask(QUESTION)
    assert (refusal.answered, refusal.quotes, refusal.closest) == (False, (), ())


# Whether to answer


@pytest.mark.parametrize(
    ("strictness", "confidence", "answered"),
    [(0, 1, True), (0, 0.9999, False), (0.25, 0.75, True), (0.25, 0.7499, False), (1, 0, True), (1, 1, True)],
)
def test_an_answer_needs_a_confidence_of_one_minus_strictness(
    parts: Parts, strictness: float, confidence: float, answered: bool
) -> None:
    given_answer = answer(parts, (CRANES, confidence), strictness=strictness)
    assert (given_answer.answered, given_answer.confidence) == (answered, confidence)
    assert said(given_answer.quotes or given_answer.closest) == [CRANES]


def test_an_empty_library_is_the_reason_where_it_is_one(make_parts: MakeParts) -> None:
    parts = make_parts()
    assert parts.answerer.ask(QUESTION).abstention is Abstention.EMPTY_LIBRARY
    store(parts.library, "minutes", Source("Minutes"), CHAIRS)
    assert parts.answerer.ask(CHAIRS).abstention is not Abstention.EMPTY_LIBRARY
    parts.library.withdraw("minutes")
    assert parts.answerer.ask(CHAIRS).abstention is Abstention.EMPTY_LIBRARY


def test_finding_nothing_in_a_library_with_documents_is_another_reason(parts: Parts) -> None:
    retriever = NothingRetriever(parts.library, parts.encoder, parts.vectors, parts.keywords)
    refusal = Answerer(retriever, ScriptedReader(), Settings(strictness=1)).ask(QUESTION)
    assert (refusal.abstention, refusal.closest) == (Abstention.NOTHING_FOUND, ())


def test_where_no_sentence_is_found_there_is_no_answer_even_at_full_strictness(parts: Parts) -> None:
    assert answer(parts, strictness=1).abstention is Abstention.NOT_IN_SOURCES


@pytest.mark.parametrize(
    "question", ["", " \n\t", "x" * (QUESTION_CHARACTERS + 1), "Who\ud800?"], ids=["empty", "blank", "long", "half"]
)
def test_a_question_that_is_empty_too_long_or_no_text_is_bad(parts: Parts, question: str) -> None:
    with pytest.raises(BadQuestion):
        parts.answerer.ask(question)


def test_the_longest_question_is_taken_and_outer_white_space_does_not_count(parts: Parts) -> None:
    assert (
        answer(parts, (CRANES, 0.9), question=f" {'x' * QUESTION_CHARACTERS}\n").question == "x" * QUESTION_CHARACTERS
    )


def test_an_answer_tells_its_generation_its_settings_and_the_time_of_each_step(parts: Parts) -> None:
    given_answer = answer(parts, (CRANES, 0.9))
    assert (given_answer.generation, given_answer.settings) == (parts.library.generation(), Settings())
    assert list(given_answer.timings_ms) == ["retrieve", "read", "quote", "total"]
    assert all(milliseconds >= 0 for milliseconds in given_answer.timings_ms.values())
    assert given_answer.hits[0].rank == 1
