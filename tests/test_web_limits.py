"""Limits: nobody has more than so much within any time, and what is too much is refused in a readable sentence."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.accounts.model import AT_HOME, Role, User
from qa.assembly import Parts
from qa.web.admission import Admission
from qa.web.limits import DEFAULT_LIMITS, Limits, Rate, counted_as, in_words
from tests.asking import ChatClient
from tests.conftest import MakeParts
from tests.web import serving

ANN = User("ann", Role.RESEARCHER)

STEPS = st.lists(st.tuples(st.floats(0, 30), st.sampled_from(["ann", "bob"]), st.integers(1, 6)), max_size=60)


@given(STEPS)
def test_nobody_ever_has_more_than_so_much_within_the_time(steps: list[tuple[float, str, int]]) -> None:
    now = 0.0
    rate = Rate(10, 60, lambda: now)
    had: list[tuple[float, str, int]] = []
    for pause, user, much in steps:
        now += pause
        if rate.take(user, much) == 0:
            had.append((now, user, much))
        assert sum(each for at, who, each in had if who == user and at > now - 60) <= 10


@given(STEPS)
def test_whoever_waits_as_long_as_was_said_is_let_through(steps: list[tuple[float, str, int]]) -> None:
    now = 0.0
    rate = Rate(10, 60, lambda: now)
    for pause, user, much in steps:
        now += pause
        wait_s = rate.take(user, much)
        if wait_s > 0:
            assert wait_s <= 60 + 60 / 600
            now += wait_s
            assert rate.take(user, much) == 0


def test_one_user_does_not_use_up_what_another_has() -> None:
    rate = Rate(1, 60, lambda: 0.0)
    assert rate.take("ann") == 0
    assert rate.take("bob") == 0
    assert rate.take("ann") > 0
    assert all(rate.take(None) == 0 for _ in range(5))


@pytest.mark.parametrize(
    ("user", "host", "counted"),
    [
        (ANN, "127.0.0.1", "user ann"),
        (ANN, "10.0.0.9", "user ann"),
        (AT_HOME, "127.0.0.1", None),
        (AT_HOME, "10.0.0.9", "address 10.0.0.9"),
        (None, "::1", None),
        (None, "10.0.0.9", "address 10.0.0.9"),
        (None, "", None),
    ],
)
def test_an_account_is_counted_else_an_address_and_nobody_at_home(
    user: User | None, host: str, counted: str | None
) -> None:
    assert counted_as({"user": user, "client": (host, 1)}) == counted


@pytest.mark.parametrize(("seconds", "words"), [(0.2, "1 second"), (59, "59 seconds"), (61, "2 minutes")])
def test_a_time_to_wait_is_told_in_words(seconds: float, words: str) -> None:
    assert in_words(seconds) == words


class Anns(Admission):
    """Takes everybody for Ann, as where she has signed in."""

    def user(self, scope: object) -> User:
        return ANN


@pytest.fixture
def serve(
    make_parts: MakeParts, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., AbstractContextManager[str]]:
    """Serves a page for Ann with these limits."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path / "uploads"))

    @contextmanager
    def served(parts: Parts | None = None, **limits: float) -> Iterator[str]:
        parts = parts or make_parts(zebra="A zebra has stripes.")
        with serving(parts, Anns.at_home(parts.folder), replace(DEFAULT_LIMITS, **limits)) as url:
            yield url

    return served


def post(url: str, path: str, **given: object) -> httpx.Response:
    return httpx.post(f"{url}/gradio_api/{path}", headers={"Origin": url}, **given)


def upload(url: str, size: int) -> httpx.Response:
    return post(url, "upload", files={"files": ("a.md", b"x" * size)})


def partial_files(folder: Path) -> list[Path]:
    return [file for file in folder.rglob("tmp*") if file.is_file()]


def test_a_request_that_is_too_long_is_refused(serve: Callable[..., AbstractContextManager[str]]) -> None:
    with serve(request_bytes=1000) as url:
        response = post(url, "queue/join", json={"data": ["x" * 2000]})
    assert (response.status_code, response.json()) == (
        413,
        {"detail": "What you sent is longer than 0.001 MB. Send less at once."},
    )


def test_an_upload_that_is_too_long_is_refused_and_leaves_nothing(
    serve: Callable[..., AbstractContextManager[str]], tmp_path: Path
) -> None:
    with serve(upload_bytes=100_000) as url:
        assert upload(url, 50_000).status_code == 200
        response = upload(url, 300_000)
    assert (response.status_code, response.text) == (413, "What you sent is longer than 0.1 MB. Send less at once.")
    assert partial_files(tmp_path / "uploads") == []


