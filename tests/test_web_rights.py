"""The walk: every route and every event of the running page, called by everybody, does what the docs say."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr
import httpx
import pytest
from fastapi import FastAPI
from starlette.requests import Request
from starlette.routing import Mount, Route, WebSocketRoute

from qa.accounts.model import AT_HOME, Right, Role, User
from qa.accounts.store import Accounts
from qa.assembly import Parts, assemble, make_library, open_library
from qa.settings import LEXICAL_READER, Settings
from qa.web.admission import Admission
from qa.web.app import create_app
from qa.web.guarded import GuardedBlocks, NotAllowed
from qa.web.opening import Opening
from qa.web.rights import ROUTES, Gate, needed
from tests.access import DOCS, NOBODY, TABS, VISITORS, documented, written
from tests.fakes import HashEncoder
from tests.people import HOUR_S, PASSWORD, HandClock, staffed
from tests.web import serving

_PARAMETER = re.compile(r"\{\w+(:\w+)?\}")
_OURS = {
    "You are not signed in, or not any more. Reload the page",
    "Your account has no right to this. Ask an admin for another role",
    "There is nothing here",
    "This needs a token that holds. Make one with krakow-qa user token NAME, and send it as Authorization: Bearer"
    " TOKEN",
}
"""How the guard refuses; a route that is reached may have other reasons to say no."""


@dataclass(frozen=True, slots=True)
class Served:
    """A served page with accounts, and what each visitor sends to be known."""

    url: str
    client: httpx.Client
    headers: dict[str, dict[str, str]]

    def refused(self, method: str, path: str, name: str, **sent: Any) -> int | None:
        """The status with which somebody is refused; None where he is let through."""
        with self.client.stream(method, self.url + path, headers=self.headers[name], **sent) as response:
            if response.status_code not in {401, 403, 404} or "json" not in response.headers["content-type"]:
                return None
            if method == "HEAD":  # which has no body to tell by
                return response.status_code
            response.read()
            return response.status_code if response.json()["detail"] in _OURS else None


@pytest.fixture(scope="module")
def parts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    folder, encoder = tmp_path_factory.mktemp("walk") / "library", HashEncoder()
    make_library(folder, encoder, empty=True)
    parts = assemble(open_library(folder), folder, encoder, Settings(reader=LEXICAL_READER))
    yield parts
    parts.library.close()


@pytest.fixture(scope="module")
def site(parts: Parts) -> Iterator[tuple[str, Accounts, HandClock]]:
    """The URL of the served page, and its accounts with their clock."""
    clock = HandClock()
    accounts = staffed(parts.folder, clock)
    with serving(parts, Admission(accounts)) as url:
        yield url, accounts, clock


@pytest.fixture
def served(site: tuple[str, Accounts, HandClock]) -> Iterator[Served]:
    url, accounts, clock = site

    def cookie(name: str) -> dict[str, str]:
        return {"Cookie": f"krakow-qa={accounts.sign_in(name, PASSWORD, '192.0.2.1')}"}

    def token(name: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {accounts.tokens.new(name, f'made at {clock()}', 1)}"}

    expired = cookie("admin")
    clock.go_on(13 * HOUR_S)
    headers = {
        NOBODY: {},
        **{role.value: cookie(role.value) for role in Role},
        **{f"{name}'s token": token(name) for name in ("member", "admin")},
        "wrong token": {"Authorization": "Bearer " + "x" * 43},
        "wrong token beside a session": {"Authorization": "Bearer " + "x" * 43, **cookie("admin")},
        "expired session": expired,
        "wrong session": {"Cookie": "krakow-qa=" + "x" * 43},
    }
    with httpx.Client(timeout=60) as client:
        yield Served(url, client, {name: {"Origin": url, **each} for name, each in headers.items()})


def column(name: str) -> str:
    """The column of the docs that a visitor belongs to."""
    return name.removesuffix("'s token") if name.removesuffix("'s token") in VISITORS else NOBODY


def routes_of(routes: Any, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Method and path of every route, in what is mounted and included too; fails at one of an unknown kind."""
    for route in routes:
        if isinstance(route, Mount):
            yield from routes_of(route.routes, prefix + route.path)
        elif isinstance(route, Route):
            yield from ((method, prefix + route.path) for method in route.methods or ())
        elif isinstance(route, WebSocketRoute):
            yield "WEBSOCKET", prefix + route.path
        else:
            yield from routes_of(route.original_router.routes, prefix + route.include_context.prefix)


