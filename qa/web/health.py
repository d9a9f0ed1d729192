"""Whether the server is alive and would answer, for whoever watches over it; open to all, and says nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

from corpus.errors import KrakowQAError

if TYPE_CHECKING:
    from fastapi import FastAPI

    from qa.web.opening import Opening

ALIVE, READY = "/healthz", "/readyz"
"""Where it is said; both need no sign-in."""

_NOT_KEPT = {"Cache-Control": "no-store"}


def unready(opening: Opening) -> str | None:
    """Why a question would not be answered now; None where it would be."""
    if opening.work.stopping:
        return "being stopped"
    if opening.doing is not None:
        return "warming up"
    try:
        if opening.failure is None and opening.parts.library.is_there():
            opening.parts.library.generation()
            return None
    except (KrakowQAError, OSError):
        pass
    return "the library cannot be read"


def serve_health(app: FastAPI, opening: Opening) -> None:
    """Serve both: the process answers, and a question would be answered."""
    from fastapi import Response

    async def alive() -> Response:
        return Response("alive\n", 200, _NOT_KEPT, "text/plain")

    def ready() -> Response:
        reason = unready(opening)
        return Response(f"{reason or 'ready'}\n", 200 if reason is None else 503, _NOT_KEPT, "text/plain")

    app.get(ALIVE)(alive)
    app.get(READY)(ready)
