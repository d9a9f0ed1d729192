"""The files that documents were read from, for download: nothing but what the library itself keeps."""

from __future__ import annotations

from pathlib import PurePath

from fastapi import FastAPI, Response

from corpus.library import Entry, Library
from corpus.parsing.formats import READABLE

_ENDINGS = {"markdown": ".md", "text": ".txt"}
"""Of parsers that are not named after the ending."""

_NEVER_RUN = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""A file may be a page with scripts: no browser shows it here, runs it, or keeps it after it was purged."""


def original_path(id: str) -> str:
    """Where a document's file is served."""
    return f"/documents/{id}/original"


def serve_originals(app: FastAPI, library: Library) -> None:
    """Serve the file of each document's latest version, to be saved and not to be shown."""

    def original(id: str) -> Response:
        entry = library.entry(id)
        data = None if entry is None else library.original(entry.provenance.file_digest)
        if entry is None or data is None:
            return Response("No such file is kept\n", 404, _NEVER_RUN, "text/plain")
        saved = {"Content-Disposition": f'attachment; filename="{_name(entry)}"'}
        return Response(data, 200, {**_NEVER_RUN, **saved}, "application/octet-stream")

    app.get(original_path("{id}"))(original)


def _name(entry: Entry) -> str:
    """The id, which is plain ASCII, with the ending that the file had."""
    ending = PurePath(entry.provenance.origin).suffix.lower()
    parser = entry.provenance.parser.partition("/")[0]
    return entry.id + (ending if ending in READABLE else _ENDINGS.get(parser, f".{parser}"))
