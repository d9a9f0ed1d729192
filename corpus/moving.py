"""Copies a library into another, of whatever engine, document by document, and proves of each that it is the same."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from corpus.errors import LibraryError
from corpus.library import Entry, Library, StoredPassage
from corpus.model import Document


class Outcome(StrEnum):
    """What became of a document."""

    COPIED = "copied"
    SAME = "is there already, the same"
    DIFFERS = "is there already, and differs"


@dataclass(frozen=True, slots=True)
class Copied:
    """A document that was dealt with."""

    id: str
    outcome: Outcome


def copy_library(source: Library, target: Library) -> Iterator[Copied]:
    """Copy all documents that the target has not, each in one transaction, with their history and files; then settings.

    Ids of passages rise in the target as in the source, so that passages tie in the same order. What was broken off is
    gone on with by doing it again. Raises LibraryError where the two were made with different encoders, or where a
    document was not stored as it is in the source.
    """
    if target.manifest != source.manifest:
        raise LibraryError(
            f"The libraries are made with different settings ({source.manifest} and {target.manifest})."
            " Copy into one that is not made yet"
        )
    for id in _in_order(source):
        if target.entry(id) is None:
            _take_over(source, target, id)
            if not _is_same(source, target, id):
                raise LibraryError(f"{id!r} was not stored as it is in the source. Look at both: krakow-qa check")
            yield Copied(id, Outcome.COPIED)
        else:
            yield Copied(id, Outcome.SAME if _is_same(source, target, id) else Outcome.DIFFERS)
    for id, at in source.purges().items():
        if target.entry(id) is None:
            target.note_purge(id, at)
    for name, value in source.settings().items():
        target.store_setting(name, value)


def _in_order(source: Library) -> list[str]:
    """The ids of all documents, those that answer by the ids of their passages."""
    first = {change.document_id: change.added.start for change in source.changes(0)}
    return sorted((entry.id for entry in source.entries(withdrawn=True)), key=lambda id: (first.get(id, 0), id))


def _take_over(source: Library, target: Library, id: str) -> None:
    history = _history(source, id)
    digests = {entry.provenance.file_digest for _, entry in history}
    kept = ((digest, source.original(digest)) for digest in digests)
    target.take_over(history, source.passages_of(id), {digest: data for digest, data in kept if data is not None})


def _history(library: Library, id: str) -> list[tuple[Document, Entry]]:
    return [(library.document(id, entry.version), entry) for entry in library.versions(id)]


def _is_same(source: Library, target: Library, id: str) -> bool:
    """Whether both have the same versions, texts, files, passages and vectors of a document."""
    history = _history(source, id)
    digests = {entry.provenance.file_digest for _, entry in history}
    return (
        history == _history(target, id)
        and all(source.original(digest) == target.original(digest) for digest in digests)
        and _same_passages(source.passages_of(id), target.passages_of(id))
    )


def _same_passages(ones: list[StoredPassage], others: list[StoredPassage]) -> bool:
    return [each.passage for each in ones] == [each.passage for each in others] and all(
        np.array_equal(one.vector, other.vector) for one, other in zip(ones, others, strict=True)
    )
