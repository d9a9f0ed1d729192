"""Retrieval on its own: what a question's search found, ranked by document, and the metrics of that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import ir_measures
import numpy as np
from ir_measures import RR, R, nDCG

from corpus.cutting import cut
from corpus.library import Library, Manifest, Provenance
from corpus.model import Document
from corpus.sqlite import FILE_NAME, SqliteLibrary
from index.encoder import Encoder
from index.retriever import Retrieval, Retriever
from index.search import Hit, found_by
from qa import assembly
from qa.answerer import Finder
from qa.evaluation.metrics import Metric, mean
from qa.evaluation.questions import Question
from qa.settings import DEFAULT_PASSAGE_TOKENS, Settings

_DEPTH = 50
"""How many passages are searched for, so that there are ten documents among them."""

_MEASURES = {"recall@1": R @ 1, "recall@5": R @ 5, "recall@10": R @ 10, "mrr@10": RR @ 10, "ndcg@10": nDCG @ 10}

PROVENANCE = Provenance(origin="", file_digest="", parser="set/1")
"""How the texts of a set came into its library."""


class Passages(StrEnum):
    """What a search finds: stretches of documents, or each document whole, as far as the encoder reads it."""

    CUT = "cut"
    WHOLE = "whole"


@dataclass(frozen=True, slots=True)
class Search:
    """A ``Finder`` that asks the chosen indexes."""

    retriever: Retriever
    retrieval: Retrieval = Retrieval.HYBRID

    @property
    def library(self) -> Library:
        return self.retriever.library

    def search(self, question: str, k: int) -> list[Hit]:
        return self.retriever.search(question, k, retrieval=self.retrieval)


@dataclass(frozen=True, slots=True)
class Ranked:
    """A question and the documents that were found for it, best first."""

    question: Question
    documents: tuple[str, ...]


def ranked(question: Question, finder: Finder) -> Ranked:
    """The documents in the order of their best passages; copies of a passage come right behind it."""
    hits = finder.search(question.text, _DEPTH)
    passages = chain.from_iterable((hit.passage, *(copy for copy, _ in hit.copies)) for hit in hits)
    return Ranked(question, tuple(dict.fromkeys(passage.document_id for passage in passages)))


def retrieval_metrics(found: Sequence[Ranked]) -> dict[str, Metric]:
    """Means over the questions that have relevant documents, as trec_eval computes them; none without such questions.

    ``recall@k``: share of the relevant documents among the first k. ``mrr@10``: one through the rank of the first
    relevant document, 0 after the tenth (Voorhees 1999). ``ndcg@10``: the grades of the first ten, each through the
    binary logarithm of its rank plus 1, as a share of the best there can be (Järvelin and Kekäläinen 2002).
    """
    judged = [each for each in found if each.question.relevant]
    if not judged:
        return {}
    relevant = {each.question.id: dict(each.question.relevant) for each in judged}
    scores = {
        each.question.id: {document: 1 / rank for rank, document in enumerate(each.documents, start=1)}
        for each in judged
    }
    values: dict[str, list[float]] = {str(measure): [] for measure in _MEASURES.values()}
    for each in ir_measures.iter_calc(list(_MEASURES.values()), relevant, scores):
        values[str(each.measure)].append(each.value)
    return {name: mean(np.array(values[str(measure)])) for name, measure in _MEASURES.items()}


@contextmanager
def retriever_over(
    documents: Sequence[Document], encoder: Encoder, passages: Passages = Passages.CUT
) -> Iterator[Retriever]:
    """A retriever over a library of the documents that is gone afterwards."""
    passage_tokens = DEFAULT_PASSAGE_TOKENS if passages is Passages.CUT else None
    with TemporaryDirectory(prefix="krakow-qa-") as folder:
        library = open_library(documents, Path(folder), encoder, passage_tokens)
        yield assembly.assemble(library, Path(folder), encoder, Settings()).retriever
        library.close()


def open_library(
    documents: Sequence[Document],
    folder: Path,
    encoder: Encoder,
    passage_tokens: int | None = DEFAULT_PASSAGE_TOKENS,
) -> SqliteLibrary:
    """A library of documents, cut into passages and encoded."""
    manifest = Manifest(encoder.name, encoder.fingerprint, encoder.dimension, passage_tokens)
    library = SqliteLibrary.create(folder / FILE_NAME, manifest)
    passages = [cut(document, passage_tokens, encoder.count_tokens) for document in documents]
    vectors = encoder.encode([found_by(passage) for each in passages for passage in each])
    ends = np.cumsum([len(each) for each in passages])
    for document, own, own_vectors in zip(documents, passages, np.split(vectors, ends[:-1]), strict=True):
        library.add(document, own, own_vectors, PROVENANCE)
    return library
