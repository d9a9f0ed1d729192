"""A served chat page for tests: the real application on a free loopback port, and a browser."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import uvicorn
from playwright.sync_api import Browser, Page, sync_playwright

from qa.assembly import Parts
from qa.web.admission import Admission
from qa.web.limits import DEFAULT_LIMITS, Limits
from qa.web.opening import Opening
from qa.web.server import bind, served

_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking"
    " --disable-component-update --disable-sync"
).split()


@contextmanager
def serving(
    parts: Parts | Opening, admission: Admission | None = None, limits: Limits = DEFAULT_LIMITS
) -> Iterator[str]:
    """The URL of the page while it is served, at home unless it is said who is let in."""
    opening = Opening.of(parts) if isinstance(parts, Parts) else parts
    admission = Admission.at_home(opening.folder) if admission is None else admission
    with bind("127.0.0.1", 0) as listening:
        server = uvicorn.Server(served(opening, "error", admission, limits))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                if not thread.is_alive():
                    raise RuntimeError("the page could not be served")
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        finally:
            server.should_exit = True
            thread.join()


@contextmanager
def chromium() -> Iterator[Browser]:
    """Debian's Chromium; the test is skipped where there is none, unless REQUIRE_BROWSER is set."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("REQUIRE_BROWSER"):
            pytest.fail("there is no chromium, and REQUIRE_BROWSER is set")
        pytest.skip("there is no chromium on this machine (apt-get install chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=_FLAGS)
        yield browser
        browser.close()


def ask(page: Page, question: str) -> None:
    """Type a question once the page is alive, send it with Enter, and wait for its turn."""
    page.wait_for_selector(".holdings h1")
    turn = page.locator("#conversation article.turn").count() + 1
    page.fill("#question textarea", question)
    page.press("#question textarea", "Enter")
    page.wait_for_selector(f"#turn-{turn} .reply")
