"""The root of all errors that a user can cause, and those of the corpus.

KrakowQAError                 shown as one line: what, where, what next
├── UnreadableFile            a file that cannot be read as a document
│   └── NoTextLayer           a PDF of pictures
├── BadManifest               a manifest that does not say which file it speaks of, or what
├── DocumentExists            the id is taken by a document with another text
├── DocumentNotFound          no document, version or address of that name
├── BadAddress                an address that does not have the form id@version#start-end
├── FetchFailed               a URL that gave no page or file
│   └── HostRefused           its host is not a public one, so nothing was sent to it
└── LibraryError              a library that is missing, busy, or not to be opened as asked
    └── LibraryNotFound
"""


class KrakowQAError(Exception):
    """An error with a cause that the user can mend; its text is one line."""


class UnreadableFile(KrakowQAError):
    """A file that cannot be read as a document."""


class NoTextLayer(UnreadableFile):
    """A PDF in which none of so many pages has a text layer, nor was read by OCR."""

    def __init__(self, message: str, pages: int) -> None:
        super().__init__(message)
        self.pages = pages


class BadManifest(KrakowQAError):
    """A manifest that does not say which file it speaks of, or what."""


class DocumentExists(KrakowQAError):
    """The id is taken by a document with another text."""


class DocumentNotFound(KrakowQAError):
    """No document, version or address of that name."""


class BadAddress(KrakowQAError):
    """An address that does not have the form ``id@version#start-end``."""


class FetchFailed(KrakowQAError):
    """A URL that gave no page or file."""


class HostRefused(FetchFailed):
    """The host of a URL is not a public one, so nothing was sent to it."""


class LibraryError(KrakowQAError):
    """A library that is missing, busy, or not to be opened as asked."""


class LibraryNotFound(LibraryError):
    """There is no library where one was expected."""
