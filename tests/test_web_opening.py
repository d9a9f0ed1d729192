"""The page before its library is open: it says so, early questions wait, and what goes wrong ends it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import gradio as gr
import pytest

from qa.assembly import Parts
from qa.reader import ReaderUnavailable
from qa.settings import LEXICAL_READER, Settings
from qa.web.admission import Admission
from qa.web.limits import Limits
from qa.web.opening import Opening, Stopped, Tell
from qa.web.server import bind, run
from qa.web.serving import Serving
from tests.conftest import MakeParts
from tests.web import chromium, serving


@contextmanager
def held(parts: Parts) -> Iterator[tuple[Opening, threading.Event]]:
    """An opening that goes on for as long as the event is not set."""
    go = threading.Event()

    def open_slowly(tell: Tell) -> Parts:
        tell("reading our briefs, 3 of 19")
        assert go.wait(60)
        tell("loading the models")
        return parts

    opening = Opening(parts.folder, open_slowly)
    opening.begin()
    try:
        yield opening, go
    finally:
        go.set()


def failing(tell: Tell) -> Parts:
    raise ReaderUnavailable("There is no reader")


def test_it_tells_what_is_done_until_the_parts_are_there(make_parts: MakeParts) -> None:
    parts = make_parts()
    with held(parts) as (opening, go):
        told = opening.doing
        while told == "loading the models":  # the thread has not come to it yet
            told = opening.doing
        assert told == "reading our briefs, 3 of 19"
        assert opening.failure is None
        go.set()
        assert opening.parts is parts
        assert (opening.doing, opening.failure) == (None, None)


def test_it_ends_at_its_next_step_when_it_is_stopped(make_parts: MakeParts) -> None:
    with held(make_parts()) as (opening, go):
        opening.stop()
        go.set()
        with pytest.raises(gr.Error, match="Stopped before the library was open"):
            _ = opening.parts
    assert isinstance(opening.failure, Stopped)


def test_what_hinders_it_is_told_to_who_waits_and_ends_the_server(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    opening = Opening(tmp_path, failing)
    with bind("127.0.0.1", 0) as listening, pytest.raises(ReaderUnavailable, match="There is no reader"):
        run(opening, listening, Admission.at_home(tmp_path), Serving(), Limits())
    with pytest.raises(gr.Error, match="There is no reader"):
        _ = opening.parts
    assert capfd.readouterr().err == ""


@pytest.mark.browser
def test_the_page_says_that_it_is_warming_up_and_answers_an_early_question_later(make_parts: MakeParts) -> None:
    parts = replace(make_parts(zebra="A zebra has stripes."), settings=Settings(reader=LEXICAL_READER, strictness=1))
    with chromium() as browser, held(parts) as (opening, go), serving(opening) as url:
        try:
            page = browser.new_page()
            page.goto(url)
            page.wait_for_selector(".holdings .warming:has-text('Warming up: reading our briefs, 3 of 19')")
            page.fill("#question textarea", "What does a zebra have?")
            with page.expect_response("**/queue/join*"):
                page.press("#question textarea", "Enter")
            assert page.locator("#turn-1").count() == 0
        finally:
            go.set()
        page.wait_for_selector("#turn-1 .reply.answered")
        assert "A zebra has stripes." in page.inner_text("#turn-1 blockquote.first")
        page.wait_for_selector(".holdings .count:has-text('1 document.')")
        page.get_by_role("tab", name="Corpus").click()
        page.wait_for_selector("#documents [role=gridcell]:has-text('zebra')")
