"""Other processes in tests: ``tests/worker.py`` started in processes of its own, and waiting for what another does."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

Worker = subprocess.Popen[str]

_WORKER = Path(__file__).parent / "worker.py"
_TIMEOUT_S = 60


@contextmanager
def worker(command: str, folder: Path, *rest: str) -> Iterator[Worker]:
    """A worker that has said "ready" and waits for ``go``; it is killed at the end where it still runs."""
    process = subprocess.Popen(
        [sys.executable, str(_WORKER), command, str(folder), *rest],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
            yield process
        finally:
            process.kill()


def read_elsewhere(folder: Path) -> dict[str, bytes]:
    """All files below a folder, by relative path, read by another process.

    One that reads a database file itself drops the locks of the library that it has open.
    """
    with tempfile.TemporaryDirectory() as other:
        subprocess.run(["cp", "-R", f"{folder}/.", other], check=True)
        found = [file for file in Path(other).rglob("*") if file.is_file()]
        return {file.relative_to(other).as_posix(): file.read_bytes() for file in found}


def go(process: Worker) -> None:
    """Let a worker begin."""
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def lines(process: Worker) -> list[str]:
    """All that a worker still prints until it ends well."""
    output, _ = process.communicate(timeout=_TIMEOUT_S)
    assert process.returncode == 0
    return output.split("\n")[:-1]


def live(process: Worker, plan: Sequence[Sequence[str]], fatal: int | None, delay_s: float = 0) -> list[str]:
    """Let a child of a worker that ``lives`` carry out a plan; all that it said.

    It is killed so long after it began step ``fatal``; where that is None, it ends by itself.
    """
    assert process.stdin is not None
    assert process.stdout is not None
    process.stdin.write(json.dumps(plan) + "\n")
    process.stdin.flush()
    child = int(process.stdout.readline())
    said: list[str] = []
    for line in process.stdout:
        if line.startswith("over"):
            assert line.split()[1] in {"0", str(-signal.SIGKILL)}
            break
        said.append(line.strip())
        if line == "begin\n" and said.count("begin") - 1 == fatal:
            time.sleep(delay_s)
            with suppress(ProcessLookupError):
                os.kill(child, signal.SIGKILL)
    return said


def wait_until(holds: Callable[[], bool]) -> None:
    """Wait for what another process or thread does."""
    end = time.monotonic() + _TIMEOUT_S
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)
