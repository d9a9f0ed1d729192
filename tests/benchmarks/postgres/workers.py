"""Passages that wait in a database, encoded by one process of ``krakow-qa work``, by three, and by three that die."""

from __future__ import annotations

import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from random import Random

from corpus.errors import KrakowQAError
from corpus.files import File
from corpus.model import Passage
from corpus.postgres.dsn import Dsn
from corpus.postgres.library import PostgresLibrary
from index.encoder import Encoder
from qa.assembly import make_library
from tests.benchmarks.growth.measuring import Figures
from tests.benchmarks.growth.texts import Pool
from tests.postgres import Server

_PARAGRAPHS = 5
"""So many are a file."""

_KILLS = 6
_LOOKS_EACH_S = 0.2


def encoded_by_workers(server: Server, work: Path, passages: int, encoder: Encoder) -> dict[str, Figures]:
    """Figures of one process, of three, and of three that are killed; raises KrakowQAError where they differ."""
    pool = Pool.open(work / "pool")
    paragraphs = [" ".join(text.split()) for text in pool.parts[: min(passages, pool.whole)]]
    files = [
        _file_of(start, paragraphs[start : start + _PARAGRAPHS]) for start in range(0, len(paragraphs), _PARAGRAPHS)
    ]
    columns: dict[str, Figures] = {}
    contents: list[set[Passage]] = []
    for name, workers, kills in (("one process", 1, 0), ("three", 3, 0), ("three, killed", 3, _KILLS)):
        dsn = Dsn(server.new_dsn())
        make_library(dsn, encoder, empty=True)
        with closing(PostgresLibrary(dsn)) as library:
            for file in files:
                library.waiting.put(file)
            took_s = _encoded(dsn, library, workers, kills)
            contents.append(_contents(library, len(files)))
        columns[name] = {"passages": len(contents[-1]), "kills": kills, "passages/s": len(contents[-1]) / took_s}
        if contents[-1] != contents[0]:
            raise KrakowQAError(f"{name}: other passages than those of one process")
    return columns


def _file_of(number: int, paragraphs: list[str]) -> File:
    name = f"paragraphs-{number}.md"
    return File(f"/files/{name}", name, "\n\n".join(paragraphs).encode, {"title": f"Paragraphs {number}"})


def _encoded(dsn: Dsn, library: PostgresLibrary, workers: int, kills: int) -> float:
    """Seconds until nothing waits, from the start of the processes on; so many are killed amid it, and started anew."""
    random, start, killed, total = Random(workers + kills), time.perf_counter(), 0, library.waiting.number()
    running = [_worker(dsn) for _ in range(workers)]
    while any(worker.poll() is None for worker in running):
        time.sleep(_LOOKS_EACH_S)
        if killed < kills and len(library.entries()) > total * (killed + 0.5) / kills:
            place = random.randrange(workers)
            running[place].kill()
            running[place].wait()
            running[place] = _worker(dsn)
            killed += 1
    if killed < kills or any(worker.returncode != 0 for worker in running):
        raise KrakowQAError(f"{killed} of {kills} kills; workers ended with {[each.returncode for each in running]}")
    return time.perf_counter() - start


def _worker(dsn: Dsn) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "qa", "--library", dsn.url, "work"]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL)


def _contents(library: PostgresLibrary, documents: int) -> set[Passage]:
    """All passages; raises KrakowQAError where a document is lost, was added twice, or does not agree with itself."""
    added = [change.document_id for change in library.changes(0)]
    if not library.waiting.number() == 0 == len(library.waiting.failed()):
        raise KrakowQAError("there are files that still wait")
    if not len(added) == len(set(added)) == documents:
        raise KrakowQAError(f"{len(added)} changes for {documents} documents")
    for damage in library.check():
        raise KrakowQAError(damage)
    ids = library.passage_ids()
    stored = library.stored(range(int(ids[0]), int(ids[-1]) + 1))
    return {each.passage for each in stored}
