"""Conversations saved from the page: what the browser sends back is checked, and the saved file stands."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser

from qa.assembly import Parts
from qa.conversation.claims import claims_of
from qa.conversation.exporting import Form
from qa.conversation.kept import KeptTurn
from qa.conversation.verifying import verified
from tests.conftest import MakeParts
from tests.test_conversation_kept import HUB, LEAP, QUESTION, had
from tests.web import serving


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(hub=HUB, leap=LEAP)


@pytest.mark.parametrize("form", Form)
def test_what_is_sent_back_is_saved_with_the_librarys_words(parts: Parts, form: Form) -> None:
    turns = [KeptTurn.of(had(parts, question)).to_json() for question in (QUESTION, "Who won the chess cup?")]
    with serving(parts) as url:
        saved = httpx.post(f"{url}/export/{form.value}", data={"turn": turns}, headers={"Origin": url})
    assert saved.status_code == 200
    assert saved.headers["content-disposition"] == f'attachment; filename="conversation.{form.value}"'
    found = verified(claims_of(saved.content), parts.library)
    assert found.stands
    assert {proof.claim.turn for proof in found.quotes} >= {1}
    assert "210 soldiers" in saved.text


@pytest.mark.parametrize(
    ("turns", "status", "told"),
    [([], 400, "There is no answer yet"), (["{}"], 400, "is not of schema 1"), (["{}"] * 201, 422, "at most 200")],
)
def test_what_is_no_conversation_is_refused_and_told(parts: Parts, turns: list[str], status: int, told: str) -> None:
    with serving(parts) as url:
        refused = httpx.post(f"{url}/export/md", data={"turn": turns}, headers={"Origin": url})
        other = httpx.post(f"{url}/export/exe", data={"turn": turns}, headers={"Origin": url})
        foreign = httpx.post(f"{url}/export/md", data={"turn": turns}, headers={"Origin": "https://other.example"})
    assert (refused.status_code, told in refused.text) == (status, True)
    assert (other.status_code, foreign.status_code) == (422, 403)


@pytest.mark.browser
def test_a_conversation_is_saved_by_a_click_and_stands(browser: Browser, parts: Parts, tmp_path: Path) -> None:
    with serving(parts) as url:
        page = browser.new_page()
        page.goto(url)
        page.fill("#question textarea", QUESTION)
        page.press("#question textarea", "Enter")
        page.wait_for_selector("#turn-1 .reply")
        for form in Form:
            with page.expect_download() as download:
                page.click(f"#export button[formaction='/export/{form.value}']")
            download.value.save_as(tmp_path / f"saved.{form.value}")
        page.close()
    for form in Form:
        assert verified(claims_of((tmp_path / f"saved.{form.value}").read_bytes()), parts.library).stands
