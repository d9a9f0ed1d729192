"""Gives a library other vectors: another encoder's, or those of passages of another length."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing

import numpy as np

from corpus.library import Library, Manifest
from index.encoder import Encoder
from index.encoding import cut_and_encoded, known_vectors


def reencode(
    library: Library,
    encoder: Encoder,
    passage_tokens: int | None,
    on_document: Callable[[str], None] = lambda id: None,
) -> None:
    """Cut and encode every current document anew, with another encoder or passage length, in one transaction.

    Until then the library answers from the old vectors; raises LibraryError where a document changed meanwhile.
    """
    generation = library.generation()
    documents = (library.document(entry.id) for entry in library.entries())
    contents = []
    known = known_vectors(library, encoder)
    with closing(cut_and_encoded(documents, passage_tokens, encoder, known)) as batches:
        for batch in batches:
            for document, passages, vectors in batch:
                contents.append((document, passages, vectors.astype(np.float16)))
                on_document(document.id)
    manifest = Manifest(encoder.name, encoder.fingerprint, encoder.dimension, passage_tokens)
    library.refill(manifest, contents, generation)
