"""The MCP server, called with the client of the official SDK, on standard input and output and over HTTP."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import httpx2
import pytest
import uvicorn
from mcp import Client, MCPError, StdioServerParameters
from mcp.client.streamable_http import streamable_http_client
from pydantic import TypeAdapter

from qa import fields
from qa.accounts.model import Role
from qa.assembly import Parts
from qa.interface import KrakowQA
from qa.mcp.serving import config_of, over_http
from qa.mcp.tools import Library
from qa.payload import answer_payload, hit_payload, shown_payload
from qa.showing import show
from qa.web.admission import Admission
from qa.web.limits import DEFAULT_LIMITS
from qa.web.server import bind
from tests.commands import Run, a_library, a_run, the_minutes
from tests.conftest import MakeParts
from tests.people import HandClock, staffed

__all__ = ["a_library", "a_run", "the_minutes"]

HARBOUR = "# Harbour\n\nOla Nowak chaired the harbour council in Kraków 😀. Nine cranes will be painted blue.\n"
QUESTION = "Who chaired the harbour council?"

Use = Callable[[Client], Awaitable[Any]]


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(harbour=HARBOUR)


@contextmanager
def served(library: Library, admission: Admission, **limits: float) -> Iterator[str]:
    """The URL of the server over HTTP."""
    with bind("127.0.0.1", 0) as listening:
        server = uvicorn.Server(config_of(over_http(library, admission, replace(DEFAULT_LIMITS, **limits))))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield f"http://127.0.0.1:{listening.getsockname()[1]}/mcp"
        finally:
            server.should_exit = True
            thread.join()


def library_of(parts: Parts) -> Library:
    return Library(lambda: KrakowQA(parts))


def used(url: str, use: Use, **headers: str) -> Any:
    """What comes of using the server at a URL, with these headers in each request."""

    async def connect() -> Any:
        async with (
            httpx2.AsyncClient(headers=headers, timeout=60) as http,
            Client(streamable_http_client(url, http_client=http)) as client,
        ):
            return await use(client)

    return asyncio.run(connect())


async def all_tools(client: Client) -> dict[str, Any]:
    """What each tool gives, and how each refuses."""
    answer = await client.call_tool("ask", {"question": QUESTION})
    hits = await client.call_tool("search", {"query": "nine cranes", "k": 1, "kinds": ["document"]})
    none = await client.call_tool("search", {"query": "nine cranes", "since": "2026-01-01"})
    assert answer.structured_content is not None
    place = answer.structured_content["quotes"][0]["address"]
    shown = await client.call_tool("show", {"place": place})
    failures = [
        await client.call_tool(name, given)
        for name, given in (
            ("ask", {"question": " "}),
            ("show", {"place": "nowhere"}),
            ("search", {"query": "x", "k": 0}),
            ("ask", {}),
            ("withdraw", {"id": "harbour"}),
        )
    ]
    return {
        "tools": (await client.list_tools()).tools,
        "instructions": client.instructions,
        "answer": answer.structured_content,
        "hits": hits.structured_content,
        "none": none.structured_content,
        "shown": shown.structured_content,
        "failures": [(failure.is_error, failure.content[0].text) for failure in failures],
    }


def require_right(found: dict[str, Any]) -> None:
    """The tools are three that only read, their texts say how to quote, and their errors are sentences."""
    tools = {tool.name: tool for tool in found["tools"]}
    assert set(tools) == {"ask", "search", "show"}
    for tool in tools.values():
        assert tool.annotations.read_only_hint is True
        assert tool.annotations.destructive_hint is False
        assert tool.output_schema["type"] == "object"
    assert "verbatim" in found["instructions"]
    assert "verbatim" in tools["ask"].description
    assert "do not say it" in tools["ask"].description
    answer = found["answer"]
    TypeAdapter(fields.AnswerFields).validate_python(answer)
    assert "Ola Nowak" in answer["quotes"][0]["text"]
    assert len(found["hits"]["hits"]) == 1
    assert found["none"] == {"hits": []}
    assert found["shown"]["result"]["text"] == answer["quotes"][0]["text"]
    assert all(is_error for is_error, _ in found["failures"])
    said = [text for _, text in found["failures"]]
    assert "The question is empty" in said[0]
    assert "no document 'nowhere'" in said[1]
    assert not any("Traceback" in text for text in said)


def test_over_http_it_gives_what_the_library_gives(parts: Parts) -> None:
    with served(library_of(parts), Admission.at_home(parts.folder)) as url:
        found = used(url, all_tools)
    require_right(found)
    answer = answer_payload(parts.answerer.ask(QUESTION))
    assert {**found["answer"], "timings_ms": 0} == {**answer, "timings_ms": 0}
    assert found["hits"] == {"hits": [hit_payload(hit) for hit in parts.retriever.search("nine cranes", 1)]}
    assert found["shown"]["result"] == shown_payload(show(parts.library, answer["quotes"][0]["address"]))


def test_on_standard_input_and_output_too_and_nothing_else_is_written_there(tmp_path: Path, parts: Parts) -> None:
    program = str(Path(__file__).parent / "serving.py")
    command = StdioServerParameters(
        command=sys.executable,
        args=[program, "--library", str(parts.folder), "mcp"],
        env={"COVERAGE_PROCESS_START": ""},
    )

    async def connect() -> dict[str, Any]:
        async with Client(command) as client:
            return await all_tools(client)

    require_right(asyncio.run(connect()))


def test_a_client_that_connects_does_not_wait_for_the_library(parts: Parts) -> None:
    opened: list[int] = []

    def open() -> KrakowQA:
        opened.append(1)
        return KrakowQA(parts)

    async def connect(client: Client) -> list[int]:
        await client.list_tools()
        before = list(opened)
        await client.call_tool("search", {"query": "cranes"})
        await client.call_tool("search", {"query": "council"})
        return before

    with served(Library(open), Admission.at_home(parts.folder)) as url:
        assert used(url, connect) == []
    assert opened == [1]


def test_a_library_that_cannot_be_opened_is_an_error_of_the_tool(tmp_path: Path) -> None:
    def open() -> KrakowQA:
        return KrakowQA.open(tmp_path / "nowhere")

    async def ask(client: Client) -> Any:
        return await client.call_tool("ask", {"question": QUESTION})

    with served(Library(open), Admission.at_home(tmp_path)) as url:
        result = used(url, ask)
    assert result.is_error
    assert "nowhere" in result.content[0].text
    assert "Traceback" not in result.content[0].text


# Who


def status(url: str, **headers: str) -> int:
    """How the server answers to a program that connects."""
    begin = {"jsonrpc": "2.0", "id": 1, "method": "tools/list"}
    accepted = {"Accept": "application/json, text/event-stream"}
    return httpx.post(url, json=begin, headers={**accepted, **headers}, timeout=60).status_code


def test_where_there_are_accounts_every_request_needs_a_token_that_holds(parts: Parts) -> None:
    clock = HandClock()
    accounts = staffed(parts.folder, clock)
    tokens = {role: accounts.tokens.new(role.value, "mcp", 1) for role in Role}
    with served(library_of(parts), Admission(accounts)) as url:
        for role in Role:
            require_right(used(url, all_tools, Authorization=f"Bearer {tokens[role]}"))
        refused = httpx.post(url, json={})
        assert refused.status_code == 401
        assert refused.headers["www-authenticate"].startswith("Bearer")
        assert "krakow-qa user token" in refused.json()["detail"]
        for wrong in ("Bearer x", "Bearer", f"Basic {tokens[Role.ADMIN]}"):
            assert status(url, Authorization=wrong) == 401
        with pytest.raises(ExceptionGroup) as error:
            used(url, all_tools, Authorization="Bearer x")
        assert error.group_contains(MCPError)
        accounts.tokens.revoke("member", "mcp")
        assert status(url, Authorization=f"Bearer {tokens[Role.MEMBER]}") == 401
        assert status(url, Authorization=f"Bearer {tokens[Role.ADMIN]}") != 401


def test_a_page_of_another_site_and_another_host_name_are_refused(parts: Parts) -> None:
    with served(library_of(parts), Admission.at_home(parts.folder)) as url:
        assert status(url) not in {400, 403}
        assert status(url, Origin="https://evil.example") == 403
        assert status(url, Origin="null") == 403
        assert status(url, Host="evil.example") == 400
        base = url.removesuffix("/mcp")
        assert {httpx.get(f"{base}{path}").status_code for path in ("/", "/mcp/", "/sse", "/docs", "/register")} == {
            404
        }


def test_questions_of_a_user_are_bounded(parts: Parts) -> None:
    accounts = staffed(parts.folder, HandClock())
    token = accounts.tokens.new("member", "mcp", 1)

    async def ask_twice(client: Client) -> list[Any]:
        return [await client.call_tool("search", {"query": "cranes"}) for _ in range(2)]

    with served(library_of(parts), Admission(accounts), questions_per_minute=1) as url:
        first, second = used(url, ask_twice, Authorization=f"Bearer {token}")
    assert not first.is_error
    assert second.is_error
    assert "You asked 1 questions within a minute" in second.content[0].text


def test_limits_are_those_of_the_configuration(parts: Parts) -> None:
    clock = HandClock()
    clock.now_s = time.time()
    token = staffed(parts.folder, clock).tokens.new("member", "mcp", 1)

    async def ask_twice(client: Client) -> list[Any]:
        return [await client.call_tool("search", {"query": "cranes"}) for _ in range(2)]

    program = Path(__file__).parent / "serving.py"
    command = [sys.executable, program, "--library", parts.folder, "mcp", "--http", "--port", "0"]
    environment = {**os.environ, "KRAKOW_QA_LIMITS_QUESTIONS_PER_MINUTE": "1"}
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = server.stdout.readline().split()[2]
            first, second = used(url, ask_twice, Authorization=f"Bearer {token}")
        finally:
            server.terminate()
    assert not first.is_error
    assert "You asked 1 questions within a minute" in second.content[0].text


def test_it_is_served_beyond_this_machine_with_accounts_only(run: Run, library: Path) -> None:
    ran = run("--library", library, "mcp", "--http", "--host", "192.0.2.1")
    assert ran.code == 1
    assert "there are no accounts to protect it" in ran.err
    assert ran.out == ""
