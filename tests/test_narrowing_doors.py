"""The same filter at every door: command line, HTTP, MCP, Python and the page, with what nobody should send."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client

from corpus.library import Filter
from qa.assembly import Parts
from qa.interface import KrakowQA
from qa.narrowing import BadFilter
from qa.payload import answer_payload
from qa.web.admission import Admission
from tests.commands import Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)
from tests.conftest import MakeParts
from tests.test_mcp import library_of, used
from tests.test_mcp import served as served_by_mcp
from tests.test_narrowing import BRIEF, HARBOUR, HARBOUR_OFFICE, MARKET, PORT, QUESTION
from tests.test_web_history import Visitor
from tests.web import serving

MANY = [f"Publisher {number}" for number in range(10_000)]


@pytest.fixture(name="parts")
def the_parts(make_parts: MakeParts) -> Parts:
    return make_parts(harbour=HARBOUR, market=MARKET, port=PORT, summary=BRIEF)


@pytest.fixture
def home(parts: Parts) -> Iterator[Visitor]:
    """Somebody with the page open, on the machine that serves it."""
    with serving(parts) as url:
        visitor = Visitor(url, None, "home")
        visitor.event("holdings", "change", [], [], [])  # as a page does where it is told what the library holds
        yield visitor


# The command line


def test_a_question_is_put_to_some_documents(run: Run, library: Path) -> None:
    def quoted(*only: str) -> set[str]:
        answer = run("--library", library, "ask", "Who led the council?", *only, "--json").json
        return {quote["document"] for quote in answer["quotes"] + answer["closest"]}

    assert quoted("--kind", "brief") == {"summary"}
    assert quoted("--publisher", "Harbour office", "--language", "en") == {"minutes"}
    assert quoted("--since", "2026-03", "--until", "2026") == {"minutes"}
    assert quoted("--since", "2027") == set()


def test_a_search_is_narrowed_too_and_says_where_nothing_was_found(run: Run, library: Path) -> None:
    found = run("--library", library, "search", "council", "--kind", "brief", "--json").json["hits"]
    assert [hit["document"] for hit in found] == ["summary"]
    both = ("--document", "summary", "--document", "minutes")
    found = run("--library", library, "search", "council", *both, "--json").json["hits"]
    assert {hit["document"] for hit in found} == {"summary", "minutes"}
    assert run("--library", library, "search", "council", "--until", "1999").out == (
        "Nothing was found in: until 31 December 1999\n"
    )


def test_an_answer_in_the_terminal_says_what_was_searched(run: Run, library: Path) -> None:
    ran = run("--library", library, "ask", "Who chaired it?", "--after", "Who led the council?", "--kind", "brief")
    assert "searched only in: brief\n" in ran.out
    refused = run("--library", library, "ask", "Who chaired the council?", "--since", "2027")
    assert "No answer: no document passes the filter" in refused.out


@pytest.mark.parametrize(
    ("only", "told"),
    [
        (["--publisher", "harbor office"], "has the publisher 'harbor office'. Did you mean 'Harbour office'?"),
        (["--publisher", "EEAS"], "No document here is published by 'EEAS': our briefs rest on what it published"),
        (["--document", "minute"], "has the document 'minute'. Did you mean 'minutes'?"),
        (["--language", "pl"], "has the language 'pl'. There are en"),
        (["--since", "2026-03", "--until", "2026-02"], "No day is both since 2026-03-01 and until 2026-02-28"),
        (["--until", "yesterday"], "'yesterday' is no date. Write it as 2026-02-20, 2026-02 or 2026"),
        (["--publisher", "\udcff"], "has the publisher '?'"),
        (["--document", "x"] * 1001, "has the document 'x'"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("command", ["ask", "search"])
def test_what_cannot_be_meant_is_one_line(run: Run, library: Path, command: str, only: list[str], told: str) -> None:
    ran = run("--library", library, command, "council", *only)
    assert (ran.code, ran.out) == (1, "")
    assert told in ran.err
    assert ran.err.count("\n") == 1


def test_a_kind_that_there_is_not_is_told_with_those_that_there_are(run: Run, library: Path) -> None:
    ran = run("--library", library, "ask", "council", "--kind", "rumour")
    assert ran.code == 2
    assert "'press release'" in ran.err


# Programs


def test_over_http_a_question_is_narrowed_as_a_search_is(parts: Parts) -> None:
    only = {"publishers": ["Harbour office"], "since": "2026-01-01"}
    json_body = {"Content-Type": "application/json"}
    with serving(parts) as url, httpx.Client(base_url=f"{url}/api/v1", headers=json_body, timeout=60) as client:
        answer = client.post("/ask", json={"question": QUESTION, **only}).json()
        nothing = client.post(
            "/ask", content=json.dumps({"question": QUESTION, "publishers": ["nobody \ud83d"]})
        ).json()
        all_of_it = client.post("/ask", json={"question": QUESTION, "kinds": None}).json()
        refused = [
            client.post("/ask", content=json.dumps({"question": QUESTION, **wrong}))
            for wrong in (
                {"publishers": MANY},
                {"since": "2026-03-01", "until": "2026-02-01"},
                {"since": "yesterday"},
                {"kinds": ["rumour"]},
                {"publisher": "NATO"},
                {"publishers": "NATO"},
            )
        ]
        searched = client.post("/search", json={"query": "x", "since": "2026-03-01", "until": "2026-02-01"})
    expected = answer_payload(
        parts.answerer.ask(QUESTION, Filter(HARBOUR_OFFICE.documents, HARBOUR_OFFICE.publishers, since="2026"))
    )
    assert {**answer, "timings_ms": 0} == {**expected, "timings_ms": 0}
    assert (nothing["answered"], nothing["reason"]) == (False, "no document passes the filter")
    assert nothing["filter"]["publishers"] == ["nobody ?"]
    assert all_of_it["filter"] is None
    assert [each.status_code for each in refused] == [400, 400, 422, 422, 422, 422]
    assert all("\n" not in each.json()["detail"] for each in refused)
    assert (searched.status_code, refused[1].json()) == (400, searched.json())


def test_the_mcp_tool_takes_what_the_search_takes(parts: Parts) -> None:
    async def call(client: Client) -> Any:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        asks, searches = (set(tools[name].input_schema["properties"]) for name in ("ask", "search"))
        assert asks - {"question"} == searches - {"query", "k"}
        only = {"kinds": ["statement"], "languages": ["en"]}
        answer = await client.call_tool("ask", {"question": QUESTION, **only})
        wrong = await client.call_tool("ask", {"question": QUESTION, "since": "2026-03-01", "until": "2026-02-01"})
        return answer.structured_content, wrong

    with served_by_mcp(library_of(parts), Admission.at_home(parts.folder)) as url:
        answer, wrong = used(url, call)
    assert answer["filter"]["kinds"] == ["statement"]
    assert {quote["document"] for quote in answer["quotes"] + answer["closest"]} == {"harbour"}
    assert wrong.is_error
    assert "No day is both" in wrong.content[0].text


def test_in_python_too(parts: Parts) -> None:
    krakow = KrakowQA(parts)
    assert {quote.source.publisher for quote in krakow.ask(QUESTION, HARBOUR_OFFICE).quotes} == {"Harbour office"}
    for call in (krakow.ask, lambda query, filter: krakow.search(query, 3, filter)):
        with pytest.raises(BadFilter, match="half of a character"):
            call(QUESTION, Filter(publishers=frozenset({"\ud800"})))


# The page


def test_the_page_searches_what_is_chosen_and_says_so(home: Visitor) -> None:
    shown, _ = home.ask(QUESTION, only=(["Harbour office"], ["statement"], ["en"], "2026", ""))
    assert "searched only in: Harbour office; statement; language en; since 1 January 2026" in shown
    assert "Ola Nowak" in shown
    assert "Jan Lis" not in shown


def test_a_question_refused_by_some_is_asked_of_all_by_one_button(home: Visitor) -> None:
    home.ask(QUESTION, only=([], [], [], "2030", ""))
    shown = home.event("of-all", "click", None)[2]
    first, second = shown.split("<article")[1:]
    assert "no document passes the filter" in first
    assert "searched only in" not in second
    assert "chaired the" in second


def test_a_conversation_that_is_opened_again_goes_on_with_its_filter(home: Visitor) -> None:
    _, listed = home.ask(QUESTION, [], only=(["Harbour office"], [], [], "", "2026-03"))
    kept, id = listed[0], listed[2]["value"]
    shown = home.event("open-earlier", "click", id, kept)[2]
    assert "searched only in: Harbour office; until 31 March 2026" in shown


@pytest.mark.parametrize(
    ("only", "told"),
    [
        (([], [], [], "2026-03", "2026-02"), "No day is both since 2026-03-01 and until 2026-02-28"),
        ((None, None, None, "\ud800", None), "is no date"),
        (([], [], [], "<img src=x>", ""), "&#39;&lt;img src=x&gt;&#39; is no date"),
    ],
)
def test_dates_that_cannot_be_meant_are_told_in_the_conversation(
    home: Visitor, only: tuple[Any, ...], told: str
) -> None:
    shown, _ = home.ask(QUESTION, only=only)
    assert told in shown
    assert "failed" in shown


@pytest.mark.parametrize("names", [MANY, ["<b>Market</b>"], [{"x": 1}], ["\ud800"]])
def test_a_publisher_that_the_page_does_not_offer_is_refused(home: Visitor, names: list[Any]) -> None:
    with pytest.raises(ValueError, match="not in the list"):
        home.ask(QUESTION, only=(names, [], [], "", ""))
