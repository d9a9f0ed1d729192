"""The Evaluate tab in a real browser: a set in, a run with its questions, another beside it, and its report out."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page

from qa.assembly import Parts
from qa.evaluation.folder import read_run
from qa.evaluation.task import Task
from qa.model import Answer
from qa.settings import LEXICAL_READER, Settings
from qa.web.evaluation.runs import Runs, label
from tests.conftest import MakeParts
from tests.web import ask, chromium, serving

HARBOUR = """# Harbour

Ola Nowak chaired the harbour council in Gdynia. Nine cranes will be painted blue. The ferry to Hel sails at eight.
"""
HURT = '<img src=x onerror="window.hurt=1">'

ROWS: list[dict[str, Any]] = [
    {"id": "who", "question": "Who chaired the harbour council?", "answerable": True,
     "evidence": ["Ola Nowak chaired the harbour council"], "tags": ["people"]},
    {"id": "cranes", "question": "How many cranes will be painted blue?", "answerable": True,
     "evidence": ["Nine cranes"], "tags": ["numbers"]},
    {"id": "zebra", "question": "Which zebra grazed on Mars?", "answerable": False, "note": "off topic"},
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as browser:
        yield browser


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return answering(make_parts(harbour=HARBOUR), strictness=1.0)


def answering(parts: Parts, strictness: float) -> Parts:
    return replace(parts, settings=Settings(reader=LEXICAL_READER, strictness=strictness))


@contextmanager
def opened(browser: Browser, parts: Parts, **context: Any) -> Iterator[Page]:
    """The Evaluate tab of the served page; script errors and requests to elsewhere fail the test."""
    own = browser.new_context(**{"viewport": {"width": 1280, "height": 1000}, "accept_downloads": True, **context})
    page = own.new_page()
    errors: list[str] = []
    asked: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    with serving(parts) as url:
        page.goto(url)
        page.wait_for_selector(".holdings h1")
        page.get_by_role("tab", name="Evaluate", exact=True).click()
        page.wait_for_selector("#run:visible")
        yield page
        own.close()
    assert errors == []
    assert [each for each in asked if not each.startswith((url, "data:", "blob:"))] == []


@pytest.fixture
def page(browser: Browser, parts: Parts) -> Iterator[Page]:
    with opened(browser, parts) as page:
        yield page


def write(folder: Path, rows: Sequence[dict[str, Any]] = ROWS, name: str = "harbour.jsonl") -> Path:
    file = folder / name
    file.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return file


def choose(page: Page, file: Path) -> None:
    """Upload a set."""
    page.get_by_label("A set of your own").check()
    page.wait_for_selector("#set-file:visible")
    if page.locator("#set-file .file").count():
        page.locator("#set-file button[aria-label='Remove this file']").first.click()
    page.set_input_files("#set-file input[type=file]", file)
    page.wait_for_selector(f"#set-file :text('{file.stem}')")


def run(page: Page, button: str = "#run") -> None:
    """Run what is chosen, and wait for another result than the one that is shown."""
    page.evaluate("document.querySelectorAll('#result > *').forEach(each => each.classList.add('of-before'))")
    before = page.locator("#result .evaluation h2").count()
    page.click(button)
    page.wait_for_selector("#run-progress .done:has-text('All')")
    page.wait_for_selector("#result .evaluation h2")
    if before:
        page.wait_for_timeout(500)


def open_question(page: Page, text: str) -> str:
    """Choose a question in the table; what is shown of it."""
    page.locator("#questions [role=gridcell]:visible", has_text=text).first.click()
    page.wait_for_selector(f"#record :text('{text}')")
    return page.inner_text("#record")


@pytest.mark.browser
def test_a_set_is_uploaded_run_opened_compared_and_its_report_downloaded(
    page: Page, parts: Parts, tmp_path: Path
) -> None:
    choose(page, write(tmp_path))
    run(page)
    said = page.inner_text("#result")
    assert "harbour.jsonl: 3 questions, 1 of them without an answer" in said
    assert "evidence@any" in said
    record = open_question(page, "How many cranes will be painted blue?")
    assert record.startswith("Right cranes")
    assert "Nine cranes will be painted blue." in page.inner_text("#record article.turn blockquote.first")
    assert page.locator("#record .source .address code").first.inner_text().startswith("harbour@")
    page.locator("#result summary", has_text="Plots").click()
    assert page.locator("#result svg.plot:visible").count() == 4

    with page.expect_download() as download:
        page.get_by_role("link", name="Download the report").click()
    saved = tmp_path / "saved.html"
    download.value.save_as(saved)
    report = saved.read_text("utf-8")
    assert report.startswith("<!doctype html>")
    assert "Which zebra grazed on Mars?" in report

    page.wait_for_timeout(1100)  # runs are named by the second
    parts.__dict__.pop("answerer", None)
    object.__setattr__(parts, "settings", Settings(reader=LEXICAL_READER, strictness=0.0))
    run(page)
    newest, _ = Runs(parts.folder).names()
    page.wait_for_function(f"document.querySelector('#runs input').value == '{label(newest)}'")
    page.wait_for_selector("#result tr:has-text('false_refusal_rate'):has-text('1.000')")
    page.click("#compare input")
    page.get_by_role("option").last.click()
    page.wait_for_selector("#comparison h2")
    compared = page.inner_text("#comparison")
    assert "3 of 3 questions changed sides" in compared
    assert "strictness: 1.0 → 0.0" in compared
    assert "before: right: Nine cranes will be painted blue." in compared
    assert "this run: false refusal" in compared


@pytest.mark.browser
def test_questions_are_shown_by_what_became_of_them(page: Page, tmp_path: Path) -> None:
    choose(page, write(tmp_path))
    run(page)
    page.click("#verdict input")
    page.get_by_role("option", name="false answer", exact=True).click()
    page.wait_for_function("!document.querySelector('#questions').innerText.includes('cranes')")
    cells = page.locator("#questions [role=gridcell]:visible").all_inner_texts()
    assert any("zebra" in cell for cell in cells)
    assert not any("cranes" in cell for cell in cells)
    assert "off topic" in open_question(page, "Which zebra grazed on Mars?")
    assert "The sources do not say it." in page.inner_text("#record")


@pytest.mark.browser
def test_a_run_is_stopped_and_gone_on_with_and_the_chat_answers_meanwhile(
    page: Page, parts: Parts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [{**ROWS[0], "id": f"{number}"} for number in range(6)]
    go_on = threading.Event()
    answerer = type(parts.answerer)
    given = answerer.ask

    def held(self: Any, question: str) -> Answer:
        if question == ROWS[0]["question"]:
            go_on.wait(30)
        return given(self, question)

    monkeypatch.setattr(answerer, "ask", held)
    choose(page, write(tmp_path, rows))
    page.click("#run")
    page.wait_for_selector("#run-stop:visible")
    page.get_by_role("tab", name="Ask", exact=True).click()
    ask(page, "How many cranes will be painted blue?")
    page.get_by_role("tab", name="Evaluate", exact=True).click()
    page.click("#run-stop")
    page.wait_for_selector("#run-stop:has-text('Stopping')")
    go_on.set()
    page.wait_for_selector("#run-progress :text('Stopped after')")
    (name,) = Runs(parts.folder).names()
    kept = len(read_run(Runs(parts.folder).folder(name)).records)
    assert 0 < kept < len(rows)
    page.wait_for_selector("#result :text('The run is not finished')")
    page.click("#go-on")
    page.wait_for_selector("#run-progress :text('All 6 questions were asked')")
    page.wait_for_selector("#go-on", state="hidden")
    assert Runs(parts.folder).names() == [name]
    assert read_run(Runs(parts.folder).folder(name)).complete


@pytest.mark.browser
@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("bad.jsonl", '{"id": "1"}\n', "line 1"),
        ("bad.csv", "id,question\n1,Who?\n", "answerable"),
        ("gone.jsonl", json.dumps({**ROWS[0], "evidence": ["An unsaid sentence"]}), "evidence not found"),
        ("empty.jsonl", "", "holds no questions"),
    ],
)
def test_a_bad_set_is_told_and_nothing_is_kept(
    page: Page, parts: Parts, tmp_path: Path, *, name: str, text: str, said: str
) -> None:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    choose(page, file)
    page.click("#run")
    page.wait_for_selector("#run-progress .message")
    message = page.inner_text("#run-progress .message")
    assert said in message
    assert name in message
    assert not (parts.folder / "runs").exists()


@pytest.mark.browser
def test_without_a_file_one_is_asked_for(page: Page) -> None:
    page.get_by_label("A set of your own").check()
    page.wait_for_selector("#set-file:visible")
    page.click("#run")
    page.wait_for_selector("#run-progress :text('Choose a file')")


@pytest.mark.browser
def test_what_a_set_says_is_text_and_nothing_else(page: Page, tmp_path: Path) -> None:
    hostile = {**ROWS[1], "question": f"How many cranes {HURT} are blue?", "note": HURT, "tags": [HURT], "id": HURT}
    choose(page, write(tmp_path, [hostile, ROWS[2]], "x <img src=q onerror=window.hurt=1>.jsonl"))
    run(page)
    assert HURT in open_question(page, "How many cranes")
    for summary in page.locator("#result summary").all():
        summary.click()
    page.wait_for_timeout(300)
    assert page.evaluate("window.hurt") is None
    assert page.locator("#result img, #record img, #questions img, #runs img").count() == 0


@pytest.mark.browser
def test_it_all_works_by_keyboard(page: Page, tmp_path: Path) -> None:
    choose(page, write(tmp_path))
    page.focus("#run")
    page.keyboard.press("Enter")
    page.wait_for_selector("#result .evaluation h2")
    page.locator("#result summary", has_text="By tag").focus()
    page.keyboard.press("Enter")
    assert page.locator("#result th:has-text('numbers')").is_visible()
    page.locator("#questions [role=gridcell]:visible").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("#record .evaluation")


@pytest.mark.browser
@pytest.mark.parametrize("colours", ["light", "dark"])
def test_nothing_is_wider_than_a_phone(browser: Browser, parts: Parts, tmp_path: Path, colours: str) -> None:
    with opened(browser, parts, viewport={"width": 390, "height": 844}, color_scheme=colours) as page:
        choose(page, write(tmp_path))
        run(page)
        open_question(page, "How many cranes will be painted blue?")
        for summary in page.locator("#result summary").all():
            summary.click()
        assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_report_of_a_run_that_is_not_there_is_not_found(parts: Parts) -> None:
    with serving(parts) as url:
        for name in ("nothing", "..", "%2e%2e%2f%2e%2e", "runs"):
            assert httpx.get(f"{url}/runs/{name}/report").status_code in {404, 307}


def test_runs_are_named_by_set_and_time(tmp_path: Path) -> None:
    runs = Runs(tmp_path)
    assert runs.names() == []
    folder = runs.new_folder(Task(Path("a b/Häfen (2).jsonl")))
    assert folder.parent == tmp_path / "runs"
    assert folder.name.startswith("H-fen-2-20")
    assert label("harbour-2026-03-04-051607") == "harbour, 4 March 2026, 05:16:07 UTC"
    assert label("by hand") == "by hand"
