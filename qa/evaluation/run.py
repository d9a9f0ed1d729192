"""A run: every question of a set put to what answers it, scored, and kept; it can be gone on with."""

from __future__ import annotations

import hashlib
import platform
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from typing import Any

from corpus.model import VERSION_DIGITS
from qa.evaluation.questions import Question
from qa.evaluation.records import Record
from qa.evaluation.scoring import scored
from qa.evaluation.setup import Setup
from qa.evaluation.task import Task

_PACKAGES = ("krakow-qa", "faiss-cpu", "numpy", "sentence-transformers", "tantivy", "torch", "transformers")
"""What can change an answer."""

_TOLD_APART = {"settings", "versions", "documents", "corpus"}


@dataclass(frozen=True, slots=True)
class Header:
    """What a run was made of: the same header, the same records.

    ``documents`` are the current ones by id with their versions, ``corpus`` the SHA-256 of these; ``settings`` are all
    that were given.
    """

    set: str
    set_digest: str
    format: str
    questions: int
    settings: dict[str, Any]
    encoder: str
    encoder_fingerprint: str
    corpus: str
    documents: dict[str, str]
    versions: dict[str, str]

    def other_settings(self, other: Header) -> tuple[str, ...]:
        """What is not the same in another run but its documents, a line each."""
        plain = {name: value for name, value in asdict(self).items() if name not in _TOLD_APART}
        return (
            *_differences(plain, {name: getattr(other, name) for name in plain}),
            *_differences(self.settings, other.settings),
            *_differences(self.versions, other.versions, "version of "),
        )

    def other_documents(self, other: Header) -> dict[str, str]:
        """The documents that are not the same in another run, by id, with a line each."""
        ids = [id for id in {**self.documents, **other.documents} if self.documents.get(id) != other.documents.get(id)]
        return {id: f"{id}: {_short(self.documents.get(id))} → {_short(other.documents.get(id))}" for id in ids}


@dataclass(frozen=True, slots=True)
class Run:
    """A header with the records of its questions, maybe not of all; ``latencies_ms`` has as many."""

    header: Header
    records: Sequence[Record]
    latencies_ms: Sequence[float]

    @property
    def complete(self) -> bool:
        """Whether all its questions were asked."""
        return len(self.records) == self.header.questions


def header_of(task: Task, setup: Setup) -> Header:
    """The header that a run of a task has."""
    manifest = setup.library.manifest
    documents = {entry.id: entry.version for entry in setup.library.entries()}
    return Header(
        set=task.set.name.encode(errors="replace").decode(),  # a file's name can hold bytes that are no text
        set_digest=task.digest(),
        format=task.checked_format().value,
        questions=len(setup.questions),
        settings={**asdict(setup.settings), "passages_read": setup.settings.passages, **task.options},
        encoder=manifest.encoder,
        encoder_fingerprint=manifest.fingerprint,
        corpus=_digest(documents),
        documents=documents,
        versions={"python": platform.python_version(), **{name: version(name) for name in _PACKAGES}},
    )


def records_of(questions: Sequence[Question], setup: Setup) -> Iterator[tuple[Record, float]]:
    """One question after the other, each with the milliseconds that it took, without those asked before it."""
    for question in questions:
        before = () if setup.before is None else setup.before(question)
        started = time.perf_counter()
        answer = None if setup.answer is None else setup.answer(question, before)
        answered = time.perf_counter()
        found = None if setup.rank is None else setup.rank(question)
        ended = answered if answer is not None else time.perf_counter()
        record = Record(question) if answer is None else scored(question, answer, setup.library)
        yield replace(record, found=found), round(1000 * (ended - started), 2)


def _digest(documents: dict[str, str]) -> str:
    lines = (f"{id} {version}\n" for id, version in sorted(documents.items()))
    return hashlib.sha256("".join(lines).encode()).hexdigest()


def _short(version: str | None) -> str:
    return "not there" if version is None else version[:VERSION_DIGITS]


def _differences(one: Mapping[str, Any], other: Mapping[str, Any], what: str = "") -> Iterator[str]:
    for name in {**one, **other}:
        if one.get(name) != other.get(name):
            yield f"{what}{name}: {one.get(name, 'none')} → {other.get(name, 'none')}"
