"""What the vector index and the keyword index share: they are derived from the library and catch up with it."""

from __future__ import annotations

import secrets
import threading
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.library import Library, StoredPassage

Ranked = TypeVar("Ranked", bound=tuple[Any, ...])

_SPARE = 16
"""So many more than wanted are found, to see whether the last one wanted ties with others."""

_CHECKED = 1000
"""So many passages are read at once to be checked."""


@dataclass(frozen=True, slots=True)
class Pending:
    """What an index has yet to take in, up to a generation: passages, a document's at a time; ids to let go of.

    Where a document was ``purged``, the files of the index are to keep nothing of what went.
    """

    added: Iterator[Sequence[StoredPassage]]
    removed: Sequence[int]
    purged: bool
    generation: int


class Derived(ABC):
    """An index that stands at a generation of the library and takes the later changes from its journal.

    Taking in a passage twice changes nothing, since a step is done again after a crash.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.RLock()
        self._generation = 0

    def refresh(self) -> None:
        """Catch up with the library; costs one look at its generation where nothing has changed."""
        if self._generation == self._library.generation():
            return
        with self._lock:
            self._catch_up()

    def _pending(self) -> Pending:
        """What came and is still there, and what went, since the generation at which the index stands."""
        changes = self._library.changes(self._generation)
        return Pending(
            added=(list(self._library.stored(change.added)) for change in changes if change.added),
            removed=[id for change in changes for id in change.removed],
            purged=any(change.purged for change in changes),
            generation=changes[-1].generation if changes else self._generation,
        )

    @abstractmethod
    def _catch_up(self) -> None:
        """Take in what is pending; called with the lock held."""

    @abstractmethod
    def ids(self) -> NDArray[np.int64]:
        """The ids that can be found, ascending."""

    @abstractmethod
    def differing(self, passages: Sequence[StoredPassage]) -> list[int]:
        """The ids of those, by ascending id, of which what is kept differs from what the library has."""

    def check(self) -> list[str]:
        """How the index disagrees with the library, a line each; empty where it agrees."""
        name = type(self).__name__
        with self._lock:
            self.refresh()
            here, there = self.ids(), self._library.passage_ids()
            altered = [id for batch in _batches(np.intersect1d(here, there)) for id in self._altered(batch)]
        missing, extra = np.setdiff1d(there, here), np.setdiff1d(here, there)
        return (
            [f"{name}: passage {id} is missing" for id in missing]
            + [f"{name}: passage {id} should be gone" for id in extra]
            + [f"{name}: passage {id} differs from the library" for id in altered]
        )

    def _altered(self, ids: NDArray[np.int64]) -> list[int]:
        """Those of which what is kept differs from what the library has."""
        chosen = set(ids.tolist())
        within = self._library.stored(range(int(ids[0]), int(ids[-1]) + 1))
        return self.differing([stored for stored in within if stored.id in chosen])


def _batches(ids: NDArray[np.int64]) -> Iterator[NDArray[np.int64]]:
    return (ids[start : start + _CHECKED] for start in range(0, len(ids), _CHECKED))


def best_first(find: Callable[[int], list[Ranked]], k: int) -> list[Ranked]:
    """The k best of what ``find`` gives to a depth, ties by id: it looks deeper while the last ties with the kth.

    What is ranked begins with its id and its score.
    """
    depth = k + _SPARE
    while True:
        found = sorted(find(depth), key=lambda each: (-each[1], each[0]))
        if len(found) < depth or found[-1][1] < found[k - 1][1]:
            return found[:k]
        depth *= 4


@contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """A file to write, renamed in when it is whole, so that a reader or a crash sees the old one or the new one.

    Raises FileNotFoundError where ``remove_unfinished`` came between.
    """
    beside = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    try:
        with beside.open("wb") as file:
            yield file
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def remove_unfinished(path: Path) -> None:
    """Remove what writers of a file left beside it that were killed, and what one is writing at this moment."""
    for beside in path.parent.glob(f".{path.name}.*"):
        beside.unlink(missing_ok=True)
