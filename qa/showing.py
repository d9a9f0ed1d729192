"""What is at an address, or a whole document, as the library has it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from corpus.library import Copy, Entry, Library
from corpus.model import Address, Document, Span


@dataclass(frozen=True, slots=True)
class Shown:
    """A document version and how it stands; ``address`` is None where all of it was asked for.

    ``copies`` are the documents with nearly its text, which are told of whole documents.
    """

    document: Document
    entry: Entry
    address: Address | None = None
    copies: Sequence[Copy] = ()

    @property
    def text(self) -> str:
        """The text at the address, or of the whole document."""
        return self.document.text if self.address is None else self.document.slice(self.address.span)


def show(library: Library, place: str) -> Shown:
    """What is at an address, or the document with an id; raises BadAddress and DocumentNotFound."""
    if "@" in place:
        address = Address.parse(place)
        return Shown(*library.resolve(address), address)
    document, entry = whole_document(library, place)
    return Shown(document, entry, copies=library.copies_of(document))


def whole_document(library: Library, id: str) -> tuple[Document, Entry]:
    """The latest version of a document, and how it stands; raises DocumentNotFound."""
    document = library.document(id)
    return library.resolve(Address.of(id, document.version, Span(0, len(document.text))))
