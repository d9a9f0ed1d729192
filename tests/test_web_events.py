"""What events make of components, where gradio needs it to be so."""

from __future__ import annotations

from qa.web.events import offering


def test_what_hides_a_button_leaves_its_text_alone() -> None:
    shown, hidden = offering("Who met?"), offering("")
    assert (shown["value"], shown["visible"]) == ("Who met?", True)
    assert hidden["visible"] is False
    assert "value" not in hidden
