"""Logs: a line for each event on standard error, readable or JSON, with the request that it belongs to."""

from __future__ import annotations

import json
import logging
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TextIO

from corpus.errors import LibraryError

REQUEST_ID = "request_id"
"""The key of a request's id in its ASGI scope."""

_ACCESS = ("method", "path", "status", "ms")
"""What an event may say of a request, beside its message."""

_OURS = ("qa", "corpus", "index", "uvicorn")
"""The loggers that follow the wished level. Libraries tell at their lower levels of URLs and what is in them."""

_SCOPE: ContextVar[Mapping[str, Any] | None] = ContextVar("request", default=None)


class LogFormat(StrEnum):
    """How an event is written."""

    TEXT = "text"
    JSON = "json"


class LogLevel(StrEnum):
    """The least that is logged."""

    INFO = "info"
    WARNING = "warning"
    ERROR = "error"


@contextmanager
def in_request(scope: Mapping[str, Any]) -> Iterator[None]:
    """All that is logged inside belongs to the request of an ASGI scope, with its id and its user."""
    token = _SCOPE.set(scope)
    try:
        yield
    finally:
        _SCOPE.reset(token)


def request_id() -> str | None:
    """The id of the request that is in hand."""
    scope = _SCOPE.get()
    return None if scope is None else scope.get(REQUEST_ID)


@contextmanager
def logs_to(stream: TextIO, format: LogFormat, least: LogLevel) -> Iterator[None]:
    """Meanwhile the events of this process go to a stream, warnings and those of libraries too."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(_Json() if format is LogFormat.JSON else _Text())
    root, ours = logging.getLogger(), [logging.getLogger(name) for name in _OURS]
    level = logging.getLevelNamesMapping()[least.upper()]
    handlers, levels = root.handlers[:], [(each, each.level) for each in (root, *ours)]
    root.handlers[:] = [handler]
    root.setLevel(max(level, logging.WARNING))
    for each in ours:
        each.setLevel(level)
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        root.handlers[:] = handlers
        for each, was in levels:
            each.setLevel(was)


class _Formatter(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        return self.written(dict(_facts(record)), _trace(record))

    def written(self, facts: dict[str, Any], trace: str | None) -> str:
        raise NotImplementedError


class _Json(_Formatter):
    def written(self, facts: dict[str, Any], trace: str | None) -> str:
        return json.dumps(facts if trace is None else {**facts, "traceback": trace}, ensure_ascii=True)


class _Text(_Formatter):
    def written(self, facts: dict[str, Any], trace: str | None) -> str:
        line = " ".join(_printable(str(value)) for value in facts.values())
        return line if trace is None else f"{line}\n{trace}"


def _facts(record: logging.LogRecord) -> Iterator[tuple[str, Any]]:
    yield "time", datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
    yield "level", record.levelname.lower()
    yield "logger", record.name
    yield "message", record.getMessage()
    scope = _SCOPE.get() or {}
    if REQUEST_ID in scope:
        yield "request", scope[REQUEST_ID]
    if scope.get("user") is not None:
        yield "user", scope["user"].name
    yield from ((name, getattr(record, name)) for name in _ACCESS if hasattr(record, name))


def _trace(record: logging.LogRecord) -> str | None:
    """Where an error was raised, and which, causes first; what it says is left out, since it may quote a question.

    Only errors of the system and of our library say it: they tell of files, ids and space.
    """
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return None
    parts: list[str] = []
    while error is not None:
        kind, says = f"{type(error).__module__}.{type(error).__qualname__}", ""
        if isinstance(error, OSError | LibraryError):
            says = f": {error.strerror if isinstance(error, OSError) else error}"
        parts.append("".join(traceback.format_tb(error.__traceback__)) + kind + says)
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return "\n".join(reversed(parts))


def _printable(text: str) -> str:
    """The text with what could forge a line, or speak to a terminal, as escapes."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)
