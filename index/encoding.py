"""Vectors for the passages of many documents: encoded ahead, in batches that go across documents, and none twice."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.cutting import cut
from corpus.library import Library
from corpus.model import Document, Passage
from index.ahead import Ahead
from index.encoder import Encoder, Vectors
from index.search import found_by

ByDigest = Mapping[bytes, NDArray[np.floating[Any]]]
"""Vectors of shape (dimension,), by the digest of their passage."""

Lookup = Callable[[Iterable[bytes]], ByDigest]
"""Finds vectors that were encoded before."""

_BATCH_TEXTS = 512
"""So many texts can be sorted by length with little lost, and take seconds, which one waits for to stop."""

_MOST_AHEAD = 4_000_000
"""Characters and bytes of documents that wait to be encoded."""


class Prepared(Protocol):
    """Something with passages that are to be encoded; ``weight`` is how many characters and bytes it holds."""

    @property
    def passages(self) -> Sequence[Passage]: ...

    @property
    def weight(self) -> int: ...


Each = TypeVar("Each", bound=Prepared)


@dataclass(frozen=True, slots=True)
class _CutDocument:
    document: Document
    passages: Sequence[Passage]

    @property
    def weight(self) -> int:
        return len(self.document.text)


def known_vectors(library: Library, encoder: Encoder) -> Lookup:
    """Looks into a library; nothing is found in one whose vectors another encoder made."""
    return library.vectors_of if library.manifest.fingerprint == encoder.fingerprint else lambda digests: {}


def vectors_of(
    passages: Iterable[Passage],
    encoder: Encoder,
    known: Lookup,
    held: ByDigest | None = None,
    before_each: Callable[[], None] = lambda: None,
) -> ByDigest:
    """The passages' vectors: those ``held`` or known, and the others encoded, each text once.

    ``before_each`` is called before every so many texts, and may raise to end it.
    """
    texts = {passage.digest: found_by(passage) for passage in passages}
    vectors = {digest: held[digest] for digest in texts if digest in held} if held else {}
    vectors |= known([digest for digest in texts if digest not in vectors])
    new = [digest for digest in texts if digest not in vectors]
    for start in range(0, len(new), 2 * _BATCH_TEXTS):
        before_each()
        part = new[start : start + 2 * _BATCH_TEXTS]
        vectors.update(zip(part, encoder.encode([texts[digest] for digest in part]), strict=True))
    return vectors


def stacked(passages: Sequence[Passage], vectors: ByDigest, encoder: Encoder) -> Vectors:
    """The vectors of one document's passages, float32 of shape (passages, dimension)."""
    rows = np.array([vectors[passage.digest] for passage in passages], dtype=np.float32)
    return rows.reshape(len(passages), encoder.dimension)


def encoded_ahead(items: Iterable[Each], encoder: Encoder, known: Lookup) -> Generator[tuple[list[Each], ByDigest]]:
    """The items in batches, with the vectors of all their passages.

    Items are read and encoded in two threads, so that the next ones are at work while the caller stores these.
    """
    with ExitStack() as stack:
        read = Ahead(items, _MOST_AHEAD, weigh=lambda item: item.weight)
        encoded = Ahead(_encoded(read, encoder, known))
        stack.callback(encoded.close)
        stack.callback(read.close)  # first, for the other one waits for it
        yield from encoded


def cut_and_encoded(
    documents: Iterable[Document], passage_tokens: int | None, encoder: Encoder, known: Lookup = lambda digests: {}
) -> Generator[list[tuple[Document, Sequence[Passage], Vectors]]]:
    """Documents with their passages and vectors, in batches; the next one is at work while the caller has this one."""
    cut_up = (_CutDocument(each, cut(each, passage_tokens, encoder.count_tokens)) for each in documents)
    with closing(encoded_ahead(cut_up, encoder, known)) as batches:
        for batch, vectors in batches:
            yield [(each.document, each.passages, stacked(each.passages, vectors, encoder)) for each in batch]


def _encoded(items: Ahead[Each], encoder: Encoder, known: Lookup) -> Iterator[tuple[list[Each], ByDigest]]:
    latest: ByDigest = {}  # of the batch that is being stored meanwhile
    for batch in _batches(items):
        passages = (passage for each in batch for passage in each.passages)
        latest = vectors_of(passages, encoder, known, latest, items.check)
        yield batch, latest


def _batches(items: Ahead[Each]) -> Iterator[list[Each]]:
    """All that is there when the encoder has time for it, up to a batch; what is there never waits for more."""
    for first in items:
        batch, texts = [first], len(first.passages)
        while texts < _BATCH_TEXTS and (more := items.ready()) is not None:
            batch.append(more)
            texts += len(more.passages)
        yield batch
