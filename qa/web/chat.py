"""The Ask tab: a question box, the conversation, and what is shown when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import gradio as gr

from qa.settings import QUESTION_CHARACTERS
from qa.threads import ANSWERS_AT_ONCE
from qa.web.events import PRIVATE, QUIETLY, Updates
from qa.web.feedback import build_feedback
from qa.web.guarded import GuardedBlocks
from qa.web.history import build_history
from qa.web.links import build_links
from qa.web.narrowing import build_narrowing
from qa.web.opening import Opening
from qa.web.render import render_conversation
from qa.web.spelling import Meaning, build_meaning
from qa.web.suggestions import build_suggestions
from qa.web.talk import Talk
from qa.web.talking import Talking
from qa.web.turns import Questions

ASKING = "ask"
"""The queue that questions wait in."""


def build_chat(opening: Opening, questions: Questions, page: GuardedBlocks, holdings: gr.HTML) -> None:
    """The tab, inside the page that is being built; ``holdings`` change with the library."""
    talk = gr.State(Talk())
    conversation = gr.HTML(render_conversation(()), elem_id="conversation", js_on_load=None)
    of_all = gr.Button("Ask this of all sources", visible=False, size="sm", min_width=120, elem_id="of-all")
    saying = build_feedback(opening)
    understanding, searched, exactly, as_typed = _build_understood()
    meaning, question, send = _build_asking()
    narrowing = build_narrowing(opening, page, holdings)
    offer = build_suggestions(narrowing, talk, page)
    with gr.Row():
        again = gr.Button("New conversation", size="sm", scale=0, min_width=160, elem_id="new")
    history = build_history(opening, page)
    build_links(opening)

    talking = Talking(opening, questions, narrowing.filter)
    shown = [question, talk, conversation, understanding, searched, of_all]
    only = narrowing.chosen
    asking: dict[str, Any] = {
        **PRIVATE,
        "concurrency_id": ASKING,
        "concurrency_limit": ANSWERS_AT_ONCE,
        "show_progress_on": conversation,
    }

    def beside(talk: Talk, *offered: Any) -> Updates:
        """What is said and offered around the latest turn."""
        return [meaning.about(talk), *saying.about(talk), *offer.now(talk, *offered)]

    def open_again(id: str | None, kept: Any) -> Talk:
        return talking.open_again(str(id), history.turns(id, kept))

    asks: list[tuple[list[Any], Callable[..., Talk], list[Any]]] = [
        ([question.submit, send.click], talking.ask, [question, talk, *only]),
        ([searched.submit, exactly.click], talking.ask_exactly, [searched, talk, *only]),
        ([as_typed.click], talking.ask_as_typed, [talk, *only]),
        ([meaning.button.click], talking.ask_as_meant, [talk, *only]),
        ([of_all.click], talking.ask_of_all, [talk]),
        *(([button.click], talking.ask, [button, talk, *only]) for button in offer.buttons),
    ]
    for events, ask, given in asks:
        asked = gr.on(events, _showing(ask), given, shown, **asking)
        kept = asked.then(history.keep, [talk, history.kept], history.shown, **QUIETLY)
        kept.then(beside, offer.given, [meaning.button, *saying.shown, *offer.shown], **QUIETLY)
    begun = again.click(_showing(Talk), None, shown, **PRIVATE).then(narrowing.clear, None, narrowing.shown, **QUIETLY)
    opened = history.opening.click(
        _showing(open_again), [history.earlier, history.kept], shown, show_progress_on=conversation, **PRIVATE
    ).then(narrowing.choose_again, talk, narrowing.shown, **QUIETLY)
    for event in (begun, opened):
        event.then(beside, offer.given, [meaning.button, *saying.shown, *offer.shown], **QUIETLY)
    saying.listen(talk)


def _showing(become: Callable[..., Talk]) -> Callable[..., Updates]:
    """An event after which the conversation is shown as it is then."""

    def show(*given: Any) -> Updates:
        talk = become(*given)
        turns = (*talk.turns, talk.notice) if talk.notice else talk.turns
        return [
            talk.draft,
            talk,
            render_conversation(turns),
            gr.update(visible=bool(talk.searched_otherwise)),
            talk.searched_otherwise,
            gr.update(visible=talk.is_refused_in_some),
        ]

    return show


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


def _build_asking() -> tuple[Meaning, gr.Textbox, gr.Button]:
    """The question box with its button, under what may have been meant by the question before."""
    with gr.Group(elem_id="asking"), gr.Row():
        meaning = build_meaning()
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
    return meaning, question, send
