"""Two sources that differ, in a real browser: side by side with who says which, under each other on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from index.bert_encoder import BertEncoder
from qa.assembly import assemble, make_library, open_library
from qa.settings import Settings
from tests.conftest import put
from tests.web import ask, serving

pytestmark = [pytest.mark.browser, pytest.mark.models]

POST = "---\ntitle: Law passed\npublisher: Harbour Post\n---\n\nThe harbour law was passed on 12 May 2026.\n"
COURIER = "---\ntitle: New law\npublisher: Baltic Courier\n---\n\nThe harbour law was passed on 9 June 2026.\n"


@pytest.fixture
def page(browser: Browser, encoder: BertEncoder, tmp_path: Path) -> Iterator[Page]:
    """The page after a question that two documents answer differently."""
    folder = tmp_path / "library"
    make_library(folder, encoder, empty=True)
    parts = assemble(open_library(folder), folder, encoder, Settings())
    put(parts, tmp_path, "post", POST)
    put(parts, tmp_path, "courier", COURIER)
    with serving(parts) as url:
        page = browser.new_page(viewport={"width": 1280, "height": 900})
        page.goto(url)
        ask(page, "When was the harbour law passed?")
        yield page
        page.close()
    parts.library.close()


def corners(page: Page) -> list[tuple[float, float]]:
    """Where each side of the difference begins, left and top, at one moment: the page may still be scrolling."""
    sides = page.locator("#turn-1 .differing li")
    boxes = sides.evaluate_all("sides => sides.map(side => side.getBoundingClientRect().toJSON())")
    return [(box["x"], box["y"]) for box in boxes]


def test_what_differs_is_said_in_words_with_each_value_and_who_gives_it(page: Page) -> None:
    block = page.get_by_role("region", name="Sources differ in the date")
    assert block.get_by_role("heading", name="Sources differ in the date").is_visible()
    said = sorted(block.get_by_role("listitem").all_inner_texts())
    assert ["12 May 2026" in said[0], "9 June 2026" in said[1]] == [True, True]
    assert ["Harbour Post" in said[0], "Baltic Courier" in said[1]] == [True, True]


def test_the_sides_stand_beside_each_other_and_on_a_phone_under_each_other(page: Page) -> None:
    (left, top), (right, beside) = corners(page)
    assert right > left
    assert top == pytest.approx(beside, abs=1)
    page.set_viewport_size({"width": 375, "height": 760})
    (first, above), (second, below) = corners(page)
    assert first == pytest.approx(second, abs=1)
    assert below > above
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_side_leads_to_its_source_by_keyboard(page: Page) -> None:
    page.focus('#turn-1 .differing a.cite[href="#turn-1-source-2"]')
    page.keyboard.press("Enter")
    assert page.locator("#turn-1-source-2").get_attribute("open") is not None
