"""A server that is asked to stop: what is in hand ends and is delivered, nothing new begins, and it leaves with 0."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import time
from pathlib import Path

import httpx
import pytest

from corpus.sqlite import FILE_NAME
from qa.assembly import open_library
from qa.web.corpus.batches import Stop
from qa.web.evaluation.running import End, Runner
from qa.web.opening import Opening
from qa.web.work import Stopping, Work
from tests.asking import ChatClient
from tests.commands import Run, a_library, a_run, the_minutes  # noqa: F401 (fixtures)
from tests.conftest import MakeParts
from tests.test_qa_cli_errors import started, until

NAMES = ("Alpha", "Beta", "Gamma", "Delta", "Epsilon", "Zeta", "Eta", "Theta")
SIGNALS = (signal.SIGTERM, signal.SIGINT)


def url_of(process: subprocess.Popen[str]) -> str:
    return next(word for word in until(process, "Ask at").split() if word.startswith("http"))


async def ready(client: httpx.AsyncClient, url: str, status: int) -> str:
    """What /readyz says, once it has that status."""
    while True:
        response = await client.get(f"{url}/readyz")
        if response.status_code == status:
            return response.text
        await asyncio.sleep(0.05)


def left(process: subprocess.Popen[str]) -> str:
    """What a process that ends wrote to standard error."""
    assert process.stderr is not None
    err = process.stderr.read()
    process.wait(timeout=30)
    return err


def test_nothing_is_begun_when_it_stops_and_what_was_begun_counts_until_it_ends() -> None:
    work = Work()
    with work.begun():
        work.stop()
        with pytest.raises(Stopping), work.begun():
            pass
        assert work.is_busy
        with work.delivering():
            pass
        assert work.is_busy
    assert not work.is_busy


def test_work_in_steps_is_asked_to_end_also_where_it_came_in_between() -> None:
    work, early, late, over = Work(), Stop(), Stop(), Stop()
    with work.in_steps(over):
        pass
    with work.in_steps(early):
        work.stop()
        with work.in_steps(late):
            work.stop()
    assert (early.asked, late.asked, over.asked) == (True, True, False)


def test_a_run_of_a_set_ends_after_the_question_in_hand_and_can_be_gone_on_with(
    make_parts: MakeParts, tmp_path: Path
) -> None:
    opening = Opening.of(make_parts(zebra="A zebra has stripes."))
    questions = [{"id": f"q{number}", "question": "What roars?", "answerable": False} for number in range(4)]
    own = tmp_path / "own.jsonl"
    own.write_text("".join(f"{json.dumps(question)}\n" for question in questions), "utf-8")
    steps = Runner(opening).begin(own, None, Stop())
    next(steps)
    next(steps)
    opening.stop()
    *_, last = steps
    assert (last.end, last.total) == (End.STOPPED, 4)
    assert 1 <= last.asked <= 2
    *_, last = Runner(Opening.of(opening.parts)).go_on(last.name, Stop())
    assert (last.end, last.asked) == (End.DONE, 4)


@pytest.mark.parametrize("sent", SIGNALS, ids=lambda sent: sent.name)
def test_an_answer_in_flight_is_delivered_and_no_other_is_begun(run: Run, library: Path, sent: signal.Signals) -> None:
    arguments = ("--library", library, "serve", "--port", "0", "--reader", "lexical", "--strictness", "1")
    with started(*arguments, gate="Who chaired") as process:
        url = url_of(process)

        async def asked() -> tuple[str, str]:
            async with httpx.AsyncClient(timeout=60) as client:
                chat = await ChatClient.at(url, client)
                await ready(client, url, 200)
                open_page = asyncio.create_task(client.get(f"{url}/gradio_api/heartbeat/page"))
                answer = asyncio.create_task(chat.ask("Who chaired the council?", "first"))
                await asyncio.to_thread(until, process, "at the gate")
                process.send_signal(sent)
                assert await ready(client, url, 503) == "being stopped\n"
                assert (await client.get(f"{url}/healthz")).status_code == 200
                with pytest.raises(ValueError, match="is being stopped"):
                    await chat.ask("Which cranes?", "second")
                assert not answer.done()
                process.stdin.close()  # type: ignore[union-attr]
                _, conversation = await answer
                open_page.cancel()
                return conversation, (await asyncio.to_thread(left, process))

        conversation, err = asyncio.run(asked())
    assert "Ola Nowak chaired" in conversation
    assert (process.returncode, err) == (0, "")
    assert run("--library", library, "check").code == 0


def test_a_second_signal_ends_it_at_once(library: Path) -> None:
    with started("--library", library, "serve", "--port", "0", "--reader", "lexical", gate="Who chaired") as process:
        ask_and_stop(process)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 128 + signal.SIGTERM


def test_what_takes_longer_than_it_may_is_left_and_the_library_agrees(run: Run, library: Path) -> None:
    with started(
        *("--library", library, "serve", "--port", "0", "--reader", "lexical", "--stop-s", "1"), gate="Who chaired"
    ) as process:
        ask_and_stop(process)
        process.wait(timeout=30)
        assert process.returncode == 0
        assert "left after 1 s, with work in hand" in left(process)
    assert run("--library", library, "check").code == 0


def ask_and_stop(process: subprocess.Popen[str]) -> None:
    """Ask a question that waits at the gate, and ask the server to stop."""
    url = url_of(process)

    async def asked() -> None:
        async with httpx.AsyncClient(timeout=60) as client:
            chat = await ChatClient.at(url, client)
            await ready(client, url, 200)
            answer = asyncio.create_task(chat.ask("Who chaired the council?", "first"))
            await asyncio.to_thread(until, process, "at the gate")
            process.send_signal(signal.SIGTERM)
            await ready(client, url, 503)
            answer.cancel()

    asyncio.run(asked())


def test_a_stopped_making_of_the_library_leaves_none(tmp_path: Path) -> None:
    with started("--library", tmp_path / "library", "serve", "--port", "0", gate="LEAP") as process:
        url_of(process)
        until(process, "at the gate")
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        process.stdin.close()  # type: ignore[union-attr]
        assert process.wait(timeout=60) == 0
    assert not (tmp_path / "library" / FILE_NAME).exists()


def test_a_batch_ends_after_what_is_in_hand_with_that_stored_whole(run: Run, library: Path) -> None:
    with started("--library", library, "serve", "--port", "0", "--reader", "lexical", gate="Alpha") as process:
        url = url_of(process)
        # Each has so many passages that it is encoded and stored without the others.
        texts = {name: f"# Part\n\n{name} pier.\n\n" * 600 for name in NAMES}

        async def added() -> None:
            async with httpx.AsyncClient(timeout=60, headers={"Origin": url}) as client:
                config = (await client.get(f"{url}/config")).json()
                await ready(client, url, 200)
                files = [("files", (f"{name.lower()}.md", text)) for name, text in texts.items()]
                paths = (await client.post(f"{url}/gradio_api/upload", files=files)).json()
                given = [{"path": path, "meta": {"_type": "gradio.FileData"}} for path in paths]
                button = next(each["id"] for each in config["components"] if each["props"].get("elem_id") == "add")
                event = next(each["id"] for each in config["dependencies"] if [button, "click"] in each["targets"])
                body = {"data": [given, "", None], "fn_index": event, "session_hash": "batch"}
                (await client.post(f"{url}/gradio_api/queue/join", json=body)).raise_for_status()
                async with client.stream(
                    "GET", f"{url}/gradio_api/queue/data", params={"session_hash": "batch"}
                ) as stream:
                    await asyncio.to_thread(until, process, "at the gate")
                    process.send_signal(signal.SIGTERM)
                    await ready(client, url, 503)
                    process.stdin.close()  # type: ignore[union-attr]
                    told = [line async for line in stream.aiter_lines() if "process_completed" in line]
                assert len(told) == 1

        asyncio.run(added())
        err = left(process)
    assert (process.returncode, err) == (0, "")
    assert run("--library", library, "check").code == 0
    stored = {entry.id for entry in open_library(library).entries()}
    assert "alpha" in stored
    assert stored < {"minutes", "summary", *map(str.lower, NAMES)}


def test_an_idle_server_with_an_open_page_leaves_at_once(library: Path) -> None:
    with started("--library", library, "serve", "--port", "0", "--reader", "lexical") as process:
        url = url_of(process)
        with httpx.stream("GET", f"{url}/gradio_api/heartbeat/page", timeout=60) as page:
            os.kill(process.pid, signal.SIGTERM)
            for _ in page.iter_raw():
                pass  # until the server ends it
        assert process.wait(timeout=30) == 0
        assert left(process) == ""
