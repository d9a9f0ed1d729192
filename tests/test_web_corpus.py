"""The Corpus tab in a real browser: files and URLs in, questions answered, sources fetched, documents out and back."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import unquote

import httpx
import pytest
from playwright.sync_api import Browser, Page

from corpus.catalogue import CatalogueEntry, shipped_catalogue
from corpus.errors import DocumentNotFound
from corpus.fetching.web import Fetched
from corpus.library import State
from index.encoder import Encoder
from qa.assembly import Parts, assemble, make_library, open_library
from qa.settings import OUR_READER, Settings
from tests.conftest import MakeParts
from tests.prints import TIDES, report
from tests.test_fetching_files import PAGE as TIDES_PAGE
from tests.test_fetching_files import Web
from tests.web import ask, serving

pytestmark = pytest.mark.browser

BEES = """<html><head><title>Bees of the harbour</title></head><body><nav>Home About</nav>
<article><h1>Bees of the harbour</h1>
<p>Forty hives stand on the roof of the customs house, and their honey is sold at the pilots' office every Friday.</p>
<p>The keeper, a retired customs officer, gives the money to the sea rescue service, which bought a rope with it.</p>
</article></body></html>"""
HOSTILE = """---
title: '<script>window.hurt=1</script><img src=x onerror="window.hurt=1">'
publisher: '<b onmouseover="window.hurt=1">bold</b>'
url: "javascript:window.hurt=1"
---
The pilot oils <img src=x onerror="window.hurt=1"> the rope.
"""


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    """An empty library with a fake encoder, and pages that a fake network has."""
    web = Web(tides=TIDES_PAGE)
    return replace(make_parts(), make_fetcher=lambda: web)


@contextmanager
def opened(browser: Browser, parts: Parts, width: int = 1280) -> Iterator[Page]:
    """The served page; script errors fail the test."""
    context = browser.new_context(viewport={"width": width, "height": 1000})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with serving(parts) as url:
        page.goto(url)
        page.wait_for_selector(".holdings h1")
        yield page
        context.close()
    assert errors == []


@pytest.fixture
def page(browser: Browser, parts: Parts) -> Iterator[Page]:
    with opened(browser, parts) as page:
        yield page


def open_tab(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("tab", name=name, exact=True).click()


def choose(page: Page, *files: Path) -> None:
    """Choose files, and wait until they are uploaded."""
    open_tab(page, "Corpus", "Add")
    page.set_input_files("#upload input[type=file]", list(files))
    page.wait_for_function(f"() => document.querySelectorAll('#upload .file').length == {len(files)}")


def run(page: Page, button: str, name: str = "adding") -> str:
    """Press a button that starts a batch; what is said of the batch when it has ended."""
    page.evaluate("document.querySelectorAll('.batch').forEach(each => each.className = 'batch of-before')")
    page.click(button)
    page.wait_for_selector(f"#{name}-results .batch:not(.of-before):not(:has(progress))")
    return page.inner_text(f"#{name}-results .batch")


def upload(page: Page, *files: Path) -> str:
    """Choose files, add them, and wait until all are done; what is said of them."""
    choose(page, *files)
    return run(page, "#add")


def show(page: Page, word: str) -> None:
    """Choose a document in the table."""
    open_tab(page, "Corpus", "Documents")
    page.locator("#documents [role=gridcell]:visible", has_text=word).first.click()
    page.wait_for_selector(f"#about article:has-text('{word}')")


def column(page: Page, number: int) -> list[str]:
    """The cells of a column, from the top."""
    texts = page.locator("#documents [role=gridcell]").all_inner_texts()
    return [text.strip() for text in texts[number::11]]


@pytest.mark.models
def test_documents_are_uploaded_read_quoted_with_their_page_and_withdrawn(
    browser: Browser, encoder: Encoder, tmp_path: Path
) -> None:
    make_library(tmp_path / "library", encoder, empty=True)
    parts = assemble(open_library(tmp_path / "library"), tmp_path / "library", encoder, Settings(reader=OUR_READER))
    pdf, web, text = tmp_path / "minutes.pdf", tmp_path / "bees.html", tmp_path / "ropes.md"
    pdf.write_bytes(report([TIDES[:2], TIDES[2:4], TIDES[4:]], "Council of Rozewie: minutes", "Page"))
    web.write_text(BEES)
    text.write_text(
        "# Ropes\n\nA rope of hemp is oiled twice a year, in spring by the crew and in autumn by the pilot.\n"
    )
    question = "Who objected that the cellar belongs to the coastguard?"
    with opened(browser, parts) as page:
        said = upload(page, pdf, web, text)
        assert "3 pages" in said
        assert "left out: running line on 3 pages: Council of Rozewie: minutes" in said
        assert "3 of 3 files: 3 added" in said
        open_tab(page, "Documents")
        page.wait_for_selector("#documents [role=gridcell]:has-text('bees')")

        show(page, "minutes")
        assert page.locator("#text .page").all_inner_texts() == ["page 1", "page 2", "page 3"]
        assert page.locator("#text .passage:not(.continued)").count() >= 2

        open_tab(page, "Ask")
        ask(page, question)
        assert "The treasurer objected" in page.inner_text("#turn-1 .reply")
        assert "page 2" in page.inner_text("#turn-1 .sources")

        open_tab(page, "Corpus")
        page.click("#withdraw")
        page.click("#withdraw-yes")
        page.wait_for_selector("#said .message:has-text('Withdrew minutes')")
        open_tab(page, "Ask")
        ask(page, question)
        assert "No answer" in page.inner_text("#turn-2 .reply")
    parts.library.close()


def test_a_file_that_cannot_be_read_says_why_and_hinders_no_other(page: Page, parts: Parts, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.md", tmp_path / "bad <img src=x onerror=alert(1)>.pdf"
    good.write_text("The pilot oils the rope.\n")
    bad.write_bytes(b"%PDF-1.7 nothing")
    said = upload(page, good, bad)
    assert "it is not a whole PDF file" in said
    assert "2 of 2 files: 1 added, 1 failed" in said
    assert page.locator("#adding-results img").count() == 0
    assert [entry.id for entry in parts.library.entries()] == ["good"]


def test_a_preview_of_files_and_urls_stores_nothing(page: Page, tmp_path: Path, parts: Parts) -> None:
    file = tmp_path / "ropes.md"
    file.write_text("The pilot oils the rope.\n")
    choose(page, file)
    page.fill("#urls textarea", "https://tides.example/page")
    assert "2 of 2 files: 2 read" in run(page, "#preview")
    assert parts.library.entries() == []


def test_urls_are_added_and_those_that_fail_stay_in_the_box(page: Page, parts: Parts) -> None:
    open_tab(page, "Corpus", "Add")
    page.fill("#urls textarea", "https://gone.example/page\n\n  https://tides.example/page \nhttps://gone.example/page")
    said = run(page, "#add")
    assert "2 of 2 files: 1 failed, 1 added" in said
    assert said.count("https://gone.example/page: there is no such page (404)") == 1
    page.wait_for_function("() => document.querySelector('#urls textarea').value == 'https://gone.example/page'")
    (entry,) = parts.library.entries()
    assert entry.provenance.origin == "https://tides.example/page"
    show(page, entry.id)
    assert "fetched" in page.inner_text("#about")


def test_nothing_to_add_says_what_to_do(page: Page) -> None:
    open_tab(page, "Corpus", "Add")
    page.click("#add")
    page.wait_for_selector("#adding-results:has-text('Choose files, or write a URL')")


def test_the_user_says_which_changed_documents_are_replaced(page: Page, parts: Parts, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.md" for name in ("crane", "pier")]
    for file in files:
        file.write_text(f"The {file.stem} is blue.\n")
    upload(page, *files)
    for file in files:
        file.write_text(f"The {file.stem} was painted yellow.\n")
    said = upload(page, *files)
    assert "2 of 2 files: 2 changed" in said
    assert "It was left as it is" in said
    assert {parts.library.document(id).text for id in ("crane", "pier")} == {
        "The crane is blue.\n",
        "The pier is blue.\n",
    }

    page.wait_for_selector("#adding-question")
    choice = page.locator("#adding-question .rows label", has_text="pier")
    assert "pier: 18 characters in 1 passage, there since" in choice.inner_text()
    assert "→ 29 characters in 1 passage" in choice.inner_text()
    choice.locator("input").check()
    assert "1 of 1 file: 1 replaced" in run(page, "#adding-question button.primary")
    page.wait_for_selector("#adding-question", state="hidden")
    assert parts.library.document("pier").text == "The pier was painted yellow.\n"
    assert parts.library.document("crane").text == "The crane is blue.\n"
    assert parts.check() == []


def test_an_upload_leaves_no_copy_beside_the_library(
    page: Page, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "ropes.md"
    file.write_text("The pilot hides the rope under the zithers.\n")
    choose(page, file)
    link = page.locator("#upload a[href*='ropes.md']").first.get_attribute("href")
    assert link is not None
    copy = Path(unquote(link.partition("file=")[2]))
    assert copy.read_text() == file.read_text()
    assert httpx.get(link).status_code == 404
    run(page, "#add")
    assert not copy.exists()


class Paused(Web):
    """Pages of which each comes only when the test lets it."""

    def __init__(self, **pages: bytes) -> None:
        super().__init__(**pages)
        self.may_go_on = threading.Semaphore(0)

    def fetch(self, url: str) -> Fetched:
        assert self.may_go_on.acquire(timeout=30)
        return super().fetch(url)


def test_a_stopped_batch_finishes_the_file_in_hand_and_says_what_was_done(
    browser: Browser, make_parts: MakeParts
) -> None:
    web = Paused(**{name: TIDES_PAGE.replace(b"tower", name.encode()) for name in ("one", "two", "three")})
    parts = replace(make_parts(), make_fetcher=lambda: web)
    with opened(browser, parts) as page:
        open_tab(page, "Corpus", "Add")
        page.fill("#urls textarea", "\n".join(web.pages))
        page.click("#add")
        page.wait_for_selector("#adding-results .done:has-text('0 of 3 files · now: https://one.example/page')")
        web.may_go_on.release()
        page.wait_for_selector("#adding-results .done:has-text('1 of 3 files')")
        assert page.get_attribute("#adding-results progress", "value") == "1"
        assert "left · now: https://two.example/page" in page.inner_text("#adding-results .done")
        page.click("#adding-stop")
        page.wait_for_selector("#adding-stop:has-text('Stopping after those in hand')")
        web.may_go_on.release()
        page.wait_for_selector("#adding-results .done:has-text('Stopped after 2 of 3 files: 2 added')")
        page.wait_for_selector("#adding-stop", state="hidden")
        assert page.input_value("#urls textarea").splitlines() == list(web.pages)
    assert web.asked == list(web.pages)[:2]
    assert len(parts.library.entries()) == 2


def test_sources_of_the_catalogue_are_found_ticked_and_fetched(browser: Browser, make_parts: MakeParts) -> None:
    catalogue = shipped_catalogue()
    first, missing, *_ = (entry for entry in catalogue.values() if entry.publisher == "EEAS")
    web = Web()
    web.pages = {first.url: TIDES_PAGE}
    parts = replace(make_parts(), make_fetcher=lambda: web)

    def tick(entry: CatalogueEntry) -> None:
        page.locator(f"#sources input[name='{entry.id}']").check()

    with opened(browser, parts) as page:
        open_tab(page, "Corpus", "Sources")
        page.wait_for_selector("#sources .wrap label")
        page.fill("#find-source textarea, #find-source input", "eeas")
        page.wait_for_function(
            "() => [...document.querySelectorAll('#sources .wrap label')].every(e => /eeas/i.test(e.innerText))"
        )
        tick(first)
        tick(missing)
        said = run(page, "#fetch", "fetching")
        assert "2 of 2 files: 1 added, 1 failed" in said
        assert f"{missing.url}: there is no such page (404)" in said
        page.wait_for_selector(f"#sources input[name='{first.id}']", state="detached")
        page.get_by_label("Those too that the library has").check()
        page.wait_for_selector("#sources label:has-text('in the library')")
        assert page.locator("#sources label", has_text="in the library").count() == 1
    (entry,) = parts.library.entries()
    assert (entry.id, entry.source.publisher) == (first.id, first.publisher)


def test_a_document_is_withdrawn_reinstated_and_purged_after_questions(
    page: Page, parts: Parts, tmp_path: Path
) -> None:
    file = tmp_path / "ropes.md"
    file.write_text("The pilot oils the rope.\n")
    upload(page, file)
    show(page, "ropes")

    page.click("#withdraw")
    page.wait_for_function("() => document.activeElement.id == 'withdraw-no'")
    page.keyboard.press("Enter")
    page.wait_for_selector("#withdraw-yes", state="hidden")
    assert [entry.id for entry in parts.library.entries()] == ["ropes"]
    page.click("#withdraw")
    page.click("#withdraw-yes")
    page.wait_for_selector("#said:has-text('Withdrew ropes; its quotes still resolve')")
    assert "withdrawn on" in page.inner_text("#about")
    assert "The pilot oils the rope." in page.inner_text("#text")
    assert not parts.retriever.search("pilot rope", 3)

    page.check("#withdrawn input")
    page.wait_for_selector("#documents [role=gridcell]:has-text('withdrawn')")
    show(page, "ropes")
    assert not page.is_visible("#withdraw")
    page.click("#reinstate")
    page.wait_for_selector("#said:has-text('Reinstated ropes (1 passage)')")
    assert len(parts.retriever.search("pilot rope", 3)) == 1
    assert parts.check() == []

    page.click("#purge")
    page.fill("#purge-id :is(textarea, input)", "rope")
    page.click("#purge-yes")
    page.wait_for_selector("text=Nothing was erased")
    assert parts.library.entry("ropes") is not None
    page.fill("#purge-id :is(textarea, input)", "ropes")
    page.click("#purge-yes")
    page.wait_for_selector("#said:has-text('Purged ropes')")
    with pytest.raises(DocumentNotFound, match="was purged"):
        parts.library.document("ropes")
    assert not page.is_visible("#purge")
    assert parts.check() == []


def test_a_document_is_replaced_after_its_new_version_was_shown(page: Page, parts: Parts, tmp_path: Path) -> None:
    old, new = tmp_path / "ropes.md", tmp_path / "a new name.txt"
    old.write_text("---\ntitle: On ropes\npublisher: Pilots\n---\nThe pilot oils the rope.\n")
    new.write_text("The crew oils the rope twice a year.\n")
    upload(page, old)
    show(page, "ropes")
    page.click("#purge")
    page.wait_for_selector("#purge-yes")
    page.click("#replace")
    page.wait_for_selector("#purge-yes", state="hidden")
    page.click("#new-read")
    page.wait_for_selector("#new-reading:has-text('Choose a file, or write a URL')")
    page.set_input_files("#new-file input[type=file]", [new])
    page.wait_for_selector("#new-file .file")
    assert not page.is_visible("#replace-yes")
    page.click("#new-read")
    page.wait_for_selector("#new-reading:has-text('37 characters in 1 passage; the present one has 25 in 1')")
    assert len(parts.library.document("ropes").text) == 25
    page.click("#replace-yes")
    page.wait_for_selector("#said:has-text('Replaced ropes')")
    assert "The crew oils the rope twice a year." in page.inner_text("#text")
    (entry,) = parts.library.entries()
    assert (entry.id, entry.source.title, entry.source.publisher) == ("ropes", "On ropes", "Pilots")
    assert entry.provenance.origin == "upload/a new name.txt"


def test_the_original_is_downloaded_as_it_was(page: Page, tmp_path: Path) -> None:
    file = tmp_path / "bees.html"
    file.write_text(BEES)
    upload(page, file)
    show(page, "bees")
    with page.expect_download() as download:
        page.click("#about a.original")
    assert download.value.suggested_filename == "bees.html"
    assert download.value.path().read_text() == BEES


def test_the_table_sorts_numbers_as_numbers_and_a_click_meets_the_row_that_is_seen(
    browser: Browser, make_parts: MakeParts
) -> None:
    words = {"long": 700, "short": 90, "middle": 100}
    texts = {name: "\n\n".join(f"Word {name} number {n} is here." for n in range(size)) for name, size in words.items()}
    with opened(browser, make_parts(**texts)) as page:
        open_tab(page, "Corpus")
        page.wait_for_selector("#documents [role=gridcell]")
        unsorted = column(page, 6)
        page.locator("#documents [role=columnheader]").nth(6).hover()
        page.locator("#documents [role=columnheader]").nth(6).locator("button").click()
        page.get_by_role("menuitem", name="Sort descending").click()
        page.wait_for_function(
            f"() => document.querySelectorAll('#documents [role=gridcell]')[6].innerText == '{max(map(int, unsorted))}'"
        )
        assert column(page, 6) == sorted(unsorted, key=int, reverse=True) != sorted(unsorted, reverse=True)
        page.locator("#documents [role=gridcell]").nth(11).click()
        page.wait_for_selector("#about article:has-text('middle')")
        page.click("#order input")
        page.get_by_role("option", name="title").click()
        page.wait_for_function(
            "() => document.querySelectorAll('#documents [role=gridcell]')[0].innerText.trim() == 'long'"
        )


def test_a_document_is_chosen_by_keyboard(page: Page, tmp_path: Path) -> None:
    files = [tmp_path / f"{name}.md" for name in ("crane", "pier")]
    for file in files:
        file.write_text(f"The {file.stem} is blue.\n")
    upload(page, *files)
    open_tab(page, "Documents")
    page.wait_for_selector("#documents [role=gridcell]")
    page.focus("#documents input.search-input")
    for key in ("Tab", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("#about article:has-text('pier')")


def test_hostile_documents_stay_text(page: Page, parts: Parts, tmp_path: Path) -> None:
    file = tmp_path / "zebra <img src=x onerror=window.hurt=1>.md"
    file.write_text(HOSTILE)
    upload(page, file)
    file.write_text(HOSTILE + "And a zebra.\n")
    upload(page, file)
    page.wait_for_selector("#adding-question")
    show(page, "zebra")
    for button in ("#withdraw", "#purge", "#replace"):
        page.click(button)
    page.wait_for_timeout(300)
    assert page.evaluate("window.hurt") is None
    assert page.locator(":is(#documents, #about, #text, #adding-results) :is(img, script, b)").count() == 0
    assert "<script>window.hurt=1</script>" in page.inner_text("#about h2")
    assert page.locator("a[href^=javascript]").count() == 0
    (entry,) = parts.library.entries()
    assert entry.state is State.CURRENT


def test_a_phone_shows_the_tab_without_scrolling_sideways(browser: Browser, make_parts: MakeParts) -> None:
    with opened(browser, make_parts(zebra="A zebra has stripes."), width=360) as page:
        for tab in ("Corpus", "Add", "Sources", "Documents"):
            open_tab(page, tab)
            page.wait_for_timeout(100)
            assert page.evaluate("document.documentElement.scrollWidth") <= 360
        show(page, "zebra")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        assert page.is_visible("#withdraw")
