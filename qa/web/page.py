"""The page: what the library holds, and a tab for each who comes: to ask, to look after the corpus, to measure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import gradio as gr

from qa.accounts.model import AT_HOME, Right
from qa.web.admission import session_key
from qa.web.chat import build_chat
from qa.web.corpus.tab import build_corpus
from qa.web.evaluation.tab import build_evaluation
from qa.web.events import PRIVATE, QUIETLY
from qa.web.guarded import GuardedBlocks, sender
from qa.web.limits import DEFAULT_LIMITS
from qa.web.opening import Opening
from qa.web.render import render_holdings, render_signed_in, render_unopened, render_warming
from qa.web.turns import Questions

_SECONDS, _WARMING_SECONDS = 15.0, 0.5
"""How often an open page looks whether the library has changed, and before that, whether it is open."""

_HOUR_S = 3600
_UPLOADS_KEPT_S = 24 * _HOUR_S
"""How long a file lies here that was uploaded and never added."""

_QUEUE_S = 0.01
"""How often gradio looks for a question that waits; left alone it does so a thousand times a second."""

_PAGES_KEPT = 500
"""Of so many pages the conversation is kept, those used last; an open one is used every few seconds.

Gradio keeps 0.4 MB for each page that was ever loaded, and of ten thousand where it is told no number.
"""

_PLACES_S = 1.0
"""How often those who wait are told their place; left alone, all of them at every answer."""


def build_page(opening: Opening, questions: Questions | None = None) -> GuardedBlocks:
    """The page over a library that may still be opened; ``questions`` counts those of each user, here and elsewhere."""
    counted = Questions(DEFAULT_LIMITS) if questions is None else questions

    @lru_cache(maxsize=1)
    def holdings_at(generation: int) -> str:
        # Documents are listed only when they have changed, which the generation tells.
        return render_holdings(opening.parts.library.entries())

    def holdings_now() -> list[Any]:
        doing = opening.doing
        if doing is not None:
            return [render_warming(doing), gr.update(value=_WARMING_SECONDS)]
        if opening.failure is not None:
            return [render_unopened(opening.failure), gr.update(active=False)]
        return [holdings_at(opening.parts.library.generation()), gr.update(value=_SECONDS)]

    def signed_in(request: gr.Request) -> Any:
        scope = sender(request).scope
        if scope["user"] is AT_HOME:
            return gr.update()
        return gr.update(value=render_signed_in(scope["user"], session_key(scope) is not None), visible=True)

    page = GuardedBlocks(
        title="krakow-qa", analytics_enabled=False, fill_width=True, delete_cache=(_HOUR_S, _UPLOADS_KEPT_S)
    )
    page.state_session_capacity = _PAGES_KEPT
    with page:
        who = gr.HTML(visible=False, elem_id="who", js_on_load=None)
        holdings = gr.HTML(elem_id="holdings", js_on_load=None)
        with page.tab("Ask", Right.ASK):
            build_chat(opening, counted, page, holdings)
        with page.tab("Corpus", Right.CHANGE):
            build_corpus(opening, page)
        with page.tab("Evaluate", Right.EVALUATE):
            build_evaluation(opening, page)
        timer = gr.Timer(_SECONDS)
        shown = [holdings, timer]
        with page.needing(Right.ASK):
            page.load(signed_in, None, who, **QUIETLY)
            page.load(holdings_now, None, shown, **PRIVATE)
        with page.needing(Right.ASK, by_itself=True):
            timer.tick(holdings_now, None, shown, **QUIETLY)
    page.queue(status_update_rate=_PLACES_S)
    page._queue.sleep_when_free = _QUEUE_S
    return page


def waiting_in(page: gr.Blocks) -> dict[str, list[Mapping[str, Any]]]:
    """The requests whose events wait for their turn, each as its scope, by the queue that they wait in."""
    queues = page._queue.event_queue_per_concurrency_id
    return {name: [event.request.scope for event in queue.queue] for name, queue in queues.items()}
