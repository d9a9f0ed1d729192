"""The Evaluate tab in a real browser: sets run and stopped, questions opened, runs compared, reports downloaded."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, Page

from qa.assembly import Parts
from qa.evaluation.reporting.html import html_report
from qa.evaluation.summary import Summary
from qa.readers.lexical import LexicalReader
from qa.web.corpus.batches import Stop
from qa.web.evaluation.running import Runner
from qa.web.evaluation.runs import Runs, label
from qa.web.opening import Opening
from qa.web.render import render_answer
from tests.conftest import MakeParts, put
from tests.test_web_evaluation import HARBOUR, QUESTIONS, write_set
from tests.web import ask, serving

pytestmark = pytest.mark.browser

HURT = '<img src=x onerror="window.hurt=1">'


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(minutes=HARBOUR)


@pytest.fixture
def runs(parts: Parts) -> Runs:
    return Runs.of(parts.folder)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_set(tmp_path / "uploads" / "harbour.jsonl")


@contextmanager
def opened(browser: Browser, parts: Parts, width: int = 1280) -> Iterator[Page]:
    """The served page; errors of scripts, in the console, and requests to elsewhere fail the test."""
    context = browser.new_context(viewport={"width": width, "height": 1000})
    page = context.new_page()
    wrong: list[str] = []
    page.on("pageerror", lambda error: wrong.append(str(error)))
    page.on("console", lambda said: wrong.append(said.text) if said.type == "error" else None)
    page.on("request", lambda request: wrong.append(request.url) if _is_outside(request.url) else None)
    with serving(parts) as url:
        page.goto(url)
        page.wait_for_selector(".holdings h1")
        yield page
        context.close()
    assert wrong == []


def _is_outside(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme not in {"data", "blob"} and parts.hostname != "127.0.0.1"


@pytest.fixture
def page(browser: Browser, parts: Parts) -> Iterator[Page]:
    with opened(browser, parts) as page:
        yield page


def open_tab(page: Page, *names: str) -> None:
    for name in names:
        page.get_by_role("tab", name=name, exact=True).click()


def upload(page: Page, file: Path) -> None:
    """Choose a set of one's own, and wait until it is uploaded."""
    open_tab(page, "Evaluate", "Run")
    page.get_by_label("A set of your own").check()
    page.set_input_files("#set-file input[type=file]", file)
    page.wait_for_selector("#set-file .file")


def run(page: Page, file: Path) -> None:
    """Upload a set, run it, and wait for its result."""
    upload(page, file)
    page.click("#run-set")
    page.wait_for_selector(f"#run-about .headline:has-text('{file.name}: ')")


def choose(page: Page, word: str, table: str = "questions") -> None:
    page.locator(f"#{table} [role=gridcell]:visible", has_text=word).first.click()


def text(html: str, page: Page) -> str:
    """What a browser shows of HTML, without the space between."""
    shown = page.evaluate("html => new DOMParser().parseFromString(html, 'text/html').body.textContent", html)
    return "".join(shown.split())


@pytest.fixture
def may_go_on(monkeypatch: pytest.MonkeyPatch) -> threading.Semaphore:
    """Each question is read only when the test lets it."""
    semaphore = threading.Semaphore(0)
    read = LexicalReader.read

    def paused(*arguments: Any) -> Any:
        assert semaphore.acquire(timeout=60)
        return read(*arguments)

    monkeypatch.setattr(LexicalReader, "read", paused)
    return semaphore


def test_a_set_is_uploaded_run_opened_compared_and_its_report_downloaded(
    page: Page, parts: Parts, runs: Runs, file: Path, tmp_path: Path
) -> None:
    run(page, file)
    assert "harbour.jsonl: 3 questions, 1 of them without an answer." in page.inner_text("#run-about")
    first = runs.names()[0]
    kept = runs.read(first)
    for name in Summary(kept).metrics:
        assert page.locator("#run-about .figures th", has_text=name).count() >= 1
    assert page.input_value("#run input") == label(first)
    assert page.locator("#set-file .file").count() == 0

    page.click("#run-about summary:has-text('Plots')")
    assert page.locator("#run-about svg.plot:visible").count() == 4

    choose(page, "Which zebra")
    page.wait_for_selector("#opened .record")
    record = kept.records[2]
    assert record.verdict.value.capitalize() in page.inner_text("#opened .verdict")
    assert "The sources do not say it." in page.inner_text("#opened .report")
    assert record.answer is not None
    shown = "".join(page.locator("#opened article.turn").text_content().split())
    assert shown == text(render_answer(record.answer, "opened"), page)

    with page.expect_download() as download:
        page.click("#run-about a.report-file")
    assert download.value.suggested_filename == f"{first}.html"
    assert download.value.path().read_text() == html_report(Summary(kept))

    put(parts, tmp_path, "quay", "Which zebra grazed on Mars? A zebra grazed on Mars: Zofia Lis, with nine cranes.")
    run(page, file)
    page.wait_for_function(f"() => document.querySelector('#run input').value == '{label(runs.names()[0])}'")
    open_tab(page, "Compare")
    page.wait_for_function(f"() => document.querySelector('#one input').value == '{label(first)}'")
    page.click("#compare")
    page.wait_for_selector("#comparison .headline:has-text('3 questions in both')")
    assert "quay: not there →" in page.inner_text("#comparison .report")
    assert page.locator("#comparison .figures tbody tr").count() >= 5
    choose(page, "zebra", "changed")
    page.wait_for_selector("#both .record")
    assert page.locator("#both .side").all_inner_texts() == [label(first), label(runs.names()[0])]
    assert page.locator("#both article.turn").count() == 2


