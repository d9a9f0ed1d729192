"""Libraries of readable passages, made without files, for tests of the indexes alone."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from corpus.library import Library, Manifest, Matrix, Provenance
from corpus.model import Document, Passage, Source, Span
from index.search import Found, found_by
from tests.engines import Place
from tests.fakes import HashEncoder


def new_library(
    place: Path | Place, encoder: HashEncoder | None = None, dimension: int = HashEncoder.dimension
) -> Library:
    """An empty library at a place, or in a folder; ``dimension`` is of vectors that a test brings along."""
    encoder = encoder or HashEncoder()
    there = place if isinstance(place, Place) else Place(str(place))
    return there.create(Manifest(encoder.name, encoder.fingerprint, dimension, 60))


def put_passages(
    library: Library,
    id: str,
    *texts: str,
    publisher: str | None = None,
    source: Source | None = None,
    vectors: Matrix | None = None,
) -> range:
    """Add or replace a document with these passages; their ids."""
    document = Document.of(id, source or Source(id, publisher=publisher), "\n".join(texts))
    starts = [sum(len(text) + 1 for text in texts[:number]) for number in range(len(texts))]
    passages = [
        Passage(id, document.version, Span(start, start + len(text)), text)
        for start, text in zip(starts, texts, strict=True)
    ]
    if vectors is None:
        vectors = HashEncoder().encode([found_by(passage) for passage in passages])
    current = next((entry.version for entry in library.entries() if entry.id == id), None)
    library.add(document, passages, vectors, Provenance(f"{id}.txt", "", "text/1"), replacing=current)
    return library.changes(library.generation() - 1)[-1].added


def documents(library: Library, found: Iterable[Found]) -> list[str]:
    """The document of each find, in order."""
    ids = [each.passage_id for each in found]
    stored = library.passages(ids)
    return [stored[id].passage.document_id for id in ids]


def question(text: str) -> Matrix:
    """A question's vector."""
    return HashEncoder().encode([text])[0]


def scores(found: Sequence[Found]) -> list[float]:
    """The score of each find, in order."""
    return [each.score for each in found]
