"""The HTTP API, called with httpx: it says what the command line says, with the page's rights, limits and log."""

from __future__ import annotations

import asyncio
import io
import json
import threading
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from pydantic import TypeAdapter

from corpus.library import Filter
from qa import fields
from qa.accounts.model import Role
from qa.assembly import Parts, assemble, open_library
from qa.audit import Audit
from qa.evaluation.task import SHIPPED
from qa.payload import answer_payload, entry_payload, hit_payload, shown_payload
from qa.showing import show
from qa.web.acting import asking
from qa.web.admission import Admission
from qa.web.api.errors import STATUSES
from qa.web.limits import DEFAULT_LIMITS
from qa.web.opening import Opening
from tests.asking import ChatClient
from tests.conftest import MakeParts
from tests.hostile import payloads
from tests.people import HandClock, staffed
from tests.web import serving

HARBOUR = """---
id: harbour
title: Minutes of the harbour council
publisher: Harbour office
kind: statement
date: 2026-03-04
language: en
---
# Harbour

Ola Nowak chaired the harbour council in Kraków 😀. Nine cranes will be painted blue.
"""
MARKET = """---
id: market
title: The market
publisher: Market office
kind: article
date: 2025-01-09
language: en
---
Nine cranes of paper hang over the market council.
"""
QUESTION = "Who chaired the harbour council?"
SET = '{"id": "q-1", "question": "Who chaired the harbour council?", "answerable": true, "evidence": ["Ola Nowak"]}\n'

Serve = Callable[..., AbstractContextManager[httpx.Client]]


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(harbour=HARBOUR, market=MARKET)


@pytest.fixture
def serve(parts: Parts) -> Serve:
    """Serves the API of that library to a client."""

    @contextmanager
    def served(
        opening: Opening | None = None, admission: Admission | None = None, **limits: float
    ) -> Iterator[httpx.Client]:
        with (
            serving(opening or Opening.of(parts), admission, replace(DEFAULT_LIMITS, **limits)) as url,
            httpx.Client(base_url=f"{url}/api/v1", timeout=60) as client,
        ):
            yield client

    return served


def detail(response: httpx.Response, status: int) -> str:
    """The one sentence of a refusal with that status."""
    assert response.status_code == status, response.text
    said: str = response.json()["detail"]
    assert "\n" not in said
    return said


# What it says


def test_it_says_what_the_library_says(parts: Parts, serve: Serve) -> None:
    with serve() as client:
        answer = client.post("/ask", json={"question": QUESTION}).json()
        hits = client.post("/search", json={"query": "nine cranes", "k": 2}).json()["hits"]
        listed = client.get("/documents").json()["documents"]
        shown = {
            place: client.get("/show", params={"place": place}).json()
            for place in ("harbour", answer["quotes"][0]["address"], hits[0]["address"])
        }
    again = answer_payload(parts.answerer.ask(QUESTION))
    assert {**answer, "timings_ms": 0} == {**again, "timings_ms": 0}
    assert hits == [hit_payload(hit) for hit in parts.retriever.search("nine cranes", 2)]
    assert listed == [entry_payload(entry) for entry in parts.library.entries()]
    assert shown == {place: shown_payload(show(parts.library, place)) for place in shown}
    text = parts.library.document("harbour").text
    for cut in answer["quotes"]:
        assert cut["text"] == text[cut["start"] : cut["end"]]


NARROWED: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"harbour", "market"}),
    ({"publishers": ["Market office"]}, {"market"}),
    ({"kinds": ["statement"]}, {"harbour"}),
    ({"since": "2026-01-01"}, {"harbour"}),
    ({"until": "2025-12-31"}, {"market"}),
    ({"languages": ["pl"]}, set()),
    ({"documents": ["market"]}, {"market"}),
    ({"documents": []}, set()),
]


def test_a_search_is_narrowed_to_some_documents(serve: Serve) -> None:
    with serve() as client:
        for narrowing, found in NARROWED:
            hits = client.post("/search", json={"query": "nine cranes council", **narrowing}).json()["hits"]
            assert {hit["document"] for hit in hits} == found


def test_the_types_of_the_schema_are_those_of_what_comes(parts: Parts) -> None:
    answer = parts.answerer.ask(QUESTION)
    assert answer.quotes
    TypeAdapter(fields.AnswerFields).validate_python(answer_payload(answer), strict=True)
    TypeAdapter(fields.AnswerFields).validate_python(answer_payload(parts.answerer.ask("Why?")), strict=True)
    with pytest.raises(ValueError, match="surplus"):
        TypeAdapter(fields.AnswerFields).validate_python({**answer_payload(answer), "surplus": 1})


