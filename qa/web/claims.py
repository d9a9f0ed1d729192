"""What belongs to one user of the page: the session of each open page, and the progress of each upload."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from typing import Any

from anyio import to_thread
from fastapi import HTTPException, Request

from qa.accounts.model import User
from qa.web.admission import Admission
from qa.web.guarded import GuardedBlocks
from qa.web.rights import JOIN

_MOST = 100_000
"""So many are remembered; what is forgotten was random, and nobody can name it who has not been told."""


class Claims:
    """Whose is what, by who named it first; and, for gradio, who somebody is."""

    def __init__(self, page: GuardedBlocks, admission: Admission) -> None:
        self._page, self._admission = page, admission
        self._owners: OrderedDict[str, str] = OrderedDict()

    async def __call__(self, request: Request) -> str:
        """The name of who sends a request to gradio; raises HTTPException where he names what is another's.

        Nor is an event put into the queue that he has no right to cause.
        """
        user: User = request.scope["user"]
        body = await _body(request) if request.url.path.endswith(JOIN) else {}
        for named in _named(request, body):
            self._claim(named, user)
        if "fn_index" in body:
            if not self._page.lets(user, body["fn_index"]):
                raise HTTPException(403, "Your account has no right to this. Ask an admin for another role")
            if self._page.is_somebodys_act(body["fn_index"]):
                await to_thread.run_sync(self._admission.used, request.scope)
        return user.name

    def _claim(self, named: str, user: User) -> None:
        if self._owners.setdefault(named, user.name) != user.name:
            raise HTTPException(403, "This belongs to somebody else. Reload the page")
        self._owners.move_to_end(named)
        while len(self._owners) > _MOST:
            self._owners.popitem(last=False)


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object that was sent, which gradio is given too; empty where it is none, which gradio refuses."""
    try:
        body = await request.json()
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _named(request: Request, body: dict[str, Any]) -> Iterator[str]:
    """What a request names of what somebody can own."""
    for kind in ("session_hash", "upload_id"):
        for said in (request.path_params, request.query_params, body):
            if isinstance(said.get(kind), str):
                yield f"{kind} {said[kind]}"
