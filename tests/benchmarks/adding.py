"""Shows whether adding a document takes longer in a larger library, step by step.

    python -m tests.benchmarks.adding --sizes 1000 10000 100000

Each library holds documents of twenty passages with vectors of 384 numbers, made in bulk by an encoder without a model:
"encode" is near 0, and a real encoder's time is to be added. Printed for each step: the median over the documents in
milliseconds, the slowest in brackets, and how many times the smallest library's median the largest one's is. A snapshot
is written when a tenth of the index is new, so that only its share for a document counts.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np

import index.vectors
from corpus.cutting import cut
from corpus.files import File
from corpus.library import Provenance
from corpus.model import Document, Source
from index.encoder import Vectors, normalized
from index.intake import IfChanged, Intake
from index.search import found_by
from qa.assembly import Parts, assemble, make_library, open_library
from qa.settings import Settings

PASSAGES = 20
PASSAGE_TOKENS = 60
ROUNDS = 40
WORDS = [f"{first}{second}{third}" for first in "bdfgklmnprst" for second in "aeiou" for third in "dklmnrst"]


class QuickEncoder:
    """An ``Encoder`` whose vectors are random, and the same for the same end of a text."""

    name = "quick"
    fingerprint = "0" * 64
    dimension = 384
    languages = None

    def encode(self, texts: Sequence[str]) -> Vectors:
        seeds = [int.from_bytes(text.encode()[-8:], "big") for text in texts]
        rows = [np.random.default_rng(seed).standard_normal(self.dimension, dtype=np.float32) for seed in seeds]
        return normalized(np.stack(rows)) if rows else np.empty((0, self.dimension), dtype=np.float32)

    def count_tokens(self, text: str) -> int:
        return len(text.split())


class Clock:
    """Milliseconds of each step, by name."""

    def __init__(self) -> None:
        self.laps_ms: defaultdict[str, list[float]] = defaultdict(list)

    def timed(self, step: str, call: Callable[..., Any]) -> Callable[..., Any]:
        """The call, which notes how long it takes."""

        def timed(*arguments: Any, **options: Any) -> Any:
            start = time.perf_counter()
            result = call(*arguments, **options)
            self.laps_ms[step].append(1000 * (time.perf_counter() - start))
            return result

        return timed


def text_of(name: str) -> str:
    """Twenty paragraphs, each a passage with a word of its own."""
    chance = random.Random(name)
    return "\n\n".join(" ".join([*chance.choices(WORDS, k=PASSAGE_TOKENS - 5), f"{name}x{n}"]) for n in range(PASSAGES))


def fill(parts: Parts, passages: int) -> None:
    """Put documents into a library until it holds so many passages."""
    for name in (f"old{number}" for number in range(passages // PASSAGES)):
        document = Document.of(name, Source(name), text_of(name))
        cut_up = cut(document, PASSAGE_TOKENS, parts.encoder.count_tokens)
        vectors = parts.encoder.encode([found_by(passage) for passage in cut_up])
        parts.library.add(document, cut_up, vectors, Provenance(f"{name}.txt", name, "text/1"))
    parts.refresh()


def put_in(parts: Parts, text: str, clock: Clock, number: int) -> None:
    """Add a file or put it in another's place, and search once; raises ValueError unless it is found."""
    encoder, store = QuickEncoder(), parts.library.add
    encoder.encode = clock.timed("encode", encoder.encode)  # type: ignore[method-assign]
    parts.library.add = clock.timed("store", store)  # type: ignore[method-assign]
    intake = Intake(parts.library, encoder, {})
    file = File(f"new{number}", f"new{number}.txt", lambda: text_of(text).encode())
    added = clock.timed("read and cut", lambda: next(intake.add([file], IfChanged.REPLACE)))()
    parts.library.add = store  # type: ignore[method-assign]
    clock.laps_ms["read and cut"][-1] -= clock.laps_ms["encode"][-1] + clock.laps_ms["store"][-1]
    catch_up(parts, clock)
    hits = clock.timed("search", parts.retriever.search)(f"{text}x7", 5)
    if not any(f"{text}x7" in hit.passage.text for hit in hits):
        raise ValueError(f"{text} was not found: {added.error}")


def catch_up(parts: Parts, clock: Clock) -> None:
    clock.timed("keywords", parts.keywords.refresh)()
    clock.timed("vectors", parts.vectors.refresh)()


def measure(folder: Path, passages: int) -> dict[str, Sequence[float]]:
    """The milliseconds of each step in a library of that size: one time, or one for each document."""
    make_library(folder, QuickEncoder(), empty=True, passage_tokens=PASSAGE_TOKENS)
    fill(opened(folder), passages)
    parts = opened(folder)
    clocks = {what: Clock() for what in ("add", "replace", "withdraw")}
    for what in ("add", "replace"):
        put_in(parts, f"first{what}", Clock(), -1)  # what is loaded late is loaded
        for number in range(ROUNDS):
            put_in(parts, f"{what}{number}", clocks[what], number)
    for number in range(ROUNDS):
        clocks["withdraw"].timed("store", parts.library.withdraw)(f"new{number}")
        catch_up(parts, clocks["withdraw"])
    found = {}
    for what, clock in clocks.items():
        found |= {f"{what}: {step}": laps for step, laps in clock.laps_ms.items()}
        found[f"{what}: in all"] = [sum(laps) for laps in zip(*clock.laps_ms.values(), strict=True)]

    snapshot = Clock()
    most_new = max(index.vectors._SNAPSHOT_FROM, index.vectors._SNAPSHOT_SHARE * passages)
    with patch.multiple(index.vectors, _SNAPSHOT_FROM=0, _SNAPSHOT_SHARE=0):
        snapshot.timed("one", lambda: (parts.vectors.save_if_grown(), parts.vectors.finish()))()
    (one,) = snapshot.laps_ms["one"]
    found |= {"a snapshot": [one], "a snapshot's share": [one * PASSAGES / most_new]}
    return found


def opened(folder: Path) -> Parts:
    return assemble(open_library(folder), folder, QuickEncoder(), Settings())


def main(sizes: Sequence[int]) -> None:
    measured = []
    for passages in sizes:
        with tempfile.TemporaryDirectory() as folder:
            measured.append(measure(Path(folder, "library"), passages))
    sys.stdout.write(f"{'passages':<24}{''.join(f'{size:>18,}' for size in sizes)}{'ratio':>8}\n")
    for step, smallest in measured[0].items():
        cells = "".join(f"{median(each[step]):>9.1f} {f'({max(each[step]):.0f})':>8}" for each in measured)
        ratio = median(measured[-1][step]) / median(smallest)
        sys.stdout.write(f"{step:<24}{cells}{ratio:>8.1f}\n")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Adding a document, step by step, in milliseconds.")
    parser.add_argument("--sizes", type=int, nargs="+", default=[1000, 10_000, 100_000], metavar="PASSAGES")
    main(parser.parse_args().sizes)
