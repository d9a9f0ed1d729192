"""The library's contract: the only truth about documents, versions, passages and vectors."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from corpus.model import Address, Document, Passage, Source

Matrix = NDArray[np.floating[Any]]
"""Vectors in rows, each of length 1."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a library is made with; it is settled when the library is made.

    ``fingerprint`` is the SHA-256 that tells one encoder's vectors from another's, ``dimension`` their length,
    ``passage_tokens`` the most tokens of a passage (None: whole documents).
    """

    encoder: str
    fingerprint: str
    dimension: int
    passage_tokens: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """How the text of a version differs from its file.

    ``pages`` is 0 where there are none; ``textless_pages`` have no text layer and were not read, ``ocr_pages`` were
    read by OCR; ``language`` is the recognised one; ``mended`` says what was mended and how often, ``left_out`` what of
    the file is not in the text.
    """

    pages: int = 0
    textless_pages: tuple[int, ...] = ()
    language: str | None = None
    mended: tuple[tuple[str, int], ...] = ()
    left_out: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    ocr_pages: tuple[int, ...] = ()

    def is_by_ocr(self, pages: Iterable[int]) -> bool:
        """Whether any of the pages was read by OCR."""
        return any(page in self.ocr_pages for page in pages)


@dataclass(frozen=True, slots=True)
class Provenance:
    """How a version came to be: the file it was read from, the file's SHA-256, the parser, and what that reports."""

    origin: str
    file_digest: str
    parser: str
    report: Report = Report()


@dataclass(frozen=True, slots=True)
class Filter:
    """Which documents are searched; a field that is None lets all through.

    ``since`` and ``until`` are ISO dates, both included. A document without a date passes neither; one of which only
    the month or year is known counts as its first day.
    """

    documents: frozenset[str] | None = None
    publishers: frozenset[str] | None = None
    kinds: frozenset[str] | None = None
    languages: frozenset[str] | None = None
    since: str | None = None
    until: str | None = None

    def passes(self, document_id: str, source: Source) -> bool:
        """Whether it lets a document through."""
        named = (
            (self.documents, document_id),
            (self.publishers, source.publisher),
            (self.kinds, source.kind.value),
            (self.languages, source.language),
        )
        if any(wanted is not None and has not in wanted for wanted, has in named):
            return False
        if self.since is None and self.until is None:
            return True
        day = source.day
        return day is not None and (self.since or day) <= day <= (self.until or day)


class State(StrEnum):
    """Whether a version answers questions."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class Entry:
    """A document as the library lists it. Times are UTC, ISO 8601; ``characters`` are code points."""

    id: str
    version: str
    source: Source
    state: State
    provenance: Provenance
    added_at: str
    ended_at: str | None
    characters: int
    passages: int


@dataclass(frozen=True, slots=True)
class Change:
    """One step in the library's life: the passage ids that went and those that came, as id ranges.

    ``purged`` is True where all that there was of the document was erased, so that nothing derived may keep it.
    """

    generation: int
    document_id: str
    removed: range
    added: range
    purged: bool = False


@dataclass(frozen=True, slots=True)
class StoredPassage:
    """A passage with its id, its document's source and its vector, float16 of shape (dimension,)."""

    id: int
    passage: Passage
    source: Source
    vector: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class StoredVectors:
    """The ids of passages, ascending, and their vectors, float16 of shape (passages, dimension)."""

    ids: NDArray[np.int64]
    vectors: NDArray[np.float16]


@dataclass(frozen=True, slots=True)
class Copy:
    """A current document whose text is nearly that of another: ``share`` of the shorter one stands in both."""

    id: str
    source: Source
    share: float


