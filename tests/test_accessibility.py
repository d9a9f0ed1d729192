"""axe-core finds nothing serious in any state of the page, light and dark, on a desktop and on a phone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from playwright.sync_api import Browser, Page

from tests.states import DESKTOP, PHONE, WALKS, Site, look, visiting, walked

pytestmark = pytest.mark.browser

RULES = """axe.run({
    resultTypes: ["violations"],
    rules: { "target-size": { enabled: true } },
})"""

SERIOUS = {"serious", "critical"}

_AT_REST = """() => Promise.allSettled(
    document
        .getAnimations()
        .filter((each) => each.effect.getComputedTiming().endTime < 2000)
        .map((each) => each.finished)
)"""
"""What fades in is read when it is there."""


def violations(page: Page) -> Iterator[str]:
    """What axe finds, an element a line."""
    # What lies under the question box is scrolled out from under it, which axe does not do.
    page.evaluate("document.querySelector('#asking')?.style.setProperty('position', 'static', 'important')")
    page.evaluate(_AT_REST)
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE_SCRIPT)  # the page's policy concerns what is in the page, and not the driver of the browser
    found: list[dict[str, Any]] = page.evaluate(RULES)["violations"]
    for each in found:
        if each["impact"] in SERIOUS:
            for node in each["nodes"]:
                yield f"{each['id']}: {node['target']} {node['html'][:120]} {node['failureSummary']}"


def found_on(walk: str, browser: Browser, site: Site, *looks: tuple[tuple[int, int], str]) -> list[str]:
    """What axe finds in the states of a walk."""
    found = []
    with visiting(browser) as page:
        for state in walked(WALKS[walk], site, page):
            for window, theme in looks:
                look(page, window, theme)
                found += [f"{state.name}, {theme}, {window[0]} px: {each}" for each in violations(page)]
            look(page, DESKTOP, "light")
    return found


@pytest.mark.parametrize("walk", WALKS)
def test_nothing_serious_is_found(walk: str, browser: Browser, site: Site) -> None:
    assert found_on(walk, browser, site, (DESKTOP, "light"), (PHONE, "dark")) == []


@pytest.mark.long
@pytest.mark.parametrize("walk", WALKS)
def test_nothing_serious_is_found_in_the_other_two_looks(walk: str, browser: Browser, site: Site) -> None:
    assert found_on(walk, browser, site, (DESKTOP, "dark"), (PHONE, "light")) == []


def test_something_serious_would_be_found(browser: Browser) -> None:
    with visiting(browser) as page:
        page.set_content("<html lang=en><title>One</title><main><h1>One</h1><button></button></main>")
        (found,) = violations(page)
        assert found.startswith("button-name")
