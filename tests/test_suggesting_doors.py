"""Suggestions at every door: the command line, Python, HTTP and the page in a real browser."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from pydantic import TypeAdapter

from qa import KrakowQA
from qa.assembly import Parts
from qa.suggesting.fields import SuggestedFields
from tests.commands import Run, a_run
from tests.conftest import MakeParts, put
from tests.test_suggesting import BRIDGE, TOWER
from tests.web import ask, serving

__all__ = ["a_run"]

HOSTILE = "The E5 <b>Harbour</b> Company was founded in 1904. The fee for the E5 & Sons Ferry was €30."
OF_BRIDGE = "Who opened the Harbour Bridge on 4 March 2025?"
OF_TOWER = "When was the Lighthouse Company founded?"


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(bridge=BRIDGE, tower=TOWER)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test where a script fails."""
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    yield page
    page.close()
    assert wrong == []


def all_of(client: httpx.Client) -> list[dict[str, Any]]:
    """What the API suggests, once that is all."""
    while not (told := client.get("/suggestions", params={"n": 100}).json())["complete"]:
        time.sleep(0.02)
    TypeAdapter(SuggestedFields).validate_python(told, strict=True)
    suggested: list[dict[str, Any]] = told["suggestions"]
    return suggested


def questions_on(page: Page) -> list[str]:
    return page.locator("#suggestions button:visible").all_inner_texts()


def wait_for(page: Page, question: str) -> None:
    page.locator("#suggestions button:visible", has_text=question).wait_for()


def test_the_command_line_lists_them_a_line_each_or_as_json(run: Run, tmp_path: Path) -> None:
    library, file = tmp_path / "library", tmp_path / "tower.md"
    assert run("--library", library, "init", "--empty").code == 0
    assert run("--library", library, "suggest").out.startswith("No question could be made")
    file.write_text(TOWER, "utf-8")
    assert run("--library", library, "add", file).code == 0
    (first,) = run("--library", library, "suggest", "-n", "1").out.splitlines()
    told = run("--library", library, "suggest", "--json").json["suggestions"]
    assert told[0]["question"] == first
    assert [each["document"] for each in told] == ["tower"] * len(told)
    answer = run("--library", library, "ask", first, "--json").json
    assert answer["quotes"][0]["address"] == told[0]["address"]


def test_python_and_http_give_the_same(parts: Parts) -> None:
    suggested = KrakowQA(parts).suggest(100)
    assert [each.question for each in KrakowQA(parts).suggest(2)] == [each.question for each in suggested[:2]]
    with serving(parts) as url, httpx.Client(base_url=f"{url}/api/v1") as client:
        told = all_of(client)
        assert [(each["question"], each["address"]) for each in told] == [
            (each.question, str(each.address)) for each in suggested
        ]
        assert len(client.get("/suggestions", params={"n": 1}).json()["suggestions"]) == 1
        assert client.get("/suggestions", params={"n": 0}).status_code == 422
        parts.library.purge("tower")
        assert "tower" not in {each["document"] for each in client.get("/suggestions").json()["suggestions"]}
        assert {each["document"] for each in all_of(client)} == {"bridge"}


@pytest.mark.browser
def test_the_page_begins_with_some_and_a_click_asks_one(page: Page, parts: Parts) -> None:
    with serving(parts) as url:
        page.goto(url)
        wait_for(page, OF_BRIDGE)
        assert 2 <= len(questions_on(page)) <= 5
        assert page.inner_text("#suggesting").strip() == "The sources answer, for instance:"
        page.locator("#suggestions button", has_text=OF_BRIDGE).click()
        page.wait_for_selector("#turn-1 .reply.answered")
        assert page.inner_text("#turn-1 .asked") == OF_BRIDGE
        expect(page.locator("#suggesting")).to_have_text("The sources also answer:")
        assert 1 <= len(questions_on(page)) <= 3
        assert OF_BRIDGE not in questions_on(page)
        ask(page, "xyzzy plugh")
        expect(page.locator("#suggesting")).to_have_text("The sources can answer:")
        page.click("#new")
        expect(page.locator("#suggesting")).to_have_text("The sources answer, for instance:")


@pytest.mark.browser
def test_a_purged_document_takes_its_questions_off_the_page(page: Page, parts: Parts) -> None:
    with serving(parts) as url:
        page.goto(url)
        wait_for(page, OF_TOWER)
        parts.purge("tower")
        page.reload()
        wait_for(page, OF_BRIDGE)
        assert OF_TOWER not in questions_on(page)


@pytest.mark.browser
def test_a_page_without_a_document_offers_nothing_until_there_is_one(
    page: Page, make_parts: MakeParts, tmp_path: Path
) -> None:
    parts = make_parts()
    with serving(parts) as url:
        page.goto(url)
        page.wait_for_selector(".holdings h1")
        assert (questions_on(page), page.locator("#suggesting").is_visible()) == ([], False)
        put(parts, tmp_path, "tower", TOWER)
        page.reload()
        wait_for(page, OF_TOWER)


@pytest.mark.browser
def test_what_documents_say_stays_text_on_a_button(page: Page, make_parts: MakeParts) -> None:
    with serving(make_parts(hostile=HOSTILE)) as url:
        page.goto(url)
        wait_for(page, "How much was the fee for the E5 & Sons Ferry?")
        assert page.locator("#suggestions b").count() == 0
