"""What may have been meant by the latest question, offered over the question box, which is always in sight."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from qa.web.events import offering
from qa.web.talk import Talk


@dataclass(frozen=True, slots=True)
class Meaning:
    """A button that asks what may have been meant."""

    button: gr.Button

    def about(self, talk: Talk) -> Any:
        """Offers it for the latest question; nothing where that does not seem misspelt."""
        return offering(f"Did you mean: {talk.spelling}" if talk.spelling else "")


def build_meaning() -> Meaning:
    """The button, which is hidden until there is something to offer."""
    return Meaning(gr.Button("Did you mean", size="sm", visible=False, elem_id="spelling"))
