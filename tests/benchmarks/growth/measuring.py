"""What is measured of one library, each by a function that a fresh process runs.

    python -m tests.benchmarks.growth.measuring WORK CASE MEASURE QUESTIONS

Printed: what it found, by name with its unit, as a line of JSON. All times are medians unless their name says else.
"""

from __future__ import annotations

import importlib
import json
import sys
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from functools import cached_property
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from corpus.library import Filter
from index.encoder import DEFAULT_ENCODER, Encoder, model_folder
from index.search import Hit
from index.terms import query_words
from qa.assembly import Parts, load_encoder, load_reader, open_parts
from qa.places import Place
from qa.settings import Settings
from tests.benchmarks.growth import exact
from tests.benchmarks.growth.filling import PUBLISHERS, YEARS, Case

FOUND = 10
"""So many passages are asked for, and compared with the exact ones."""

WARM_UP = 20
"""So many questions are asked before those that count."""

ANSWERED = 40
BANDWIDTH_BYTES = 512_000_000

FILTERS = {
    "1%": Filter(publishers=frozenset({f"Publisher {PUBLISHERS // 2}"})),
    "50%": Filter(since=f"{YEARS[len(YEARS) // 2]}-01-01"),
}
"""By the share of the passages that they let through."""

Figures = dict[str, float]
"""What was measured, by its name, which ends with its unit."""


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

    def p50(self, step: str) -> float:
        return median(self.laps_ms[step])

    def p95(self, step: str) -> float:
        return float(np.percentile(self.laps_ms[step], 95))


class Subject:
    """A library, the questions put to it, and the encoder, which is loaded and warm; it lies in the case's folder."""

    def __init__(self, work: Path, case: Case, questions: int, place: Place | None = None) -> None:
        asked = json.loads((work / "questions.json").read_text())[: questions + WARM_UP]
        self.work, self.case, self.folder = work, case, case.folder(work)
        self.place = place or self.folder
        self.warming, self.questions = asked[:WARM_UP], asked[WARM_UP:]

    @cached_property
    def encoder(self) -> Encoder:
        loaded = load_encoder(None)
        for question in self.warming:
            loaded.encode([question])
        return loaded

    def opened(self) -> Parts:
        return open_parts(self.place, Settings(), encoder=self.encoder)

    def warm(self) -> Parts:
        """The library open, after its first questions."""
        parts = self.opened()
        for question in self.warming:
            parts.retriever.search(question, FOUND)
        return parts


def opening(subject: Subject) -> Figures:
    """From the library's being on disk to its first hits, and the memory of it; the encoder is there already."""
    for module in ("index.intake", "index.keywords", "index.retriever", "index.vectors"):
        importlib.import_module(module)
    subject.encoder.encode([subject.questions[0]])
    before, clock = memory_mb(), Clock()
    parts = clock.timed("open", subject.opened)()
    clock.timed("first", parts.retriever.search)(subject.questions[0], FOUND)
    after = memory_mb()
    for question in subject.questions:
        parts.retriever.search(question, FOUND)
    finally_ = memory_mb()
    return {
        "opening, ms": clock.p50("open"),
        "the first search, ms": clock.p50("first"),
        "memory: before opening, MB": before["VmRSS"],
        "memory: after the first search, MB": after["VmRSS"],
        "memory: after all questions, MB": finally_["VmRSS"],
        "memory: of these in files, MB": finally_["RssFile"],
        "memory: at its most, MB": finally_["VmHWM"],
        **disk_mb(subject.folder),
    }


def retrieval(subject: Subject) -> Figures:
    """Warm searches, whole and by their steps, and filtered."""
    parts, clock = subject.warm(), Clock()
    encode, dense, keyword = subject.encoder.encode, parts.vectors.search, parts.keywords.search
    subject.encoder.encode = clock.timed("encode", encode)  # type: ignore[method-assign]
    parts.vectors.search = clock.timed("dense", dense)  # type: ignore[method-assign]
    parts.keywords.search = clock.timed("keyword", keyword)  # type: ignore[method-assign]
    search = parts.retriever.search
    for question in subject.questions:
        clock.timed("whole", search)(question, FOUND)
    laps = clock.laps_ms
    apart = zip(laps["whole"], laps["encode"], laps["dense"], laps["keyword"], strict=True)
    found = {
        "hybrid, ms": clock.p50("whole"),
        "hybrid, p95, ms": clock.p95("whole"),
        "hybrid: encode, ms": clock.p50("encode"),
        "hybrid: dense, ms": clock.p50("dense"),
        "hybrid: dense, p95, ms": clock.p95("dense"),
        "hybrid: keyword, ms": clock.p50("keyword"),
        "hybrid: keyword, p95, ms": clock.p95("keyword"),
        "hybrid: the rest, ms": median(whole - sum(steps) for whole, *steps in apart),
    }
    for share, filter in FILTERS.items():
        for question in subject.questions:
            clock.timed(share, search)(question, FOUND, filter)
        found[f"hybrid, filtered to {share}, ms"] = clock.p50(share)
        found[f"hybrid, filtered to {share}, the first, ms"] = laps[share][0]
    return found


