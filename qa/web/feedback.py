"""What people say of the latest answer, under the conversation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from qa.conversation.feedback import COMMENT_CHARACTERS, Feedback, Verdict
from qa.conversation.shelves import conversations_in
from qa.web.acting import user_now
from qa.web.corpus.render import render_message
from qa.web.events import QUIETLY, Updates
from qa.web.opening import Opening
from qa.web.talk import Talk
from qa.wording import whole_characters

_SAYS = {Verdict.RIGHT: "Right", Verdict.WRONG: "Wrong", Verdict.OTHERWISE: "The source says otherwise"}

_THANKS = "Thank you. Whoever evaluates krakow-qa sees what you said."


@dataclass(frozen=True, slots=True)
class Saying:
    """The components: all of it, the comment, a button for each verdict, and what is said back."""

    feedback: Feedback
    part: gr.Accordion
    comment: gr.Textbox
    buttons: dict[Verdict, gr.Button]
    said: gr.HTML

    @property
    def shown(self) -> list[Any]:
        """What changes with the latest answer."""
        return [self.part, self.comment, self.said]

    def about(self, talk: Talk) -> Updates:
        """Asks about the latest answer; nothing where there is none."""
        if talk.latest is None:
            return [gr.update(visible=False), "", ""]
        return [gr.update(visible=True, open=False, label=f"Is the answer to “{talk.latest.question}” right?"), "", ""]

    def give(self, verdict: Verdict, comment: str, talk: Talk) -> Updates:
        """Keeps what somebody says of an answer, and thanks for it."""
        if talk.latest is None:
            return self.about(talk)
        self.feedback.give(user_now().name, verdict, whole_characters(comment), talk.latest)
        return [gr.update(), "", render_message(_THANKS)]

    def listen(self, talk: gr.State) -> None:
        """Have the buttons keep what is said of the latest answer of a conversation."""
        for verdict, button in self.buttons.items():
            button.click(
                lambda comment, talk, verdict=verdict: self.give(verdict, comment, talk),
                [self.comment, talk],
                self.shown,
                **QUIETLY,
            )


def build_feedback(opening: Opening) -> Saying:
    """The components, which are hidden until there is an answer."""
    with gr.Accordion("Is this answer right?", open=False, visible=False, elem_id="feedback") as part:
        comment = gr.Textbox(
            label="Comment, where you want to give one",
            max_length=COMMENT_CHARACTERS,
            max_lines=4,
            elem_id="feedback-comment",
        )
        with gr.Row():
            buttons = {
                verdict: gr.Button(text, size="sm", min_width=90, elem_id=f"feedback-{verdict.name.lower()}")
                for verdict, text in _SAYS.items()
            }
        said = gr.HTML(elem_id="feedback-said", js_on_load=None)
    return Saying(Feedback(conversations_in(opening.folder)), part, comment, buttons, said)
