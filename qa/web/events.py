"""What the events of all parts of the page have in common."""

from __future__ import annotations

from typing import Any

PRIVATE: dict[str, Any] = {"api_visibility": "private"}
"""No event of the page is an endpoint for programs."""

QUIETLY: dict[str, Any] = {**PRIVATE, "show_progress": "hidden"}
"""What is done beside what people wait for."""

Updates = list[Any]
"""What an event makes of the components that it changes, in their order."""
