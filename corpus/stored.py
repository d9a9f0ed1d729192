"""What engines store of sources, reports, entries and changes, written and read back alike by all of them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Protocol

from corpus.library import Change, Entry, Provenance, Report, State
from corpus.model import Kind, Reference, Source


class Row(Protocol):
    """A row of a database, by the names of its columns."""

    def __getitem__(self, column: str, /) -> Any:
        """What the column holds."""


_ENCODER = json.JSONEncoder(
    ensure_ascii=False, default=lambda value: {name: getattr(value, name) for name in value.__slots__}
)


def as_json(value: Any) -> str:
    """What is stored of a Source, a Report or a tuple of texts."""
    return _ENCODER.encode(value)


def change_of(row: Row) -> Change:
    """A line of the journal as a Change."""
    return Change(
        row["generation"],
        row["document_id"],
        range(row["removed_start"], row["removed_stop"]),
        range(row["added_start"], row["added_stop"]),
        bool(row["purged"]),
    )


def entry_of(row: Row) -> Entry:
    """An Entry from a row with its fields, ``latest``, ``withdrawn`` and ``report``."""
    if not row["latest"]:
        state = State.SUPERSEDED
    elif row["withdrawn"]:
        state = State.WITHDRAWN
    else:
        state = State.CURRENT
    return Entry(
        id=row["id"],
        version=row["version"],
        source=source_of(row["source"]),
        state=state,
        provenance=Provenance(row["origin"], row["file_digest"], row["parser"], report_of(row["report"])),
        added_at=row["added_at"],
        ended_at=row["ended_at"],
        characters=row["characters"],
        passages=row["passages"],
    )


def report_of(stored: str | None) -> Report:
    """A report from the JSON that is stored of it; an empty one where there is none."""
    fields: dict[str, Any] = json.loads(stored or "{}")
    names = ("textless_pages", "left_out", "warnings", "ocr_pages")
    lists: dict[str, Any] = {name: tuple(fields.pop(name, ())) for name in names}
    mended = tuple((name, int(count)) for name, count in fields.pop("mended", ()))
    return Report(**fields, **lists, mended=mended)


@lru_cache(maxsize=1024)
def source_of(stored: str) -> Source:
    """A source from the JSON that is stored of it."""
    fields: dict[str, Any] = json.loads(stored)
    references = tuple(Reference(**reference) for reference in fields.pop("references"))
    return Source(**{**fields, "kind": Kind(fields["kind"])}, references=references)


@lru_cache(maxsize=1024)
def headings_of(stored: str) -> tuple[str, ...]:
    """The headings over a passage from the JSON that is stored of them."""
    return tuple(json.loads(stored))


def now_utc() -> str:
    """The time as it is stored: UTC, ISO 8601 to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")
