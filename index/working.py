"""The work on files that wait in a database: read, encoded and added, batch after batch, beside other workers."""

from __future__ import annotations

from collections.abc import Iterator

from corpus.postgres.waiting import Waiting
from index.added import Added, IfChanged, Outcome
from index.intake import Intake

_AT_ONCE = 64
"""So many files are taken at once, enough to fill the batches of the encoder."""


def work(waiting: Waiting, intake: Intake, if_changed: IfChanged, at_once: int = _AT_ONCE) -> Iterator[Added]:
    """Add files until none waits that no other worker has; what became of each.

    Each is added before it ceases to wait: one that was added when its worker was killed, the next finds unchanged.
    """
    while True:
        with waiting.taken(at_once) as batch:
            if not batch.files:
                return
            for place, added in enumerate(intake.add(batch.files, if_changed)):
                if added.outcome in {Outcome.FAILED, Outcome.CHANGED}:
                    batch.fail(place, added.error or "its document is in the library with another text")
                yield added
