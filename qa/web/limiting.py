"""Holds requests to the limits: too much, too often, too slow or too many at once is refused in one sentence."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from starlette.datastructures import Headers
from starlette.formparsers import MultiPartException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.web.limits import HOUR_S, MINUTE_S, Limits, Rate, counted_as, in_words
from qa.web.rights import IN_TURN, is_for_programs

_UNCOUNTED = ("/assets/", "/static/", "/theme.css", "/favicon.ico")
"""Paths of files that cost nothing; a page asks for a hundred of them when it is opened."""

_LINGER_S = 2.0
"""How long a refused body is read on and thrown away: browsers show no answer that comes before they have sent."""

Waiting = Callable[[], Iterable[Mapping[str, Any]]]
"""The requests whose events wait for their turn, each as its scope."""


class _Cut(MultiPartException):
    """A body that does not come to its end; gradio deletes what it has stored of an upload at this error."""


class Limiting:
    """Around an application, inside of what finds out who the user is."""

    def __init__(self, app: ASGIApp, limits: Limits, waiting: Waiting) -> None:
        self._app = app
        self._limits = limits
        self._waiting = waiting
        self._requests = Rate(limits.requests_per_minute, MINUTE_S)
        self._uploaded = Rate(limits.upload_bytes_per_hour, HOUR_S)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        user = counted_as(scope)
        refusal = self._refusal(scope, user)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        body = _Body(receive, send, self._bounds(Headers(scope=scope), user, is_for_programs(scope["path"])))
        try:
            await self._app(scope, body.receive, body.send)
        except Exception:
            if not body.is_cut:
                raise
        if body.refusal is not None and not body.has_answered:
            await body.drain()
            await body.refusal(scope, receive, send)

    def _refusal(self, scope: Scope, user: str | None) -> Response | None:
        """What is said to a request before any of its body is read, where it is not let through."""
        if not scope["path"].startswith(_UNCOUNTED):
            wait_s = self._requests.take(user)
            if wait_s > 0:
                most = self._limits.requests_per_minute
                return _refused(429, f"More than {most} requests came from you within a minute", wait_s)
        if scope["method"] == "POST" and scope["path"].endswith(IN_TURN):
            waiting = list(self._waiting())
            if len(waiting) >= self._limits.waiting:
                return _refused(503, f"{len(waiting)} questions of all users are waiting", 5)
            mine = 0 if user is None else sum(counted_as(each) == user for each in waiting)
            if mine >= self._limits.waiting_per_user:
                return _refused(429, f"{mine} of your questions are waiting", 5)
        return None

    def _bounds(self, headers: Headers, user: str | None, for_programs: bool) -> _Bounds:
        limits = self._limits
        if headers.get("content-type", "").startswith("multipart/"):
            take = partial(self._uploaded.take, user)
            return _Bounds(limits.upload_bytes, limits.upload_s, take, plain=not for_programs)
        return _Bounds(limits.request_bytes, limits.request_s, lambda much: 0.0, plain=False)


@dataclass(frozen=True, slots=True)
class _Bounds:
    """How long a body may be, how long it may take, and how long to wait before so much more of it may come."""

    most_bytes: int
    within_s: float
    take: Callable[[int], float]
    plain: bool


class _Body:
    """A request's body on its way in, as far as its bounds let it, and what is said where they do not."""

    def __init__(self, receive: Receive, send: Send, bounds: _Bounds) -> None:
        self.is_cut = False
        self.has_answered = False
        self.refusal: Response | None = None
        self._receive = receive
        self._send = send
        self._bounds = bounds
        self._ends_at = asyncio.get_running_loop().time() + bounds.within_s
        self._bytes = 0
        self._has_ended = False

    async def receive(self) -> Message:
        if self._has_ended:
            return await self._receive()
        try:
            async with asyncio.timeout_at(self._ends_at):
                message = await self._receive()
        except TimeoutError:
            seconds = in_words(self._bounds.within_s)
            raise self._cut(408, f"What you sent took more than {seconds} to come") from None
        if message["type"] == "http.disconnect":
            self.is_cut = True
            raise _Cut("the client has gone")
        much = len(message.get("body", b""))
        self._bytes += much
        self._has_ended = not message.get("more_body")
        if self._bytes > self._bounds.most_bytes:
            most = _in_megabytes(self._bounds.most_bytes)
            raise self._cut(413, f"What you sent is longer than {most}. Send less at once")
        wait_s = self._bounds.take(much)
        if wait_s > 0:
            raise self._cut(413, "You have uploaded all that you may within an hour", wait_s)
        return message

    async def send(self, message: Message) -> None:
        """Send the application's answer on, unless it is only about a body that was cut off here."""
        if self.is_cut and not self.has_answered:
            return
        self.has_answered = True
        await self._send(message)

    async def drain(self) -> None:
        """Read on for a moment, and throw it away."""
        try:
            async with asyncio.timeout(_LINGER_S):
                while not self._has_ended:
                    message = await self._receive()
                    self._has_ended = not message.get("more_body")
        except TimeoutError:
            return

    def _cut(self, status: int, why: str, wait_s: float | None = None) -> _Cut:
        self.is_cut = True
        self.refusal = _refused(status, why, wait_s, plain=self._bounds.plain)
        return _Cut(why)


def _refused(status: int, why: str, wait_s: float | None = None, *, plain: bool = False) -> Response:
    """A refusal that gradio's page shows to its user: of an event the detail, of an upload all that came."""
    headers = {"Connection": "close"}
    if wait_s is not None:
        why = f"{why}. Try again in {in_words(wait_s)}"
        headers["Retry-After"] = str(math.ceil(wait_s))
    if plain:
        return PlainTextResponse(f"{why}.", status, headers)
    return JSONResponse({"detail": f"{why}."}, status, headers)


def _in_megabytes(size_bytes: int) -> str:
    return f"{size_bytes / 1e6:g} MB"
