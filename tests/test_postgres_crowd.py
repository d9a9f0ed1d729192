"""Four writers, of which one is killed again and again, and eight readers, all processes: nothing is lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections import defaultdict
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from corpus.library import State
from corpus.postgres.dsn import Dsn
from corpus.postgres.library import PostgresLibrary
from index.in_postgres import PostgresKeywords
from tests.postgres import Server
from tests.test_corpus_library import _MANIFEST

CROWD_S = float(os.environ.get("CROWD_S", "60"))
_KILLED_EVERY_S = 10.0
_WRITERS, _READERS = 4, 8


def start(folder: Path, *arguments: str) -> tuple[subprocess.Popen[str], Path]:
    """A process, and the file of what it says."""
    said = folder / "-".join(arguments[:1] + arguments[2:])
    command = [sys.executable, str(Path(__file__).with_name("crowd.py")), *arguments]
    with said.open("w") as out:
        stdin = subprocess.PIPE if arguments[0] == "read" else subprocess.DEVNULL
        return subprocess.Popen(command, stdin=stdin, stdout=out, text=True), said


def lines(said: Path) -> list[list[Any]]:
    """What a process said; the line at which it was killed is no line."""
    return [json.loads(line) for line in said.read_text().splitlines(keepends=True) if line.endswith("\n")]


@pytest.mark.long
def test_no_acknowledged_document_is_lost_none_is_half_and_no_quote_is_wrong(postgres: Server, tmp_path: Path) -> None:
    url = postgres.new_dsn()
    library = PostgresLibrary.create(Dsn(url), _MANIFEST)
    readers = [start(tmp_path, "read", url, str(number)) for number in range(_READERS)]
    writers = [start(tmp_path, "write", url, f"w{number}", "0") for number in range(_WRITERS)]
    told = [[said] for _, said in writers]
    lives, end = 1, time.monotonic() + CROWD_S
    while time.monotonic() < end:
        time.sleep(min(_KILLED_EVERY_S, max(end - time.monotonic(), 0)))
        number = lives % _WRITERS
        writers[number][0].kill()
        writers[number][0].wait()
        writers[number] = start(tmp_path, "write", url, f"w{number}", str(lives))
        told[number].append(writers[number][1])
        lives += 1
    for process, _ in writers:
        process.kill()
        process.wait()
    for process, _ in readers:
        process.communicate(timeout=120)
    assert [process.returncode for process, _ in readers] == [0] * _READERS
    assert [line for _, said in readers for line in lines(said) if line[0] == "fault"] == []
    assert all(asked > 0 for _, said in readers for what, asked in lines(said)[-1:] if what == "asked")
    allowed: dict[str, set[str | None]] = defaultdict(lambda: {None})
    for what, id, version in (line for each in told for said in each for line in lines(said)):
        allowed[id] = {version} if what == "done" else allowed[id] | {version}
    assert len(allowed) > _WRITERS
    with closing(library):
        for id, versions in allowed.items():
            entry = library.entry(id)
            current = entry.version if entry is not None and entry.state is State.CURRENT else None
            assert current in versions, id
        assert library.check() == []
        assert PostgresKeywords(library).check() == []
    postgres.drop_all()
