"""Runs krakow-qa, txtai, Haystack, LangChain and LlamaIndex on the same texts with the same encoder weights.

    python3 -m venv PEERS
    PEERS/bin/pip install 'torch>=2.6,<2.14'
    PEERS/bin/pip install -r tests/benchmarks/peers/requirements.txt
    python -m tests.benchmarks.peers ../shared/data/squad/dev-v1.1.json.gz --peers-python PEERS/bin/python

Each system is set up as its own documentation does it, in a process of its own, one after the other, with the same
number of threads, offline; in each round all have their turn, and the medians over the rounds are printed as Markdown.
Every paragraph is one passage in every system. Peak memory is that of the process that reads in and searches, with the
processes it has started; "the encoder alone" is given the same texts sorted by length. Linux only. The rate of
`krakow-qa add` counts paragraphs too, although that command cuts them into passages of its default length, and
holds the start of its process.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import re
import shutil
import sys
import tempfile
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from index.encoder import DEFAULT_ENCODER, model_folder
from qa.evaluation.sets.squad import read_squad
from tests.benchmarks.peers.children import Children
from tests.benchmarks.peers.limits import LIMITS
from tests.benchmarks.peers.measure import K
from tests.benchmarks.peers.system import OURS, SYSTEMS
from tests.benchmarks.peers.table import medians, render
from tests.benchmarks.peers.task import Task

SEED = 6
FIRSTS = 3
"""How often in a round each system is started to answer one question."""

Rounds = defaultdict[str, list[dict[str, Any]]]


def task_of(squad: Path, paragraphs: int | None, questions: int) -> Task:
    """A sample of the paragraphs, all different, and of the questions about them."""
    different = list({each.text: each for each in read_squad(squad)}.values())
    chosen = different if paragraphs is None else random.Random(SEED).sample(different, paragraphs)
    asked = [(asked.text, position) for position, each in enumerate(chosen) for asked in each.questions]
    sample = random.Random(SEED).sample(asked, min(questions, len(asked)))
    weights = str(model_folder(DEFAULT_ENCODER))
    return Task(weights, [each.text for each in chosen], [text for text, _ in sample], [gold for _, gold in sample])


def run_round(children: Children, names: Sequence[str], systems: Rounds, encoders: Rounds) -> None:
    """Let all systems and encoders have one turn, and note what they took."""
    say = sys.stderr.write
    there = [name for name in names if not any("missing" in each for each in systems[name])]
    for name in there:
        say(f"{name}\n")
        systems[name].append(children.measured(name))
    for name in LIMITS:
        say(f"{name}\n")
        encoders[name].append(children.limit(name))
    for _ in range(FIRSTS):
        for name in there:
            if "missing" not in systems[name][-1]:
                systems[name].append({"first_s": children.first_s(name)})
    if OURS in names:
        say("our commands\n")
        systems[OURS].append(children.commands())


def machine() -> str:
    """The processor and the versions that are not a system's own."""
    found = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(), re.M)
    return f"{found[1] if found else platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"


def main(arguments: argparse.Namespace) -> None:
    task = task_of(arguments.squad, arguments.paragraphs, arguments.questions)
    systems, encoders = Rounds(list), Rounds(list)
    for _ in range(arguments.rounds):
        folder = Path(tempfile.mkdtemp(prefix="peers-"))
        try:
            task.write(folder / "task.json")
            children = Children(folder, task, arguments.peers_python, arguments.threads)
            run_round(children, arguments.systems, systems, encoders)
        finally:
            shutil.rmtree(folder)
    run = f"{arguments.threads} threads; medians of {arguments.rounds} rounds in turns; {machine()}"
    sys.stdout.write(
        f"{len(task.texts):,} paragraphs of SQuAD 1.1's development set, each one passage; {len(task.questions)} of its"
        f" questions (seed {SEED}), k = {K}; {run}.\n\n"
    )
    figures = [{name: medians(rounds) for name, rounds in each.items()} for each in (systems, encoders)]
    sys.stdout.write(f"{render(*figures)}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Systems side by side, as a Markdown table.")
    parser.add_argument("squad", type=Path, help="SQuAD 1.1's development set, .json or .json.gz")
    parser.add_argument("--peers-python", default=sys.executable, help="the interpreter that has the peers")
    parser.add_argument("--paragraphs", type=int, help="a sample of so many; all where left out")
    parser.add_argument("--questions", type=int, default=300)
    parser.add_argument("--systems", nargs="+", choices=SYSTEMS, default=list(SYSTEMS), metavar="NAME")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    main(parser.parse_args())
