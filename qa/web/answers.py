"""Single answers by their links: made by whoever was shown the answer, opened by whoever may ask."""

from __future__ import annotations

from importlib.resources import files

from fastapi import FastAPI, Request, Response
from fastapi.responses import HTMLResponse, PlainTextResponse, RedirectResponse
from markupsafe import Markup

from qa.accounts.model import User
from qa.conversation.links import Links
from qa.conversation.reopening import reopened
from qa.conversation.shelves import conversations_in
from qa.web.linkable import link_to
from qa.web.opening import Opening
from qa.web.render import render_turn
from qa.web.templating import template

_PRIVATE = {"Cache-Control": "no-store"}
_NONE = "There is no such answer, or no longer. Whoever made the link may have ended it\n"
_FORGOTTEN = "This answer was shown too long ago. Ask again, or open the conversation again, and make the link then\n"


def serve_answers(app: FastAPI, opening: Opening) -> None:
    """Serve the making, the opening and the ending of links."""
    links = Links(conversations_in(opening.folder))

    def make(id: str, request: Request) -> Response:
        user: User = request.scope["user"]
        turn = opening.linkable.shown_to(user.name, id)
        if turn is None:
            return PlainTextResponse(_FORGOTTEN, 410, _PRIVATE)
        links.make(id, user.name, turn)
        return Response(status_code=201, headers={**_PRIVATE, "Location": link_to(id)})

    def show(id: str, request: Request) -> Response:
        user: User = request.scope["user"]
        found = links.opened(id)
        if found is None:
            return PlainTextResponse(_NONE, 404, _PRIVATE)
        maker, kept = found
        again = reopened(kept, opening.parts.library)
        page = template("answer-page.html").render(
            question=kept.question,
            turn=Markup(render_turn(again.turn, 1, again=again)),  # noqa: S704 (escaped when it was rendered)
            ending=f"{link_to(id)}/end" if maker == user.name else None,
            style=_static("chat.css"),
            script=_static("chat.js"),
        )
        return HTMLResponse(page, headers=_PRIVATE)

    def end(id: str, request: Request) -> Response:
        user: User = request.scope["user"]
        if not links.delete(id, user.name):
            return PlainTextResponse(_NONE, 404, _PRIVATE)
        return RedirectResponse("/", 303, _PRIVATE)

    app.post(link_to("{id}"))(make)
    app.get(link_to("{id}"))(show)
    app.post(link_to("{id}") + "/end")(end)


def _static(name: str) -> Markup:
    return Markup(files("qa.web").joinpath("static", name).read_text("utf-8"))  # noqa: S704 (our own)
