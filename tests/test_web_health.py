"""What those who watch over a server are told: whether it is alive and ready, and what it has counted."""

from __future__ import annotations

import asyncio
import threading
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from corpus.errors import LibraryError
from corpus.sqlite import FILE_NAME
from index.holdings import Kind
from qa.web.health import unready
from qa.web.metrics import served_metrics
from qa.web.opening import Opening
from tests.asking import ChatClient
from tests.conftest import MakeParts, put
from tests.readme import OPERATIONS
from tests.test_web_app import ZEBRA, _answering_all
from tests.test_web_opening import failing, held
from tests.web import serving

Samples = dict[tuple[str, tuple[str, ...]], float]


def samples(opening: Opening) -> Samples:
    """What is measured now, by name and labels' values, as Prometheus reads it over HTTP."""
    with served_metrics(opening.metrics, "127.0.0.1", 0) as port:
        text = httpx.get(f"http://127.0.0.1:{port}/metrics").text
    families = text_string_to_metric_families(text)
    return {(s.name, tuple(s.labels.values())): s.value for family in families for s in family.samples}


def asked(url: str, *questions: str) -> None:
    async def ask_all() -> None:
        async with httpx.AsyncClient(timeout=60) as client:
            chat = await ChatClient.at(url, client)
            for question in questions:
                await chat.ask(question, "session")

    asyncio.run(ask_all())


def told(url: str, path: str) -> tuple[int, str]:
    response = httpx.get(url + path)
    assert response.headers["Cache-Control"] == "no-store"
    return response.status_code, response.text


def test_it_is_alive_at_once_and_ready_when_it_would_answer_and_not_while_it_stops(make_parts: MakeParts) -> None:
    with held(make_parts()) as (opening, go), serving(opening) as url:
        assert told(url, "/healthz") == (200, "alive\n")
        assert told(url, "/readyz") == (503, "warming up\n")
        go.set()
        assert opening.parts
        assert told(url, "/readyz") == (200, "ready\n")
        opening.stop()
        assert told(url, "/readyz") == (503, "being stopped\n")
        assert told(url, "/healthz") == (200, "alive\n")


def test_it_is_not_ready_where_the_library_cannot_be_opened_or_has_gone_or_fails(
    make_parts: MakeParts, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    failed = Opening(tmp_path, failing)
    failed._run()
    parts = make_parts()
    opening = Opening.of(parts)
    assert unready(failed) == "the library cannot be read"
    assert unready(opening) is None
    (parts.folder / FILE_NAME).rename(parts.folder / "elsewhere")
    assert unready(opening) == "the library cannot be read"
    (parts.folder / "elsewhere").rename(parts.folder / FILE_NAME)

    def broken(library: object) -> int:
        raise LibraryError("The disk is full of /secret/names")

    monkeypatch.setattr(type(parts.library), "generation", broken)
    assert unready(opening) == "the library cannot be read"


def test_answers_are_counted_by_outcome_and_their_steps_measured(make_parts: MakeParts) -> None:
    opening = Opening.of(_answering_all(make_parts(zebra=ZEBRA)))
    with serving(opening) as url:
        asked(url, "What does a zebra have?", "What has a zebra?", "  ")
    now = samples(opening)
    assert now["krakow_qa_answers_total", ("answered",)] == 2
    assert now["krakow_qa_errors_total", ("BadQuestion",)] == 1
    for step in ("retrieve", "read", "quote", "guide", "total"):
        assert now["krakow_qa_answer_seconds_count", (step,)] == 2
    assert now["krakow_qa_questions_in_work", ()] == now["krakow_qa_questions_waiting", ()] == 0
    assert now["krakow_qa_responses_total", ("200",)] > 0
    assert now["process_resident_memory_bytes", ()] > 1e6


def test_refusals_are_counted_by_why(make_parts: MakeParts) -> None:
    opening = Opening.of(make_parts())
    assert opening.ask("What?").abstention is not None
    assert samples(opening)["krakow_qa_answers_total", ("empty_library",)] == 1


def test_what_the_library_holds_is_told_as_it_is_now(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts(zebra=ZEBRA)
    opening = Opening.of(parts)
    before = samples(opening)
    put(parts, tmp_path, "lion", "A lion roars.")
    after = samples(opening)
    assert (before["krakow_qa_documents", ()], after["krakow_qa_documents", ()]) == (1, 2)
    assert after["krakow_qa_passages", ()] == before["krakow_qa_passages", ()] + 1
    assert after["krakow_qa_library_generation", ()] == parts.library.generation()
    assert after["krakow_qa_index_info", (str(Kind.EXACT),)] == 1
    assert after["krakow_qa_ready", ()] == 1


def test_before_the_library_is_open_it_is_only_told_that_it_is_not(make_parts: MakeParts) -> None:
    with held(make_parts()) as (opening, _):
        now = samples(opening)
    assert now["krakow_qa_ready", ()] == 0
    assert ("krakow_qa_documents", ()) not in now


def test_questions_in_work_are_counted_while_they_are(make_parts: MakeParts) -> None:
    parts = make_parts(zebra=ZEBRA)
    asking, go = threading.Event(), threading.Event()

    class Waiting:
        def ask(self, *_: object) -> object:
            asking.set()
            go.wait(30)
            raise LibraryError("The library is gone")

    parts.__dict__["answerer"] = Waiting()
    opening = Opening.of(parts)

    def ask() -> None:
        with pytest.raises(LibraryError):
            opening.ask("What?")

    thread = threading.Thread(target=ask)
    thread.start()
    asking.wait(30)
    during = samples(opening)
    go.set()
    thread.join()
    assert during["krakow_qa_questions_in_work", ()] == 1
    after = samples(opening)
    assert after["krakow_qa_questions_in_work", ()] == 0
    assert after["krakow_qa_errors_total", ("LibraryError",)] == 1


def test_files_and_uploads_are_counted(make_parts: MakeParts) -> None:
    opening = Opening.of(make_parts())
    with serving(opening) as url:
        sent = {"files": {"files": ("a.md", b"A pier.")}, "headers": {"Origin": url}}
        assert httpx.post(f"{url}/gradio_api/upload", **sent).status_code == 200
        assert httpx.get(f"{url}/nothing").status_code == 404
    now = samples(opening)
    assert now["krakow_qa_uploads_total", ("200",)] == 1
    assert now["krakow_qa_responses_total", ("404",)] == 1


def test_the_page_does_not_serve_metrics(make_parts: MakeParts) -> None:
    with serving(make_parts()) as url:
        assert httpx.get(f"{url}/metrics").status_code == 404


def test_two_servers_count_apart(make_parts: MakeParts) -> None:
    one, other = Opening.of(make_parts()), Opening.of(make_parts(name="other"))
    one.ask("What?")
    assert ("krakow_qa_answers_total", ("empty_library",)) not in samples(other)


def test_the_page_of_operations_names_every_metric(make_parts: MakeParts) -> None:
    page = OPERATIONS.read_text("utf-8")
    families = list(Opening.of(make_parts()).metrics.registry.collect())
    ours = {family.name for family in families if family.name.startswith("krakow_qa_")}
    assert len(ours) >= 12
    assert {name for name in ours if f"`{name}" not in page} == set()
