"""The Ask tab: a question box, the conversation, and what happens when somebody asks."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

import gradio as gr

from corpus.errors import KrakowQAError
from qa.conversation.kept import KeptTurn
from qa.conversation.model import Turn
from qa.conversation.reopening import reopened
from qa.settings import QUESTION_CHARACTERS
from qa.threads import ANSWERS_AT_ONCE
from qa.web.acting import scope_now, user_now
from qa.web.feedback import build_feedback
from qa.web.guarded import GuardedBlocks
from qa.web.history import build_history
from qa.web.links import build_links
from qa.web.narrowing import build_narrowing
from qa.web.opening import Opening
from qa.web.render import render_conversation, render_error, render_turn
from qa.web.talk import Talk
from qa.web.turns import Questions
from qa.wording import whole_characters

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


Updates = tuple[Any, ...]
"""The box, the conversation as it is kept and as it is shown, and what was understood."""

ASKING = "ask"
"""The queue that questions wait in."""


QUIETLY: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


def build_chat(opening: Opening, questions: Questions, page: GuardedBlocks, holdings: gr.HTML) -> None:
    """The tab, inside the page that is being built. A turn is rendered once, with its own evidence, and kept.

    A question that is asked too early waits until the library is open. ``holdings`` change with the library.
    """

    def ask(question: str, talk: Talk, *only: Any) -> Updates:
        return asked_as(whole_characters(question), talk, None, only)

    def ask_exactly(searched: str, talk: Talk, *only: Any) -> Updates:
        searched = whole_characters(searched)
        return asked_as(searched, talk, searched, only)

    def ask_as_typed(talk: Talk, *only: Any) -> Updates:
        return asked_as(talk.question, talk, talk.question, only)

    def ask_of_all(talk: Talk) -> Updates:
        return asked_as(talk.question, talk, talk.searched, None)

    def asked_as(question: str, talk: Talk, searched: str | None, only: tuple[Any, ...] | None) -> Updates:
        number = len(talk.turns) + 1
        if number > MOST_TURNS:
            full = ConversationFull(f"A conversation has {MOST_TURNS} questions at most. Begin a new conversation")
            return (
                question, talk, render_conversation((*talk.turns, render_error(question, full, number))), *understood()
            )  # fmt: skip
        try:
            questions.require_room(scope_now())
            filter = None if only is None else narrowing.filter(*only)
            turn = opening.asker.ask(question, talk.before, searched, filter)
        except KrakowQAError as error:
            talk = replace(talk, turns=(*talk.turns, render_error(question[:QUESTION_CHARACTERS], error, number)))
            return "", talk, render_conversation(talk.turns), *understood()
        latest = KeptTurn.of(turn, before=talk.before)
        shown = render_turn(turn, number, latest, link=opening.linkable.link(user_now().name, latest))
        talk = Talk(
            (*talk.turns, shown),
            (*talk.before, turn.exchange),
            turn.question,
            talk.id or secrets.token_urlsafe(),
            latest,
        )
        return "", talk, render_conversation(talk.turns), *understood(turn)

    def understood(turn: Turn | None = None) -> Updates:
        """The box with what was searched for, where that is not what was typed; and whether more can be searched."""
        differs = turn is not None and turn.searched != turn.question
        refused_in_some = turn is not None and not turn.answer.answered and turn.answer.filter is not None
        searched = turn.searched if turn is not None and differs else ""
        return gr.update(visible=differs), searched, gr.update(visible=refused_in_some)

    def start_again() -> Updates:
        return "", Talk(), render_conversation(()), *understood()

    def open_again(id: str | None, kept: Any) -> Updates:
        turns = [reopened(turn, opening.parts.library) for turn in history.turns(id, kept)]
        user = user_now().name
        talk = Talk(
            tuple(
                render_turn(each.turn, number, each.kept, link=opening.linkable.link(user, each.kept), again=each)
                for number, each in enumerate(turns, start=1)
            ),
            tuple(each.turn.exchange for each in turns),
            turns[-1].turn.question,
            str(id),
            turns[-1].kept,
        )
        return "", talk, render_conversation(talk.turns), *understood()

    talk = gr.State(Talk())
    conversation = gr.HTML(render_conversation(()), elem_id="conversation", js_on_load=None)
    of_all = gr.Button("Ask this of all sources", visible=False, size="sm", min_width=120, elem_id="of-all")
    saying = build_feedback(opening)
    understanding, searched, exactly, as_typed = _build_understood()
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
    narrowing = build_narrowing(opening, page, holdings)
    with gr.Row(elem_id="examples"):
        examples = [gr.Button(text, size="sm", min_width=120) for text in EXAMPLES]
        again = gr.Button("New conversation", size="sm", min_width=120, elem_id="new")

    history = build_history(opening, page)
    build_links(opening)

    shown = [question, talk, conversation, understanding, searched, of_all]
    only = narrowing.chosen
    for events, asks, given in (
        ([question.submit, send.click], ask, [question, talk, *only]),
        ([searched.submit, exactly.click], ask_exactly, [searched, talk, *only]),
        ([as_typed.click], ask_as_typed, [talk, *only]),
        ([of_all.click], ask_of_all, [talk]),
        *(([button.click], ask, [button, talk, *only]) for button in examples),
    ):
        gr.on(
            events,
            asks,
            given,
            shown,
            api_visibility="private",
            concurrency_id=ASKING,
            concurrency_limit=ANSWERS_AT_ONCE,
            show_progress_on=conversation,
        ).then(history.keep, [talk, history.kept], history.shown, **QUIETLY).then(
            saying.about, talk, saying.shown, **QUIETLY
        )
    again.click(start_again, None, shown, api_visibility="private").then(
        saying.about, talk, saying.shown, **QUIETLY
    ).then(narrowing.clear, None, narrowing.shown, **QUIETLY)
    history.opening.click(
        open_again, [history.earlier, history.kept], shown, api_visibility="private", show_progress_on=conversation
    ).then(saying.about, talk, saying.shown, **QUIETLY).then(narrowing.choose_again, talk, narrowing.shown, **QUIETLY)
    saying.listen(talk)


def _build_understood() -> tuple[gr.Group, gr.Textbox, gr.Button, gr.Button]:
    """What was searched for, where that is not what was typed, and the buttons that search otherwise."""
    with gr.Group(visible=False, elem_id="understood") as understanding, gr.Row():
        searched = gr.Textbox(
            label="Searched for. Not what you meant? Change it",
            max_length=QUESTION_CHARACTERS,
            scale=8,
            elem_id="searched",
            html_attributes=gr.InputHTMLAttributes(autocomplete="off", spellcheck=True),
        )
        exactly = gr.Button("Search for this", scale=1, min_width=120, elem_id="exactly")
        as_typed = gr.Button("Search as typed", scale=1, min_width=120, elem_id="as-typed")
    return understanding, searched, exactly, as_typed
