"""Only some sources, in a real browser: chosen by keyboard, said in a line, kept for what follows, and taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from qa.assembly import Parts
from tests.conftest import MakeParts, put
from tests.test_narrowing import BRIEF, HARBOUR, MARKET, QUESTION
from tests.web import ask, serving

pytestmark = pytest.mark.browser


@pytest.fixture(name="parts")
def the_parts(make_parts: MakeParts) -> Parts:
    return make_parts(harbour=HARBOUR, market=MARKET, summary=BRIEF)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test where it meets a script error."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert errors == []


def choose(page: Page, dropdown: str, name: str) -> None:
    """Type a name into a dropdown and take what it leaves."""
    page.focus(f"#{dropdown} input")
    page.keyboard.type(name)
    page.click(f"#{dropdown} [role=option]:has-text('{name}')")
    page.wait_for_selector(f"#narrowed:has-text('{name}')")
    page.keyboard.press("Tab")


def test_only_some_sources_are_searched_until_that_is_taken_back(page: Page, parts: Parts, tmp_path: Path) -> None:
    with serving(parts) as url:
        page.goto(url)
        page.wait_for_selector(".holdings h1")
        assert page.locator("#publishers").is_hidden()
        assert page.locator("#narrowed").is_hidden()
        page.focus("#narrowing > button")
        page.keyboard.press("Enter")
        choose(page, "publishers", "Harbour office")
        page.fill("#since :is(input, textarea)", "2026-13")
        page.press("#since :is(input, textarea)", "Enter")
        page.wait_for_selector("#narrowed:has-text('is no date')")
        page.fill("#since :is(input, textarea)", "2026")
        page.press("#since :is(input, textarea)", "Enter")
        page.wait_for_selector("#narrowed:has-text('only: Harbour office; since 1 January 2026')")
        page.focus("#narrowing > button")
        page.keyboard.press("Enter")
        page.wait_for_selector("#publishers", state="hidden")
        assert page.locator("#narrowed").is_visible()

        ask(page, QUESTION)
        ask(page, "Who won the chess cup?")
        for turn in (1, 2):
            assert page.inner_text(f"#turn-{turn} .only") == "searched only in: Harbour office; since 1 January 2026"
            assert "Jan Lis" not in page.inner_text(f"#turn-{turn}")
        page.click("#of-all")
        page.wait_for_selector("#turn-3 .reply")
        assert page.inner_text("#turn-3 .asked") == "Who won the chess cup?"
        assert page.locator("#turn-3 .only").count() == 0
        page.wait_for_selector("#of-all", state="hidden")

        put(parts, tmp_path, "tower", "---\npublisher: Tower <i>watch</i>\n---\nA bell.\n")
        page.wait_for_selector(".holdings .count:has-text('4 documents')", timeout=60_000)
        page.click("#narrowing > button")
        choose(page, "publishers", "Tower <i>watch</i>")
        assert page.inner_text("#narrowed strong") == "Harbour office or Tower <i>watch</i>; since 1 January 2026"

        page.click("#all-sources")
        page.wait_for_selector("#narrowed", state="hidden")
        assert page.input_value("#since :is(input, textarea)") == ""
        ask(page, "Who chaired the market council?")
        assert page.locator("#turn-4 .only").count() == 0
        assert "Jan Lis" in page.inner_text("#turn-4")


def test_what_is_opened_again_goes_on_as_narrowly_and_a_new_conversation_does_not(page: Page, parts: Parts) -> None:
    with serving(parts) as url:
        page.set_viewport_size({"width": 375, "height": 760})
        page.goto(url)
        page.wait_for_selector(".holdings h1")
        page.click("#narrowing > button")
        choose(page, "kinds", "statement")
        ask(page, QUESTION)
        assert page.evaluate("document.documentElement.scrollWidth") <= 375
        page.wait_for_selector("#history")
        page.click("#new")
        page.wait_for_selector(".welcome")
        page.wait_for_selector("#narrowed", state="hidden")
        page.click("#history > button")
        page.click("#open-earlier")
        page.wait_for_selector("#turn-1 .only")
        page.wait_for_selector("#narrowed:has-text('only: statement')")
        ask(page, "Who chaired the market council?")
        assert page.inner_text("#turn-2 .only") == "searched only in: statement"
        assert "Jan Lis" not in page.inner_text("#turn-2")
