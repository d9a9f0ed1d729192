"""A library whose changes are all written down in its audit log."""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from corpus.library import Entry, Library, Manifest, Matrix, Provenance, State, StoredPassage
from corpus.model import Document, Passage
from corpus.sqlite import SqliteLibrary
from qa.acting import Who
from qa.audit import DONE, Act, Audit, failed

_UNDONE = "undone with what came with it"


class Audited(Library):
    """Mixed into the library of an engine, it writes down each deed in a log, when its transaction has ended."""

    def write_down_in(self, audit: Audit) -> None:
        """Say which log it is, before anything is done."""
        self._audit = audit
        self._here = threading.local()

    @contextmanager
    def together(self) -> Iterator[None]:
        with self._gathered(), super().together():
            yield

    def add(
        self,
        document: Document,
        passages: Sequence[Passage],
        vectors: Matrix,
        provenance: Provenance,
        *,
        replacing: str | None = None,
        original: bytes | None = None,
    ) -> None:
        act = Act.REPLACE if replacing is not None else self._act_of_new(document, provenance)
        with self._recorded(act, document.id):
            super().add(document, passages, vectors, provenance, replacing=replacing, original=original)

    def withdraw(self, id: str) -> None:
        with self._recorded(Act.WITHDRAW, id):
            super().withdraw(id)

    def purge(self, id: str) -> None:
        with self._recorded(Act.PURGE, id):
            super().purge(id)

    def store_setting(self, name: str, value: str) -> None:
        with self._recorded(Act.TUNE, name):
            super().store_setting(name, value)

    def take_over(
        self,
        history: Sequence[tuple[Document, Entry]],
        passages: Sequence[StoredPassage],
        originals: Mapping[str, bytes],
    ) -> None:
        with self._recorded(Act.COPY, history[-1][0].id):
            super().take_over(history, passages, originals)

    def refill(
        self, manifest: Manifest, contents: Iterable[tuple[Document, Sequence[Passage], Matrix]], generation: int
    ) -> None:
        with self._recorded(Act.REENCODE, manifest.encoder):
            super().refill(manifest, contents, generation)

    def _act_of_new(self, document: Document, provenance: Provenance) -> Act:
        entry = self.entry(document.id)
        if entry is not None and entry.state is State.WITHDRAWN and entry.version == document.version:
            return Act.REINSTATE
        return Act.FETCH if provenance.origin.startswith(("https://", "http://")) else Act.ADD

    @contextmanager
    def _recorded(self, act: Act, subject: str) -> Iterator[None]:
        with self._gathered() as deeds:
            try:
                yield
            except BaseException as error:
                deeds.append((act, subject, failed(error)))
                raise
            deeds.append((act, subject, DONE))

    @contextmanager
    def _gathered(self) -> Iterator[list[tuple[Act, str, str]]]:
        """What this thread does in one transaction; it is written down when the outermost one has ended."""
        gathered: list[tuple[Act, str, str]] | None = getattr(self._here, "deeds", None)
        if gathered is not None:
            yield gathered
            return
        self._here.deeds = gathered = []
        try:
            yield gathered
        except BaseException:
            undone = [(act, subject, _UNDONE if outcome == DONE else outcome) for act, subject, outcome in gathered]
            self._audit.record_all(undone)
            raise
        else:
            self._audit.record_all(gathered)
        finally:
            del self._here.deeds


class AuditedLibrary(Audited, SqliteLibrary):
    """A ``Library`` with an audit log beside its file."""

    def __init__(self, path: Path, who: Who) -> None:
        super().__init__(path)
        self.write_down_in(Audit(path.parent, who))
