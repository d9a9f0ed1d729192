"""The page: what the library holds, and a tab for each who comes: to ask, to look after the corpus, to measure."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import gradio as gr

from qa.web.chat import build_chat
from qa.web.corpus.tab import build_corpus
from qa.web.evaluation.tab import build_evaluation
from qa.web.opening import Opening
from qa.web.render import render_holdings, render_warming

_SECONDS, _WARMING_SECONDS = 15.0, 0.5
"""How often an open page looks whether the library has changed, and before that, whether it is open."""

_HOUR_S = 3600
_UPLOADS_KEPT_S = 24 * _HOUR_S
"""How long a file lies here that was uploaded and never added."""

_PAGES_KEPT = 500
"""Of so many pages the conversation is kept, those used last; an open one is used every few seconds.

Gradio keeps 0.4 MB for each page that was ever loaded, and of ten thousand where it is told no number.
"""


def build_page(opening: Opening) -> gr.Blocks:
    """The page over a library that may still be opened."""

    @lru_cache(maxsize=1)
    def holdings_at(generation: int) -> str:
        # Documents are listed only when they have changed, which the generation tells.
        return render_holdings(opening.parts.library.entries())

    def holdings_now() -> list[Any]:
        doing = opening.doing
        if doing is not None:
            return [render_warming(doing), gr.update(value=_WARMING_SECONDS)]
        return [holdings_at(opening.parts.library.generation()), gr.update(value=_SECONDS)]

    page = gr.Blocks(
        title="krakow-qa", analytics_enabled=False, fill_width=True, delete_cache=(_HOUR_S, _UPLOADS_KEPT_S)
    )
    page.state_session_capacity = _PAGES_KEPT
    with page:
        holdings = gr.HTML(elem_id="holdings", js_on_load=None)
        with gr.Tab("Ask"):
            build_chat(opening)
        with gr.Tab("Corpus"):
            build_corpus(opening, page)
        with gr.Tab("Evaluate"):
            build_evaluation(opening, page)
        timer = gr.Timer(_SECONDS)
        shown = [holdings, timer]
        page.load(holdings_now, None, shown, api_visibility="private")
        timer.tick(holdings_now, None, shown, api_visibility="private", show_progress="hidden")
    return page