def test_a_citation_in_an_opened_answer_opens_its_own_source(page: Page, file: Path) -> None:
    ask(page, "Who chaired the harbour council?")
    run(page, file)
    choose(page, "Who chaired")
    page.wait_for_selector("#opened .record")
    page.click("#opened #turn-opened-source-1 summary")
    page.click("#opened a.cite >> nth=0")
    assert page.evaluate("document.activeElement.closest('#opened') !== null")
    assert page.locator("#turn-opened-source-1").get_attribute("open") is not None


def test_an_earlier_run_is_chosen_and_its_questions_filtered(page: Page, parts: Parts, runs: Runs, file: Path) -> None:
    earlier = list(Runner(Opening.of(parts)).begin(file, 1, Stop()))[-1].name
    later = list(Runner(Opening.of(parts)).begin(file, None, Stop()))[-1].name
    open_tab(page, "Evaluate", "Results")
    page.wait_for_selector("#run-about .headline:has-text('3 questions')")
    assert page.input_value("#run input") == label(later)
    page.click("#verdict input")
    verdict = runs.read(later).records[0].verdict.value
    page.get_by_role("option", name=f"{verdict} (").click()
    expected = sum(record.verdict.value == verdict for record in runs.read(later).records)
    page.wait_for_function(f"() => document.querySelectorAll('#questions [role=row]').length == {expected} + 1")
    page.click("#run input")
    page.get_by_role("option", name=label(earlier), exact=True).click()
    page.wait_for_selector("#run-about .headline:has-text('harbour.jsonl: 1 question,')")


def test_a_run_is_stopped_and_gone_on_with_while_the_chat_answers(
    page: Page, runs: Runs, file: Path, may_go_on: threading.Semaphore
) -> None:
    upload(page, file)
    page.click("#run-set")
    page.wait_for_selector("#run-progress .done:has-text('harbour.jsonl: 0 of 3 questions')")
    may_go_on.release()
    page.wait_for_selector("#run-progress .done:has-text('1 of 3 questions · less than a minute left')")
    assert page.get_attribute("#run-progress progress", "value") == "1"
    assert page.is_disabled("#run-set")
    page.click("#run-stop")
    page.wait_for_selector("#run-stop:has-text('Stopping after this one')")
    may_go_on.release()
    page.wait_for_selector("#run-about .headline:has-text('harbour.jsonl: 2 of 3 questions')")
    (name,) = runs.names()
    assert len(runs.read(name).records) == 2

    page.click("#go-on")
    page.wait_for_selector("#run-progress .done:has-text('2 of 3 questions')")
    open_tab(page, "Ask")
    may_go_on.release(2)
    ask(page, "Who chaired the harbour council?")
    assert "Ola Nowak" in page.inner_text("#turn-1 .reply")
    open_tab(page, "Evaluate")
    page.wait_for_selector("#run-about .headline:has-text('harbour.jsonl: 3 questions')")
    page.wait_for_selector("#go-on", state="hidden")
    assert runs.read(name).complete
    assert runs.names() == [name]


