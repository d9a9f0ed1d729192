"""The reader called bare, and a whole answer without a server: what answers under load are held against."""

from __future__ import annotations

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median

from corpus.library import Provenance
from index.encoding import cut_and_encoded
from index.search import Hit
from qa.assembly import Parts, ensure_library, load_encoder, make_library, open_parts
from qa.evaluation.sets.squad import read_squad, squad_documents, squad_questions
from qa.readers.shipment import Shipment
from qa.readers.span_model import our_span_model
from qa.readers.spans import SpanModel
from qa.settings import DEFAULT_PASSAGE_TOKENS, Settings

ROUNDS = 40
THREADS = (1, 2, 4)
"""In so many threads the reader is called, to find out what is fastest."""

BULK_QUESTIONS = 32


@dataclass(frozen=True, slots=True)
class Alone:
    """Medians of one question after the other, in milliseconds, and passages an answer.

    ``ratio`` is the median of a whole answer over retrieval and the bare reader with the same question.
    """

    retrieval_ms: float
    reader_ms: float
    whole_ms: float
    ratio: float
    passages: float


class Bare:
    """The parts of a library, and the questions that are put to it."""

    parts: Parts
    model: SpanModel
    questions: Sequence[str]


def open_parts_of(folder: Path, questions: Sequence[str] = ()) -> Parts:
    """Open a library, made of the briefs where it is not there, for ``alone`` and ``bulk`` in this process."""
    encoder = load_encoder(None)
    ensure_library(folder, encoder, lambda name, done, total: None)
    Bare.parts, Bare.questions = open_parts(folder, Settings(), encoder=encoder), questions
    Bare.model = our_span_model(Shipment())
    return Bare.parts


def make_squad_library(folder: Path, file: Path, passages: int) -> list[str]:
    """Make a library of so many paragraphs of a SQuAD file; the questions about them."""
    encoder = load_encoder(None)
    make_library(folder, encoder, empty=True)
    library = open_parts(folder, Settings(), encoder=encoder).library
    paragraphs = read_squad(file)[:passages]
    with closing(cut_and_encoded(squad_documents(paragraphs), DEFAULT_PASSAGE_TOKENS, encoder)) as batches:
        for batch in batches:
            with library.together():
                for document, cut, vectors in batch:
                    library.add(document, cut, vectors, Provenance(file.name, "", "set/1"))
    library.close()
    return [question.text for question in squad_questions(paragraphs)]


def alone() -> Alone:
    """Retrieval, the bare reader and the whole answer, in turns."""
    parts, model = Bare.parts, Bare.model
    rows = []
    for number, question in enumerate(Bare.questions[: ROUNDS + 3]):
        start = time.perf_counter()
        hits = parts.retriever.search(question, parts.settings.passages)
        found = time.perf_counter()
        model.windows(question, _texts(hits))
        read = time.perf_counter()
        parts.answerer.ask(question)
        answered = time.perf_counter()
        if number >= 3:  # the first rounds warm up
            rows.append((found - start, read - found, answered - read, len(hits)))
    retrieval, reader, whole, passages = zip(*rows, strict=True)
    return Alone(
        1000 * median(retrieval),
        1000 * median(reader),
        1000 * median(whole),
        median(w / (r + m) for r, m, w in zip(retrieval, reader, whole, strict=True)),
        mean(passages),
    )


def bulk() -> float:
    """Passages a second of the bare reader, in as many threads as is fastest."""
    parts, model = Bare.parts, Bare.model
    asked = [
        (question, _texts(parts.retriever.search(question, parts.settings.passages)))
        for question in Bare.questions[:BULK_QUESTIONS]
    ]
    took_s = []
    for number in THREADS:
        with ThreadPoolExecutor(number) as threads:
            list(threads.map(lambda each: model.windows(*each), asked[:8]))
            start = time.perf_counter()
            list(threads.map(lambda each: model.windows(*each), asked))
            took_s.append(time.perf_counter() - start)
    return sum(len(texts) for _, texts in asked) / min(took_s)


def _texts(hits: Sequence[Hit]) -> list[str]:
    return [hit.passage.text for hit in hits]
