"""The intake: files become documents, passages and vectors, and go into the library."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum

import numpy as np

from corpus.catalogue import Catalogue
from corpus.cutting import cut
from corpus.errors import DocumentExists, KrakowQAError
from corpus.files import File, read_once
from corpus.library import Entry, Library, Manifest, Report, State, StoredPassage
from corpus.model import Document, Passage
from corpus.reading import Draft, is_outdated, read_file
from index.encoder import Encoder, Vectors
from index.search import found_by


class Outcome(StrEnum):
    """What became of a file."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    READ = "read"
    FAILED = "failed"


class IfChanged(StrEnum):
    """What to do with a file whose document is in the library with another text; to fail is to ask what to do."""

    REPLACE = "replace"
    KEEP = "keep"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file, for its reader; ``id`` is None where it failed.

    ``present`` is the document as the library has it, where the file changed and nothing was done.
    """

    path: str
    outcome: Outcome
    id: str | None = None
    version: str | None = None
    characters: int = 0
    passages: int = 0
    report: Report | None = None
    notes: tuple[str, ...] = ()
    present: Entry | None = None
    error: str | None = None


class Intake:
    """Adds files to a library, each in one transaction."""

    def __init__(self, library: Library, encoder: Encoder, catalogue: Catalogue) -> None:
        self._library = library
        self._encoder = encoder
        self._catalogue = catalogue

    def add(
        self, files: Iterable[File], if_changed: IfChanged = IfChanged.FAIL, *, keep_originals: bool = True
    ) -> Iterator[Added]:
        """Add one file after the other; one that fails is reported, and the rest goes on."""
        for file in files:
            try:
                once = read_once(file)
                known = self._known(once)
                if known is not None:
                    yield known
                    continue
                draft = read_file(once, self._catalogue)
                yield self._add(file, draft if keep_originals else replace(draft, original=None), if_changed)
            except KrakowQAError as error:
                yield _failed(file, error)

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
        passages, vectors = self._cut_and_encode(document)
        self._library.add(document, passages, vectors, entry.provenance)
        return len(passages)

    def preview(self, files: Iterable[File]) -> Iterator[Added]:
        """What adding would read of each file; nothing is stored."""
        for file in files:
            try:
                draft = read_file(file, self._catalogue)
                notes = tuple(self._copies(draft.document))
                yield self._added(file, Outcome.READ, draft, self._passage_count(draft.document), notes)
            except KrakowQAError as error:
                yield _failed(file, error)

    def _known(self, file: File) -> Added | None:
        """A file that the library holds to the byte, where reading it again could say nothing new; else None.

        Thus a batch that was interrupted goes on where it was.
        """
        entry = self._library.entry_of_file(hashlib.sha256(file.data()).hexdigest())
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

    def _add(self, file: File, draft: Draft, if_changed: IfChanged) -> Added:
        holder = self._library.holder_of(draft.document.version)
        if holder is not None:
            return self._add_again(file, draft, holder)
        draft, clash = self._with_free_id(draft)
        document = draft.document
        current = self._current(document.id)
        if current is not None and if_changed is IfChanged.FAIL:
            return self._changed(file, draft, current)
        if current is not None and if_changed is IfChanged.KEEP:
            kept = (f"{document.id!r} has another text in the library, which was kept",)
            return Added(file.origin, Outcome.UNCHANGED, document.id, current.version, notes=kept)
        passages = self._put(draft, None if current is None else current.version)
        outcome = Outcome.ADDED if current is None else Outcome.REPLACED
        return self._added(file, outcome, draft, passages, (*clash, *self._copies(document)))

    def _add_again(self, file: File, draft: Draft, holder: str) -> Added:
        """The library holds this very text; only what is said about it may be new."""
        document = replace(draft.document, id=holder)
        entry = self._library.entry(holder)
        same_file = draft.document.id == holder or (
            entry is not None and entry.provenance.origin == draft.provenance.origin
        )
        if not same_file or entry is None or _says_the_same(entry, draft):
            known = () if same_file else (f"its text is in the library as {holder!r}",)
            return Added(file.origin, Outcome.UNCHANGED, holder, document.version, notes=known)
        draft = replace(draft, document=document)
        passages = self._put(draft, document.version)
        return self._added(
            file, Outcome.REPLACED, draft, passages, ("the text is the same; what is said about it was replaced",)
        )

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
        told = self._added(file, Outcome.CHANGED, draft, self._passage_count(draft.document))
        return replace(told, present=current, error=error)

    def _passage_count(self, document: Document) -> int:
        return len(cut(document, self._library.manifest.passage_tokens, self._encoder.count_tokens))

    def _put(self, draft: Draft, replacing: str | None) -> int:
        passages, vectors = self._cut_and_encode(draft.document)
        self._library.add(
            draft.document,
            passages,
            vectors,
            draft.provenance,
            replacing=replacing,
            original=draft.original,
        )
        return len(passages)

    def _cut_and_encode(self, document: Document) -> tuple[list[Passage], Vectors]:
        """The document's passages and their vectors; those that its present version has too are not encoded again."""
        held = self._library.passages_of(document.id)
        return cut_and_encode(document, self._library.manifest.passage_tokens, self._encoder, held)

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
    contents = []
    for entry in library.entries():
        document = library.document(entry.id)
        contents.append((document, *cut_and_encode(document, passage_tokens, encoder)))
        on_document(entry.id)
    manifest = Manifest(encoder.name, encoder.fingerprint, encoder.dimension, passage_tokens)
    library.refill(manifest, contents, generation)


def cut_and_encode(
    document: Document, passage_tokens: int | None, encoder: Encoder, held: Iterable[StoredPassage] = ()
) -> tuple[list[Passage], Vectors]:
    """A document's passages and their vectors, float32 of shape (passages, dimension).

    Those ``held`` already, with vectors of the same encoder, are not encoded again.
    """
    passages = cut(document, passage_tokens, encoder.count_tokens)
    texts = [found_by(passage) for passage in passages]
    vectors = {found_by(each.passage): each.vector for each in held}
    new = [text for text in dict.fromkeys(texts) if text not in vectors]
    vectors.update(zip(new, encoder.encode(new), strict=True))
    found = np.array([vectors[text] for text in texts], dtype=np.float32)
    return passages, found.reshape(len(texts), encoder.dimension)
