"""Proves how sources are named to people: a brief is always our summary, and dates are words."""

from __future__ import annotations

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.catalogue import shipped_briefs, shipped_catalogue
from corpus.files import find_files
from corpus.model import Kind, Reference, Source
from corpus.reading import read_file
from qa.wording import attribution, paged, public_sources, readable_date


@given(st.dates(datetime.date(1000, 1, 1)))
def test_a_date_in_words_says_the_same_day(day: datetime.date) -> None:
    said = readable_date(day.isoformat())
    assert datetime.datetime.strptime(said, "%d %B %Y").date() == day
    assert not said.startswith("0")


@pytest.mark.parametrize(
    ("date", "words"),
    [("2026-02-20", "20 February 2026"), ("2026-05-01", "1 May 2026"), ("2026-11", "November 2026"), ("2025", "2025")],
)
def test_a_date_is_told_as_far_as_it_is_known(date: str, words: str) -> None:
    assert readable_date(date) == words


@pytest.mark.parametrize(
    ("publishers", "said"),
    [
        ([], "our summary"),
        (["EEAS"], "our summary, after EEAS"),
        (["EEAS", "EEAS"], "our summary, after EEAS"),
        (["EEAS", "Reuters"], "our summary, after EEAS and Reuters"),
        (["EEAS", "Reuters", "EEAS", "ANSA"], "our summary, after EEAS, Reuters and ANSA"),
        (["EEAS", "Reuters", "ANSA", "TVN24"], "our summary, after EEAS, Reuters, ANSA and 1 more"),
        (["EEAS", "Reuters", "ANSA", "TVN24", "ANSA", "Belga"], "our summary, after EEAS, Reuters, ANSA and 2 more"),
        ([None], "our summary, after Title 0"),
    ],
)
def test_a_brief_is_our_summary_after_its_publishers(publishers: list[str | None], said: str) -> None:
    references = tuple(Reference(f"r-{n}", f"Title {n}", publisher) for n, publisher in enumerate(publishers))
    brief = Source("A brief", Kind.BRIEF, publisher="Nobody", date="2026-02-20", references=references)
    assert attribution(brief) == f"{said} · 20 February 2026"


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (Source("T"), "document"),
        (Source("T", Kind.ARTICLE, "Harbour News", "2026-02"), "Harbour News · article · February 2026"),
        (
            Source("T", Kind.REMARKS, "EEAS", "2026-02-20", speaker="Kaja Kallas"),
            "EEAS · Kaja Kallas · remarks · 20 February 2026",
        ),
        (Source("T", Kind.PRESS_RELEASE, date="2026"), "press release · 2026"),
    ],
)
def test_a_source_is_named_by_publisher_speaker_kind_and_date(source: Source, said: str) -> None:
    assert attribution(source) == said


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.BRIEF])
def test_nothing_but_a_brief_is_called_our_summary(kind: Kind) -> None:
    source = Source("T", kind, "Harbour News", references=(Reference("r", "R", "EEAS"),))
    assert "our summary" not in attribution(source)


def test_the_public_source_behind_a_document_is_itself_and_behind_a_brief_what_it_rests_on() -> None:
    references = (Reference("r-1", "One"), Reference("r-2", "Two", url="https://harbour.example"))
    article = Source("T", Kind.ARTICLE, "Harbour News", "2026", url="https://news.example", references=references)
    itself = Reference("an-id", "T", "Harbour News", "2026", "https://news.example")
    assert public_sources("an-id", article) == (itself,)
    assert public_sources("an-id", Source("T", Kind.BRIEF, references=references)) == references


def test_every_shipped_brief_is_called_our_summary_after_known_publishers() -> None:
    drafts = [read_file(file, shipped_catalogue()) for file in find_files(shipped_briefs())]
    assert len(drafts) >= 16
    for draft in drafts:
        source = draft.document.source
        assert attribution(source).startswith("our summary, after "), draft.document.id
        assert all(reference.publisher and reference.url for reference in public_sources(draft.document.id, source))
        assert draft.provenance.report.warnings == ()


@pytest.mark.parametrize(
    ("pages", "by_ocr", "said"),
    [
        (range(0), False, ""),
        (range(3, 4), False, ", page 3"),
        (range(3, 4), True, ", page 3, read by OCR"),
        (range(3, 5), False, ", pages 3–4"),
        (range(3, 6), True, ", pages 3–5, read by OCR"),
    ],
)
def test_pages_are_told_from_the_first_to_the_last(pages: range, by_ocr: bool, said: str) -> None:
    assert paged(pages, by_ocr) == said
