"""Each request has an id that its log lines, its response and its error messages carry."""

from __future__ import annotations

import inspect
import logging
import re
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, nullcontext
from functools import wraps
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from markupsafe import escape
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from corpus.errors import KrakowQAError
from qa.logs import REQUEST_ID, in_request, request_id
from qa.web.opening import Opening
from qa.web.rights import is_for_programs

HEADER = "X-Request-ID"

_SANE = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEARTBEAT = "/gradio_api/heartbeat/"
"""A response that lasts as long as its page is open, and is waited for by nobody."""

_UPLOAD = "/gradio_api/upload"

_GONE = 499
"""The status, as nginx has it, of a request whose sender went before anything was said."""

_END = object()

_log = logging.getLogger(__name__)


class Requests:
    """Middleware around all others: ids, access lines, counts, and one sentence where something unexpected happens."""

    def __init__(self, app: ASGIApp, opening: Opening) -> None:
        self._app = app
        self._opening = opening

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        named = Headers(scope=scope).get(HEADER, "")
        scope[REQUEST_ID] = named if _SANE.fullmatch(named) else uuid.uuid4().hex
        path = scope["path"]
        started, status = time.perf_counter(), 0

        async def send_with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)[HEADER] = scope[REQUEST_ID]
            await send(message)

        lasting = path.startswith(_HEARTBEAT)
        with in_request(scope), nullcontext() if lasting else self._opening.work.delivering():
            try:
                await self._app(scope, receive, send_with_id)
            except Exception as error:  # noqa: BLE001 (whatever it was, it is logged, and the server goes on)
                sentence = report(self._opening, error)
                if status == 0:
                    said = (
                        JSONResponse({"detail": sentence}, 500)
                        if is_for_programs(path)
                        else PlainTextResponse(f"{sentence}\n", 500)
                    )
                    await said(scope, receive, send_with_id)
            finally:
                status = status or _GONE
                self._opening.metrics.responded(status, to_upload=path == _UPLOAD)
                ms = round(1000 * (time.perf_counter() - started), 1)
                # Which session a page has is known to that page only: who knows it can read along.
                shown = _HEARTBEAT + "…" if lasting else path
                about = {"method": scope["method"], "path": shown, "status": status, "ms": ms}
                _log.info("request", extra=about)


def guard(page: gr.Blocks, opening: Opening) -> None:
    """Have all that the page does waited for when the server stops, and told in one sentence where it fails."""
    for function in page.fns.values():
        if function.fn is not None:
            function.fn = _guarded(function.fn, opening)


def _guarded(handler: Callable[..., Any], opening: Opening) -> Callable[..., Any]:
    if not inspect.isgeneratorfunction(handler):

        @wraps(handler)
        def done(*inputs: Any) -> Any:
            with _told(opening), opening.work.begun():
                return handler(*inputs)

        return done

    @wraps(handler)
    def done_in_steps(*inputs: Any) -> Iterator[Any]:
        with ExitStack() as stack:
            with _told(opening):
                stack.enter_context(opening.work.begun())
            steps = stack.enter_context(closing(handler(*inputs)))
            while True:
                with _told(opening):  # each step may run in a thread of its own
                    step = next(steps, _END)
                if step is _END:
                    return
                yield step

    return done_in_steps


@contextmanager
def _told(opening: Opening) -> Iterator[None]:
    """What goes wrong inside is logged with the request that the page has sent, and told to whoever uses the page."""
    request = LocalContext.request.get(None)
    sent = None if request is None else request.request
    with in_request({} if sent is None else sent.scope):
        try:
            yield
        except gr.Error:
            raise
        except KrakowQAError as error:
            raise gr.Error(escape(str(error)), print_exception=False) from error
        except Exception as error:
            raise gr.Error(report(opening, error), print_exception=False) from error


def report(opening: Opening, error: Exception) -> str:
    """Log an error that nobody expected; the sentence to say of it."""
    opening.metrics.failed(error)
    _log.error("unexpected error", exc_info=error)
    return f"Something went wrong here. Whoever looks after krakow-qa finds it in the log as {request_id()}"
