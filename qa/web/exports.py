"""A conversation to be saved as a file: its page sends back where its answers stand, and the library says the rest."""

from __future__ import annotations

from typing import Annotated

from fastapi import FastAPI, Response
from fastapi import Form as Fields
from fastapi.responses import PlainTextResponse

from corpus.errors import KrakowQAError
from qa.conversation.exporting import Form, exported
from qa.conversation.kept import KeptTurn
from qa.conversation.reopening import reopened
from qa.web.opening import Opening
from qa.web.originals import NEVER_RUN, to_be_saved
from qa.web.render import export_path

_MOST_TURNS = 200

_TYPES = {Form.MARKDOWN: "text/markdown", Form.HTML: "text/html", Form.JSON: "application/json"}


def serve_exports(app: FastAPI, opening: Opening) -> None:
    """Serve conversations as files, of which nothing is kept here."""

    def export(form: Form, turn: Annotated[list[str], Fields(max_length=_MOST_TURNS)] = []) -> Response:  # noqa: B006
        if not turn:
            return PlainTextResponse("There is no answer yet. Ask something, and then save the conversation\n", 400)
        library = opening.parts.library
        try:
            conversation = [reopened(KeptTurn.from_json(each), library) for each in turn]
        except KrakowQAError as error:
            return PlainTextResponse(f"{error}\n", 400, NEVER_RUN)
        return to_be_saved(exported(conversation, form), f"conversation.{form.value}", _TYPES[form])

    app.post(export_path("{form}"))(export)
