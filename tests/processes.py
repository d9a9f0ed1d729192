"""Starting ``tests/worker.py`` in processes of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
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
