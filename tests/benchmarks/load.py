"""Asks over HTTP, the page or the API, as 1, 8 and 64 users at once, beside the bare reader in a process of its own.

    python -m tests.benchmarks.load --users 1 8 64 --seconds 30
    python -m tests.benchmarks.load --door api
    python -m tests.benchmarks.load --users 8 --seconds 600
    python -m tests.benchmarks.load --squad ../shared/data/squad/dev-v1.1.json.gz --passages 2000
    python -m tests.benchmarks.load --library FOLDER --questions FILE.jsonl

The library is made of the briefs, of paragraphs of SQuAD, or given. Users ask one question after the other, each when
the last one is answered; on the page they begin a new conversation after five. Printed for each number of users:
answers a second, latencies in milliseconds, what went wrong, the most and fewest answers of a user, how many later
questions at most were answered before one ("overtaken"), the server's resident memory at the beginning and end in MB,
and the client's share of one core. Before and after each the bare reader reads the same questions with their passages,
in as many threads as is fastest: "of bulk" is the passages read a second on behalf of users, as a share of that. First
of all, one after the other in one process: retrieval, the bare reader and the whole answer.
"""

from __future__ import annotations

import argparse
import asyncio
import html
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from itertools import cycle, islice
from multiprocessing import get_context
from multiprocessing.pool import Pool
from pathlib import Path
from random import Random
from statistics import mean, median, quantiles

import httpx

from qa.threads import calm_threads
from tests.asking import ApiClient, ChatClient
from tests.benchmarks.bare import Alone, alone, bulk, make_squad_library, open_parts_of