class Library(Protocol):
    """Documents with all their versions, the passages and vectors of the current ones, and a journal.

    Every change is one transaction that raises the generation by one or more, and is seen at once by every process.
    Passage ids start at 1, rise, and are never used again.
    """

    @property
    def manifest(self) -> Manifest:
        """What the library is made with now."""

    def generation(self) -> int:
        """The number of the latest change; 0 where there was none."""

    def entries(self, *, withdrawn: bool = False) -> list[Entry]:
        """The current documents, by id; with ``withdrawn``, those that were taken out of answers too."""

    def entry(self, id: str) -> Entry | None:
        """The latest version of a document, whatever its state; None where there never was one."""

    def holder_of(self, version: str) -> str | None:
        """The id of a current document with that version; None where there is none."""

    def entry_of_file(self, file_digest: str) -> Entry | None:
        """The current document that was read from a file with that SHA-256; None where there is none."""

    def copies_of(self, document: Document) -> list[Copy]:
        """Other current documents with nearly the same text, the nearest first."""

    def document(self, id: str, version: str | None = None) -> Document:
        """A version, by its first hex digits, or the latest; raises DocumentNotFound."""

    def resolve(self, address: Address) -> tuple[Document, Entry]:
        """The document version that an address names, and how it stands; raises DocumentNotFound."""

    def together(self) -> AbstractContextManager[None]:
        """What this thread changes within is one transaction: all of it is seen at once, or nothing is done.

        A change that raises DocumentExists or DocumentNotFound is undone alone, and the others go on; LibraryError is
        to be let through, for then all may be undone.
        """

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Matrix,
        provenance: Provenance,
        *,
        replacing: str | None = None,
        original: bytes | None = None,
    ) -> None:
        """Make a version the current one; ``vectors`` has the shape (passages, dimension), ``original`` is its file.

        ``replacing`` is the version that is current so far, or None where there is none; raises DocumentExists
        where another one is current by now.
        """

    def original(self, file_digest: str) -> bytes | None:
        """The file with a SHA-256, where it was kept."""

    def original_bytes(self, file_digest: str) -> int | None:
        """How long the file with a SHA-256 is, where it was kept."""

    def withdraw(self, id: str) -> None:
        """Take a document out of answers and keep its history; raises DocumentNotFound."""

    def purge(self, id: str) -> None:
        """Erase a document with all its versions and files; what is left is that it was purged, and when.

        Raises DocumentNotFound, or LibraryError where another process keeps the database's log from being emptied.
        """

    def purged_at(self, id: str) -> str | None:
        """When a document was purged, UTC in ISO 8601; None where none of that id was."""

    def purges(self) -> dict[str, str]:
        """The ids of purged documents, each with when that was."""

    def passages_of(self, id: str) -> list[StoredPassage]:
        """The current passages of a document, by id; none where it is not current."""

    def passages(self, ids: Collection[int]) -> dict[int, StoredPassage]:
        """The current passages among the ids."""

    def vectors_of(self, digests: Iterable[bytes]) -> dict[bytes, NDArray[np.float16]]:
        """By the digest of a passage its vector, where a current passage has one or one had that went and may return.

        Those of purged documents are gone.
        """

    def changes(self, since: int) -> list[Change]:
        """The journal after a generation, oldest first."""

    def stored(self, ids: range) -> Iterator[StoredPassage]:
        """The current passages in an id range, by id."""

    def vectors(self, ids: NDArray[np.int64]) -> StoredVectors:
        """The vectors of the current passages among the ids."""

    def vectors_from(self, first: int) -> Iterator[StoredVectors]:
        """The vectors of all current passages from an id on, as they are at one moment, some thousand at a time."""

    def passage_ids(self, filter: Filter | None = None) -> NDArray[np.int64]:
        """The ids of the current passages that a filter lets through, ascending; not to be written to."""

    def settings(self) -> dict[str, str]:
        """What is kept for this library by name: settings that beat the defaults."""

    def store_setting(self, name: str, value: str) -> None:
        """Keep a setting; no generation passes."""

    def versions(self, id: str) -> list[Entry]:
        """All versions of a document, the latest last and those before it as they came; none where it is not there."""

    def take_over(
        self,
        history: Sequence[tuple[Document, Entry]],
        passages: Sequence[StoredPassage],
        originals: Mapping[str, bytes],
    ) -> None:
        """Put in a document that is not here, as another library has it; raises DocumentExists where it is here.

        ``history`` is all its versions, the latest last, ``passages`` the current ones, which get ids of this library,
        and ``originals`` the files that are kept, by their SHA-256.
        """

    def note_purge(self, id: str, at: str) -> None:
        """Keep in mind that a document was purged then, in the library that this one is a copy of."""

    def refill(
        self,
        manifest: Manifest,
        contents: Iterable[tuple[Document, Sequence[Passage], Matrix]],
        generation: int,
    ) -> None:
        """Put new passages and vectors, made by another encoder, in the place of all present ones.

        ``generation`` is the one that the contents were read at; raises LibraryError where it has passed.
        """

    def is_there(self) -> bool:
        """Whether what was opened is still where it was opened; whether it can be read is another question."""

    def check(self) -> list[str]:
        """What does not agree within the library, a line each; empty where all does."""

    def close(self) -> None:
        """Let go of the files; the library is not used again."""