def test_all_uploads_of_a_user_are_counted_together(
    serve: Callable[..., AbstractContextManager[str]], tmp_path: Path
) -> None:
    with serve(upload_bytes_per_hour=100_000) as url:
        assert upload(url, 70_000).status_code == 200
        response = upload(url, 70_000)
    assert response.status_code == 413
    assert response.text.startswith("You have uploaded all that you may within an hour. Try again in ")
    assert 3000 < int(response.headers["retry-after"]) <= 3606
    assert partial_files(tmp_path / "uploads") == []


def test_too_many_requests_are_told_when_to_come_again(serve: Callable[..., AbstractContextManager[str]]) -> None:
    with serve(requests_per_minute=3) as url:
        statuses = [httpx.get(f"{url}/config").status_code for _ in range(5)]
        response = httpx.get(f"{url}/config")
        assert httpx.get(f"{url}/static/img/logo.svg").status_code in {200, 404}
    assert statuses == [200, 200, 200, 429, 429]
    assert response.json()["detail"].startswith("More than 3 requests came from you within a minute. Try again in ")
    assert 0 < int(response.headers["retry-after"]) <= 61


@pytest.mark.parametrize(
    ("limits", "status", "said"),
    [
        ({"waiting": 0}, 503, "0 questions of all users are waiting"),
        ({"waiting_per_user": 0}, 429, "0 of your questions"),
    ],
)
def test_a_question_joins_no_queue_that_is_full(
    serve: Callable[..., AbstractContextManager[str]], limits: dict[str, int], status: int, said: str
) -> None:
    with serve(**limits) as url:
        response = post(url, "queue/join", json={"data": ["What?", None], "fn_index": 1, "session_hash": "one"})
    assert response.status_code == status
    assert response.json()["detail"].startswith(said)
    assert response.headers["retry-after"] == "5"


@pytest.mark.parametrize(
    ("path", "kind"), [("queue/join", "application/json"), ("upload", "multipart/form-data; boundary=x")]
)
def test_what_comes_too_slowly_is_cut_off_and_leaves_nothing(
    serve: Callable[..., AbstractContextManager[str]], tmp_path: Path, path: str, kind: str
) -> None:
    with serve(request_s=0.3, upload_s=0.3) as url:
        place = urlsplit(url)
        head = f"POST /gradio_api/{path} HTTP/1.1\r\nHost: {place.netloc}\r\nOrigin: {url}\r\nContent-Type: {kind}\r\n"
        part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.md"\r\n\r\nabc'
        with socket.create_connection((place.hostname, place.port), timeout=30) as slow:
            slow.sendall(head.encode() + b"Content-Length: 5000\r\n\r\n" + part)
            said = b"".join(iter(lambda: slow.recv(65536), b""))
    assert said.startswith(b"HTTP/1.1 408 ")
    assert b"What you sent took more than 1 second to come." in said
    assert partial_files(tmp_path / "uploads") == []


def test_an_upload_that_breaks_off_leaves_nothing(
    serve: Callable[..., AbstractContextManager[str]], tmp_path: Path
) -> None:
    with serve() as url:
        place = urlsplit(url)
        head = f"POST /gradio_api/upload HTTP/1.1\r\nHost: {place.netloc}\r\nOrigin: {url}\r\nContent-Length: 5000\r\n"
        part = b'--x\r\nContent-Disposition: form-data; name="files"; filename="a.md"\r\n\r\nabc'
        with socket.create_connection((place.hostname, place.port), timeout=30) as broken:
            broken.sendall(head.encode() + b"Content-Type: multipart/form-data; boundary=x\r\n\r\n" + part)
            while not partial_files(tmp_path / "uploads"):
                time.sleep(0.01)
        while partial_files(tmp_path / "uploads"):
            time.sleep(0.01)


def test_the_answer_says_when_too_many_questions_were_asked(serve: Callable[..., AbstractContextManager[str]]) -> None:
    async def asked(url: str) -> list[str]:
        async with httpx.AsyncClient(timeout=60) as client:
            chat = await ChatClient.at(url, client)
            return [(await chat.ask("What has a zebra?", f"session{number}"))[1] for number in range(3)]

    with serve(questions_per_minute=2) as url:
        first, second, third = asyncio.run(asked(url))
    assert "within a minute" not in first + second
    assert "You asked 2 questions within a minute. Ask again in " in third


def test_at_home_nothing_is_counted(make_parts: MakeParts) -> None:
    few = Limits(requests_per_minute=1, questions_per_minute=1, waiting_per_user=0, upload_bytes_per_hour=1)
    with serving(make_parts(), limits=few) as url, httpx.Client() as client:
        statuses = {client.get(f"{url}/config").status_code for _ in range(20)}
        assert upload(url, 1000).status_code == 200
    assert statuses == {200}
