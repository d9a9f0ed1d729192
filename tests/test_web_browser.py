"""The chat in a real browser: ask, cite, abstain, reload, phone, keyboard, hostile text, and no outside request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from qa.assembly import Parts
from qa.settings import LEXICAL_READER, Settings
from tests.conftest import MakeParts
from tests.web import ask, serving

pytestmark = [pytest.mark.browser, pytest.mark.models]

HOSTILE = """---
title: '<img src=x onerror="window.hurt=1"> & "title"'
publisher: <script>window.hurt=1</script>
url: "javascript:window.hurt=1"
---
# <svg onload="window.hurt=1">

The zebra said <img src=x onerror="window.hurt=1"> and ![zebra](https://outside.example/zebra.png) and **bold**.
A zebra <script>window.hurt=1</script> [link](https://outside.example) </details></article> &lt;b&gt; `code` $x$.
"""


@pytest.fixture(scope="module")
def chat(briefs: Parts) -> Iterator[str]:
    with serving(briefs) as url:
        yield url


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test when it asks for anything but this machine, or meets a script error."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = context.new_page()
    outside: list[str] = []
    errors: list[str] = []
    page.on("request", lambda request: outside.append(request.url) if _is_outside(request.url) else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield page
    context.close()
    assert outside == []
    assert errors == []


def _is_outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in {"data", "blob"} and parts.hostname != "127.0.0.1"


def test_an_answer_stands_beside_its_sources_and_a_citation_opens_its_passage(page: Page, chat: str) -> None:
    page.goto(chat)
    page.wait_for_selector(".holdings h1")
    assert "19 documents, the newest of 22 November 2026" in page.inner_text(".holdings")
    ask(page, "Who represented NATO in Krakow?")
    assert page.locator("#turn-1 .reply.answered").is_visible()
    assert "Shekerinska" in page.inner_text("#turn-1 blockquote.first")
    assert "our summary, after" in page.inner_text("#turn-1 blockquote.first")
    second = page.locator("#turn-1-source-2")
    assert second.get_attribute("open") is None
    page.click('#turn-1 a.cite[href="#turn-1-source-2"]')
    assert second.get_attribute("open") is not None
    assert page.evaluate("document.activeElement.parentElement.id") == "turn-1-source-2"
    quoted = page.locator("#turn-1 blockquote").nth(1).locator("p").inner_text()
    assert second.locator("mark").inner_text() in quoted


def test_a_quote_is_copied_with_its_reference(page: Page, chat: str) -> None:
    page.goto(chat)
    ask(page, "Who represented NATO in Krakow?")
    page.click("#turn-1-source-1 button.copy")
    page.wait_for_selector("#turn-1-source-1 button.copy:has-text('Copied')")
    page.focus("#question textarea")
    page.keyboard.press("Control+V")  # the page itself may not read what was copied
    copied = page.input_value("#question textarea")
    assert page.inner_text("#turn-1-source-1 mark") in copied
    assert page.inner_text("#turn-1-source-1 .address code") in copied


def test_a_refusal_looks_different_and_shows_what_came_closest(page: Page, chat: str) -> None:
    page.goto(chat)
    ask(page, "What is the capital of Australia?")
    assert page.locator("#turn-1 .reply.abstained").is_visible()
    assert page.locator("#turn-1 .reply.answered").count() == 0
    assert page.inner_text("#turn-1 .sources h3") == "Closest passages"


def test_evidence_stays_with_its_question(page: Page, chat: str) -> None:
    page.goto(chat)
    ask(page, "Who represented NATO in Krakow?")
    before = page.inner_html("#turn-1 .sources")
    ask(page, "What is the capital of Australia?")
    ask(page, "What is POLLOG HUB?")
    assert page.inner_html("#turn-1 .sources") == before
    for turn in (1, 2, 3):
        cited = page.locator(f"#turn-{turn} .reply a.cite").evaluate_all("all => all.map(a => a.hash.slice(1))")
        assert cited
        assert set(cited) <= set(page.locator(f"#turn-{turn} .source").evaluate_all("all => all.map(s => s.id)"))


def test_an_example_asks_itself_and_a_new_conversation_is_empty(page: Page, chat: str) -> None:
    page.goto(chat)
    page.wait_for_selector(".holdings h1")
    page.click("#examples button >> nth=0")
    page.wait_for_selector("#turn-1 .reply")
    assert page.inner_text("#turn-1 .asked") == page.inner_text("#examples button >> nth=0")
    page.click("#new")
    page.wait_for_selector(".welcome")
    assert page.locator("article.turn").count() == 0


def test_a_reload_gives_a_working_page_and_mixes_nothing(page: Page, chat: str) -> None:
    page.goto(chat)
    ask(page, "Who represented NATO in Krakow?")
    page.reload()
    page.wait_for_selector(".welcome")
    ask(page, "What is the capital of Australia?")
    assert page.locator("article.turn").count() == 1
    assert page.inner_text("#turn-1 .asked") == "What is the capital of Australia?"


def test_the_page_counts_anew_when_a_document_goes(page: Page, make_parts: MakeParts) -> None:
    parts = make_parts(zebra="A zebra has stripes.", horse="A horse has none.")
    with serving(parts) as url:
        page.goto(url)
        page.wait_for_selector(".holdings .count:has-text('2 documents')")
        parts.library.withdraw("horse")
        ask(page, "What does a zebra have?")
        page.wait_for_selector(".holdings .count:has-text('1 document.')")


def test_an_empty_question_is_told_what_to_do(page: Page, chat: str) -> None:
    page.goto(chat)
    page.wait_for_selector(".holdings h1")
    page.click("#ask")
    page.wait_for_selector("#turn-1 .failed")
    assert "Ask for instance" in page.inner_text("#turn-1 .failed")


def test_a_phone_shows_all_in_one_column(page: Page, chat: str) -> None:
    page.set_viewport_size({"width": 375, "height": 760})
    page.goto(chat)
    ask(page, "Who represented NATO in Krakow?")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    below = """() => document.querySelector("#turn-1 .sources").getBoundingClientRect().top
        - document.querySelector("#turn-1 .reply").getBoundingClientRect().bottom"""
    assert page.evaluate(below) >= 0  # both at one moment, since the page may be scrolling
    assert page.locator("#question textarea").is_visible()


def test_all_can_be_done_by_keyboard(page: Page, chat: str) -> None:
    page.goto(chat)
    page.wait_for_selector(".holdings h1")
    page.focus("#question textarea")
    page.keyboard.type("Who represented NATO in Krakow?")
    page.keyboard.press("Enter")
    page.wait_for_selector("#turn-1 .reply")
    page.focus('#turn-1 a.cite[href="#turn-1-source-2"]')
    page.keyboard.press("Enter")
    assert page.locator("#turn-1-source-2").get_attribute("open") is not None
    page.keyboard.press("Space")
    assert page.locator("#turn-1-source-2").get_attribute("open") is None


def test_hostile_text_stays_text(page: Page, make_parts: MakeParts) -> None:
    parts = make_parts(zebra=HOSTILE)
    with serving(replace(parts, settings=Settings(reader=LEXICAL_READER, strictness=1.0))) as url:
        page.goto(url)
        ask(page, 'What did the zebra <img src=x onerror="window.hurt=1"> say ![a](https://outside.example/a.png)?')
        page.locator("#turn-1 details").evaluate_all("all => all.forEach(each => each.open = true)")
        page.wait_for_timeout(300)
        assert page.evaluate("window.hurt") is None
        assert page.locator("#conversation img, #conversation svg, #conversation script").count() == 0
        assert '<img src=x onerror="window.hurt=1">' in page.inner_text("#turn-1 .asked")
        assert "![zebra](https://outside.example/zebra.png)" in page.inner_text("#turn-1 .sources")
        assert page.locator("#turn-1 a[href^=javascript]").count() == 0


def test_a_follow_up_says_what_was_searched_for_which_can_be_changed_or_taken_as_typed(page: Page, chat: str) -> None:
    page.goto(chat)
    ask(page, "Who represented Germany in Krakow?")
    assert page.locator("#understood").is_hidden()
    ask(page, "And France?")
    assert page.inner_text("#turn-2 .asked") == "And France?"
    assert page.inner_text("#turn-2 .searched q") == "Who represented France in Krakow?"
    assert "Vautrin" in page.inner_text("#turn-2 blockquote.first")
    assert page.input_value("#searched textarea") == "Who represented France in Krakow?"
    page.fill("#searched textarea", "Who hosted it?")
    page.click("#exactly")
    page.wait_for_selector("#turn-3 .reply")
    assert page.inner_text("#turn-3 .asked") == "Who hosted it?"
    assert page.locator("#turn-3 .searched").count() == 0
    page.wait_for_selector("#understood", state="hidden")


def test_a_question_is_searched_for_as_typed_on_demand_and_a_new_conversation_forgets(page: Page, chat: str) -> None:
    page.goto(chat)
    ask(page, "Who represented Germany in Krakow?")
    ask(page, "And France?")
    page.click("#as-typed")
    page.wait_for_selector("#turn-3 .reply")
    assert page.inner_text("#turn-3 .asked") == "And France?"
    assert page.locator("#turn-3 .searched").count() == 0
    page.click("#new")
    page.wait_for_selector(".welcome")
    ask(page, "And France?")
    assert page.locator("#turn-1 .searched").count() == 0


def test_a_misspelt_question_is_asked_as_it_was_meant_by_one_click(page: Page, chat: str) -> None:
    page.goto(chat)
    assert page.locator("#spelling").is_hidden()
    ask(page, "Who represented <b>Urkaine in Krakow?")
    page.wait_for_selector("#spelling", state="visible")
    assert page.inner_text("#spelling") == "Did you mean: Who represented <b>Ukraine in Krakow?"
    page.click("#spelling")
    page.wait_for_selector("#turn-2 .reply")
    assert page.inner_text("#turn-2 .asked") == "Who represented <b>Ukraine in Krakow?"
    page.wait_for_selector("#spelling", state="hidden")


def test_a_refusal_says_which_words_no_source_has(page: Page, chat: str) -> None:
    page.goto(chat)
    ask(page, "Who painted the Mona Lisa?")
    assert page.inner_text("#turn-1 .lacking") == "“painted” and “Mona Lisa” stand in no source."
