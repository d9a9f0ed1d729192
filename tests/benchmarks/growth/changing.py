"""Documents added to a library, replaced and withdrawn, until that is in effect at the next search."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from statistics import median

import numpy as np

from corpus.errors import KrakowQAError
from corpus.files import File
from index.encoder import Encoder, Vectors, normalized
from index.intake import IfChanged
from qa.assembly import Parts, open_parts
from qa.settings import Settings
from tests.benchmarks.growth.filling import PASSAGES
from tests.benchmarks.growth.measuring import Clock, Figures, Subject

ROUNDS = 15
_WORDS = 90
"""In a paragraph, so that each becomes a passage."""

_VOCABULARY = [f"{first}{second}{third}" for first in "bdfgklmnprst" for second in "aeiou" for third in "dklmnrst"]


class InstantEncoder:
    """An ``Encoder`` that passes for another one; its vectors are random, and the same for the same text."""

    def __init__(self, other: Encoder) -> None:
        self.name, self.fingerprint = other.name, other.fingerprint
        self.languages, self.dimension = other.languages, other.dimension
        self.count_tokens = other.count_tokens

    def encode(self, texts: Sequence[str]) -> Vectors:
        seeds = [int.from_bytes(hashlib.sha256(text.encode()).digest()[:8]) for text in texts]
        rows = [np.random.default_rng(seed).standard_normal(self.dimension) for seed in seeds]
        return normalized(np.array(rows).reshape(len(rows), self.dimension))


def changing(subject: Subject) -> Figures:
    """Medians of each step, and of all together; what was added is withdrawn again."""
    parts = open_parts(subject.place, Settings(), encoder=InstantEncoder(subject.encoder))
    adding, replacing, withdrawing, encoding = Clock(), Clock(), Clock(), Clock()
    _put(parts, "new-first", "first", Clock())  # what is loaded late is loaded
    for number in range(ROUNDS):
        _put(parts, f"new-{number}", f"added{number}", adding)
    for number in range(ROUNDS):
        _put(parts, f"new-{number}", f"replaced{number}", replacing)
    for id in ("new-first", *(f"new-{number}" for number in range(ROUNDS))):
        _withdraw(parts, id, withdrawing)
    for number in range(ROUNDS // 3):
        encoding.timed("encode", subject.encoder.encode)(_text(f"encoded{number}").split("\n\n"))
    steps = {"one added": adding, "one replaced": replacing, "one withdrawn": withdrawing}
    return {
        **{name: value for what, clock in steps.items() for name, value in _figures(what, clock).items()},
        "encoding for it, ms": encoding.p50("encode"),
    }


def _figures(what: str, clock: Clock) -> Figures:
    in_all = [sum(laps) for laps in zip(*clock.laps_ms.values(), strict=True)]
    return {
        f"{what}, ms": median(in_all),
        f"{what}, the slowest, ms": max(in_all),
        **{f"{what}: {step}, ms": clock.p50(step) for step in clock.laps_ms},
    }


def _put(parts: Parts, id: str, word: str, clock: Clock) -> None:
    """Add a file or put it in another's place, and search for it; raises KrakowQAError unless it is found."""
    file = File(id, f"{id}.txt", _text(word).encode)
    (added,) = clock.timed("read, cut and store", lambda: list(parts.intake.add([file], IfChanged.REPLACE)))()
    _catch_up(parts, clock)
    hits = clock.timed("search", parts.retriever.search)(f"{word}x7", 5)
    if not any(hit.passage.document_id == id for hit in hits):
        raise KrakowQAError(f"{id} was not found: {added}")


def _withdraw(parts: Parts, id: str, clock: Clock) -> None:
    """Withdraw a document, and search for it; raises KrakowQAError where it is found."""
    word = next(iter(parts.library.passages_of(id))).passage.text.split()[-1]
    clock.timed("store", parts.library.withdraw)(id)
    _catch_up(parts, clock)
    hits = clock.timed("search", parts.retriever.search)(word, 5)
    if any(hit.passage.document_id == id for hit in hits):
        raise KrakowQAError(f"{id} is found after it was withdrawn")


def _catch_up(parts: Parts, clock: Clock) -> None:
    clock.timed("keywords", parts.keywords.refresh)()
    clock.timed("vectors", parts.vectors.refresh)()


def _text(word: str) -> str:
    """Twenty paragraphs that each end with a word of their own."""
    chance = random.Random(word)
    return "\n\n".join(" ".join([*chance.choices(_VOCABULARY, k=_WORDS), f"{word}x{n}"]) for n in range(PASSAGES))
