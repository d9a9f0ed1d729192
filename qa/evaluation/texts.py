"""Libraries of a set's own texts, which are gone afterwards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from corpus.library import Manifest, Provenance
from corpus.model import Document, Passage, Span
from corpus.sqlite import FILE_NAME, SqliteLibrary
from index.encoder import Encoder
from index.encoding import cut_and_encoded
from index.retriever import Retriever
from qa import assembly
from qa.settings import DEFAULT_PASSAGE_TOKENS, Settings

_PROVENANCE = Provenance(origin="", file_digest="", parser="set/1")

OnText = Callable[[str, int, int], None]
"""Called with a document's id, how many are encoded, and of how many."""


@contextmanager
def retriever_over(
    documents: Sequence[Document],
    encoder: Encoder,
    passage_tokens: int | None = DEFAULT_PASSAGE_TOKENS,
    on_text: OnText = lambda id, done, total: None,
) -> Iterator[Retriever]:
    """A retriever over documents, cut into passages and encoded; where ``passage_tokens`` is None, each is whole."""
    manifest = Manifest(encoder.name, encoder.fingerprint, encoder.dimension, passage_tokens)
    with _library(manifest) as (library, folder):
        done = 0
        with closing(cut_and_encoded(documents, passage_tokens, encoder)) as batches:
            for batch in batches:
                with library.together():
                    for document, passages, vectors in batch:
                        library.add(document, passages, vectors, _PROVENANCE)
                for document, _, _ in batch:
                    done += 1
                    on_text(document.id, done, len(documents))
        yield assembly.assemble(library, folder, encoder, Settings()).retriever


@contextmanager
def unsearched(documents: Sequence[Document]) -> Iterator[SqliteLibrary]:
    """A library of documents, each one passage, that is not to be searched."""
    with _library(Manifest("none", "none", 1, None)) as (library, _):
        with library.together():
            for document in documents:
                library.add(document, [whole(document)], np.ones((1, 1), dtype=np.float32), _PROVENANCE)
        yield library


def whole(document: Document) -> Passage:
    """The document as one passage."""
    return Passage(document.id, document.version, Span(0, len(document.text)), document.text)


@contextmanager
def _library(manifest: Manifest) -> Iterator[tuple[SqliteLibrary, Path]]:
    with TemporaryDirectory(prefix="krakow-qa-") as folder:
        library = SqliteLibrary.create(Path(folder, FILE_NAME), manifest)
        try:
            yield library, Path(folder)
        finally:
            library.close()