def made(parts: Parts) -> FastAPI:
    """The application, made in a running event loop as in the server."""

    async def make() -> FastAPI:
        return create_app(Opening.of(parts), Admission.at_home(parts.folder))

    return asyncio.run(make())


# The table


def test_the_docs_have_the_tables_of_the_code() -> None:
    text = DOCS.read_text("utf-8")
    assert written(text) == text
    assert len(documented()) == len(ROUTES)


def test_every_route_of_the_application_is_in_the_table_and_no_other(parts: Parts) -> None:
    found = list(routes_of(made(parts).routes))
    assert len(found) > 80
    assert set(found) == set(documented())


@pytest.mark.parametrize(
    ("method", "path"),
    [("GET", "/new"), ("POST", "/"), ("DELETE", "/documents/x/original"), ("GET", "//"), ("GET", "/Config"),
     ("GET", "/gradio_api/mcp"), ("POST", "/gradio_api/mcp/messages"), ("GET", "/gradio_api/mcp/sse"),
     ("OPTIONS", "/gradio_api/queue/join"), ("GET", "/gradio_api/queue/data/"), ("PUT", "/gradio_api/upload")],
)  # fmt: skip
def test_what_is_not_in_the_table_is_refused_to_everybody(served: Served, method: str, path: str) -> None:
    assert needed(method, path) is Gate.CLOSED
    assert {served.refused(method, path, name) for name in served.headers} == {404}


def test_every_route_does_for_everybody_what_the_docs_say(served: Served) -> None:
    wrong = []
    for (method, path), allowed in sorted(documented().items(), key=lambda route: "sign-out" in route[0][1]):
        for number, name in enumerate(served.headers):
            filled = _PARAMETER.sub(f"walk{number}", path)
            status = served.refused(method, filled, name)
            if (status is None) is not allowed[column(name)]:
                wrong.append((method, path, name, status))
            elif status is not None and any(allowed.values()):
                wrong += [] if status == (401 if column(name) == NOBODY else 403) else [(method, path, name, status)]
    assert wrong == []


# Events


def events_of(served: Served) -> dict[int, Right]:
    """The number of every event of the page with what it needs, by the tab that its components are in."""
    config = httpx.get(f"{served.url}/config", headers=served.headers["admin"]).json()
    labels = {each["id"]: each["props"].get("label") for each in config["components"] if each["type"] == "tabitem"}
    rights: dict[int, Right] = {}

    def walk(node: Any, right: Right) -> None:
        right = TABS.get(labels.get(node.get("id"), ""), right)
        rights[node.get("id")] = right
        for child in node.get("children", ()):
            walk(child, right)

    walk(config["layout"], Right.ASK)
    events: dict[int, Right] = {}
    for event in config["dependencies"]:
        touched = [id for id, _ in event["targets"] if id in rights] + [*event["outputs"], *event["inputs"]]
        found = {rights[id] for id in touched if id in rights} - {Right.ASK}
        assert len(found) <= 1, event
        events[event["id"]] = next(iter(found), Right.ASK)
    for event in config["dependencies"]:
        if not event["outputs"] and event["trigger_after"] is not None:  # a script that follows another event
            events[event["id"]] = events[event["trigger_after"]]
    return events


def test_every_event_is_done_for_those_only_who_have_the_right_of_its_tab(served: Served) -> None:
    events = events_of(served)
    assert set(events.values()) == set(TABS.values())
    assert len(events) > 40
    wrong = []
    for number, right in events.items():
        for name in served.headers:
            body = {"data": [], "fn_index": number, "session_hash": f"{name} {number}"}
            status = served.refused("POST", "/gradio_api/queue/join", name, json=body)
            role = None if column(name) == NOBODY else Role(column(name))
            expected = 401 if role is None else None if right in role.rights else 403
            if status != expected:
                wrong.append((number, right, name, status))
    assert wrong == []


@pytest.mark.parametrize("number", [None, 100_000, -1, "1", [], {}])
def test_an_event_that_there_is_not_is_done_for_nobody(served: Served, number: Any) -> None:
    body = {"data": [], "fn_index": number, "session_hash": "none"}
    assert served.refused("POST", "/gradio_api/queue/join", "admin", json=body) == 403