# Changes


def test_a_file_is_read_then_added_then_withdrawn(serve: Serve, parts: Parts) -> None:
    file = {"file": ("../../bells.md", b"# Bells\n\nThe bells of the tower were cast in 1520.")}
    with serve() as client:
        (read,) = client.post("/documents", files=file, data={"dry_run": "true"}).json()["results"]
        assert (read["outcome"], parts.library.entry("bells")) == ("read", None)
        (added,) = client.post("/documents", files=file).json()["results"]
        (again,) = client.post("/documents", files=file).json()["results"]
        assert (added["outcome"], added["id"], added["path"], again["outcome"]) == (
            "added", "bells", "upload/bells.md", "unchanged",
        )  # fmt: skip
        found = client.post("/ask", json={"question": "When were the bells cast?"}).json()
        assert [quote["document"] for quote in found["quotes"]] == ["bells"]
        assert client.post("/documents/bells/withdraw").json() == {"id": "bells", "state": "withdrawn"}
        left = client.post("/search", json={"query": "bells of the tower"}).json()["hits"]
        shown = client.get("/show", params={"place": found["quotes"][0]["address"]}).json()
    assert "bells" not in {hit["document"] for hit in left}
    assert (shown["text"], shown["state"]) == (found["quotes"][0]["text"], "withdrawn")


def test_a_document_with_another_text_is_replaced_only_where_that_is_said(serve: Serve) -> None:
    changed = {"file": ("harbour.md", HARBOUR.replace("Nine", "Ten").encode())}
    with serve() as client:
        refused = client.post("/documents", files=changed)
        kept = client.post("/documents", files=changed, data={"if_changed": "keep"})
        replaced = client.post("/documents", files=changed, data={"if_changed": "replace"})
    assert "harbour" in detail(refused, 409)
    assert refused.json()["results"][0]["present"]["id"] == "harbour"
    assert [each.json()["results"][0]["outcome"] for each in (kept, replaced)] == ["unchanged", "replaced"]


def test_an_archive_and_a_page_of_the_web_are_added(parts: Parts, serve: Serve) -> None:
    class Web:
        def fetch(self, url: str) -> Any:
            from corpus.fetching.web import Fetched

            return Fetched(url, b"The bell rang at nine.", "text/markdown", "bell.md", None)

    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("one.md", "One bell.")
        archive.writestr("folder/two.md", "Two bells.")
    with serve(Opening.of(replace(parts, make_fetcher=Web))) as client:
        archived = client.post("/documents", files={"file": ("bells.zip", held.getvalue())}).json()["results"]
        (fetched,) = client.post("/documents", data={"url": "https://bells.example/bell"}).json()["results"]
    assert [each["path"] for each in archived] == ["upload/bells.zip!folder/two.md", "upload/bells.zip!one.md"]
    assert (fetched["path"], fetched["outcome"]) == ("https://bells.example/bell", "added")


def test_a_host_of_this_machine_is_not_fetched_from(serve: Serve) -> None:
    with serve() as client:
        refused = client.post("/documents", data={"url": "http://127.0.0.1:1/secret"})
    assert "127.0.0.1" in detail(refused, 422)


# What is refused


REFUSED: list[tuple[str, str, dict[str, Any], int, str]] = [
    ("POST", "/ask", {"json": {"question": " "}}, 400, "The question is empty"),
    ("POST", "/ask", {"json": {"question": "x" * 3000}}, 400, "at most 2000 are read"),
    ("POST", "/ask", {"json": {"query": "x"}}, 422, "body.question: Field required"),
    ("POST", "/ask", {"content": b"{", "headers": {"Content-Type": "application/json"}}, 422, "JSON"),
    ("POST", "/search", {"json": {"query": "x", "k": 0}}, 422, "body.k"),
    ("POST", "/search", {"json": {"query": "x", "kinds": ["song"]}}, 422, "'statement'"),
    ("POST", "/search", {"json": {"query": ""}}, 400, "empty"),
    ("GET", "/show", {"params": {"place": "nowhere"}}, 404, "no document 'nowhere'"),
    ("GET", "/show", {"params": {"place": "a@b"}}, 400, "is not an address"),
    ("GET", "/show", {}, 422, "query.place"),
    ("POST", "/documents", {}, 400, "Send one thing to add"),
    ("POST", "/documents", {"data": {"url": "ftp://x"}}, 400, "is no URL"),
    ("POST", "/documents", {"data": {"url": "https://x", "if_changed": "maybe"}}, 422, "if_changed"),
    ("POST", "/documents", {"files": {"file": ("a.exe", b"MZ")}}, 422, "a.exe"),
    ("POST", "/documents/nowhere/withdraw", {}, 404, "nowhere"),
    ("POST", "/evaluations", {}, 400, "Send one set"),
    ("POST", "/evaluations", {"data": {"set": "other.jsonl"}}, 400, "no set that we ship"),
    ("POST", "/evaluations", {"files": {"file": ("a.jsonl", b"{}")}}, 400, "a.jsonl, line 1"),
    ("GET", "/evaluations/none", {}, 404, "no run 'none'"),
    ("POST", "/evaluations/none/stop", {}, 404, "none"),
    ("GET", "/evaluations/..%2F..%2Fetc", {}, 404, "There is nothing here"),
]  # fmt: skip


