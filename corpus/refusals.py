"""What libraries refuse, said in the same words by all engines."""

from __future__ import annotations

from corpus.errors import DocumentExists, DocumentNotFound, LibraryError
from corpus.model import Address, Document


def missing(id: str, purged_at: str | None) -> DocumentNotFound:
    """There is no document of that id; ``purged_at`` is when one of that id was purged."""
    if purged_at is not None:
        return DocumentNotFound(f"{id!r} was purged on {purged_at[:10]}, and nothing of it is left")
    return DocumentNotFound(f"The library has no document {id!r}. See what it has: krakow-qa list")


def no_version(id: str, version: str | None) -> DocumentNotFound:
    """The document has no such version."""
    return DocumentNotFound(f"The library has no version {version} of {id!r}. See what it has: krakow-qa show {id}")


def require_inside(address: Address, document: Document) -> None:
    """Raises DocumentNotFound where an address goes beyond the text."""
    if address.span.end > len(document.text):
        raise DocumentNotFound(
            f"{address} lies outside its document, which has {len(document.text)} characters; check the address"
        )


def other_version(id: str) -> DocumentExists:
    """Another version is current than the one that was to be replaced."""
    return DocumentExists(
        f"{id!r} has become another version meanwhile; look at it with krakow-qa show {id}, and add again"
    )


def has_changed() -> LibraryError:
    """The library is at another generation than the one at which what it is to be given was read."""
    return LibraryError("The library has changed meanwhile, and nothing was done. Try it again")
