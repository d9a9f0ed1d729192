"""The fields of what only the HTTP API gives, as JSON; those that all doors share are in ``qa.fields``."""

from __future__ import annotations

from typing import Any

from pydantic import with_config
from typing_extensions import TypedDict

from qa.fields import STRICT, AddedFields, EntryFields


@with_config(STRICT)
class ListFields(TypedDict):
    """The documents of the library."""

    documents: list[EntryFields]


@with_config(STRICT)
class TakenFields(TypedDict):
    """What became of each file that was sent."""

    results: list[AddedFields]
    detail: str | None
    """What went wrong first, with what to do; null where nothing did."""


@with_config(STRICT)
class WithdrawnFields(TypedDict):
    """A document that answers no more."""

    id: str
    state: str


@with_config(STRICT)
class EvaluationFields(TypedDict):
    """How far a run of a question set is, and what it says."""

    run: str
    """The name by which it is asked for."""
    set: str
    state: str
    """running, done, stopped, the library has changed, failed, or unfinished."""
    asked: int
    total: int
    left_s: float | None
    """About how many seconds it will still take."""
    detail: str | None
    """What went wrong, where something did."""
    summary: dict[str, Any] | None
    """The metrics with their intervals, for all questions and by tag, where the run is done."""


@with_config(STRICT)
class ErrorFields(TypedDict):
    """Why nothing was done."""

    detail: str
    """What is wrong, where, and what to do next, in one line."""
