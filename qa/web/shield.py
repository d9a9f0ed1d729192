"""The headers that keep a page to itself, and the refusal of what another site's page sends in its user's name.

What the policy has to allow, and why (tried out in Chromium with gradio 6.31):

- The page's inline scripts, by their SHA-256: gradio writes the page's configuration into them, so they are hashed as
  they go out. A script that comes into the page later has no hash here, and does not run.
- No ``eval``: gradio's HTML component would make a function of its template, which ``chat.js`` does in its place, and
  no event has a ``js=``, which gradio evaluates too.
- Inline styles, which gradio puts at its elements. They load nothing: images and fonts come from this server.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Iterable, Mapping
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from qa.web.rights import is_for_programs

HEADERS: Mapping[str, str] = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=(),"
    " clipboard-read=(), clipboard-write=(self)",
}
"""What every response says unless it says something else itself."""

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN = frozenset({"same-origin", "none"})

_REFUSED = "This request comes from a page of another site, or does not say where it comes from. Open the page itself\n"

_SCRIPT = re.compile(rb"<script(?P<attributes>[^>]*)>(?P<text>.*?)</script>", re.DOTALL | re.IGNORECASE)


class Shield:
    """Around an application: its responses get the headers, and what other sites' pages send gets a 403.

    ``scripts`` are the texts of scripts that the page puts into itself.
    """

    def __init__(self, app: ASGIApp, scripts: Iterable[str] = ()) -> None:
        self._app = app
        self._hashes = [_hash(script.encode()) for script in scripts]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        sending = _Sending(send, self._hashes)
        headers = Headers(scope=scope)
        for_programs = is_for_programs(scope["path"])
        if scope["method"] not in _SAFE and not (is_own(headers) or (for_programs and is_no_browsers(headers))):
            refused = (
                JSONResponse({"detail": _REFUSED.strip()}, 403) if for_programs else PlainTextResponse(_REFUSED, 403)
            )
            await refused(scope, receive, sending)
            return
        if "text/html" in headers.get("accept", ""):  # a page is hashed as it goes out, and so cannot be compressed
            scope["headers"] = [each for each in scope["headers"] if each[0] != b"accept-encoding"]
        await self._app(scope, receive, sending)


def is_own(headers: Headers) -> bool:
    """Whether a request is no page's of another site: browsers say where it comes from, and programs have a token."""
    if headers.get("authorization", "").lower().startswith("bearer ") and "cookie" not in headers:
        return True
    if "sec-fetch-site" in headers:
        return headers["sec-fetch-site"] in _OWN
    origin = urlsplit(headers.get("origin", ""))
    return origin.scheme in {"http", "https"} and origin.netloc == headers.get("host")


def is_no_browsers(headers: Headers) -> bool:
    """Whether a request is a program's: every browser says with a POST where it comes from, in one header or both."""
    return not any(name in headers for name in ("origin", "sec-fetch-site", "referer", "cookie"))


def policy(hashes: Iterable[str]) -> str:
    """The Content-Security-Policy of a page with these scripts."""
    return "; ".join(
        [
            "default-src 'self'",
            " ".join(["script-src 'self'", *hashes]),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self'",
            "frame-src 'none'",
            "frame-ancestors 'none'",
            "object-src 'none'",
            "base-uri 'self'",
            "form-action 'self'",
        ]
    )


class _Sending:
    """Sends a response on with the headers, a page once all of it is there."""

    def __init__(self, send: Send, hashes: Iterable[str]) -> None:
        self._send = send
        self._hashes = tuple(hashes)
        self._page: Message | None = None
        self._body = bytearray()

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            is_page = headers.get("content-type", "").startswith("text/html")
            if is_page and "content-security-policy" not in headers:
                self._page = message
                return
            headers.setdefault("Content-Security-Policy", policy(()))
        elif self._page is not None:
            self._body += message.get("body", b"")
            if message.get("more_body"):
                return
            hashes = [*self._hashes, *_inline_scripts(bytes(self._body))]
            MutableHeaders(scope=self._page)["Content-Security-Policy"] = policy(dict.fromkeys(hashes))
            await self._send(self._page)
            message = {"type": "http.response.body", "body": bytes(self._body)}
        await self._send(message)


def _inline_scripts(page: bytes) -> Iterable[str]:
    """The hashes of the scripts that stand in a page."""
    return (_hash(script["text"]) for script in _SCRIPT.finditer(page) if b"src=" not in script["attributes"])


def _hash(script: bytes) -> str:
    return f"'sha256-{b64encode(hashlib.sha256(script).digest()).decode()}'"
