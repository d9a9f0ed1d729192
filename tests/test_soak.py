"""Many ask a served library for long while another process changes it: no wrong quote, no stale one, no growth.

    pytest -s -m long tests/test_soak.py

takes ``SOAK_S`` seconds (1800). With ``REAL_MODELS`` set, the real encoder and reader are soaked.
"""

from __future__ import annotations

import asyncio
import html
import os
import re
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from statistics import mean, median

import httpx
import pytest

from corpus.errors import DocumentNotFound
from corpus.model import Address
from corpus.sqlite import SqliteLibrary
from qa.assembly import assemble, make_library, open_library
from qa.settings import Settings
from tests.asking import ChatClient
from tests.changing import Chronicle, changing, question_of
from tests.serving import encoder_in_use

TURNS = 5
LONG_S = float(os.environ.get("SOAK_S", "1800"))
GROWTH = 1.05
"""Memory is flat where the mean of the last third of the time is at most so many times that of the second."""

_SAMPLES = 120
_TIMEOUT_S = 300.0
_CARD = re.compile(
    r'<p class="context">.*?<mark>(.*?)</mark>.*?</p>.*?<p class="address"><code>(.*?)</code>', re.DOTALL
)


@dataclass(frozen=True, slots=True)
class Shown:
    """A quote that somebody was shown, and the generations of the library before the question and after the answer."""

    address: Address
    text: str
    since: int
    until: int


