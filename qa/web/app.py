"""The web application: the page mounted in FastAPI, for requests to this machine's own names only."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.resources import files
from itertools import chain

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read when gradio is imported

# Its queue would keep ten thousand events for a page of its own, and put all of them into a table after each one.
os.environ["GRADIO_ANALYTICS_MAX_EVENTS"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"

import gradio as gr
from fastapi import FastAPI
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.routing import Mount

from qa.web.admission import LOCAL_NAMES, Admission
from qa.web.answers import serve_answers
from qa.web.api.desk import Desk
from qa.web.api.serving import serve_api
from qa.web.chat import ASKING
from qa.web.claims import Claims
from qa.web.evaluation.feedback import serve_entries
from qa.web.evaluation.reports import serve_reports
from qa.web.exports import serve_exports
from qa.web.health import serve_health
from qa.web.limiting import Limiting
from qa.web.limits import DEFAULT_LIMITS, Limits
from qa.web.opening import Opening
from qa.web.originals import serve_originals
from qa.web.page import build_page, waiting_in
from qa.web.requests import Requests, guard
from qa.web.rights import Guard
from qa.web.shield import Shield
from qa.web.signing_in import serve_signing_in
from qa.web.turns import Questions

_SANS = ("system-ui", "-apple-system", "Segoe UI", "Roboto", "sans-serif")
_ALARM = "#b42318"
_MONO = ("ui-monospace", "Menlo", "Consolas", "monospace")


def create_app(opening: Opening, admission: Admission, limits: Limits = DEFAULT_LIMITS) -> FastAPI:
    """The application over a library that may still be opened; it sends no request anywhere and answers none for
    another host name, nor any that its sender has no right to."""
    app = FastAPI(title="krakow-qa", openapi_url=None, lifespan=_suggesting(opening))
    questions = Questions(limits)
    page = build_page(opening, questions)
    desk = Desk.of(opening, questions)
    # From here on, what is added later comes first.
    app.add_middleware(
        Limiting, limits=limits, waiting=lambda: chain(desk.asking.waiting(), *waiting_in(page).values())
    )
    app.add_middleware(Guard, admission=admission)
    # A page of another site that points its own name at this machine is turned away.
    app.add_middleware(TrustedHostMiddleware, allowed_hosts=[*LOCAL_NAMES, *admission.names])
    app.add_middleware(Shield, scripts=[_script()])
    app.add_middleware(Requests, opening=opening)
    serve_health(app, opening)  # before the page, which takes every path that is left
    serve_api(app, desk)
    serve_originals(app, opening)
    serve_reports(app, opening.folder)
    serve_answers(app, opening)
    serve_exports(app, opening)
    serve_entries(app, opening)
    serve_signing_in(app, admission, opening.folder)
    guard(page, opening)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        auth_dependency=Claims(page, admission),
        run_history=False,
        ssr_mode=False,
        show_error=False,
        max_file_size=limits.upload_bytes,
        allowed_paths=[],
        enable_monitoring=False,
        mcp_server=False,
        app_kwargs={"docs_url": None, "redoc_url": None, "openapi_url": None},
        pwa=False,
        theme=_theme(),
        css="".join(map(_static, ("chat.css", "corpus.css", "evaluation.css"))),
        head=f"<script>{_script()}</script>",
    )
    opening.metrics.waiting.set_function(lambda: len(waiting_in(page).get(ASKING, ())))
    mounted = next(route.app for route in app.routes if isinstance(route, Mount))
    if isinstance(mounted, gr.routes.App):
        opening.work.at_the_end(mounted.stop_event.set)  # each open page holds a stream, which ends by this
    return app


def _suggesting(opening: Opening) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    """Has no more suggestions made once the server stops."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        opening.suggestions.close()

    return lifespan


def _theme() -> gr.themes.Base:
    """System fonts, so that none is fetched, and colours strong enough to read."""
    theme = gr.themes.Base(primary_hue="blue", neutral_hue="slate", font=_SANS, font_mono=_MONO)
    return theme.set(
        button_primary_background_fill="*primary_700",
        button_primary_background_fill_hover="*primary_800",
        button_primary_background_fill_dark="*primary_700",
        button_primary_background_fill_hover_dark="*primary_600",
        input_placeholder_color="*neutral_500",
        input_placeholder_color_dark="*neutral_400",
        block_info_text_color="*neutral_500",
        block_info_text_color_dark="*neutral_300",
        checkbox_border_color="*neutral_500",
        checkbox_border_color_dark="*neutral_400",
        button_cancel_background_fill=_ALARM,
        button_cancel_background_fill_dark=_ALARM,
        button_cancel_background_fill_hover=_ALARM,
        button_cancel_background_fill_hover_dark=_ALARM,
        button_cancel_text_color="white",
        button_cancel_text_color_dark="white",
    )


def _script() -> str:
    return "".join(map(_static, ("template.js", "chat.js", "heard.js", "corpus.js")))


def _static(name: str) -> str:
    return files("qa.web").joinpath("static", name).read_text("utf-8")
