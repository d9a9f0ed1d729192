"""Libraries filled with the benchmark's passages, with a stamp beside each that says of which, and what it took."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path

from corpus.library import Provenance
from corpus.model import Document, Passage, Source, Span
from index.encoder import Encoder
from qa.assembly import make_library, open_parts
from qa.places import Place
from qa.settings import Settings
from tests.benchmarks.growth.texts import SEED, Passages, Pool

PASSAGES = 20
"""How many a document has."""

PUBLISHERS = 100
"""Each publishes as many of the documents as any other."""

YEARS = range(1990, 2020)
"""Of each are as many of the documents as of any other."""

_TOGETHER = 50
"""So many documents are stored in one transaction, as those of one batch are."""


@dataclass(frozen=True, slots=True)
class Case:
    """A library to measure: so many passages of a pool, from the one with that number on."""

    name: str
    pool: str
    first: int
    size: int

    def folder(self, work: Path) -> Path:
        return work / self.name

    def passages(self, work: Path) -> Passages:
        pool = Pool.open(work / self.pool)
        return Passages(pool, pool.recipes(self.first, self.first + self.size))


def fill(case: Case, work: Path, encoder: Encoder) -> dict[str, float]:
    """Make the library unless it is there, encode what is to be encoded, and bring the indexes up; the rates.

    What was interrupted is made from the beginning; vectors that are there are kept.
    """
    folder, stamp = case.folder(work), work / f"{case.name}.json"
    wanted = {**asdict(case), "seed": SEED, "encoder": encoder.fingerprint}
    kept = json.loads(stamp.read_text()) if stamp.exists() else {}
    if kept.get("case") != wanted:
        shutil.rmtree(folder, ignore_errors=True)
        passages = case.passages(work)
        passages.pool.encode(encoder, passages.recipes)
        kept = {"case": wanted, "rates": filled(folder, passages, encoder)}
        stamp.write_text(json.dumps(kept))
    else:
        parts = open_parts(folder, Settings(), encoder=encoder)
        parts.refresh()  # where the indexes have another form by now
        parts.library.close()
    return dict(kept["rates"])


def filled(place: Place, passages: Passages, encoder: Encoder) -> dict[str, float]:
    """Make a library of encoded passages, in transactions as the intake has them, and bring its indexes up; rates."""
    make_library(place, encoder, empty=True)
    parts = open_parts(place, Settings(), encoder=encoder)
    start = time.perf_counter()
    waiting = documents(passages)
    while group := list(islice(waiting, _TOGETHER)):
        with parts.library.together():
            for document, cut_up, numbers in group:
                provenance = Provenance(f"{document.id}.txt", document.version, "text/1")
                parts.library.add(document, cut_up, passages.vectors(numbers), provenance)
    stored = time.perf_counter()
    parts.keywords.refresh()
    with_keywords = time.perf_counter()
    parts.refresh()
    end = time.perf_counter()
    parts.library.close()
    size = len(passages.recipes)
    return {
        "filling: stored, passages/s": size / (stored - start),
        "filling: keywords, passages/s": size / (with_keywords - stored),
        "filling: vectors, passages/s": size / (end - with_keywords),
    }


def documents(passages: Passages) -> Iterator[tuple[Document, list[Passage], range]]:
    """Documents of twenty passages each, with the passages and their numbers, which are one less than their ids."""
    for number, start in enumerate(range(0, len(passages.recipes), PASSAGES)):
        numbers = range(start, min(start + PASSAGES, len(passages.recipes)))
        source = Source(
            f"Document {number}",
            publisher=f"Publisher {number % PUBLISHERS}",
            date=f"{YEARS[number % len(YEARS)]}-01-01",
            language="en",
        )
        yield *_document(f"d-{number:06}", source, passages.texts(numbers)), numbers


def _document(id: str, source: Source, texts: Sequence[str]) -> tuple[Document, list[Passage]]:
    """A document of which each text is a passage."""
    document = Document.of(id, source, "\n\n".join(texts))
    passages: list[Passage] = []
    start = 0
    for text in texts:
        passages.append(Passage(id, document.version, Span(start, start + len(text)), text))
        start += len(text) + 2
    return document, passages
