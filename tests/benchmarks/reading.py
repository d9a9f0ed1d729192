"""Times reading in whole articles, files to a library that answers, beside the encoder alone on the same passages.

    python -m tests.benchmarks.reading ../shared/data/squad/dev-v1.1.json.gz [--rounds 5]

Each article of SQuAD is a Markdown file of its own, which goes through `Intake.add` and both indexes into a new library
on disk. The encoder alone is given the passages that these were cut into, sorted by length, as many at once as is
fastest. In each round both have their turn, and the medians over the rounds are printed, after a first that warms up.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from functools import partial
from itertools import groupby
from pathlib import Path
from statistics import median

from corpus.files import File
from index.encoder import Encoder
from index.search import found_by
from qa.assembly import load_encoder, make_library, open_parts
from qa.evaluation.sets.squad import read_squad
from qa.settings import Settings
from tests.benchmarks.peers.limits import AT_ONCE, in_parts
from tests.benchmarks.peers.measure import seconds


def articles(squad: Path) -> list[File]:
    """The articles of a SQuAD file, each as a file in Markdown."""
    paragraphs = groupby(read_squad(squad), key=lambda paragraph: paragraph.article)
    texts = [f"# {title}\n\n" + "\n\n".join(each.text for each in of_title) for title, of_title in paragraphs]
    return [File(name := f"article-{number}.md", name, text.encode) for number, text in enumerate(texts, start=1)]


def read_in(files: list[File], encoder: Encoder) -> tuple[float, list[str]]:
    """Seconds until all files are found, and the texts that were encoded for them; raises ValueError for a failure."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary, "library")
        make_library(folder, encoder, empty=True)
        parts = open_parts(folder, Settings(), encoder=encoder)
        start = time.perf_counter()
        for added in parts.intake.add(files):
            if added.error is not None:
                raise ValueError(added.error)
        parts.refresh()
        took_s = time.perf_counter() - start
        ids = parts.library.passage_ids()
        stored = parts.library.stored(range(int(ids[0]), int(ids[-1]) + 1))
        texts = sorted((found_by(each.passage) for each in stored), key=len)
        parts.library.close()
    return took_s, texts


def main(squad: Path, rounds: int) -> None:
    encoder, files = load_encoder(None), articles(squad)
    reading, encoding = [], []
    for _ in range(rounds + 1):
        took_s, texts = read_in(files, encoder)
        alone_s = [seconds(partial(in_parts, encoder.encode, texts, size)) for size in (*AT_ONCE, len(texts))]
        reading.append(len(texts) / took_s)
        encoding.append(len(texts) / min(alone_s))
    ratio = median(each / alone for each, alone in zip(reading[1:], encoding[1:], strict=True))
    print("| files | passages | reading in, passages/s | the encoder alone, passages/s | ratio |")
    print("|--:|--:|--:|--:|--:|")
    print(f"| {len(files)} | {len(texts):,} | {median(reading[1:]):.0f} | {median(encoding[1:]):.0f} | {ratio:.2f} |")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Reading in, beside the encoder alone.")
    parser.add_argument("squad", type=Path, help="a file of SQuAD")
    parser.add_argument("--rounds", type=int, default=5)
    arguments = parser.parse_args()
    main(arguments.squad, arguments.rounds)
