"""Who may call which route: one table, held for every request; what is not in it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from anyio import to_thread
from starlette.datastructures import Headers
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from qa.accounts.model import Right, User
from qa.web.admission import Admission

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
JOIN = "/gradio_api/queue/join"
"""Where the events of the page are sent, questions among them."""
API = "/api/v1"
MCP = "/mcp"
IN_TURN = (JOIN, f"{API}/ask", f"{API}/search", MCP)
"""How the paths end of what may have to wait for its turn."""


class Gate(StrEnum):
    """A route for which it does not matter who calls it."""

    OPEN = "everybody"
    CLOSED = "nobody"


Needed = Gate | frozenset[Right]
"""What a route asks for; of several rights, any one."""


@dataclass(frozen=True)
class Route:
    """A method and a path with its parameters, and what it asks for."""

    method: str
    path: str
    needed: Needed

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What its paths look like."""
        return compile_path(self.path)[0]


def _routes(needed: Needed, *lines: str) -> Iterator[Route]:
    """A route for each method in lines such as ``GET,HEAD /path``."""
    for line in lines:
        methods, path = line.split()
        yield from (Route(method, path, needed) for method in methods.split(","))


ROUTES = (
    *_routes(
        Gate.OPEN,
        f"GET,POST {SIGN_IN}",
        f"POST {SIGN_OUT}",
        "GET /assets/{path:path}",
        "GET /static/{path:path}",
        "GET /svelte/{path:path}",
        "GET /theme.css",
        "GET /gradio_api/theme.css",
        "GET /favicon.ico",
        "GET /healthz",
        "GET /readyz",
        "GET /manifest.json",
        "GET /robots.txt",
    ),
    *_routes(
        frozenset({Right.ASK}),
        "GET,HEAD /",
        "GET /config",
        "GET /documents/{id}/original",
        "GET,POST /answers/{id}",
        "POST /answers/{id}/end",
        "POST /export/{form}",
        f"POST {JOIN}",
        "GET /gradio_api/queue/data",
        "GET /gradio_api/heartbeat/{session_hash}",
        "GET /api/docs",
        "GET /api/openapi.json",
        f"POST {API}/ask",
        f"POST {API}/search",
        f"GET {API}/suggestions",
        f"GET {API}/show",
        f"GET {API}/documents",
    ),
    *_routes(
        frozenset({Right.CHANGE}),
        f"POST {API}/documents",
        f"POST {API}/documents/{{id}}/withdraw",
    ),
    *_routes(
        frozenset({Right.CHANGE, Right.EVALUATE}),
        "POST /gradio_api/upload",
        "GET /gradio_api/upload_progress",
    ),
    *_routes(
        frozenset({Right.EVALUATE}),
        "GET /runs/{name}/report",
        "GET /feedback/{id}/entry",
        f"POST {API}/evaluations",
        f"GET {API}/evaluations/{{name}}",
        f"POST {API}/evaluations/{{name}}/stop",
    ),
    *_routes(
        Gate.CLOSED,  # what gradio serves and the page does not need
        "GET /config/",
        "POST /login",
        "POST /login/",
        "GET /logout",
        "GET /monitoring",
        "GET /monitoring/summary",
        "GET /monitoring/{key}",
        "GET /pwa_icon",
        "GET /pwa_icon/{size}",
        "POST /gradio_api/api/{api_name}",
        "POST /gradio_api/api/{api_name}/",
        "GET /gradio_api/app_id",
        "GET /gradio_api/app_id/",
        "POST /gradio_api/call/{api_name}",
        "POST /gradio_api/call/{api_name}/",
        "GET /gradio_api/call/{api_name}/{event_id}",
        "POST /gradio_api/call/v2/{api_name}",
        "POST /gradio_api/call/v2/{api_name}/",
        "GET /gradio_api/call/v2/{api_name}/{event_id}",
        "POST /gradio_api/cancel",
        "POST /gradio_api/component_server",
        "POST /gradio_api/component_server/",
        "GET /gradio_api/custom_component/{id}/{environment}/{type}/{file_name}",
        "GET /gradio_api/deep_link",
        "GET /gradio_api/dev/reload",
        "GET,HEAD /gradio_api/file={path_or_url:path}",
        "GET /gradio_api/file/{path:path}",
        "GET /gradio_api/info",
        "GET /gradio_api/info/",
        "GET /gradio_api/login_check",
        "GET /gradio_api/login_check/",
        "GET /gradio_api/openapi.json",
        "POST /gradio_api/process_recording",
        "GET,HEAD /gradio_api/proxy={url_path:path}",
        "GET /gradio_api/queue/status",
        "POST /gradio_api/reset",
        "POST /gradio_api/reset/",
        "POST /gradio_api/run/{api_name}",
        "POST /gradio_api/run/{api_name}/",
        "GET /gradio_api/runs",
        "GET /gradio_api/runs/",
        "GET /gradio_api/startup-events",
        "POST /gradio_api/stream/{event_id}",
        "POST /gradio_api/stream/{event_id}/close",
        "GET /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist-file",
        "GET /gradio_api/stream/{session_hash}/{run}/{component_id}/playlist.m3u8",
        "GET /gradio_api/stream/{session_hash}/{run}/{component_id}/{segment_id}.{ext}",
        "GET /gradio_api/token",
        "GET /gradio_api/token/",
        "POST /gradio_api/undo-vibe-edit",
        "POST /gradio_api/undo-vibe-edit/",
        "GET /gradio_api/user",
        "GET /gradio_api/user/",
        "GET,POST /gradio_api/vibe-code",
        "GET,POST /gradio_api/vibe-code/",
        "POST /gradio_api/vibe-edit",
        "POST /gradio_api/vibe-edit/",
        "POST /gradio_api/vibe-starter-queries",
        "POST /gradio_api/vibe-starter-queries/",
    ),
)