def test_what_cannot_be_done_is_said_in_a_sentence(serve: Serve, parts: Parts) -> None:
    with serve() as client:
        for method, path, sent, status, said in REFUSED:
            told = detail(client.request(method, path, **sent), status)
            assert said in told
            assert str(parts.folder) not in told
            assert "/tmp" not in told


def test_every_status_is_documented(serve: Serve) -> None:
    with serve() as client:
        schema = client.get(str(client.base_url).removesuffix("v1/") + "openapi.json").json()
    for methods in schema["paths"].values():
        for operation in methods.values():
            assert {str(status) for status in STATUSES.values()} <= operation["responses"].keys()


def test_a_page_of_another_site_is_refused_and_a_program_is_not(serve: Serve) -> None:
    body = {"question": QUESTION}
    with serve() as client:
        for headers in (
            {"Origin": "https://evil.example"}, {"Origin": "null"}, {"Sec-Fetch-Site": "cross-site"},
            {"Referer": "https://evil.example/"}, {"Cookie": "krakow-qa=x"},
        ):  # fmt: skip
            assert "another site" in detail(client.post("/ask", json=body, headers=headers), 403)
        assert client.post("/ask", json=body).status_code == 200
        assert (
            client.post("/ask", content=b'{"question": "What?"}', headers={"Content-Type": "text/plain"}).status_code
            == 422
        )
        assert client.post("/ask", json=body, headers={"Host": "evil.example"}).status_code == 400


def test_before_the_library_is_open_a_program_is_told_when_to_come_again(parts: Parts, serve: Serve) -> None:
    with serve(Opening(parts.folder, lambda _: parts)) as client:
        early = client.post("/ask", json={"question": QUESTION})
        assert "warming up" in detail(early, 503)
        assert early.headers["retry-after"] == "5"
        assert client.get("/show", params={"place": "harbour"}).status_code == 503


def test_a_server_that_stops_takes_nothing_new(parts: Parts, serve: Serve) -> None:
    opening = Opening.of(parts)
    with serve(opening) as client:
        opening.work.stopping = True
        try:
            assert "being stopped" in detail(client.post("/ask", json={"question": QUESTION}), 503)
            assert "being stopped" in detail(client.post("/evaluations", data={"set": "krakow.jsonl"}), 503)
        finally:
            opening.work.stopping = False


# Who


def test_a_token_brings_the_rights_of_its_user_and_his_name_into_the_log(parts: Parts, serve: Serve) -> None:
    accounts = staffed(parts.folder, HandClock())
    who = assemble(open_library(parts.folder, asking), parts.folder, parts.encoder, parts.settings)
    tokens = {role: {"Authorization": f"Bearer {accounts.tokens.new(role.value, 'api', 1)}"} for role in Role}
    file = {"file": ("bell.md", b"A bell.")}
    with serve(Opening.of(who), Admission(accounts)) as client:
        assert "user token NAME" in detail(client.post("/ask", json={"question": QUESTION}), 401)
        wrong = client.post("/ask", json={"question": QUESTION}, headers={"Authorization": "Bearer x"})
        assert wrong.headers["www-authenticate"].startswith("Bearer")
        assert detail(wrong, 401)
        assert client.post("/ask", json={"question": QUESTION}, headers=tokens[Role.MEMBER]).status_code == 200
        assert "no right" in detail(client.post("/documents", files=file, headers=tokens[Role.MEMBER]), 403)
        assert "no right" in detail(client.post("/evaluations", headers=tokens[Role.RESEARCHER]), 403)
        assert client.post("/documents", files=file, headers=tokens[Role.RESEARCHER]).status_code == 200
        assert client.post("/documents/bell/withdraw", headers=tokens[Role.ADMIN]).status_code == 200
    deeds = [(deed.user, deed.how, deed.act, deed.subject) for deed in Audit(parts.folder).deeds()]
    assert deeds[-2:] == [("researcher", "API", "add", "bell"), ("admin", "API", "withdraw", "bell")]


