"""Signing in and out: a page of our own, which needs no script."""

from __future__ import annotations

from importlib.resources import files
from pathlib import Path
from urllib.parse import parse_qs

import anyio
from anyio import to_thread
from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from markupsafe import Markup

from qa.accounts.guesses import TooManyGuesses
from qa.acting import Actor
from qa.audit import DONE, Act, Audit
from qa.web.admission import Admission, cookie_name, is_secure, session_key
from qa.web.rights import SIGN_IN, SIGN_OUT
from qa.web.templating import template

_UNKNOWN, _REFUSED = "unknown", "refused: wrong password"
"""As the audit log names who has no account, and what became of it."""

_WRONG = "That name and that password do not belong together."
_FORM_BYTES = 8192
_HASHES_AT_ONCE = 2
"""Each takes 19 MiB and all of a core; who comes meanwhile waits without holding a thread."""

_PRIVATE = {"Cache-Control": "no-store"}


def serve_signing_in(app: FastAPI, admission: Admission, folder: Path) -> None:
    """Serve the form, take it, and end sessions; without accounts there is only the page.

    The cookie is SameSite=Lax: a link in a letter finds its reader signed in, and nothing is changed by following one.
    """
    turns = anyio.CapacityLimiter(_HASHES_AT_ONCE)
    accounts = admission.accounts

    def record(act: Act, name: str, outcome: str = DONE) -> None:
        Audit(folder, lambda: Actor(name, "web")).record(act, outcome=outcome)

    def key_for(name: str, password: str, client: str) -> str | None:
        key = accounts.sign_in(name, password, client)
        known = accounts.user(name)
        # Written down also where nobody has that name, since it takes time; what was typed may be a password.
        record(Act.SIGN_IN, _UNKNOWN if known is None else known.name, DONE if key is not None else _REFUSED)
        return key

    def form() -> Response:
        return _form() if admission.asks else RedirectResponse("/", 303)

    async def sign_in(request: Request) -> Response:
        if not admission.asks:
            return RedirectResponse("/", 303)
        said = await _said(request)
        if said is None:
            return _form("That is too long.", 413)
        name, password = said
        client = request.client.host if request.client is not None else ""
        try:
            key = await to_thread.run_sync(key_for, name, password, client, limiter=turns)
        except TooManyGuesses as error:
            return _form(str(error), 429, name, {"Retry-After": str(error.retry_after_s)})
        if key is None:
            return _form(_WRONG, 401, name)
        response = RedirectResponse("/", 303, _PRIVATE)
        secure = is_secure(request.scope)
        response.set_cookie(cookie_name(request.scope), key, path="/", secure=secure, httponly=True, samesite="lax")
        return response

    def sign_out(request: Request) -> Response:
        key = session_key(request.scope)
        user = None if key is None else accounts.sessions.user(key)
        if key is not None and user is not None:
            accounts.sessions.end(key)
            record(Act.SIGN_OUT, user.name)
        response = RedirectResponse(SIGN_IN, 303, _PRIVATE)
        secure = is_secure(request.scope)
        response.delete_cookie(cookie_name(request.scope), secure=secure, httponly=True, samesite="lax")
        return response

    app.get(SIGN_IN)(form)
    app.post(SIGN_IN)(sign_in)
    app.post(SIGN_OUT)(sign_out)


def _form(error: str = "", status: int = 200, name: str = "", headers: dict[str, str] | None = None) -> HTMLResponse:
    style = Markup(files("qa.web").joinpath("static", "sign-in.css").read_text("utf-8"))  # noqa: S704 (our own)
    page = template("sign-in.html").render(error=error, name=name, action=SIGN_IN, style=style)
    return HTMLResponse(page, status, {**_PRIVATE, **(headers or {})})


async def _said(request: Request) -> tuple[str, str] | None:
    """The name and the password; None where more was sent than a form can hold."""
    data = b""
    async for chunk in request.stream():
        data += chunk
        if len(data) > _FORM_BYTES:
            return None
    fields = parse_qs(data.decode(errors="replace"), keep_blank_values=True)
    return fields.get("name", [""])[0], fields.get("password", [""])[0]
