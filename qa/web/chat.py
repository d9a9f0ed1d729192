"""The Ask tab: a question box, the conversation, and what happens when somebody asks."""

from __future__ import annotations

import gradio as gr

from corpus.errors import KrakowQAError
from qa.settings import QUESTION_CHARACTERS
from qa.threads import ANSWERS_AT_ONCE
from qa.web.acting import scope_now
from qa.web.opening import Opening
from qa.web.render import render_answer, render_conversation, render_error
from qa.web.turns import Questions

EXAMPLES = (
    "What is LEAP?",
    "Who represented NATO in Krakow?",
    "When is the first LEAP project due?",
    "How many soldiers serve at the Rzeszów hub?",
    "How much will LEAP cost?",
)

MOST_TURNS = 50
"""So many questions a conversation may have, since each answer is sent, and kept here, with all before it."""


class ConversationFull(KrakowQAError):
    """A conversation with as many questions as it may have."""


ASKING = "ask"
"""The queue that questions wait in."""


def build_chat(opening: Opening, questions: Questions) -> None:
    """The tab, inside the page that is being built. A turn is rendered once, with its own evidence, and kept.

    A question that is asked too early waits until the library is open.
    """

    def ask(question: str, turns: tuple[str, ...]) -> tuple[str, tuple[str, ...], str]:
        number = len(turns) + 1
        question = question.encode(errors="replace").decode()  # a program can send half of a character
        if number > MOST_TURNS:
            full = ConversationFull(f"A conversation has {MOST_TURNS} questions at most. Begin a new conversation")
            return question, turns, render_conversation((*turns, render_error(question, full, number)))
        try:
            questions.require_room(scope_now())
            turn = render_answer(opening.ask(question), number)
        except KrakowQAError as error:
            turn = render_error(question[:QUESTION_CHARACTERS], error, number)
        turns = (*turns, turn)
        return "", turns, render_conversation(turns)

    def start_again() -> tuple[tuple[str, ...], str]:
        return (), render_conversation(())

    turns = gr.State(())
    conversation = gr.HTML(render_conversation(()), elem_id="conversation", js_on_load=None)
    with gr.Group(elem_id="asking"), gr.Row():
        question = gr.Textbox(
            placeholder="Ask about the Krakow agreements",
            label="Your question",
            max_lines=4,
            max_length=QUESTION_CHARACTERS,
            scale=8,
            autofocus=True,
            elem_id="question",
            html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=True),
        )
        send = gr.Button("Ask", variant="primary", scale=1, min_width=90, elem_id="ask")
    with gr.Row(elem_id="examples"):
        examples = [gr.Button(text, size="sm", min_width=120) for text in EXAMPLES]
        again = gr.Button("New conversation", size="sm", min_width=120, elem_id="new")

    shown = [question, turns, conversation]
    gr.on(
        [question.submit, send.click],
        ask,
        [question, turns],
        shown,
        api_visibility="private",
        concurrency_id=ASKING,
        concurrency_limit=ANSWERS_AT_ONCE,
        show_progress_on=conversation,
    )
    for button in examples:
        button.click(
            ask,
            [button, turns],
            shown,
            api_visibility="private",
            concurrency_id=ASKING,
            concurrency_limit=ANSWERS_AT_ONCE,
            show_progress_on=conversation,
        )
    again.click(start_again, None, [turns, conversation], api_visibility="private")
