"""The part of the Evaluate tab that shows what people said of answers, and makes an entry of a set of it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr
from fastapi import FastAPI, Response
from markupsafe import Markup

from qa.conversation.feedback import Feedback, Opinion
from qa.conversation.reopening import reopened
from qa.conversation.shelves import conversations_in
from qa.evaluation.opinions import entry_of
from qa.web.corpus.render import render_message
from qa.web.events import QUIETLY, Updates
from qa.web.opening import Opening
from qa.web.originals import NEVER_RUN, to_be_saved
from qa.web.render import render_turn
from qa.web.templating import template
from qa.wording import readable_date

_NONE = "Nobody has said anything of an answer yet."
_GONE = "This is not there any more. Choose another."
_SHOWN_CHARACTERS = 70


@dataclass(frozen=True, slots=True)
class Reviewing:
    """The components."""

    opening: Opening
    feedback: Feedback
    opinions: gr.Dropdown
    about: gr.HTML
    deleting: gr.Button

    @property
    def shown(self) -> list[Any]:
        """What changes with what was said."""
        return [self.opinions, self.about, self.deleting]

    def listed(self) -> Updates:
        """All that was said, and the latest of it."""
        opinions = self.feedback.all()
        choices = [(_label(each), each.id) for each in opinions]
        if not opinions:
            return [gr.update(choices=[], value=None), render_message(_NONE), gr.update(visible=False)]
        return [gr.update(choices=choices, value=opinions[0].id), self._of(opinions[0]), gr.update(visible=True)]

    def show(self, id: int | None) -> str:
        """One of them, with the answer as it stands now."""
        opinion = None if id is None else self.feedback.one(id)
        return render_message(_GONE) if opinion is None else self._of(opinion)

    def delete(self, id: int | None) -> Updates:
        """All without the chosen one."""
        if id is not None:
            self.feedback.delete(id)
        return self.listed()

    def _of(self, opinion: Opinion) -> str:
        again = reopened(opinion.turn, self.opening.parts.library)
        return template("opinion.html").render(
            opinion=opinion,
            day=readable_date(opinion.said_at[:10]),
            entry=entry_path(opinion.id),
            turn=Markup(render_turn(again.turn, "opinion", again=again)),  # noqa: S704 (escaped when it was rendered)
        )


def build_reviewing(opening: Opening) -> Reviewing:
    """The components, and what happens when one is chosen or deleted."""
    opinions = gr.Dropdown([], label="What was said of answers", elem_id="opinions")
    about = gr.HTML(elem_id="opinion", js_on_load=None)
    deleting = gr.Button("Delete this", size="sm", min_width=90, visible=False, elem_id="delete-opinion")
    reviewing = Reviewing(opening, Feedback(conversations_in(opening.folder)), opinions, about, deleting)
    opinions.input(reviewing.show, opinions, about, **QUIETLY)
    deleting.click(reviewing.delete, opinions, reviewing.shown, **QUIETLY)
    return reviewing


def entry_path(id: int | str) -> str:
    """Where the entry that is made of an opinion is served."""
    return f"/feedback/{id}/entry"


def serve_entries(app: FastAPI, opening: Opening) -> None:
    """Serve what was said of answers as entries of a question set, to be saved."""
    feedback = Feedback(conversations_in(opening.folder))

    def entry(id: int) -> Response:
        opinion = feedback.one(id)
        if opinion is None:
            return Response(f"{_GONE}\n", 404, NEVER_RUN, "text/plain")
        return to_be_saved(entry_of(opinion, opening.parts.library), f"feedback-{id}.jsonl", "application/jsonl")

    app.get(entry_path("{id}"))(entry)


def _label(opinion: Opinion) -> str:
    question = " ".join(opinion.turn.question.split())[:_SHOWN_CHARACTERS]
    return f"{opinion.verdict.value} · {question} · {readable_date(opinion.said_at[:10])}"
