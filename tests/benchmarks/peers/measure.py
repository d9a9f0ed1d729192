"""Measures one system in a process of its own; the last line that it prints is what it found, as JSON.

python -m tests.benchmarks.peers.measure NAME FOLDER TASK.json
"""

from __future__ import annotations

import json
import re
import statistics
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

from tests.benchmarks.peers.system import SYSTEMS, Answers, Saves, System
from tests.benchmarks.peers.task import Task

K = 10
WARM_UP = 10
NEW = 8
ASKED = 50
"""The most questions that a reader is put to."""


def main(name: str, folder: Path, task: Task) -> None:
    choice = SYSTEMS[name]
    try:
        system = choice.make(Path(task.weights), folder)
    except ModuleNotFoundError as error:
        tell({"missing": str(error)})
        return
    figures = measured(system, task)
    versions = {distribution: version(distribution) for distribution in choice.distributions}
    tell({**figures, "versions": versions})


def tell(found: dict[str, Any]) -> None:
    sys.stdout.write(f"\n{json.dumps(found)}\n")


def measured(system: System, task: Task) -> dict[str, float]:
    """The figures of a system by the keys of the table's columns."""
    filling_s = seconds(lambda: system.fill(task.texts))
    for question in task.questions[:WARM_UP]:
        system.find(question, K)
    found: list[list[int]] = []
    finding_ms = [1000 * seconds(lambda q=q: found.append(system.find(q, K))) for q in task.questions]  # type: ignore[misc]
    right = [gold in positions for gold, positions in zip(task.gold, found, strict=True)]
    figures = {
        "filled_per_s": len(task.texts) / filling_s,
        "found_p50_ms": statistics.median(finding_ms),
        "found_p95_ms": percentile_95(finding_ms),
        "recall": statistics.fmean(right),
        **added(system, len(task.texts)),
        "memory_mb": peak_mb(),
    }
    return {**figures, **answered(system, task)} if isinstance(system, Answers) else figures


def added(system: System, count: int) -> dict[str, float]:
    """Milliseconds until one more text is found, and until it is on disk too; raises ValueError unless it is found."""
    found_ms, kept_ms = [], []
    for number in range(NEW):
        text = (
            f"Treaty {number} of Quorvath obliges every member to report its snow ploughs by the {number + 3}th of May."
        )
        question = f"What does treaty {number} of Quorvath oblige members to report?"
        found: list[int] = []
        adding_s = seconds(lambda text=text: system.add(text))  # type: ignore[misc]
        finding_s = seconds(lambda q=question, found=found: found.extend(system.find(q, K)))  # type: ignore[misc]
        if count + number not in found:
            raise ValueError(f"the text added as {count + number} was not found, but {found}")
        saving_s = seconds(system.save) if isinstance(system, Saves) else 0.0
        found_ms.append(1000 * (adding_s + finding_s))
        kept_ms.append(1000 * (adding_s + finding_s + saving_s))
    return {
        "added_ms": statistics.median(found_ms[1:]),
        "kept_ms": statistics.median(kept_ms[1:]),
    }  # the first warms up


def answered(system: Answers, task: Task) -> dict[str, float]:
    system.ask(task.questions[0])
    asking_ms = [1000 * seconds(lambda q=q: system.ask(q)) for q in task.questions[:ASKED]]  # type: ignore[misc]
    return {
        "asked_p50_ms": statistics.median(asking_ms),
        "asked_p95_ms": percentile_95(asking_ms),
        "asked_memory_mb": peak_mb(),
    }


def seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def percentile_95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20, method="inclusive")[-1]


def peak_mb() -> float:
    """The most that this process had resident, and at the most those that it started and that still run; on Linux."""
    statuses = {}
    for file in Path("/proc").glob("[0-9]*/status"):
        try:
            statuses[file.parent.name] = file.read_text()
        except OSError:  # it has ended meanwhile
            continue
    family = {Path("/proc/self").resolve().name}
    grown = True
    while grown:
        grown = False
        for pid, status in statuses.items():
            parent = re.search(r"^PPid:\s+(\d+)", status, re.M)
            if pid not in family and parent is not None and parent[1] in family:
                family.add(pid)
                grown = True
    peaks_kb = [re.search(r"^VmHWM:\s+(\d+)", statuses[pid], re.M) for pid in family]
    return sum(int(peak[1]) for peak in peaks_kb if peak is not None) / 1000


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), Task.read(Path(sys.argv[3])))
