"""The doors over a library in a database: the page, MCP, and the command that evaluates, each as users start it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mcp import Client, StdioServerParameters

from corpus.moving import copy_library
from corpus.postgres.dsn import Dsn
from corpus.postgres.library import PostgresLibrary
from qa.assembly import Parts, make_library, open_parts
from qa.settings import LEXICAL_READER, Settings
from tests.conftest import put
from tests.fakes import HashEncoder
from tests.postgres import Server

_PROGRAM = Path(__file__).with_name("serving.py")
_QUESTION = "Who chaired the harbour council?"
_QUOTE = "Ola Nowak chaired the harbour council in Kraków 😀."


@pytest.fixture
def url(postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Of a library with one document; what belongs to it lies below this test's folder."""
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    dsn, encoder = Dsn(postgres.new_dsn()), HashEncoder()
    make_library(dsn, encoder, empty=True)
    parts = open_parts(dsn, Settings(reader=LEXICAL_READER), encoder=encoder)
    put(parts, tmp_path, "harbour", f"# Harbour\n\n{_QUOTE} Nine cranes will be painted blue.\n")
    parts.library.close()
    yield dsn.url
    postgres.drop_all()


def test_the_page_answers_over_http(url: str) -> None:
    command = [sys.executable, _PROGRAM, "--library", url, "serve", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            told = next(line for line in server.stdout if "Ask at " in line)
            page = told.split("Ask at ")[1].split()[0].rstrip("/")
            asked = ask_over_http(page)
            while asked.status_code == 503:  # it is warming up
                time.sleep(0.1)
                asked = ask_over_http(page)
        finally:
            server.kill()
    assert asked.status_code == 200
    assert any(quote["text"] == _QUOTE for quote in asked.json()["quotes"])


def ask_over_http(page: str) -> httpx.Response:
    return httpx.post(f"{page}/api/v1/ask", json={"question": _QUESTION}, timeout=120)


def test_mcp_answers_on_standard_input_and_output(url: str) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=[str(_PROGRAM), "--library", url, "mcp"],
        env={"COVERAGE_PROCESS_START": "", "XDG_DATA_HOME": os.environ["XDG_DATA_HOME"]},
    )

    async def ask() -> Any:
        async with Client(command) as client:
            return (await client.call_tool("ask", {"question": _QUESTION})).structured_content

    answer = asyncio.run(ask())
    assert any(quote["text"] == _QUOTE for quote in answer["quotes"])


@pytest.mark.models
def test_an_evaluation_has_the_same_metrics_with_both_engines(
    briefs: Parts, postgres: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    dsn = Dsn(postgres.new_dsn())
    library = PostgresLibrary.create(dsn, briefs.library.manifest)
    list(copy_library(briefs.library, library))
    library.close()
    folder, database = (metrics_of(place) for place in (str(briefs.folder), dsn.url))
    assert folder.keys() == database.keys() != set()
    for name, metric in folder.items():
        assert database[name] == pytest.approx(metric, abs=0.005), name
    postgres.drop_all()


def metrics_of(place: str) -> dict[str, Any]:
    """The values that ``krakow-qa evaluate`` has for a sample of our set."""
    command = [sys.executable, "-m", "qa", "--library", place, "evaluate", "krakow.jsonl", "--limit", "40", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    metrics = json.loads(done.stdout)["metrics"]
    return {name: metric["value"] for name, metric in metrics.items() if not name.startswith("latency")}
