"""The web application without a browser: who may call it, what it publishes, and what the page is made of."""

from __future__ import annotations

import asyncio
import socket
import threading
from dataclasses import replace
from pathlib import Path

import gradio as gr
import httpx
import pytest

from corpus.library import Filter
from corpus.model import Span
from qa.accounts.store import Accounts
from qa.answerer import Answerer
from qa.assembly import Parts
from qa.model import Answer
from qa.settings import LEXICAL_READER, Settings
from qa.threads import ANSWERS_AT_ONCE
from qa.web.admitting import admitted
from qa.web.opening import Opening
from qa.web.page import build_page
from qa.web.render import render_answer, render_conversation, render_error, render_holdings
from qa.web.server import CannotServe, bind
from tests.asking import ChatClient
from tests.conftest import MakeParts
from tests.web import serving

ZEBRA = "# Zebras\n\nA zebra has stripes. Its <b>stripes</b> & hooves are known.\n"


def _answering_all(parts: Parts) -> Parts:
    return replace(parts, settings=Settings(reader=LEXICAL_READER, strictness=1.0))


def _page(parts: Parts) -> gr.Blocks:
    """The page, made in a running event loop as in the server."""

    async def made() -> gr.Blocks:
        return build_page(Opening.of(parts))

    return asyncio.run(made())


def test_another_host_name_is_turned_away(make_parts: MakeParts) -> None:
    with serving(make_parts()) as url:
        assert httpx.get(url).status_code == 200
        assert httpx.get(url, headers={"Host": "rebound.example"}).status_code == 400


def test_no_endpoint_has_a_name_and_none_is_listed(make_parts: MakeParts) -> None:
    page = _page(make_parts())
    assert page.fns
    assert {function.api_visibility for function in page.fns.values()} == {"private"}
    with serving(make_parts(name="other")) as url:
        assert httpx.get(f"{url}/gradio_api/info").status_code == 404


@pytest.mark.parametrize("path", ["/openapi.json", "/docs", "/redoc"])
def test_there_is_no_page_about_an_api(make_parts: MakeParts, path: str) -> None:
    with serving(make_parts()) as url:
        assert httpx.get(url + path).status_code == 404


def test_no_component_has_a_value_that_is_computed(make_parts: MakeParts) -> None:
    for block in _page(make_parts()).blocks.values():
        assert not callable(getattr(block, "value", None))
        assert getattr(block, "load_event_to_attach", None) is None


def test_every_template_escapes(make_parts: MakeParts) -> None:
    parts = _answering_all(make_parts(zebra=ZEBRA))
    turn = render_answer(parts.answerer.ask("<i>zebra</i> stripes?"), 1)
    assert "<i>zebra" not in turn
    assert "&lt;i&gt;zebra" in turn
    assert "<b>stripes" not in turn
    assert "&lt;b&gt;stripes&lt;/b&gt; &amp; hooves" in turn
    assert "<u>" not in render_error("<u>", ValueError("<u>"), 1)


def test_the_context_around_a_quote_is_the_passage_without_its_headings(make_parts: MakeParts) -> None:
    parts = _answering_all(make_parts(zebra=ZEBRA))
    answer = parts.answerer.ask("What does a zebra have?")
    quote = answer.quotes[0]
    turn = render_answer(answer, 7)
    assert f"<mark>{quote.text}</mark>" in turn
    assert "# Zebras" not in turn
    assert 'href="#turn-7-source-1"' in turn
    assert Span(quote.address.span.start, quote.address.span.end) in quote.passage.span


def test_the_page_counts_documents_and_names_the_newest_date(make_parts: MakeParts) -> None:
    texts = {"one": "---\ndate: 2026-02-20\n---\nOne.", "two": "---\ndate: 2025\n---\nTwo.", "three": "Three."}
    parts = make_parts(**texts)
    assert "3 documents, the newest of 20 February 2026" in render_holdings(parts.library.entries())
    assert "0 documents." in render_holdings([])


