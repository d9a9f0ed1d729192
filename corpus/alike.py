"""Of documents that may be copies of one another, those that are: compared word for word."""

from __future__ import annotations

from collections.abc import Sequence

from corpus.copies import COPY, copied, shingles
from corpus.library import Copy
from corpus.model import Document, Source

COMPARED = 20
"""So many documents that share the most fingerprints with another are compared with it."""


def near_copies(document: Document, others: Sequence[tuple[str, Source, str]]) -> list[Copy]:
    """Those of the others, given by id, source and text, whose text is nearly the document's, the nearest first."""
    if not others:
        return []
    mine = shingles(document.text)
    compared = (Copy(id, source, copied(mine, shingles(text))) for id, source, text in others)
    return sorted((copy for copy in compared if copy.share >= COPY), key=lambda copy: (-copy.share, copy.id))