def recall(subject: Subject) -> Figures:
    """How much of the exact top ten is among ours; a passage that a hit stands for, as its copy, is among them."""
    parts, passages = subject.warm(), subject.case.passages(subject.work)
    vectors = np.concatenate([subject.encoder.encode([question]) for question in subject.questions])
    words = [query_words(question) for question in subject.questions]
    dense, keyword = exact.by_cosine(passages, vectors), exact.by_keywords(passages, words)
    ours = {
        "dense": [[found.passage_id for found in parts.vectors.search(vector, exact.DEPTH)] for vector in vectors],
        "keyword": [[found.passage_id for found in parts.keywords.search(word, exact.DEPTH)] for word in words],
    }
    hits = [ids(parts, parts.retriever.search(question, FOUND)) for question in subject.questions]
    return {
        "recall@10: hybrid": shared(exact.hybrid(dense, keyword), hits),
        "recall@10: dense": shared(dense, [found[:FOUND] for found in ours["dense"]]),
        "recall@10: keyword": shared(keyword, [found[:FOUND] for found in ours["keyword"]]),
        "recall@50: dense": shared(dense, ours["dense"], exact.DEPTH),
    }


def answering(subject: Subject) -> Figures:
    """Whole answers, and the reader alone on the same passages, in turns."""
    parts, clock = subject.warm(), Clock()
    settings = parts.settings
    reader = load_reader(settings.reader, subject.encoder)
    for number, question in enumerate([*subject.warming[:5], *subject.questions[:ANSWERED]]):
        if number == 5:
            clock = Clock()
        hits = clock.timed("retrieval", parts.retriever.search)(question, settings.passages)
        clock.timed("reader", reader.read)(question, hits)
        clock.timed("answer", parts.answerer.ask)(question)
    return {
        "answer, ms": clock.p50("answer"),
        "answer, p95, ms": clock.p95("answer"),
        "the reader bare, ms": clock.p50("reader"),
        "retrieval for it, ms": clock.p50("retrieval"),
    }


def limits(subject: Subject) -> Figures:
    """What the machine allows: bytes read by a product of matrix and vector, and one question encoded as documented."""
    from sentence_transformers import SentenceTransformer

    clock = Clock()
    matrix = np.ones((BANDWIDTH_BYTES // 4 // 1024, 1024), dtype=np.float32)
    for _ in range(10):
        clock.timed("read", matrix.dot)(matrix[0])
    del matrix
    documented = SentenceTransformer(str(model_folder(DEFAULT_ENCODER)), device="cpu", local_files_only=True)
    for question in subject.warming:
        documented.encode(question)
    for question in subject.questions:
        clock.timed("encode", documented.encode)(question)
    bytes_per_ms = BANDWIDTH_BYTES / min(clock.laps_ms["read"])
    numbers = subject.case.size * subject.encoder.dimension
    return {
        "limit: memory, GB/s": bytes_per_ms / 1e6,
        "limit: reading a bit of each number, ms": numbers / 8 / bytes_per_ms,
        "limit: reading 4 bytes of each number, ms": numbers * 4 / bytes_per_ms,
        "one question encoded as documented, ms": clock.p50("encode"),
    }


def ids(parts: Parts, hits: Sequence[Hit]) -> list[int]:
    """The ids of the passages of hits, and of their copies."""
    found = [passage for hit in hits for passage in (hit.passage, *(copy for copy, _ in hit.copies))]
    return [
        next(stored.id for stored in parts.library.passages_of(passage.document_id) if stored.passage == passage)
        for passage in found
    ]


def shared(exact_: Sequence[exact.Ranking], found: Sequence[Sequence[int]], depth: int = FOUND) -> float:
    """The share of the exact top that was found, over all questions; passages are numbered from 0, and ids from 1."""
    held = [
        len({number + 1 for number, _ in ranking[:depth]}.intersection(ids)) / max(1, len(ranking[:depth]))
        for ranking, ids in zip(exact_, found, strict=True)
    ]
    return sum(held) / len(held)


def memory_mb() -> Figures:
    """What the process has in memory now, by the kernel's names."""
    lines = (line.split() for line in Path("/proc/self/status").read_text().splitlines())
    return {
        name.rstrip(":"): int(rest[0]) / 1024 for name, *rest in lines if name.startswith(("VmRSS", "VmHWM", "Rss"))
    }


def disk_mb(folder: Path) -> Figures:
    """What lies in a folder, by its files and folders, and in all."""
    sizes: defaultdict[str, float] = defaultdict(float)
    for entry in sorted(folder.iterdir()):
        held = sum(file.stat().st_size for file in (entry, *entry.rglob("*")) if file.is_file())
        sizes[entry.name.removesuffix("-shm").removesuffix("-wal")] += held / 1e6
    return {**{f"disk: {name}, MB": size for name, size in sizes.items()}, "disk: in all, MB": sum(sizes.values())}


def main(work: str, case: str, measure: str, questions: str) -> None:
    from tests.benchmarks.growth.changing import changing

    measures = {each.__name__: each for each in (opening, retrieval, recall, answering, changing, limits)}
    subject = Subject(Path(work), Case(**json.loads(case)), int(questions))
    sys.stdout.write(json.dumps(measures[measure](subject)) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
