"""History and links in a real browser: kept at home over a reload and a restart, by keyboard, and on a phone."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.conftest import MakeParts
from tests.test_conversation_kept import HUB, LEAP, QUESTION
from tests.web import ask, serving

pytestmark = pytest.mark.browser

LEFT = ("AbortError", "Connection errored out")
"""What the console says where a page is left that listens to its server."""


@pytest.fixture
def url(make_parts: MakeParts) -> Iterator[str]:
    """Served for longer than the page is open, since a page complains of a server that stops."""
    with serving(make_parts(hub=HUB, leap=LEAP)) as url:
        yield url


@pytest.fixture
def page(browser: Browser, url: str) -> Iterator[Page]:
    """A page; errors of scripts and in the console, refusals by the policy among them, fail the test."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if _is_wrong(said.type, said.text) else None)
    yield page
    context.close()
    assert wrong == []


def _is_wrong(kind: str, text: str) -> bool:
    return kind == "error" and not any(left in text for left in LEFT)


def opened(page: Page, url: str) -> None:
    page.goto(url)
    page.wait_for_selector(".holdings h1")


def unfold(page: Page) -> None:
    page.wait_for_selector("#history button")
    page.focus("#history > button")
    page.keyboard.press("Enter")
    page.wait_for_selector("#open-earlier")


def test_a_conversation_survives_a_reload_and_is_deleted_by_keyboard(page: Page, url: str) -> None:
    opened(page, url)
    assert not page.locator("#history").is_visible()
    ask(page, QUESTION)
    page.wait_for_selector("#history")
    before = page.inner_text("#turn-1 blockquote.first")
    opened(page, url)
    unfold(page)
    page.focus("#open-earlier")
    page.keyboard.press("Enter")
    page.wait_for_selector("#turn-1 .soft-line")
    assert page.inner_text("#turn-1 blockquote.first") == before
    page.focus("#delete-all")
    page.keyboard.press("Enter")
    page.wait_for_selector("#yes-delete-all")
    page.focus("#yes-delete-all")
    page.keyboard.press("Enter")
    page.wait_for_selector("#history", state="hidden")
    opened(page, url)
    page.wait_for_timeout(500)  # the list would come with the page
    assert not page.locator("#history").is_visible()


def test_a_link_is_made_and_opens_a_page_that_works(page: Page, url: str) -> None:
    opened(page, url)
    ask(page, QUESTION)
    page.click("#turn-1 button[data-link]")
    page.wait_for_selector("#turn-1 .link a")
    link = page.get_attribute("#turn-1 .link a", "href")
    page.set_viewport_size({"width": 375, "height": 760})
    page.goto(f"{url}{link}")
    assert page.inner_text("h2.asked") == QUESTION
    assert "210 soldiers" in page.inner_text("blockquote.first")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.click("#turn-1-source-1 summary")
    assert page.locator("#turn-1-source-1").get_attribute("open") is None
    page.click("blockquote.first a.cite")
    assert page.locator("#turn-1-source-1").get_attribute("open") is not None
    page.click("footer.link button")
    page.wait_for_selector(".holdings h1")
    assert page.request.get(f"{url}{link}").status == 404