# How much


class Anns(Admission):
    """Takes everybody for a user, who is counted."""

    def user(self, scope: object) -> Any:
        from qa.accounts.model import User

        return User("ann", Role.ADMIN)


def test_questions_of_the_page_and_of_programs_are_counted_together(parts: Parts, serve: Serve) -> None:
    with serve(admission=Anns.at_home(parts.folder), questions_per_minute=2) as client:
        url = str(client.base_url).removesuffix("/api/v1/")

        async def on_page() -> str:
            async with httpx.AsyncClient(timeout=60) as page:
                return (await (await ChatClient.at(url, page)).ask(QUESTION, "one"))[1]

        asyncio.run(on_page())
        assert client.post("/search", json={"query": "cranes"}).status_code == 200
        late = client.post("/ask", json={"question": QUESTION})
        assert detail(late, 429).startswith("You asked 2 questions within a minute")
        assert 0 < int(late.headers["retry-after"]) <= 61
        assert "You asked 2 questions" in asyncio.run(on_page())


def test_too_much_too_often_and_too_many_at_once_are_refused_as_json(parts: Parts, serve: Serve) -> None:
    ann = Anns.at_home(parts.folder)
    with serve(admission=ann, request_bytes=1000, upload_bytes=1000) as client:
        assert "longer than" in detail(client.post("/ask", json={"question": "x" * 2000}), 413)
        assert "longer than" in detail(client.post("/documents", files={"file": ("a.md", b"x" * 5000)}), 413)
    with serve(admission=ann, requests_per_minute=1) as client:
        client.get("/documents")
        assert "within a minute" in detail(client.get("/documents"), 429)
    with serve(admission=ann, waiting=0) as client:
        assert "waiting" in detail(client.post("/ask", json={"question": QUESTION}), 503)


