"""Starts the processes that are measured, one at a time, with the same threads and without a network."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.peers import limits
from tests.benchmarks.peers.system import SYSTEMS
from tests.benchmarks.peers.task import Task

ROOT = Path(__file__).parents[3]


@dataclass(frozen=True, slots=True)
class Children:
    """Runs systems on a task, kept in ``task.json`` of a folder; ``peers_python`` is the peers' interpreter."""

    folder: Path
    task: Task
    peers_python: str
    threads: int

    def measured(self, name: str) -> dict[str, Any]:
        """The figures of a system, filled in an empty folder."""
        (self.folder / name).mkdir()
        return self._found(self._python(name), "measure", name, str(self.folder / name), str(self.folder / "task.json"))

    def limit(self, name: str) -> dict[str, Any]:
        """The figures of an encoder alone."""
        python = sys.executable if name == limits.OURS else self.peers_python
        return self._found(python, "limits", name, str(self.folder / "task.json"))

    def first_s(self, name: str) -> float:
        """Seconds from the start of a process to hits from what the system has on disk; ours by its command."""
        stored, question = str(self.folder / name), self.task.questions[0]
        if SYSTEMS[name].is_ours:
            return self.timed_s(self._krakow(stored, "search", question))
        module = "tests.benchmarks.peers.first"
        return self.timed_s([self.peers_python, "-m", module, name, self.task.weights, stored, question])

    def commands(self) -> dict[str, float]:
        """What our documented commands take: a folder of files added to a new library, a question asked of it."""
        files, library = self.folder / "files", str(self.folder / "library")
        files.mkdir()
        for position, text in enumerate(self.task.texts):
            (files / f"text-{position}.txt").write_text(text, "utf-8")
        self.timed_s(self._krakow(library, "init", "--empty"))
        added_s = self.timed_s(self._krakow(library, "add", str(files)))
        asked_s = self.timed_s(self._krakow(library, "ask", self.task.questions[0]))
        return {"command_filled_per_s": len(self.task.texts) / added_s, "command_ask_s": asked_s}

    def timed_s(self, command: Sequence[str]) -> float:
        """Seconds from the start of a command to its last line; raises CalledProcessError."""
        start = last = time.perf_counter()
        with subprocess.Popen(
            command, cwd=ROOT, env=self._environment(), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as process:
            assert process.stdout is not None
            for _ in process.stdout:
                last = time.perf_counter()
        if process.returncode != 0:
            raise subprocess.CalledProcessError(process.returncode, command)
        return last - start

    def _found(self, python: str, module: str, *arguments: str) -> dict[str, Any]:
        done = subprocess.run(
            [python, "-m", f"tests.benchmarks.peers.{module}", *arguments],
            cwd=ROOT,
            env=self._environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"{module} {arguments[0]} failed:\n{done.stderr[-4000:]}")
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found

    def _python(self, name: str) -> str:
        return sys.executable if SYSTEMS[name].is_ours else self.peers_python

    def _krakow(self, library: str, *arguments: str) -> list[str]:
        return [sys.executable, "-m", "qa", "--library", library, *arguments]

    def _environment(self) -> Mapping[str, str]:
        sizes = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS")
        offline = {"HF_HUB_OFFLINE": "1", "HAYSTACK_TELEMETRY_ENABLED": "False"}
        return {**os.environ, **dict.fromkeys(sizes, str(self.threads)), **offline}
