"""Times starts from a cold process, in turns within one run: the command's help, an answer, the page, a first answer.

    python -m tests.benchmarks.starting --rounds 7

The library is the shipped one, made before. Printed for each: the median in milliseconds, the fastest in brackets, and
how many times as long it takes as what it is held against: a bare Python, or the bare imports of what an answer needs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from statistics import median
from typing import Any

NEEDED = "click, sqlite3, numpy, torch, safetensors.torch, tokenizers, faiss, tantivy, Stemmer, anyascii, sentencex"
"""What an answer cannot do without."""

QUESTION = "Who represented NATO in Krakow?"
HELD_AGAINST = {
    "help": "bare Python",
    "list": "bare Python",
    "ask": "imports",
    "first answer of serve": "page of serve",
}
PYTHON = [sys.executable]
COMMAND = [*PYTHON, "-m", "qa"]


def run(*command: str) -> None:
    """Run a command to its end; raises CalledProcessError where it fails."""
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)


@contextmanager
def served() -> Iterator[str]:
    """The URL of a page that has just been started, once it answers."""
    with subprocess.Popen([*COMMAND, "serve", "--port", "0"], stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            line = next(line for line in process.stdout if "Ask at" in line)
            url = next(word for word in line.split() if word.startswith("http"))
            fetched(url)
            yield url
        finally:
            process.kill()


def page_of_serve() -> None:
    with served():
        pass


def first_answer_of_serve() -> None:
    """Ask as the page does; raises ValueError where there is no answer."""
    with served() as url:
        config = json.loads(fetched(f"{url}/config"))
        ids = {each["props"].get("elem_id"): each["id"] for each in config["components"]}
        asking = next(each for each in config["dependencies"] if [ids["ask"], "click"] in map(list, each["targets"]))
        session = {"session_hash": "starting"}
        join = {"fn_index": asking["id"], "data": [QUESTION, *[None] * (len(asking["inputs"]) - 1)], **session}
        fetched(f"{url}/gradio_api/queue/join", join)
        said = fetched(f"{url}/gradio_api/queue/data?session_hash=starting", until='"process_completed"')
        if "Shekerinska" not in said:
            raise ValueError(said[-2000:])


def fetched(url: str, body: Any = None, until: str | None = None) -> str:
    """What is answered, up to the line that holds ``until``."""
    data = None if body is None else json.dumps(body).encode()
    headers = {"Content-Type": "application/json", "Origin": url.partition("/gradio_api")[0]}
    request = urllib.request.Request(url, data, headers)
    with urllib.request.urlopen(request, timeout=120) as response:
        said = ""
        for line in response:
            said += line.decode()
            if until is not None and until in said:
                break
    return said


STARTS: dict[str, Callable[[], None]] = {
    "bare Python": lambda: run(*PYTHON, "-c", ""),
    "help": lambda: run(*COMMAND, "--help"),
    "list": lambda: run(*COMMAND, "list"),
    "imports": lambda: run(*PYTHON, "-c", f"import {NEEDED}"),
    "ask": lambda: run(*COMMAND, "ask", QUESTION),
    "page of serve": page_of_serve,
    "first answer of serve": first_answer_of_serve,
}


def timed_ms(start: Callable[[], None]) -> float:
    began = time.perf_counter()
    start()
    return 1000 * (time.perf_counter() - began)


def main(rounds: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KRAKOW_QA_LIBRARY"] = f"{folder}/library"
        run(*COMMAND, "init")
        took = {name: [] for name in STARTS}  # type: dict[str, list[float]]
        for number in range(rounds + 1):
            for name, start in STARTS.items():
                ms = timed_ms(start)
                if number > 0:  # the first round reads files into memory
                    took[name].append(ms)
    sys.stdout.write(f"imports: {NEEDED}\n\n{'start':<24}{'ms':>9}{'(best)':>10}  against\n")
    for name, laps in took.items():
        against = HELD_AGAINST.get(name)
        ratio = "" if against is None else f"{median(laps) / median(took[against]):.2f} × {against}"
        sys.stdout.write(f"{name:<24}{median(laps):>9.0f}{f'({min(laps):.0f})':>10}  {ratio}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Starts from a cold process, in milliseconds.")
    parser.add_argument("--rounds", type=int, default=7, metavar="N", help="How often each is started.")
    main(parser.parse_args().rounds)
