"""Logs say which request an event belongs to, and nothing of what was asked, sent or secret."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.accounts.model import AT_HOME
from qa.assembly import Parts
from qa.logs import REQUEST_ID, LogFormat, LogLevel, in_request, logs_to, request_id
from tests.asking import ChatClient
from tests.conftest import MakeParts
from tests.test_web_app import ZEBRA, _answering_all
from tests.web import chromium, serving

SECRETS = ("questionword", "cookieword", "tokenword", "queryword", "passwordword", "documentword")


@contextmanager
def logged(format: LogFormat = LogFormat.JSON, level: LogLevel = LogLevel.INFO) -> Iterator[io.StringIO]:
    """What is logged meanwhile."""
    stream = io.StringIO()
    with logs_to(stream, format, level):
        yield stream


def events(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def failing(parts: Parts, error: Exception) -> Parts:
    """The same, but asking raises an error."""

    class Failing:
        def ask(self, *_: object) -> object:
            raise error

    parts.__dict__["answerer"] = Failing()
    return parts


async def failed(url: str, question: str, headers: dict[str, str]) -> str:
    """What a page is told of a question that fails."""
    async with httpx.AsyncClient(timeout=60, headers=headers) as client:
        chat = await ChatClient.at(url, client)
        with pytest.raises(ValueError, match="the event failed") as told:
            await chat.ask(question, "session")
    return str(told.value)


def test_a_request_is_a_line_with_its_id_and_how_it_went(make_parts: MakeParts) -> None:
    with logged() as stream, serving(make_parts()) as url:
        response = httpx.get(f"{url}/readyz?secret=queryword", headers={"X-Request-ID": "from-the-proxy.1"})
    assert response.headers["X-Request-ID"] == "from-the-proxy.1"
    (line,) = (event for event in events(stream) if event["message"] == "request")
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert line.pop("ms") >= 0
    assert line == {
        "level": "info",
        "logger": "qa.web.requests",
        "message": "request",
        "request": "from-the-proxy.1",
        "method": "GET",
        "path": "/readyz",
        "status": 200,
    }


@pytest.mark.parametrize("sent", ["", "x" * 65, "two words", "a\tb", 'quote"', "é", "<script>"])
def test_an_id_that_is_no_token_is_replaced_by_one_of_our_own(make_parts: MakeParts, sent: str) -> None:
    with serving(make_parts()) as url:
        ids = [
            httpx.get(f"{url}/healthz", headers={"X-Request-ID": sent.encode()}).headers["X-Request-ID"] for _ in "ab"
        ]
    assert ids[0] != ids[1]
    assert all(re.fullmatch("[0-9a-f]{32}", id) for id in ids)


def test_nothing_is_said_at_the_default_level(make_parts: MakeParts) -> None:
    with logged(level=LogLevel.WARNING) as stream, serving(_answering_all(make_parts(zebra=ZEBRA))) as url:
        assert httpx.get(url).status_code == 200
        assert httpx.get(f"{url}/nothing").status_code == 404
    assert stream.getvalue() == ""


def test_an_unexpected_error_is_logged_and_told_with_one_id_and_without_what_was_asked(make_parts: MakeParts) -> None:
    parts = failing(make_parts(), KeyError("questionword"))
    with logged() as stream, serving(parts) as url:
        told = asyncio.run(failed(url, "questionword?", {"X-Request-ID": "id-of-this"}))
    (error,) = (event for event in events(stream) if event["level"] == "error")
    assert error["request"] == "id-of-this"
    assert "id-of-this" in told
    assert "Something went wrong" in told
    assert error["traceback"].endswith("builtins.KeyError")
    assert "in ask" in error["traceback"]
    assert "questionword" not in stream.getvalue()
    assert "questionword" not in told


def test_a_route_that_fails_is_told_of_in_one_sentence(make_parts: MakeParts, monkeypatch: pytest.MonkeyPatch) -> None:
    parts = make_parts(zebra=ZEBRA)

    def broken(library: object, id: str) -> object:
        raise ZeroDivisionError(*SECRETS)

    monkeypatch.setattr(type(parts.library), "entry", broken)
    with logged() as stream, serving(parts) as url:
        response = httpx.get(f"{url}/documents/zebra/original", headers={"X-Request-ID": "this-one"})
        assert httpx.get(f"{url}/healthz").status_code == 200
    assert (response.status_code, response.headers["X-Request-ID"]) == (500, "this-one")
    assert "this-one" in response.text
    assert [word for word in SECRETS if word in response.text + stream.getvalue()] == []
    (error,) = (event for event in events(stream) if event["level"] == "error")
    assert error["traceback"].endswith("builtins.ZeroDivisionError")


def test_no_secret_is_in_a_log(make_parts: MakeParts, capfd: pytest.CaptureFixture[str]) -> None:
    parts = _answering_all(make_parts(zebra="# Zebras\n\nA zebra has documentword stripes.\n"))
    headers = {"Cookie": "session=cookieword", "Authorization": "Bearer tokenword"}
    broken = failing(make_parts(name="broken"), ValueError("questionword of documentword"))

    async def asked(url: str) -> None:
        async with httpx.AsyncClient(timeout=60, headers=headers) as client:
            chat = await ChatClient.at(url, client)
            _, conversation = await chat.ask("Has a zebra questionword?", "session")
            assert "documentword" in conversation
            for path in ("/?key=queryword", "/nothing?password=passwordword", "/documents/zebra/original?a=queryword"):
                await client.get(url + path)
            await client.post(f"{url}/login", data={"username": "ola", "password": "passwordword"})
            await client.post(f"{url}/gradio_api/upload", files={"files": ("a.md", b"documentword")})

    with logged() as stream, serving(parts) as url, serving(broken) as other:
        asyncio.run(asked(url))
        asyncio.run(failed(other, "questionword?", headers))
    assert len(events(stream)) > 10
    captured = capfd.readouterr()
    for secret in SECRETS:
        assert secret not in stream.getvalue() + captured.out + captured.err


def test_a_session_of_a_page_is_not_logged(make_parts: MakeParts) -> None:
    with (
        logged() as stream,
        serving(make_parts()) as url,
        httpx.stream("GET", f"{url}/gradio_api/heartbeat/sessionword") as response,
    ):
        assert response.status_code == 200
    assert "/gradio_api/heartbeat/…" in {event.get("path") for event in events(stream)}
    assert "sessionword" not in stream.getvalue()


def test_all_inside_a_request_has_its_id_and_user_and_nothing_outside() -> None:
    with logged() as stream:
        log = logging.getLogger("qa.test")
        with in_request({REQUEST_ID: "one", "user": AT_HOME}):
            log.info("inside")
            assert request_id() == "one"
        log.info("outside")
    inside, outside = events(stream)
    assert (inside["request"], inside["user"]) == ("one", AT_HOME.name)
    assert {"request", "user"} & outside.keys() == set()
    assert request_id() is None


def test_the_causes_of_an_error_are_told_first_and_only_the_systems_own_words() -> None:
    word = SECRETS[0]
    with logged() as stream:
        try:
            try:
                Path("/nowhere", word).read_text("utf-8")
            except OSError as error:
                raise ValueError(word) from error
        except ValueError:
            logging.getLogger("qa").exception("failed")
    (event,) = events(stream)
    cause, _, error = event["traceback"].partition("builtins.FileNotFoundError: No such file or directory\n")
    assert "in test_the_causes" in cause
    assert error.endswith("builtins.ValueError")
    assert word not in event["traceback"]


def test_what_libraries_tell_at_their_lower_levels_is_left_out() -> None:
    with logged(level=LogLevel.INFO) as stream:
        logging.getLogger("httpx").info("GET https://example.org/?q=queryword")
        logging.getLogger("httpx").warning("slow")
        logging.getLogger("corpus.library").info("started")
    assert [event["message"] for event in events(stream)] == ["slow", "started"]


@given(st.text(), st.sampled_from(LogFormat))
def test_an_event_is_one_line_whatever_it_says(text: str, format: LogFormat) -> None:
    with logged(format) as stream:
        logging.getLogger("qa").info("%s", text)
    line = stream.getvalue()
    assert len(line.splitlines()) == 1
    assert "\x1b" not in line
    if format is LogFormat.JSON:
        assert json.loads(line)["message"] == text


def test_afterwards_logging_is_as_it_was() -> None:
    root, ours = logging.getLogger(), logging.getLogger("qa")
    before = (list(root.handlers), root.level, ours.level)
    with logged() as stream:
        assert (list(root.handlers), root.level, ours.level) != before
    assert (list(root.handlers), root.level, ours.level) == before
    ours.warning("afterwards")
    assert stream.getvalue() == ""


@pytest.mark.browser
def test_whoever_uses_the_page_is_told_where_an_unexpected_error_is_found(
    make_parts: MakeParts, capfd: pytest.CaptureFixture[str]
) -> None:
    parts = failing(make_parts(), RuntimeError("questionword"))
    with logged() as stream, chromium() as browser, serving(parts) as url:
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector(".holdings h1")
        page.fill("#question textarea", "questionword?")
        page.press("#question textarea", "Enter")
        page.wait_for_selector(".toast-body:has-text('Something went wrong here')")
        told = page.inner_text(".toast-body")
    (error,) = (event for event in events(stream) if event["message"] == "unexpected error")
    assert error["request"] in told
    assert "questionword" not in told + stream.getvalue()
    assert "Traceback" not in capfd.readouterr().err
