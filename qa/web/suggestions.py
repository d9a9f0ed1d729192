"""Questions that the sources answer, as buttons below the question box: to begin with, and after each answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from qa.accounts.model import Right
from qa.narrowing import BadFilter
from qa.suggesting.choosing import beside, nearest, passing, unasked
from qa.suggesting.suggestions import Suggestion
from qa.web.events import QUIETLY, Updates, offering
from qa.web.guarded import GuardedBlocks
from qa.web.narrowing import Narrowing
from qa.web.talk import Talk

_AT_FIRST, _AFTER = 5, 3
"""So many are shown before the first question, and so many after one."""

_MAKING_S, _REST_S = 2.0, 15.0
"""How often an open page looks for more while they are being made, and whether they still hold."""

Offered = tuple[str, tuple[str, ...]]
"""What is said above the buttons, and their questions."""

_NOTHING: Offered = "", ()


@dataclass(frozen=True, slots=True)
class Offer:
    """The components; ``offered`` is what they show."""

    narrowing: Narrowing
    talk: gr.State
    offered: gr.State
    label: gr.HTML
    buttons: list[gr.Button]
    timer: gr.Timer

    @property
    def given(self) -> list[Any]:
        """What is shown depends on the conversation, what is shown already, and which sources are searched."""
        return [self.talk, self.offered, *self.narrowing.chosen]

    @property
    def shown(self) -> list[Any]:
        """What changes with the conversation and the library."""
        return [self.offered, self.label, *self.buttons, self.timer]

    def now(self, talk: Talk, before: Offered, *only: Any) -> Updates:
        """What may be asked next; nothing is touched where that is shown already, since a button may have the focus."""
        offered, is_all = self._offered(talk, only)
        timer = gr.update(value=_REST_S if is_all else _MAKING_S)
        if offered == before:
            return [gr.skip()] * (len(self.shown) - 1) + [timer]
        label, questions = offered
        waiting = [""] * (len(self.buttons) - len(questions))
        buttons = [offering(question) for question in (*questions, *waiting)]
        return [offered, gr.update(value=label, visible=bool(label)), *buttons, timer]

    def _offered(self, talk: Talk, only: tuple[Any, ...]) -> tuple[Offered, bool]:
        """What is to be shown, and whether nothing is to be added to it."""
        suggested = self.narrowing.opening.suggested
        if suggested is None:
            return _NOTHING, False
        try:
            filter = self.narrowing.filter(*only)
        except BadFilter:  # which is told where it was chosen
            return _NOTHING, True
        asked = [each for exchange in talk.before for each in (exchange.question, exchange.searched)]
        label, chosen, most = self._chosen(talk, unasked(passing(suggested.suggestions, filter), asked))
        questions = tuple(each.question for each in chosen[:most])
        is_all = suggested.is_complete or len(questions) == most
        return ((label, questions) if questions else _NOTHING), is_all

    def _chosen(self, talk: Talk, suggestions: list[Suggestion]) -> tuple[str, list[Suggestion], int]:
        """What to say of them, those that go with the latest turn, the best first, and how many of them to show."""
        if talk.latest is None:
            return "The sources answer, for instance:", suggestions, _AT_FIRST
        quoted = [quote.address for quote in talk.latest.quotes]
        near = beside(suggestions, quoted)
        if not near:
            near = nearest(suggestions, self.narrowing.opening.parts.encoder.encode([talk.searched])[0])
        can = "can" if talk.latest.abstention else "also"
        return f"The sources {can} answer:", near, _AFTER


def build_suggestions(narrowing: Narrowing, talk: gr.State, page: GuardedBlocks) -> Offer:
    """The components, empty until suggestions are there; whoever builds the page has the buttons ask."""
    offered = gr.State(_NOTHING)
    label = gr.HTML(visible=False, elem_id="suggesting", js_on_load=None)
    with gr.Row(elem_id="suggestions"):
        buttons = [gr.Button("", size="sm", min_width=120, visible=False) for _ in range(_AT_FIRST)]
    offer = Offer(narrowing, talk, offered, label, buttons, gr.Timer(_MAKING_S))
    narrowing.said.change(offer.now, offer.given, offer.shown, **QUIETLY)
    page.load(offer.now, offer.given, offer.shown, **QUIETLY)
    with page.needing(Right.ASK, by_itself=True):
        offer.timer.tick(offer.now, offer.given, offer.shown, **QUIETLY)
    return offer
