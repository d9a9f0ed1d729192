"""The MCP server on standard input and output, or over HTTP for those whom the accounts let in."""

from __future__ import annotations

from typing import Any

import uvicorn
from mcp.server.mcpserver import MCPServer
from mcp.server.transport_security import TransportSecuritySettings
from starlette.applications import Starlette
from starlette.middleware.trustedhost import TrustedHostMiddleware

from qa.mcp.tools import Library, server_of
from qa.web.admission import LOCAL_NAMES, Admission
from qa.web.limiting import Limiting
from qa.web.limits import Limits
from qa.web.rights import MCP, MCP_ROUTES, Guard
from qa.web.shield import Shield
from qa.web.turns import Questions, Turns

_AT_ONCE = 4


def over_stdio(library: Library) -> MCPServer[Any]:
    """The server for the program that started this one, which may do what its user may."""
    return server_of(library, Questions(Limits()), Turns(_AT_ONCE))


def over_http(library: Library, admission: Admission, limits: Limits) -> Starlette:
    """The application for requests to this machine's own names, from those who may ask.

    Each request stands for itself: it says who sends it, and no session is kept that could be taken over.
    """
    turns = Turns(_AT_ONCE)
    app = server_of(library, Questions(limits), turns).streamable_http_app(
        streamable_http_path=MCP,
        json_response=True,
        stateless_http=True,
        # Host and Origin are checked around it, as for the page.
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),
    )
    # What is added later comes first.
    app.add_middleware(Limiting, limits=limits, waiting=turns.waiting)
    app.add_middleware(Guard, admission=admission, routes=MCP_ROUTES)
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOCAL_NAMES, *admission.names])
    app.add_middleware(Shield)
    return app


def config_of(app: Starlette, log_level: str = "warning") -> uvicorn.Config:
    """How it is served; what proxies say of a request is not uvicorn's to believe."""
    return uvicorn.Config(app, log_config=None, log_level=log_level, access_log=False, proxy_headers=False)
