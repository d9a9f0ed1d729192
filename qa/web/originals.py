"""The files that documents were read from, for download: nothing but what the library itself keeps."""

from __future__ import annotations

from fastapi import FastAPI, Response

from corpus.reading import original_name
from qa.web.opening import Opening

NEVER_RUN = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""A file may be a page with scripts: no browser shows it here, runs it, or keeps it after it was purged."""


def to_be_saved(data: bytes | str, name: str, media_type: str) -> Response:
    """What a browser saves under a name, of plain letters, and never shows."""
    saved = {"Content-Disposition": f'attachment; filename="{name}"'}
    return Response(data, 200, {**NEVER_RUN, **saved}, media_type)


def original_path(id: str) -> str:
    """Where a document's file is served."""
    return f"/documents/{id}/original"


def serve_originals(app: FastAPI, opening: Opening) -> None:
    """Serve the file of each document's latest version, to be saved and not to be shown."""

    def original(id: str) -> Response:
        library = opening.parts.library
        entry = library.entry(id)
        data = None if entry is None else library.original(entry.provenance.file_digest)
        if entry is None or data is None:
            return Response("No such file is kept\n", 404, NEVER_RUN, "text/plain")
        return to_be_saved(data, original_name(entry), "application/octet-stream")

    app.get(original_path("{id}"))(original)
