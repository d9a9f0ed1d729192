"""Fills libraries of real text from 2,000 to a million passages, and shows what each costs there.

    python -m tests.benchmarks.growth --data ../shared/data --sizes 2000 20000 200000 1000000

``--data`` holds SQuAD (``squad/train-v1.1.json.gz``, ``dev-v1.1.json.gz``) and SciFact (``scifact/``). What is made is
kept in ``--work`` (at a million passages 4 GB), and measured again without filling. Each measurement runs in a process
of its own. Printed as Markdown: the figures by size, the ratios that bars are set for, and whether vectors that are
sums of their sentences' vectors are like those of passages that were encoded as a whole.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np

from index.encoder import Encoder
from qa.assembly import load_encoder
from tests.benchmarks.growth.filling import Case, fill
from tests.benchmarks.growth.measuring import Figures
from tests.benchmarks.growth.table import bars, side_by_side, table
from tests.benchmarks.growth.texts import Pool, real_questions, real_texts

MEASURES = ("opening", "retrieval", "answering", "changing", "limits", "recall")
COMPARED = 2000
"""So many recombined passages are encoded as a whole too."""


def main(data: Path, work: Path, sizes: Sequence[int], questions: int, measures: Sequence[str]) -> None:
    encoder = load_encoder(None)
    prepare(data, work, encoder)
    figures = {}
    for size in sizes:
        case = Case(f"passages-{size}", "pool", 0, size)
        figures[size] = fill(case, work, encoder) | measured(case, work, measures, questions)
        sys.stderr.write(table({size: figures[size]}) + "\n")
    sys.stdout.write(f"{table(figures)}\n\n{bars(figures)}\n\n{alike(work, encoder, questions)}\n")


def prepare(data: Path, work: Path, encoder: Encoder) -> None:
    """Put the parts of the passages, and the questions, into the work folder unless they are there."""
    work.mkdir(parents=True, exist_ok=True)
    if not (work / "pool").exists():
        Pool.make(work / "pool", *real_texts(data), encoder.dimension)
    if not (work / "questions.json").exists():
        (work / "questions.json").write_text(json.dumps(real_questions(data)))


def measured(case: Case, work: Path, measures: Sequence[str], questions: int) -> Figures:
    """What fresh processes measure of a library, one after the other."""
    figures: Figures = {}
    for measure in measures:
        module = "tests.benchmarks.growth.measuring"
        command = [sys.executable, "-m", module, str(work), json.dumps(asdict(case)), measure, str(questions)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        figures |= json.loads(done.stdout.splitlines()[-1])
    return figures


def alike(work: Path, encoder: Encoder, questions: int) -> str:
    """The same recombined passages with summed vectors and with those of the whole, measured side by side."""
    pool = Pool.open(work / "pool")
    summed = Case("summed", "pool", pool.whole, COMPARED)
    passages = summed.passages(work)
    if not (work / "whole").exists():
        Pool.make(work / "whole", passages.texts(range(COMPARED)), [], encoder.dimension)
    whole = Case("encoded", "whole", 0, COMPARED)
    columns = {}
    for case in (summed, whole):
        fill(case, work, encoder)
        columns[case.name] = measured(case, work, ("retrieval", "recall"), questions)
    numbers = range(COMPARED)
    cosines = np.sum(passages.vectors(numbers) * whole.passages(work).vectors(numbers), axis=1)
    columns[summed.name] |= {"cosine with encoded, mean": float(cosines.mean()), "… least": float(cosines.min())}
    return side_by_side(columns)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="What libraries cost from 2,000 to a million passages.")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--sizes", type=int, nargs="+", default=[2000, 20_000, 200_000, 1_000_000], metavar="PASSAGES")
    parser.add_argument("--work", type=Path, default=Path(tempfile.gettempdir(), "krakow-growth"))
    parser.add_argument("--questions", type=int, default=200)
    parser.add_argument("--measures", nargs="+", choices=MEASURES, default=MEASURES)
    given = parser.parse_args()
    main(given.data, given.work, given.sizes, given.questions, given.measures)
