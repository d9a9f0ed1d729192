"""A library in PostgreSQL beside the same one in a folder, with the passages of the growth benchmark, in one run.

    python -m tests.benchmarks.postgres --data ../shared/data --passages 100000
    python -m tests.benchmarks.postgres --data ../shared/data --workers 20000

The first command fills both, asks each question of the one and then of the other, and compares what is found with
exact search; the second encodes so many passages with one process of ``krakow-qa work``, with three, and with three of
which one is killed now and then. A server is started for it with the settings below, which writes as safely as any;
``--dsn`` names another one, on which schemas may be made and dropped. ``--work`` keeps
the vectors, and may be the folder of the growth benchmark.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import index.in_postgres
from corpus.postgres.dsn import Dsn
from qa.assembly import load_encoder
from tests.benchmarks.growth.__main__ import prepare
from tests.benchmarks.growth.filling import Case
from tests.benchmarks.growth.table import side_by_side
from tests.benchmarks.postgres.measuring import Engines, measured
from tests.benchmarks.postgres.workers import encoded_by_workers
from tests.postgres import Server, made

SETTINGS = {
    "fsync": "on",
    "shared_buffers": "2GB",
    "maintenance_work_mem": "1GB",
    "max_wal_size": "8GB",
    "work_mem": "64MB",
}
"""Of the server; what is not named is as PostgreSQL has it."""


def main(given: argparse.Namespace) -> None:
    encoder = load_encoder(None)
    prepare(given.data, given.work, encoder)
    index.in_postgres._GRAPH_FROM = given.graph_from
    os.environ["XDG_DATA_HOME"] = str(given.work / "data")  # what belongs to libraries in databases
    with _server(given.dsn) as server:
        if given.workers is not None:
            columns = encoded_by_workers(server, given.work, given.workers, encoder)
        else:
            case = Case(f"beside-postgres-{given.passages}", "pool", 0, given.passages)
            columns = measured(Engines(case, given.work, encoder, Dsn(server.new_dsn()), given.questions))
        server.drop_all()
    sys.stdout.write(f"{side_by_side(columns)}\n")


@contextmanager
def _server(dsn: str | None) -> Iterator[Server]:
    with ExitStack() as stack:
        if dsn is None:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="krakow-qa-postgres-"))
            dsn = stack.enter_context(made(Path(folder), **SETTINGS)).dsn
        yield Server(dsn)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="A library in PostgreSQL beside one in a folder.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), "krakow-growth"))
    parser.add_argument("--dsn", help="a server on which schemas may be made and dropped")
    parser.add_argument("--passages", type=int, default=100_000)
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--graph-from", type=int, default=index.in_postgres._GRAPH_FROM, metavar="PASSAGES")
    parser.add_argument("--workers", type=int, metavar="PASSAGES", help="encode so many by workers instead")
    main(parser.parse_args())