def test_a_page_that_is_closed_leaves_its_run_to_be_gone_on_with(
    browser: Browser, parts: Parts, runs: Runs, file: Path, may_go_on: threading.Semaphore
) -> None:
    with serving(parts) as url:
        first = browser.new_page()
        first.goto(url)
        first.wait_for_selector(".holdings h1")
        upload(first, file)
        first.click("#run-set")
        first.wait_for_selector("#run-progress .done:has-text('0 of 3 questions')")
        may_go_on.release()
        first.wait_for_selector("#run-progress .done:has-text('1 of 3 questions')")
        first.close()
        time.sleep(2)  # until the server has noticed
        may_go_on.release()
        second = browser.new_page()
        second.goto(url)
        second.wait_for_selector(".holdings h1")
        open_tab(second, "Evaluate", "Results")
        second.wait_for_selector("#run-about .headline:has-text('of 3 questions')")
        second.click("#go-on")
        second.wait_for_selector("#run-progress .done:has-text('2 of 3 questions')")
        may_go_on.release()
        second.wait_for_selector("#run-about .headline:has-text('harbour.jsonl: 3 questions')")
        second.close()
    (name,) = runs.names()
    assert runs.read(name).complete


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("bad.jsonl", '{"id": "a"}', "bad.jsonl, line 1: 'question'"),
        ("dev-v1.1.json", "{}", "krakow-qa evaluate dev-v1.1.json"),
    ],
)
def test_a_set_that_cannot_be_asked_says_why_and_nothing_is_run(
    page: Page, parts: Parts, tmp_path: Path, *, name: str, content: str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(content)
    upload(page, file)
    page.click("#run-set")
    page.wait_for_function("said => document.querySelector('#run-progress').innerText.includes(said)", arg=said)
    assert str(tmp_path) not in page.inner_text("#run-progress")
    assert "/" not in page.inner_text("#run-progress")
    assert not (parts.folder / "runs").exists()
    assert page.is_enabled("#run-set")


def test_nothing_uploaded_and_nothing_run_say_what_to_do(page: Page) -> None:
    open_tab(page, "Evaluate", "Results")
    page.wait_for_selector("#run-about:has-text('No set has been run here yet')")
    open_tab(page, "Compare")
    page.click("#compare")
    page.wait_for_selector("#comparison:has-text('Choose two runs')")
    open_tab(page, "Run")
    page.get_by_label("A set of your own").check()
    page.click("#run-set")
    page.wait_for_selector("#run-progress:has-text('Choose a file with questions first')")


def test_a_sample_of_fewer_than_none_is_refused_in_a_sentence(page: Page, parts: Parts) -> None:
    open_tab(page, "Evaluate", "Run")
    page.fill("#limit input", "-3")
    page.click("#run-set")
    page.wait_for_selector("#run-progress:has-text('-3 questions cannot be asked. Give 1 or more')")
    assert page.is_enabled("#run-set")
    assert not (parts.folder / "runs").exists()


def test_hostile_sets_stay_text(page: Page, runs: Runs, tmp_path: Path) -> None:
    hostile = [
        {
            **QUESTIONS[0],
            "id": HURT,
            "question": f"Who chaired the council? {HURT}",
            "tags": [HURT],
            "note": HURT,
            "history": [HURT],
            "answers": [HURT],
        },
        {**QUESTIONS[2], "question": f"Which zebra? {HURT} ${{window.hurt=1}} {{{{hurt}}}}"},
    ]
    file = write_set(tmp_path / "uploads" / "zebra <img src=x onerror=window.hurt=1>.jsonl", hostile)
    upload(page, file)
    page.click("#run-set")
    page.wait_for_selector("#run-about .headline:has-text('2 questions')")
    for word in ("Who chaired", "zebra"):
        choose(page, word)
        page.wait_for_selector(f"#opened .asked:has-text('{word}')")
        assert HURT in page.inner_text("#opened .asked")
    for summary in page.locator("#run-about summary").all():
        summary.click()
    page.click("#verdict input")
    page.wait_for_timeout(300)
    assert page.evaluate("window.hurt") is None
    shown = ":is(#run-about, #questions, #opened, #run-progress, #run)"
    assert page.locator(f"{shown} :is(img, script)").count() == 0
    assert len(runs.names()) == 1


def test_a_set_is_run_and_a_question_opened_by_keyboard(page: Page, parts: Parts, file: Path) -> None:
    upload(page, file)
    page.focus("#run-set")
    page.keyboard.press("Enter")
    page.wait_for_selector("#run-about .headline")
    page.focus("#run-about summary >> nth=0")
    page.keyboard.press("Enter")
    page.wait_for_selector("#run-about svg.plot")
    page.focus("#questions input.search-input")
    for key in ("Tab", "ArrowDown", "Enter"):
        page.keyboard.press(key)
    page.wait_for_selector("#opened .asked:has-text('How many cranes')")


def test_a_phone_shows_the_tab_without_scrolling_sideways(browser: Browser, parts: Parts, file: Path) -> None:
    with opened(browser, parts, width=360) as page:
        run(page, file)
        page.click("#run-about summary:has-text('Plots')")
        page.click("#run-about summary:has-text('By tag')")
        choose(page, "Who chaired")
        page.wait_for_selector("#opened .record")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        run(page, file)
        open_tab(page, "Compare")
        page.wait_for_function("() => document.querySelector('#one input').value")
        page.click("#compare")
        page.wait_for_selector("#comparison .headline")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
        open_tab(page, "Run")
        assert page.evaluate("document.documentElement.scrollWidth") <= 360
