"""All of the page by keys alone: where the focus is can be seen, it goes where one expects it, and nothing holds it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.states import CALL, Site, given, prepared_quickly, visiting

pytestmark = pytest.mark.browser

MOST_STOPS = 90

STOP = """() => {
    const at = document.activeElement, style = getComputedStyle(at), box = at.getBoundingClientRect();
    return {
        body: at === document.body,
        name: `${at.tagName} ${at.id || at.className} ${at.getAttribute("aria-label") || at.innerText || ""}`,
        outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
        inside: box.bottom > 0 && box.top < innerHeight && box.width > 0 && box.height > 0,
    };
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with prepared_quickly(tmp_path_factory.mktemp("site")) as site:
        yield site


@pytest.fixture
def page(browser: Browser, site: Site) -> Iterator[Page]:
    with visiting(browser) as page:
        page.goto(site.home)
        page.wait_for_selector(".holdings .count")
        yield page


def go_to(page: Page, wanted: str, key: str = "Tab") -> None:
    """Press a key until the focus is at what is wanted; at every stop it is seen, and no stop holds it."""
    before = None
    for _ in range(MOST_STOPS):
        page.keyboard.press(key)
        stop: dict[str, Any] = page.evaluate(STOP)
        if not stop["body"]:
            assert stop["outlined"], f"where the focus is cannot be seen: {stop['name']}"
            assert stop["inside"], f"the focus is out of the window: {stop['name']}"
        at = page.evaluate_handle("document.activeElement")
        assert before is None or not page.evaluate("([one, other]) => one === other", [before, at]), stop["name"]
        before = at
        if is_at(page, wanted):
            return
    pytest.fail(f"{wanted} was not reached by {key}")


def is_at(page: Page, wanted: str) -> bool:
    return bool(page.evaluate("wanted => document.activeElement.matches(wanted)", wanted))


def comes_to(page: Page, wanted: str) -> None:
    """Wait until the focus has come to what is wanted by itself."""
    page.wait_for_function("wanted => document.activeElement.matches(wanted)", arg=wanted)


def press(page: Page, wanted: str, key: str = "Tab") -> None:
    """Go to a button, and press it."""
    go_to(page, wanted, key)
    page.keyboard.press("Enter")


def open_tab(page: Page, name: str, key: str = "Tab") -> None:
    """Go to a tab, and open it."""
    for _ in range(MOST_STOPS):
        go_to(page, "[role=tab]", key)
        if page.evaluate("document.activeElement.innerText.trim()") == name:
            page.keyboard.press("Enter")
            return
    pytest.fail(f"the tab {name} was not reached by {key}")


def ask(page: Page, question: str, turn: int) -> None:
    """Type a question where the focus is, and send it."""
    assert is_at(page, "#question textarea")
    page.keyboard.type(question)
    page.keyboard.press("Enter")
    page.wait_for_selector(f"#turn-{turn} .reply")


def test_a_conversation(page: Page) -> None:
    ask(page, "Who represented Germany in Krakow?", 1)
    assert is_at(page, "#question textarea")
    page.wait_for_selector("#told:has-text(' sources.')", state="attached")
    assert "Boris Pistorius" in page.inner_text("#told")

    press(page, '#turn-1 .reply blockquote a.cite[href="#turn-1-source-2"]', "Shift+Tab")
    comes_to(page, "#turn-1-source-2 > summary")
    assert page.get_attribute("#turn-1-source-2", "open") is not None
    press(page, "#turn-1-source-2 .copy")
    page.wait_for_selector("#turn-1-source-2 .copy:has-text('Copied')")

    go_to(page, "#question textarea")
    ask(page, "And France?", 2)
    assert page.inner_text("#turn-2 .searched q") == "Who represented France in Krakow?"
    page.wait_for_selector("#told:has-text('Vautrin')", state="attached")

    press(page, "#history > button")
    page.wait_for_selector("#open-earlier")
    press(page, "#open-earlier")
    page.wait_for_selector("#turn-2 .soft-line")

    go_to(page, "#export button", "Shift+Tab")
    with page.expect_download() as download:
        page.keyboard.press("Enter")
    assert "And France?" in download.value.path().read_text("utf-8")

    press(page, "#delete-all")
    press(page, "#yes-delete-all")
    page.wait_for_selector("#history", state="hidden")
    comes_to(page, "#new")


def test_an_answer_that_is_waited_for_is_announced(page: Page) -> None:
    page.evaluate(
        """() => {
            window.heard = [];
            const told = document.querySelector("#told");
            new MutationObserver(() => window.heard.push(told.innerText)).observe(told, { childList: true });
        }"""
    )
    ask(page, "How high are the chimneys of Gdansk?", 1)
    page.wait_for_function("() => window.heard.length >= 2")
    looking, came = page.evaluate("window.heard")
    assert looking == "Looking for an answer."
    assert came.startswith("No answer: the sources do not seem to say this.")


def test_a_document_is_added_and_withdrawn(page: Page, site: Site) -> None:
    open_tab(page, "Corpus", "Shift+Tab")
    open_tab(page, "Add")
    page.wait_for_selector("#upload button:visible")
    with given(page, site.file("call.md", CALL)):
        press(page, "#upload button")
    press(page, "#add")
    page.wait_for_selector("#adding-results .became-added")

    open_tab(page, "Documents", "Shift+Tab")
    go_to(page, "#documents input.search-input")
    page.keyboard.type("A planning call")
    page.wait_for_selector("#documents [role=gridcell]:visible:has-text('A planning call')")
    go_to(page, "#documents [role=gridcell]")
    page.keyboard.press("Enter")
    page.wait_for_selector("#about article:has-text('A planning call')")
    press(page, "#withdraw")
    comes_to(page, "#withdraw-no")
    press(page, "#withdraw-yes", "Shift+Tab")
    page.wait_for_selector("#said:has-text('Withdrew call')")
    comes_to(page, "#reinstate")


def test_a_set_is_run(page: Page) -> None:
    open_tab(page, "Evaluate", "Shift+Tab")
    go_to(page, "#limit input")
    page.keyboard.press("Control+A")
    page.keyboard.type("2")
    press(page, "#run-set")
    page.wait_for_selector("#run-about .headline:has-text('krakow.jsonl: 2 questions')")
    comes_to(page, "[role=tab][data-tab-id=results]")