@dataclass(slots=True)
class Log:
    """What the users saw."""

    shown: list[Shown] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    waited_s: list[float] = field(default_factory=list)
    resident_mb: list[float] = field(default_factory=list)


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, int]]:
    """The URL and process id of a server over a library; it is killed at the end."""
    command = [sys.executable, str(Path(__file__).with_name("serving.py")), "--library", str(folder)]
    with subprocess.Popen([*command, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told = next((line for line in server.stdout if "http://" in line), "")
            yield told.split("Ask at ")[1].split()[0], server.pid
        finally:
            server.send_signal(signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Users:
    """People who ask, each with the page open in a browser."""

    url: str
    client: httpx.AsyncClient
    chat: ChatClient
    library: SqliteLibrary
    log: Log

    async def use(self, random: Random, end: float) -> None:
        """Ask one question after the other, in one conversation after the other, until the time is over."""
        while time.monotonic() < end:
            async with self._page() as session:
                for turn in range(1, TURNS + 1):
                    await self._ask(question_of(random), session, turn)

    @asynccontextmanager
    async def _page(self) -> AsyncIterator[str]:
        """A page that is open, which the server knows as long as it is."""
        session = uuid.uuid4().hex
        async with self.client.stream("GET", f"{self.url}/gradio_api/heartbeat/{session}"):
            yield session

    async def _ask(self, question: str, session: str, turn: int) -> None:
        since, started = self.library.generation(), time.monotonic()
        try:
            _, conversation = await self.chat.ask(question, session)
        except (ValueError, httpx.HTTPError) as error:
            self.log.errors.append(f"{question}: {type(error).__name__} {error}")
            return
        self.log.waited_s.append(time.monotonic() - started)
        note(conversation, question, turn, (since, self.library.generation()), self.log)


def note(conversation: str, question: str, turn: int, between: tuple[int, int], log: Log) -> None:
    """Write down what the last turn of a conversation shows."""
    _, _, last = conversation.rpartition(f'id="turn-{turn}"')
    if html.escape(question, quote=False) not in last or "reply failed" in last:
        log.errors.append(f"{question}: {last[:500]}")
    for text, address in _CARD.findall(last):
        log.shown.append(Shown(Address.parse(html.unescape(address)), html.unescape(text), *between))


def faults(shown: list[Shown], library: SqliteLibrary, chronicle: Chronicle) -> Iterator[str]:
    """The quotes that are not what their address says, or were of no current version while they were made."""
    for quote in shown:
        try:
            document, _ = library.resolve(quote.address)
        except DocumentNotFound as error:
            yield f"{quote}: {error}"
            continue
        if document.slice(quote.address.span) != quote.text:
            yield f"wrong: {quote}, where {document.slice(quote.address.span)!r} stands"
        if not chronicle.was_current(quote.address.document_id, quote.address.version, quote.since, quote.until):
            yield f"stale: {quote}"


async def soak(url: str, pid: int, folder: Path, users: int, seconds: float) -> Log:
    """All users at once, each for one conversation at least; the server's memory is looked at meanwhile."""
    log, limits = Log(), httpx.Limits(max_connections=None, max_keepalive_connections=None)
    with closing(open_library(folder)) as library:
        async with httpx.AsyncClient(timeout=_TIMEOUT_S, limits=limits, trust_env=False) as client:
            all = Users(url, client, await ChatClient.at(url, client), library, log)
            end = time.monotonic() + seconds
            await asyncio.gather(
                watch(pid, end, seconds / _SAMPLES, log), *(all.use(Random(number), end) for number in range(users))
            )
    return log


async def watch(pid: int, end: float, every_s: float, log: Log) -> None:
    """Note the resident memory of a process from time to time."""
    while time.monotonic() < end:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        log.resident_mb.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)
        await asyncio.sleep(every_s)


async def kill_amid_questions(url: str, pid: int, users: int) -> None:
    """Kill a server when all users have asked and wait for their answers."""
    async with httpx.AsyncClient(timeout=_TIMEOUT_S, trust_env=False) as client:
        chat, random = await ChatClient.at(url, client), Random(1)
        await asyncio.gather(*(chat.send(question_of(random), uuid.uuid4().hex) for _ in range(users)))
        os.kill(pid, signal.SIGKILL)


@pytest.mark.parametrize(("users", "seconds"), [(6, 5.0), pytest.param(32, LONG_S, marks=pytest.mark.long)])
def test_many_ask_for_long_while_the_library_changes(tmp_path: Path, users: int, seconds: float) -> None:
    folder = tmp_path / "library"
    encoder = encoder_in_use()
    make_library(folder, encoder, empty=True)
    with changing(folder, 3, 0.2, "add", "add", "replace", "replace", "again", "withdraw") as (chronicle, changes):
        while chronicle.generation < 30:
            assert changes.poll() is None
            time.sleep(0.05)
        before = chronicle.generation
        with serving(folder) as (url, pid):
            asyncio.run(soak(url, pid, folder, users, 0.1))  # until it is warm
            log = asyncio.run(soak(url, pid, folder, users, seconds))
            asyncio.run(kill_amid_questions(url, pid, users))
        with closing(open_library(folder)) as library:
            while chronicle.generation < library.generation():  # what it did is told, then it is killed doing more
                assert changes.poll() is None
                time.sleep(0.001)
        changes.kill()
    with closing(open_library(folder)) as library:
        wrong = list(faults(log.shown, library, chronicle))
        parts = assemble(library, folder, encoder, Settings())
        differences = parts.check()
    length = len(log.resident_mb) // 3
    thirds = [mean(log.resident_mb[third * length :][:length]) for third in range(3)]
    print(
        f"{len(log.waited_s)} answers to {users} users in {seconds:.0f} s, {len(log.shown)} quotes,"
        f" {len(wrong)} of them wrong or stale; {chronicle.generation - before} changes; {len(log.errors)} errors;"
        f" an answer took {median(log.waited_s):.2f} s, {max(log.waited_s):.2f} at most; resident memory in thirds"
        f" {', '.join(f'{each:.0f}' for each in thirds)} MB"
    )
    assert (log.errors[:3], wrong[:3], differences) == ([], [], [])
    assert len(log.shown) > users
    assert chronicle.generation > before
    if seconds == LONG_S:
        assert thirds[2] <= GROWTH * thirds[1]
    with serving(folder) as (url, pid):
        again = asyncio.run(soak(url, pid, folder, users, 0.1))
    assert (len(again.waited_s), again.errors) == (users * TURNS, [])
