"""What the events of all parts of the page have in common."""

from __future__ import annotations

from typing import Any

import gradio as gr

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
"""No event of the page is an endpoint for programs."""

QUIETLY: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}
"""What is done beside what people wait for."""

Updates = list[Any]
"""What an event makes of the components that it changes, in their order."""


def offering(text: str) -> Any:
    """A button with a text, hidden where there is none.

    What hides it leaves its text alone: where two events come at once, gradio may take the visibility of one and the
    value of the other, and an empty button would stay.
    """
    return gr.update(value=text, visible=True) if text else gr.update(visible=False)
