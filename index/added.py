"""What becomes of a file that is taken in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from corpus.library import Entry, Report


class Outcome(StrEnum):
    """What became of a file."""

    ADDED = "added"
    REPLACED = "replaced"
    UNCHANGED = "unchanged"
    CHANGED = "changed"
    READ = "read"
    FAILED = "failed"


class IfChanged(StrEnum):
    """What to do with a file whose document is in the library with another text; to fail is to ask what to do."""

    REPLACE = "replace"
    KEEP = "keep"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Added:
    """What became of one file, for its reader; ``id`` is None where it failed.

    ``present`` is the document as the library has it, where the file changed and nothing was done.
    """

    path: str
    outcome: Outcome
    id: str | None = None
    version: str | None = None
    characters: int = 0
    passages: int = 0
    report: Report | None = None
    notes: tuple[str, ...] = ()
    present: Entry | None = None
    error: str | None = None
