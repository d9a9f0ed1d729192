"""Proves that the shipped briefs and the catalogue are complete, agree with one another, and copy nothing."""

from __future__ import annotations

import re
import tomllib
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

import corpus
from corpus.blocks import BlockKind, blocks, sentences
from corpus.catalogue import CatalogueEntry, Mark, shipped_briefs, shipped_catalogue
from corpus.files import find_files
from corpus.model import ID_PATTERN, Kind
from corpus.parsing.plain import MarkdownParser
from corpus.reading import Draft, read_file

_BRIEFS = shipped_briefs()
_DRAFTS = {Path(file.name).stem: read_file(file, shipped_catalogue()) for file in find_files(_BRIEFS)}
_FIELDS = {"id", "title", "kind", "date", "language", "licence", "sources"}

_UNUSED: frozenset[str] = frozenset()
"""Catalogue entries on which no brief rests: none."""

_RUN_WORDS = 8
_NAMES = ("France, Germany, Italy, Poland, and the United Kingdom",)
"""What anyone writes alike: the five states by name, in alphabetical order."""

each_brief = pytest.mark.parametrize("brief", _BRIEFS, ids=lambda brief: brief.stem)
each_draft = pytest.mark.parametrize("draft", _DRAFTS.values(), ids=_DRAFTS.keys())
each_entry = pytest.mark.parametrize("entry", shipped_catalogue().values(), ids=shipped_catalogue().keys())


def test_there_are_enough_briefs_to_answer_from() -> None:
    assert len(_BRIEFS) >= 16
    assert sum(len(draft.document.text.split()) for draft in _DRAFTS.values()) >= 10_000


@each_brief
def test_a_brief_is_read_without_warnings_under_the_name_of_its_file(brief: Path) -> None:
    draft = _DRAFTS[brief.stem]
    assert draft.provenance.report.warnings == ()
    assert (draft.document.id, draft.names_itself) == (brief.stem, True)


@each_brief
def test_the_front_matter_of_a_brief_is_complete(brief: Path) -> None:
    assert MarkdownParser().parse(brief.read_bytes()).metadata.keys() == _FIELDS
    source = _DRAFTS[brief.stem].document.source
    assert (source.kind, source.language, source.licence) == (Kind.BRIEF, "en", "Apache-2.0")
    assert source.date is not None
    assert date.fromisoformat(source.date)


@each_draft
def test_a_brief_rests_on_sources_of_the_catalogue_each_named_once(draft: Draft) -> None:
    ids = [reference.id for reference in draft.document.source.references]
    assert ids
    assert set(ids) <= shipped_catalogue().keys()
    assert len(ids) == len(set(ids))


@each_draft
def test_a_brief_has_one_first_heading_which_is_its_title(draft: Draft) -> None:
    found = [block for block in blocks(draft.document.text) if block.kind is BlockKind.HEADING]
    assert draft.document.slice(found[0].content) == draft.document.source.title
    assert [block.level for block in found].count(1) == 1
    assert found[0].level == 1


@each_draft
def test_a_brief_is_made_of_whole_sentences(draft: Draft) -> None:
    text = draft.document.text
    said = [draft.document.slice(span) for span in sentences(text, "en") if not text.startswith("|", span.start)]
    assert said
    assert [sentence for sentence in said if not re.search(r"[.!?:][”\"’)*]*$", sentence)] == []


def test_the_titles_of_briefs_differ() -> None:
    titles = [draft.document.source.title for draft in _DRAFTS.values()]
    assert len(titles) == len(set(titles))


@each_entry
def test_a_catalogue_entry_is_complete(entry: CatalogueEntry) -> None:
    assert ID_PATTERN.fullmatch(entry.id)
    assert all([entry.title, entry.publisher, entry.licence])
    assert re.fullmatch(r"https?://[^\s/]+/\S*", entry.url)
    assert re.fullmatch(r"[a-z]{2}", entry.language)
    assert entry.kind not in {Kind.BRIEF, Kind.DOCUMENT}
    assert entry.date is None or date.fromisoformat(f"{entry.date}-01-01"[:10])
    assert (entry.mark is Mark.COPY) == (entry.of is not None), "a copy says whose text it is, and nothing else does"


def test_the_catalogue_has_no_page_twice_and_no_misspelt_field() -> None:
    tables = tomllib.loads((Path(corpus.__file__).parent / "sources.toml").read_text("utf-8"))
    urls = [url for table in tables.values() for url in [table["url"], *table.get("further_urls", [])]]
    assert len(urls) == len(set(urls))
    known = {field.name for field in fields(CatalogueEntry)} | {"title_known", "further_urls"}
    assert {field for table in tables.values() for field in table} <= known - {"id"}


def test_every_catalogue_entry_is_used_by_a_brief_but_for_those_said() -> None:
    used = {reference.id for draft in _DRAFTS.values() for reference in draft.document.source.references}
    assert shipped_catalogue().keys() - used == _UNUSED


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W_]+", text.lower())


def _runs(text: str) -> set[str]:
    words = _words(text)
    return {" ".join(words[start : start + _RUN_WORDS]) for start in range(len(words) - _RUN_WORDS + 1)}


def _article_runs(article: Path) -> set[str]:
    text = " ".join(_words(article.read_text("utf-8")))
    parts = re.split("|".join(re.escape(" ".join(_words(name))) for name in _NAMES), text)
    return {run for part in parts for run in _runs(part)}


def test_no_brief_shares_a_run_of_words_with_the_article(article: Path) -> None:
    copied = _article_runs(article)
    assert len(copied) > 1000
    assert {id: runs for id, draft in _DRAFTS.items() if (runs := _runs(draft.document.text) & copied)} == {}


def test_no_catalogue_title_shares_a_run_of_words_with_the_article_but_its_own(article: Path) -> None:
    copied = _article_runs(article)
    titles = {entry.id: entry.title for entry in shipped_catalogue().values()}
    assert {id for id, title in titles.items() if _runs(title) & copied} == {"ta"}