MCP_ROUTES = tuple(_routes(frozenset({Right.ASK}), f"GET,POST,DELETE {MCP}"))
"""The routes of the MCP server, which has nothing else."""

visitor: ContextVar[User | None] = ContextVar("visitor", default=None)
"""Who sends the request that is being answered, for code that is not given it."""


def needed(method: str, path: str, routes: Iterable[Route] = ROUTES) -> Needed:
    """What a request asks for, by the first route that it fits."""
    fitting = (route for route in routes if route.method == method and route.pattern.match(path))
    return next((route.needed for route in fitting), Gate.CLOSED)


def refusal(needed: Needed, user: User | None) -> int | None:
    """The status with which somebody is refused, or None."""
    if isinstance(needed, Gate):
        return None if needed is Gate.OPEN else 404
    if user is None:
        return 401
    return None if needed & user.role.rights else 403


class Guard:
    """Finds out who sends each request, writes it into the scope, and lets through what the table allows."""

    def __init__(self, app: ASGIApp, admission: Admission, routes: tuple[Route, ...] = ROUTES) -> None:
        self._app, self._admission, self._routes = app, admission, routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return  # no route is a web socket's; the server closes one that nobody accepts
        outer, scope = scope, self._admission.received(scope)
        asked = needed(scope["method"], scope["path"], self._routes)
        user = None if isinstance(asked, Gate) else await to_thread.run_sync(self._admission.user, scope)
        outer["user"] = scope["user"] = user  # what stands around this logs it
        visitor.set(user)
        status = refusal(asked, user)
        await (self._app if status is None else _refused(scope, status))(scope, receive, send)


_NOT_SIGNED_IN = "You are not signed in, or not any more. Reload the page"
_UNKNOWN_PROGRAM = (
    "This needs a token that holds. Make one with krakow-qa user token NAME, and send it as Authorization: Bearer TOKEN"
)


def is_for_programs(path: str) -> bool:
    """Whether a path is one that programs call, and no page of ours."""
    return path.startswith(f"{API}/") or path == MCP


def _refused(scope: Scope, status: int) -> Response:
    wants_page = scope["method"] == "GET" and "text/html" in Headers(raw=scope["headers"]).get("accept", "")
    if status == 401 and wants_page:
        return RedirectResponse(SIGN_IN, 303)
    says = {
        401: _UNKNOWN_PROGRAM if is_for_programs(scope["path"]) else _NOT_SIGNED_IN,
        403: "Your account has no right to this. Ask an admin for another role",
        404: "There is nothing here",
    }
    return JSONResponse(
        {"detail": says[status]}, status, {"WWW-Authenticate": 'Bearer realm="krakow-qa"'} if status == 401 else None
    )