def test_an_empty_conversation_says_what_this_is() -> None:
    assert "What do the sources say?" in render_conversation(())


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org", ""])
def test_only_loopback_addresses_are_served_without_accounts(host: str, tmp_path: Path) -> None:
    with pytest.raises(CannotServe, match=r"--host 127\.0\.0\.1"):
        admitted(Accounts(tmp_path), host, (), None, is_open=False)


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1"])
def test_loopback_addresses_are_served(host: str) -> None:
    with bind(host, 0) as listening:
        assert listening.getsockname()[1] > 0


def test_what_is_said_on_a_bound_socket_is_sent_at_once() -> None:
    async def has_no_delay() -> int:
        called: asyncio.Future[asyncio.BaseTransport] = asyncio.get_running_loop().create_future()

        class Called(asyncio.Protocol):
            def connection_made(self, transport: asyncio.BaseTransport) -> None:
                called.set_result(transport)

        with bind("127.0.0.1", 0) as listening:
            port = listening.getsockname()[1]
            async with await asyncio.get_running_loop().create_server(Called, sock=listening):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                transport = await called
                no_delay = transport.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
                transport.close()
                writer.close()
        return int(no_delay)

    assert asyncio.run(has_no_delay()) != 0


def test_a_busy_port_is_named_with_another_to_try() -> None:
    with bind("127.0.0.1", 0) as busy:
        port = busy.getsockname()[1]
        with pytest.raises(CannotServe, match=f"Port {port} of .*--port 0"):
            bind("127.0.0.1", port)


class MeetingAnswerer:
    """Answers nobody before so many have asked."""

    def __init__(self, answerer: Answerer, most: int) -> None:
        self._answerer, self._all_there = answerer, threading.Barrier(most, timeout=30)

    def ask(self, question: str, filter: Filter | None) -> Answer:
        self._all_there.wait()
        return self._answerer.ask(question, filter)


def test_several_questions_are_in_work_at_once_and_each_is_answered_where_it_was_asked(make_parts: MakeParts) -> None:
    parts = _answering_all(make_parts(zebra=ZEBRA))
    parts.__dict__["answerer"] = MeetingAnswerer(parts.answerer, ANSWERS_AT_ONCE)
    questions = [f"What has zebra {number}?" for number in range(ANSWERS_AT_ONCE)]

    async def asked(url: str) -> list[str]:
        async with httpx.AsyncClient(timeout=60) as client:
            chat = await ChatClient.at(url, client)
            answers = (chat.ask(question, f"session{number}") for number, question in enumerate(questions))
            return [conversation for _, conversation in await asyncio.gather(*answers)]

    with serving(parts) as url:
        conversations = asyncio.run(asked(url))
    for question, conversation in zip(questions, conversations, strict=True):
        assert conversation.count('class="asked"') == 1
        assert f'<h2 class="asked">{question}</h2>' in conversation
        assert "stripes" in conversation


def test_of_pages_that_were_closed_only_the_latest_are_kept(
    make_parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.web.page._PAGES_KEPT", 3)
    pages: list[gr.Blocks] = []
    monkeypatch.setattr("qa.web.app.build_page", lambda *given: pages.append(build_page(*given)) or pages[0])

    async def ask_in_seven(url: str) -> None:
        async with httpx.AsyncClient(timeout=60) as client:
            chat = await ChatClient.at(url, client)
            for number in range(7):
                await chat.ask("Are there stripes?", f"page{number}")

    with serving(_answering_all(make_parts(zebra=ZEBRA))) as url:
        asyncio.run(ask_in_seven(url))
        assert list(pages[0].state_holder.session_data) == ["page4", "page5", "page6"]


def test_a_conversation_with_as_many_questions_as_it_may_have_takes_no_more(
    make_parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("qa.web.talking.MOST_TURNS", 2)

    async def ask_four(url: str) -> list[str]:
        async with httpx.AsyncClient(timeout=60) as client:
            chat = await ChatClient.at(url, client)
            return [(await chat.ask(f"Are there {number} stripes?", "page"))[1] for number in range(4)]

    with serving(_answering_all(make_parts(zebra=ZEBRA))) as url:
        shown = asyncio.run(ask_four(url))
    assert [each.count('class="asked"') for each in shown] == [1, 2, 3, 3]
    assert ["A conversation has 2 questions at most. Begin a new conversation" in each for each in shown] == [
        *(False, False),
        *(True, True),
    ]