OWN_SET = Path(__file__).parents[2] / "qa" / "evaluation" / "krakow.jsonl"
PAGE, API = "page", "api"
TURNS = 5
TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that was answered, by the seconds at which it waited and had its answer."""

    user: int
    joined: float
    done: float


@dataclass(slots=True)
class Log:
    """What the users saw."""

    asked: list[Asked] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


async def use_api(api: ApiClient, user: int, questions: Iterator[str], end: float, log: Log) -> None:
    """Ask the API until the time is over."""
    while time.perf_counter() < end:
        question = next(questions)
        try:
            joined, answer = await api.ask(question)
            log.asked.append(Asked(user, joined, time.perf_counter()))
            if answer["question"] != question.strip() or not (answer["quotes"] or answer["reason"]):
                log.errors.append(f"{question!r} was answered with {answer}")
        except httpx.HTTPError as error:
            log.errors.append(f"{type(error).__name__}: {error}")


async def use_page(page: ChatClient, user: int, questions: Iterator[str], end: float, log: Log) -> None:
    """Ask on the page until the time is over."""
    session, turns = uuid.uuid4().hex, 0
    while time.perf_counter() < end:
        question = next(questions)
        turns += 1
        try:
            joined, conversation = await page.ask(question, session)
            log.asked.append(Asked(user, joined, time.perf_counter()))
            log.errors += faults(conversation, question, turns)
        except (ValueError, httpx.HTTPError) as error:
            log.errors.append(f"{type(error).__name__}: {error}")
        if turns == TURNS:
            session, turns = uuid.uuid4().hex, 0


def faults(conversation: str, question: str, turns: int) -> Iterator[str]:
    """What is wrong with a conversation whose last question this was."""
    asked = [html.unescape(each) for each in re.findall(r'<h2 class="asked">(.*?)</h2>', conversation, re.DOTALL)]
    if len(asked) != turns or asked[-1] != question.strip():
        yield f"{question!r} was answered with {asked[-1:]} as turn {len(asked)} of {turns}"
    if "reply failed" in conversation:
        yield f"{question!r} was not answered: {conversation[conversation.index('reply failed') :][:200]}"


async def load(url: str, door: str, questions: Sequence[str], users: int, seconds: float) -> Log:
    """So many users at once, at one of the doors."""
    log = Log()
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    async with httpx.AsyncClient(timeout=TIMEOUT_S, limits=limits, trust_env=False) as client:
        use = (
            partial(use_page, await ChatClient.at(url, client))
            if door == PAGE
            else partial(use_api, ApiClient(url, client))
        )
        end = time.perf_counter() + seconds
        each = [islice(cycle(questions), number * 7, None) for number in range(users)]
        await asyncio.gather(*(use(number, asks, end, log) for number, asks in enumerate(each)))
    return log


@contextmanager
def serving(folder: Path) -> Iterator[tuple[str, int]]:
    """The URL and process id of a server over a library, once it answers."""
    command = [sys.executable, "-m", "qa", "--library", str(folder), "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            told = next((line for line in server.stdout if "http://" in line), "")
            url = told.split("Ask at ")[1].split()[0]
            while asyncio.run(load(url, PAGE, ["What is LEAP?"], 1, 0.5)).errors:
                time.sleep(1)
            yield url, server.pid
        finally:
            server.terminate()


def resident_mb(pid: int) -> float:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def overtaken(asked: Sequence[Asked]) -> int:
    """How many later questions at most were answered before one."""
    by_arrival = sorted(asked, key=lambda each: each.joined)
    return max(
        sum(later.done < each.done for later in by_arrival[place + 1 : place + 200])
        for place, each in enumerate(by_arrival)
    )


def seen(log: Log, users: int) -> str:
    """Latencies, errors and fairness, as cells of the table."""
    latencies_ms = sorted(1000 * (each.done - each.joined) for each in log.asked)
    p95 = quantiles(latencies_ms, n=20, method="inclusive")[-1]
    counts = [sum(each.user == user for each in log.asked) for user in range(users)]
    return (
        f"{median(latencies_ms):>8.0f}{p95:>8.0f}{latencies_ms[-1]:>8.0f}{len(log.errors):>8}"
        f"{f'{max(counts)}/{min(counts)}':>10}{overtaken(log.asked):>11}"
    )


def measure(folder: Path, questions: Sequence[str], reader: Pool, arguments: argparse.Namespace) -> None:
    first: Alone = reader.apply(alone)
    print(
        f"one after the other: retrieval {first.retrieval_ms:.1f} ms, bare reader {first.reader_ms:.1f} ms,"
        f" whole answer {first.whole_ms:.1f} ms, {first.ratio:.2f} of both; {first.passages:.1f} passages an answer"
    )
    print("users answers/s     p50     p95     max  errors  most/few  overtaken    memory MB  client of bulk")
    with serving(folder) as (url, pid):
        before = reader.apply(bulk)
        for number in arguments.users:
            memory_mb, started, used = resident_mb(pid), time.perf_counter(), time.process_time()
            log = asyncio.run(load(url, arguments.door, questions, number, arguments.seconds))
            took_s, used_s = time.perf_counter() - started, time.process_time() - used
            memory = f"{memory_mb:.0f} → {resident_mb(pid):.0f}"
            after = reader.apply(bulk)
            rate = len(log.asked) / took_s
            share = rate * first.passages / mean([before, after])
            print(
                f"{number:>5}{rate:>10.2f}{seen(log, number)}{memory:>13}{used_s / took_s:>8.2f}{share:>8.2f}",
                flush=True,
            )
            for error in sorted(set(log.errors))[:5]:
                print(f"      {error}")
            before = after
    print(f"the bare reader in bulk: {before:.0f} passages a second")


def main(arguments: argparse.Namespace) -> None:
    calm_threads()  # for the bare reader, as for the server
    with tempfile.TemporaryDirectory() as temporary:
        folder = arguments.library or Path(temporary, "library")
        if arguments.squad is not None:
            questions = make_squad_library(folder, arguments.squad, arguments.passages)
        else:
            lines = arguments.questions.read_text("utf-8").splitlines()
            questions = [str(json.loads(line)["question"]) for line in lines if line.strip()]
            open_parts_of(folder).library.close()
        questions = Random(6).sample(questions, min(len(questions), 512))
        with get_context("spawn").Pool(1, open_parts_of, (folder, questions)) as reader:
            measure(folder, questions, reader, arguments)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Answers over HTTP, beside the bare reader.")
    parser.add_argument("--door", choices=[PAGE, API], default=PAGE, help="what is asked")
    parser.add_argument("--users", type=int, nargs="+", default=[1, 8, 64])
    parser.add_argument("--seconds", type=float, default=30.0, help="for each number of users")
    parser.add_argument("--library", type=Path, help="a library's folder; one of the briefs where left out")
    parser.add_argument("--questions", type=Path, default=OWN_SET, help="questions in our own format")
    parser.add_argument("--squad", type=Path, help="a file of SQuAD: its paragraphs as the library, and its questions")
    parser.add_argument("--passages", type=int, default=2000, help="the most paragraphs of SQuAD")
    main(parser.parse_args())
