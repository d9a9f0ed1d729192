"""Proves that pages of the web become documents with what the catalogue knows; one that fails stops no other."""

from __future__ import annotations

import pytest

from corpus.catalogue import Mark, shipped_catalogue
from corpus.errors import DocumentNotFound, FetchFailed
from corpus.fetching.files import catalogued, fetch_files, is_url
from corpus.fetching.web import Fetched
from index.intake import Outcome
from qa.cli import cli
from tests.commands import Run, a_run  # noqa: F401, the fixture
from tests.conftest import MakeParts
from tests.prints import TIDES

PAGE = f"""<html><head><title>A title of its own</title></head><body><article>{"".join(f"<p>{t}</p>" for t in TIDES)}
</article></body></html>""".encode()


class Web:
    """Pages by URL."""

    def __init__(self, charset: str = "utf-8", **pages: bytes) -> None:
        self.charset = charset
        self.pages = {f"https://{name}.example/page": data for name, data in pages.items()}
        self.asked: list[str] = []

    def fetch(self, url: str) -> Fetched:
        self.asked.append(url)
        if url not in self.pages:
            raise FetchFailed(f"{url}: there is no such page (404); check the URL")
        return Fetched(f"{url}?moved", self.pages[url], "text/html", "page.html", self.charset)


def test_a_page_becomes_a_document_that_knows_where_it_ended(make_parts: MakeParts) -> None:
    parts = make_parts()
    web = Web(tides=PAGE)
    gone = "https://gone.example/page"
    results = list(parts.intake.add(fetch_files([(gone, {}), ("https://tides.example/page", {})], web)))
    assert [added.outcome for added in results] == [Outcome.FAILED, Outcome.ADDED]
    assert results[0].error == f"{gone}: there is no such page (404); check the URL"
    (entry,) = parts.library.entries()
    assert entry.source.url == "https://tides.example/page?moved"
    assert entry.provenance.origin == "https://tides.example/page"
    assert TIDES[1] in parts.library.document(entry.id).text


def test_a_page_that_does_not_name_its_charset_is_read_as_its_server_says(make_parts: MakeParts) -> None:
    parts = make_parts()
    text = f"Wieża pozostanie zamknięta, a jaźń żółwia śpi. {TIDES[0]}"
    page = f"<html><body><article><p>{text}</p></article></body></html>".encode("iso8859-2")
    web = Web(charset="iso8859-2", tower=page)
    (added,) = parts.intake.add(fetch_files([("https://tower.example/page", {})], web))
    assert (added.outcome, added.report.warnings) == (Outcome.ADDED, ())
    assert text in parts.library.document(added.id).text


def test_what_the_catalogue_knows_counts_for_more_than_what_the_page_says(make_parts: MakeParts) -> None:
    parts = make_parts()
    entry = next(iter(shipped_catalogue().values()))
    wanted = list(catalogued(shipped_catalogue(), [entry.id]))
    assert [url for url, _ in wanted] == [entry.url]
    web = Web()
    web.pages = {entry.url: PAGE}
    (added,) = parts.intake.add(fetch_files(wanted, web))
    assert (added.error, added.id) == (None, entry.id)
    source = parts.library.document(entry.id).source
    assert (source.title, source.publisher, source.kind, source.url) == (
        entry.title,
        entry.publisher,
        entry.kind,
        entry.url,
    )


def test_all_means_official_and_press_sources() -> None:
    catalogue = shipped_catalogue()
    wanted = [metadata["id"] for _, metadata in catalogued(catalogue, [])]
    assert wanted == [id for id, entry in catalogue.items() if entry.mark in (Mark.OFFICIAL, Mark.PRESS)]
    assert 0 < len(wanted) < len(catalogue)


def test_a_source_that_is_not_in_the_catalogue_is_refused() -> None:
    with pytest.raises(DocumentNotFound, match="The catalogue has no source 'nobody'"):
        list(catalogued(shipped_catalogue(), ["nobody"]))


@pytest.mark.parametrize(
    ("text", "url"),
    [("https://a.example", True), ("HTTP://a.example/x.pdf", True), ("http.txt", False), ("ftp://a.example", False)],
)
def test_urls_are_told_from_paths(text: str, url: bool) -> None:
    assert is_url(text) == url


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["fetch"], "krakow-qa fetch --all"),
        (["fetch", "--all", "ta"], "krakow-qa fetch --all"),
        (["fetch", "nobody"], "krakow-qa catalogue"),
        (["add", "http://127.0.0.1/minutes.pdf"], "127.0.0.1"),
        (["add", "http://localhost:8000/"], "localhost"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_fetched_is_one_line(run: Run, arguments: list[str], said: str) -> None:
    ran = run(*arguments)
    assert ran.code == 1
    assert said in ran.err.splitlines()[-1]
    assert "Traceback" not in ran.err


def test_the_catalogue_is_listed_with_its_ids(run: Run) -> None:
    listed = run("catalogue").out.splitlines()
    assert [line.split()[0] for line in listed] == list(shipped_catalogue())
    assert "catalogue" in cli.commands