def test_programs_that_ask_without_end_do_not_stop_the_page(
    parts: Parts, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    from qa.web.api.desk import QUESTIONS_AT_ONCE

    opening, go_on = Opening.of(parts), threading.Event()
    slow = [f"{QUESTION} {number}" for number in range(QUESTIONS_AT_ONCE + 3)]
    begun: list[str] = []
    ask = opening.ask

    def asked(question: str, filter: Filter | None = None) -> Any:
        if question in slow:
            begun.append(question)
            assert go_on.wait(60)
        return ask(question, filter)

    monkeypatch.setattr(opening, "ask", asked)
    with serve(opening) as client, ThreadPoolExecutor(len(slow)) as programs:
        url = str(client.base_url).removesuffix("/api/v1/")
        answers = [programs.submit(client.post, "/ask", json={"question": question}) for question in slow]
        while len(begun) < QUESTIONS_AT_ONCE:
            assert not any(answer.done() for answer in answers)
            time.sleep(0.01)

        async def on_page() -> str:
            async with httpx.AsyncClient(timeout=60) as page:
                return (await (await ChatClient.at(url, page)).ask(QUESTION, "one"))[1]

        assert "Ola Nowak" in asyncio.run(on_page())
        assert len(begun) == QUESTIONS_AT_ONCE
        go_on.set()
        assert {answer.result().status_code for answer in answers} == {200}


# Evaluation


def ended(client: httpx.Client, place: str) -> dict[str, Any]:
    while (told := client.get(place.removeprefix("/api/v1")).json())["state"] == "running":
        time.sleep(0.05)
    return told  # type: ignore[no-any-return]


def test_a_set_is_run_while_its_state_is_told(parts: Parts, serve: Serve) -> None:
    with serve() as client:
        begun = client.post("/evaluations", files={"file": ("../own.jsonl", SET.encode())})
        assert begun.status_code == 202, begun.text
        told = ended(client, begun.headers["location"])
        assert (told["run"], told["set"], told["state"], told["asked"], told["total"]) == (
            begun.json()["run"], "own.jsonl", "done", 1, 1,
        )  # fmt: skip
        assert told["summary"]["questions"] == 1
        assert told["summary"]["metrics"]
    assert Audit(parts.folder).deeds()[-1].act == "evaluate"


def test_one_set_is_run_at_a_time_and_is_stopped_when_asked(
    parts: Parts, serve: Serve, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, go_on = threading.Event(), threading.Event()
    ask = parts.answerer.ask

    def waiting(*question: Any) -> Any:
        asked.set()
        assert go_on.wait(60)
        return ask(*question)

    monkeypatch.setattr(parts.answerer, "ask", waiting)
    several = "".join(SET.replace("q-1", f"q-{number}") for number in range(5))
    with serve() as client:
        begun = client.post("/evaluations", files={"file": ("own.jsonl", several.encode())}).json()
        assert asked.wait(60)
        assert "A run is going on" in detail(client.post("/evaluations", data={"set": "krakow.jsonl"}), 409)
        assert client.post(f"/evaluations/{begun['run']}/stop").json()["state"] == "running"
        go_on.set()
        told = ended(client, f"/evaluations/{begun['run']}")
    assert told["state"] == "stopped"
    assert 0 < told["asked"] < 5


# Hostile inputs


def calls(text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """A payload in every place of the API that takes a text."""
    escaped = json.dumps(text).encode()
    path = quote(text, safe="", errors="replace")
    sent = text.encode(errors="replace").decode()
    as_json = {"headers": {"Content-Type": "application/json"}}
    yield "POST", "/ask", {"content": b'{"question": %b}' % escaped, **as_json}
    yield "POST", "/search", {"content": b'{"query": "bell", "publishers": [%b]}' % escaped, **as_json}
    yield "POST", "/search", {"content": b'{"query": %b, "documents": [%b]}' % (escaped, escaped), **as_json}
    yield "POST", "/search", {"content": b"{%b: %b}" % (escaped, escaped), **as_json}
    yield "GET", f"/show?place={path[:20_000]}", {}
    yield "GET", f"/show?place={path[:20_000]}@0123456789ab%230-9", {}
    yield "GET", f"/evaluations/{path[:20_000]}", {}
    yield "POST", f"/evaluations/{path[:20_000]}/stop", {}
    yield "POST", f"/documents/{path[:20_000]}/withdraw", {}
    yield "POST", "/documents", {"data": {"url": f"https://{sent[:2000]}"}}
    yield "POST", "/documents", {"files": {"file": (f"{sent[:2000]}.md", b"A bell.")}, "data": {"dry_run": sent[:9]}}
    yield "POST", "/documents", {"files": {"file": (f"{sent[:2000]}.md", b"A bell.")}}
    yield "POST", "/evaluations", {"data": {"set": sent[:2000]}}
    yield "POST", "/evaluations", {"files": {"file": (f"{sent[:2000]}.jsonl", escaped)}}


def harmless(client: httpx.Client, parts: Parts, texts: Iterable[str]) -> None:
    for text in texts:
        for method, path, sent in calls(text):
            response = client.request(method, path, **sent)
            assert response.status_code < 500, (path[:80], text[:80], response.text)
            assert response.headers["content-type"] == "application/json"
            assert response.headers["x-content-type-options"] == "nosniff"
            assert b"root:" not in response.content
            response.json()
    assert parts.check() == []


def test_a_hostile_input_stays_text(serve: Serve, parts: Parts) -> None:
    with serve() as client:
        harmless(client, parts, [payload.text for payload in payloads()[::6]])


@pytest.mark.long
def test_no_hostile_input_does_any_harm(serve: Serve, parts: Parts) -> None:
    with serve() as client:
        harmless(client, parts, [payload.text for payload in payloads()])


# Its documentation


def test_the_page_and_the_schema_name_every_operation_and_load_nothing(serve: Serve) -> None:
    with serve() as client:
        api = str(client.base_url).removesuffix("v1/")
        schema, page = client.get(f"{api}openapi.json").json(), client.get(f"{api}docs")
    assert page.headers["content-security-policy"].startswith("default-src 'self'")
    names = [operation["operationId"] for methods in schema["paths"].values() for operation in methods.values()]
    assert {"ask", "search", "show", "add", "withdraw", "evaluate"} <= set(names)
    assert all(f'id="{name}"' in page.text for name in names)
    for word in ("<script", "src=", "@import", "url("):
        assert word not in page.text
    assert (
        SHIPPED.keys() <= set(page.text.replace(",", " ").replace(".</", " </").split()) or "krakow.jsonl" in page.text
    )


def test_the_example_of_each_body_is_taken(serve: Serve) -> None:
    with serve() as client:
        api = str(client.base_url).removesuffix("v1/")
        schema = client.get(f"{api}openapi.json").json()
        for name, path in (("AskBody", "/ask"), ("SearchBody", "/search")):
            for example in schema["components"]["schemas"][name]["examples"]:
                assert client.post(path, json=example).status_code == 200


def test_no_module_of_the_api_needs_gradio() -> None:
    for file in Path("qa/web/api").glob("*.py"):
        assert "gradio" not in file.read_text("utf-8")
