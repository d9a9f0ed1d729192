"""The fields of suggested questions as JSON, each with what it is."""

from __future__ import annotations

from pydantic import with_config
from typing_extensions import TypedDict

from qa.fields import STRICT, WhoFields


@with_config(STRICT)
class SuggestionFields(WhoFields):
    """A question that was asked, and answered by the sentence that it was made of; who says that stands beside it."""

    question: str
    address: str
    """Where the sentence stands: document@version#start-end."""
    document: str
    """The id of the document."""
    confidence: float
    """How likely it is, 0 to 1, that the sources answer the question."""


@with_config(STRICT)
class SuggestedFields(TypedDict):
    """Questions that the library answers, of different documents in turn, the newest first."""

    suggestions: list[SuggestionFields]
    complete: bool
    """Whether no more are being made."""
