"""The Corpus tab in a real browser: upload, reports, a quote with its page, withdrawal, abstention; hostile names."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from index.encoder import SentenceTransformerEncoder
from qa.assembly import Parts, assemble, make_library, open_library
from qa.settings import OUR_READER, Settings
from tests.prints import TIDES, report
from tests.web import ask, chromium, serving

pytestmark = [pytest.mark.browser, pytest.mark.models]

PAGE = """<html><head><title>Bees of the harbour</title></head><body><nav>Home About</nav>
<article><h1>Bees of the harbour</h1>
<p>Forty hives stand on the roof of the customs house, and their honey is sold at the pilots' office every Friday.</p>
<p>The keeper, a retired customs officer, gives the money to the sea rescue service, which bought a rope with it.</p>
</article></body></html>"""


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def parts(tmp_path: Path, encoder: SentenceTransformerEncoder) -> Iterator[Parts]:
    make_library(tmp_path / "library", encoder, empty=True)
    parts = assemble(open_library(tmp_path / "library"), tmp_path / "library", encoder, Settings(reader=OUR_READER))
    yield parts
    parts.library.close()


@pytest.fixture
def page(browser: Browser, parts: Parts) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1280, "height": 1000})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    with serving(parts) as url:
        page.goto(url)
        page.wait_for_selector(".holdings h1")
        yield page
        context.close()
    assert errors == []


def open_tab(page: Page, name: str) -> None:
    page.get_by_role("tab", name=name).click()


def upload(page: Page, *files: Path) -> str:
    """Choose files, add them, and wait until all are done; what is said of them."""
    open_tab(page, "Corpus")
    page.set_input_files("#upload input[type=file]", list(files))
    page.wait_for_function(f"document.querySelectorAll('#upload .file').length >= {len(files)}")
    page.click("#add")
    page.wait_for_selector(f"#added .done:has-text('{len(files)} of {len(files)}')")
    return page.inner_text("#added")


def test_documents_are_uploaded_read_quoted_with_their_page_and_withdrawn(page: Page, tmp_path: Path) -> None:
    pdf, web, text = tmp_path / "minutes.pdf", tmp_path / "bees.html", tmp_path / "ropes.md"
    pdf.write_bytes(report([TIDES[:2], TIDES[2:4], TIDES[4:]], "Council of Rozewie: minutes", "Page"))
    web.write_text(PAGE)
    text.write_text(
        "# Ropes\n\nA rope of hemp is oiled twice a year, in spring by the crew and in autumn by the pilot.\n"
    )
    said = upload(page, pdf, web, text)
    assert "3 pages" in said
    assert "left out: running line on 3 pages: Council of Rozewie: minutes" in said
    assert said.count("added") == 3
    assert "bees" in page.inner_text("#documents")

    page.locator("#documents [role=gridcell]:visible", has_text="minutes").first.click()
    page.wait_for_selector("#document .stored")
    assert page.locator("#document .page").all_inner_texts()[:2] == ["page 1", "page 2"]
    assert page.locator("#document .passage").count() >= 2

    open_tab(page, "Ask")
    ask(page, "Who objected that the cellar belongs to the coastguard?")
    assert "The treasurer objected" in page.inner_text("#turn-1 .reply")
    assert "page 2" in page.inner_text("#turn-1 .sources")

    open_tab(page, "Corpus")
    page.click("#withdraw")
    page.wait_for_selector("#document .message:has-text('tick the box')")
    page.locator("#documents [role=gridcell]:visible", has_text="minutes").first.click()
    page.wait_for_selector("#document .stored")
    page.check("#sure input")
    page.click("#withdraw")
    page.wait_for_selector("#document .message:has-text('Withdrew minutes')")
    open_tab(page, "Ask")
    ask(page, "Who objected that the cellar belongs to the coastguard?")
    assert "No answer" in page.inner_text("#turn-2 .reply")


def test_a_file_that_cannot_be_read_says_why_and_hinders_no_other(page: Page, tmp_path: Path) -> None:
    good, bad = tmp_path / "good.md", tmp_path / "bad <img src=x onerror=alert(1)>.pdf"
    good.write_text("The pilot oils the rope.\n")
    bad.write_bytes(b"%PDF-1.7 nothing")
    said = upload(page, good, bad)
    assert "it is not a whole PDF file" in said
    assert page.locator("#added img").count() == 0
    assert "good" in page.inner_text("#documents")


def test_a_preview_stores_nothing(page: Page, tmp_path: Path, parts: Parts) -> None:
    file = tmp_path / "ropes.md"
    file.write_text("The pilot oils the rope.\n")
    open_tab(page, "Corpus")
    page.set_input_files("#upload input[type=file]", [file])
    page.wait_for_selector("#upload .file")
    page.click("#preview")
    page.wait_for_selector("#added .done:has-text('1 of 1')")
    assert "read" in page.inner_text("#added li")
    assert parts.library.entries() == []