def test_a_page_has_no_tab_and_no_event_that_its_user_has_no_right_to(served: Served) -> None:
    events = events_of(served)
    for role in Role:
        for path in ("/config", "/config?page="):
            config = httpx.get(served.url + path, headers=served.headers[role]).json()
            tabs = {each["props"].get("label") for each in config["components"] if each["type"] == "tabitem"}
            assert tabs & TABS.keys() == {tab for tab, right in TABS.items() if right in role.rights}
            assert {each["id"] for each in config["dependencies"]} == {
                number for number, right in events.items() if right in role.rights
            }
        page = httpx.get(served.url, headers=served.headers[role]).text
        assert ('"elem_id":"upload"' in page.replace(" ", "")) is (Right.CHANGE in role.rights)


def called(number: int, request: Any, *, by_object: bool = False) -> Any:
    """What an event of a small page gives: the first needs the right to change, the second has none declared.

    The page is made in the running event loop that it is called in, as in the server.
    """

    async def call() -> Any:
        with GuardedBlocks() as page:
            box = gr.Textbox()
            with page.needing(Right.CHANGE):
                box.submit(lambda text: text.upper(), box, box)
            box.change(lambda text: text, box, box)
        event: Any = list(page.fns)[number]
        return (await page.process_api(page.fns[event] if by_object else event, ["x"], request=request))["data"]

    return asyncio.run(call())


def sent_by(user: User | None) -> gr.Request:
    return gr.Request(Request({"type": "http", "headers": [], "user": user}))


@pytest.mark.parametrize("number", [0, 1])
@pytest.mark.parametrize("by_object", [False, True])
@pytest.mark.parametrize("request_", [
    sent_by(None), sent_by(User("m", Role.MEMBER)), sent_by(User("e", Role.EVALUATOR)),
    None, [sent_by(AT_HOME)], gr.Request(),
], ids=["nobody", "member", "evaluator", "no request", "a batch", "no HTTP request"])  # fmt: skip
def test_no_way_into_a_handler_goes_around_its_right(number: int, by_object: bool, request_: Any) -> None:
    with pytest.raises(NotAllowed):
        called(number, request_, by_object=by_object)


def test_an_event_without_a_declared_right_is_refused_even_to_an_admin() -> None:
    assert called(0, sent_by(AT_HOME)) == ["X"]
    with pytest.raises(NotAllowed):
        called(1, sent_by(AT_HOME))


# What belongs to one user


@pytest.mark.parametrize(("method", "path", "sent"), [
    ("GET", "/gradio_api/queue/data?session_hash=hers", {}),
    ("GET", "/gradio_api/queue/data?session_hash=mine&session_hash=hers", {}),
    ("GET", "/gradio_api/heartbeat/hers", {}),
    ("GET", "/gradio_api/upload_progress?upload_id=hers", {}),
    ("POST", "/gradio_api/upload?upload_id=hers", {}),
    ("POST", "/gradio_api/queue/join", {"json": {"data": [], "fn_index": 1, "session_hash": "hers"}}),
])  # fmt: skip
def test_the_session_of_a_page_and_its_uploads_are_nobody_elses(
    served: Served, method: str, path: str, sent: dict[str, Any]
) -> None:
    own = served.headers["researcher"]
    joined = {"data": [], "fn_index": 1, "session_hash": "hers"}
    httpx.post(f"{served.url}/gradio_api/queue/join", json=joined, headers=own).raise_for_status()
    httpx.post(f"{served.url}/gradio_api/upload?upload_id=hers", files={"files": b"x"}, headers=own).raise_for_status()
    refused = httpx.request(method, served.url + path, headers=served.headers["admin"], **sent)
    assert (refused.status_code, refused.json()["detail"]) == (403, "This belongs to somebody else. Reload the page")


def test_an_upload_is_read_by_nobody_over_http(served: Served) -> None:
    own = served.headers["researcher"]
    (path,) = httpx.post(f"{served.url}/gradio_api/upload", files={"files": b"secret"}, headers=own).json()
    assert Path(path).read_bytes() == b"secret"
    for form in (f"/gradio_api/file={path}", f"/gradio_api/file/{path}", f"/file={path}"):
        assert {served.refused("GET", form, name) for name in served.headers} == {404}


# At home


def test_without_accounts_everybody_may_do_what_an_admin_may(parts: Parts, tmp_path: Path) -> None:
    with serving(Opening.of(parts), Admission.at_home(tmp_path)) as url, httpx.Client(timeout=60) as client:
        at_home = Served(url, client, {"home": {"Origin": url}})
        for (method, path), allowed in documented().items():
            status = at_home.refused(method, _PARAMETER.sub("walk", path), "home")
            assert (status is None) is allowed["admin"], (method, path)
    assert list(tmp_path.iterdir()) == []
