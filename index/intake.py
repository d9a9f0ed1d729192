"""The intake: files become documents, passages and vectors, and go into the library."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace

from corpus.catalogue import Catalogue
from corpus.cutting import cut
from corpus.errors import DocumentExists, KrakowQAError, LibraryError
from corpus.files import File, read_once
from corpus.library import Entry, Library, State
from corpus.model import Document, Passage
from corpus.reading import Draft, is_outdated, read_file
from index.added import Added, IfChanged, Outcome
from index.encoder import Encoder
from index.encoding import ByDigest, encoded_ahead, known_vectors, stacked, vectors_of

__all__ = ["Added", "IfChanged", "Intake", "Outcome"]

_LEAST_WEIGHT = 1000
"""What a file weighs that holds next to nothing, in bytes."""


@dataclass(frozen=True, slots=True)
class _How:
    """What to do with changed documents, and whether files are kept."""

    if_changed: IfChanged
    keep_originals: bool


@dataclass(frozen=True, slots=True)
class _Prepared:
    """What was done ahead for a file; all of it would come out the same when it is the file's turn.

    There is no draft where the library seemed to hold the file, and are no passages where nothing seemed to be new.
    """

    file: File
    draft: Draft | None = None
    passages: Sequence[Passage] = ()
    vectors: ByDigest = field(default_factory=dict)
    error: KrakowQAError | None = None
    weight: int = _LEAST_WEIGHT


class Intake:
    """Adds files to a library, each whole or not at all."""

    def __init__(self, library: Library, encoder: Encoder, catalogue: Catalogue) -> None:
        self._library = library
        self._encoder = encoder
        self._catalogue = catalogue
        self._known_vectors = known_vectors(library, encoder)

    def add(
        self, files: Iterable[File], if_changed: IfChanged = IfChanged.FAIL, *, keep_originals: bool = True
    ) -> Iterator[Added]:
        """Add one file after the other; one that fails is reported, and the rest goes on.

        Files are read and encoded ahead, and those that are ready together are stored in one transaction. What becomes
        of each is decided when it is stored, so it is the same as if each were added alone.
        """
        how = _How(if_changed, keep_originals)
        prepared = (self._prepare(read_once(file), how) for file in files)
        with closing(encoded_ahead(prepared, self._encoder, self._known_vectors)) as batches:
            for batch, vectors in batches:
                yield from self._store([replace(each, vectors=vectors) for each in batch], how)

    def reinstate(self, id: str) -> int:
        """Bring a withdrawn document back from its stored text; how many passages it has.

        Raises DocumentNotFound, and DocumentExists where it was not withdrawn or another document has its text.
        """
        document = self._library.document(id)
        entry = self._library.entry(id)
        if entry is None or entry.state is State.CURRENT:
            raise DocumentExists(f"{id!r} was not withdrawn, and answers. See how it stands: krakow-qa show {id}")
        holder = self._library.holder_of(document.version)
        if holder is not None:
            raise DocumentExists(f"The text of {id!r} is in the library as {holder!r}. Withdraw that one first")
        passages = self._cut(document)
        vectors = vectors_of(passages, self._encoder, self._known_vectors)
        self._library.add(document, passages, stacked(passages, vectors, self._encoder), entry.provenance)
        return len(passages)

    def preview(self, files: Iterable[File]) -> Iterator[Added]:
        """What adding would read of each file; nothing is stored."""
        for file in files:
            try:
                draft = read_file(file, self._catalogue)
                notes = tuple(self._copies(draft.document))
                yield self._added(file, Outcome.READ, draft, len(self._cut(draft.document)), notes)
            except KrakowQAError as error:
                yield _failed(file, error)

    # What is done ahead

    def _prepare(self, file: File, how: _How) -> _Prepared:
        """The file read and cut as far as there seems to be need of it."""
        try:
            data = file.data()
            weight = _LEAST_WEIGHT + len(data)
            if self._known(file, hashlib.sha256(data).hexdigest()) is not None:
                return _Prepared(file, weight=weight)
            draft = read_file(file, self._catalogue)
            if not how.keep_originals:
                draft = replace(draft, original=None)
            passages = self._cut(draft.document) if self._seems_new(draft, how) else ()
            return _Prepared(file, draft, passages, weight=weight + len(draft.document.text))
        except KrakowQAError as error:
            return _Prepared(file, error=error)

    def _seems_new(self, draft: Draft, how: _How) -> bool:
        """Whether its text would be stored if it were its turn now."""
        if self._library.holder_of(draft.document.version) is not None:
            return False
        return how.if_changed is IfChanged.REPLACE or self._current(self._with_free_id(draft)[0].document.id) is None

    def _known(self, file: File, digest: str) -> Added | None:
        """A file that the library holds to the byte, where reading it again could say nothing new; else None.

        Thus a batch that was interrupted goes on where it was.
        """
        entry = self._library.entry_of_file(digest)
        if (
            entry is None
            or file.metadata
            or file.presumed
            or entry.source.references
            or entry.provenance.origin != file.origin
            or is_outdated(entry, file.name)
        ):
            return None
        return Added(file.origin, Outcome.UNCHANGED, entry.id, entry.version)

    # What is done when it is a file's turn

    def _store(self, batch: Sequence[_Prepared], how: _How) -> Iterator[Added]:
        """Add files in one transaction, or each in one of its own where that one fails or nothing seems new."""
        if any(each.passages for each in batch):
            try:
                with self._library.together():
                    settled = [self._settle(each, how) for each in batch]
            except LibraryError:  # it may be the matter of one file, which is not to take the others along
                pass
            else:
                yield from settled
                return
        for each in batch:
            try:
                yield self._settle(each, how)
            except LibraryError as error:
                yield _failed(each.file, error)

    def _settle(self, each: _Prepared, how: _How) -> Added:
        """What becomes of a file, and is done; raises LibraryError alone."""
        try:
            if each.error is not None:
                raise each.error
            known = self._known(each.file, hashlib.sha256(each.file.data()).hexdigest())
            if known is not None:
                return known
            if each.draft is None:  # a file before it has changed what the library held
                each = self._prepare(each.file, how)
                return self._settle(each, how)
            return self._add(each, each.draft, how.if_changed)
        except LibraryError:
            raise
        except KrakowQAError as error:
            return _failed(each.file, error)

    def _add(self, each: _Prepared, draft: Draft, if_changed: IfChanged) -> Added:
        holder = self._library.holder_of(draft.document.version)
        if holder is not None:
            return self._add_again(each, draft, holder)
        draft, clash = self._with_free_id(draft)
        document = draft.document
        current = self._current(document.id)
        if current is not None and if_changed is IfChanged.FAIL:
            return self._changed(each.file, draft, current)
        if current is not None and if_changed is IfChanged.KEEP:
            kept = (f"{document.id!r} has another text in the library, which was kept",)
            return Added(each.file.origin, Outcome.UNCHANGED, document.id, current.version, notes=kept)
        passages = self._put(each, draft, None if current is None else current.version)
        outcome = Outcome.ADDED if current is None else Outcome.REPLACED
        return self._added(each.file, outcome, draft, passages, (*clash, *self._copies(document)))

    def _add_again(self, each: _Prepared, draft: Draft, holder: str) -> Added:
        """The library holds this very text; only what is said about it may be new."""
        document = replace(draft.document, id=holder)
        entry = self._library.entry(holder)
        same_file = draft.document.id == holder or (
            entry is not None and entry.provenance.origin == draft.provenance.origin
        )
        if not same_file or entry is None or _says_the_same(entry, draft):
            known = () if same_file else (f"its text is in the library as {holder!r}",)
            return Added(each.file.origin, Outcome.UNCHANGED, holder, document.version, notes=known)
        draft = replace(draft, document=document)
        passages = self._put(each, draft, document.version)
        return self._added(
            each.file, Outcome.REPLACED, draft, passages, ("the text is the same; what is said about it was replaced",)
        )

    def _put(self, each: _Prepared, draft: Draft, replacing: str | None) -> int:
        """Store a document, with what was done ahead for it; how many passages it has."""
        document = draft.document
        passages = [replace(passage, document_id=document.id) for passage in each.passages] or self._cut(document)
        vectors = vectors_of(passages, self._encoder, self._known_vectors, each.vectors)
        self._library.add(
            document,
            passages,
            stacked(passages, vectors, self._encoder),
            draft.provenance,
            replacing=replacing,
            original=draft.original,
        )
        return len(passages)

    # What is told

    def _added(self, file: File, outcome: Outcome, draft: Draft, passages: int, notes: tuple[str, ...] = ()) -> Added:
        document, report = draft.document, draft.provenance.report
        language = document.source.language
        if language is not None and self._encoder.languages is not None and language not in self._encoder.languages:
            notes += (f"it is in {language!r}, which {self._encoder.name} was not trained on: it is found less well",)
        return Added(file.origin, outcome, document.id, document.version, len(document.text), passages, report, notes)

    def _copies(self, document: Document) -> list[str]:
        return [
            f"near copy of {copy.id!r} ({copy.source.title}): {copy.share:.0%} of the shorter text stands in both,"
            " and counts once"
            for copy in self._library.copies_of(document)
        ]

    def _changed(self, file: File, draft: Draft, current: Entry) -> Added:
        error = (
            f"{file.origin}: the library has {current.id!r} with another text ({current.version[:12]})."
            " Add it with --if-changed replace, or keep"
        )
        told = self._added(file, Outcome.CHANGED, draft, len(self._cut(draft.document)))
        return replace(told, present=current, error=error)

    # What is there

    def _cut(self, document: Document) -> list[Passage]:
        return cut(document, self._library.manifest.passage_tokens, self._encoder.count_tokens)

    def _with_free_id(self, draft: Draft) -> tuple[Draft, tuple[str, ...]]:
        """The draft with an id of its own, and a note where that is not the one it would have had.

        An id made from a file's name belongs to the first file of that name; an id inside a file is what its author
        means.
        """
        wanted = draft.document.id
        if draft.names_itself or self._is_free(wanted, draft):
            return draft, ()
        number = 2
        while not self._is_free(f"{wanted}-{number}", draft):
            number += 1
        id = f"{wanted}-{number}"
        note = f"the id {wanted!r} is another document's, so this one is {id!r}"
        return replace(draft, document=replace(draft.document, id=id)), (note,)

    def _is_free(self, id: str, draft: Draft) -> bool:
        """Whether the draft may have that id: nobody's, or its own from before."""
        entry = self._library.entry(id)
        return (
            entry is None
            or entry.provenance.origin == draft.provenance.origin
            or entry.version == draft.document.version
        )

    def _current(self, id: str) -> Entry | None:
        entry = self._library.entry(id)
        return entry if entry is not None and entry.state is State.CURRENT else None


def _says_the_same(entry: Entry, draft: Draft) -> bool:
    """Whether a draft with the text of a document says the same about it, and was read by the same parser."""
    return entry.source == draft.document.source and entry.provenance.parser == draft.provenance.parser


def _failed(file: File, error: KrakowQAError) -> Added:
    """The failure, with the place named once: what went wrong at a URL names it already."""
    place = f"{file.origin}: "
    return Added(file.origin, Outcome.FAILED, error=place + str(error).removeprefix(place))
