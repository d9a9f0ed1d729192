"""The page: what the library holds, and a tab for each who comes: to ask, to look after the corpus, to measure."""

from __future__ import annotations

from functools import lru_cache

import gradio as gr

from qa.assembly import Parts
from qa.web.chat import build_chat
from qa.web.corpus.tab import build_corpus
from qa.web.evaluation.tab import build_evaluation
from qa.web.render import render_holdings

_SECONDS = 15.0
"""How often an open page looks whether the library has changed."""

_HOUR_S = 3600
_UPLOADS_KEPT_S = 24 * _HOUR_S
"""How long a file lies here that was uploaded and never added."""


def build_page(parts: Parts) -> gr.Blocks:
    """The page over an open library."""

    @lru_cache(maxsize=1)
    def holdings_at(generation: int) -> str:
        # Documents are listed only when they have changed, which the generation tells.
        return render_holdings(parts.library.entries())

    def holdings_now() -> str:
        return holdings_at(parts.library.generation())

    page = gr.Blocks(
        title="krakow-qa", analytics_enabled=False, fill_width=True, delete_cache=(_HOUR_S, _UPLOADS_KEPT_S)
    )
    with page:
        holdings = gr.HTML(elem_id="holdings", js_on_load=None)
        with gr.Tab("Ask"):
            build_chat(parts)
        with gr.Tab("Corpus"):
            build_corpus(parts, page)
        with gr.Tab("Evaluate"):
            build_evaluation(parts)
        page.load(holdings_now, None, holdings, api_visibility="private")
        gr.Timer(_SECONDS).tick(holdings_now, None, holdings, api_visibility="private", show_progress="hidden")
    return page
