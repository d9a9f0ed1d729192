"""What is to be evaluated: a set, how it is searched, and how many of its questions are asked."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from importlib.resources import files
from pathlib import Path
from typing import Any

from index.retriever import Retrieval
from qa.evaluation.questions import Question
from qa.evaluation.sets.rows import BadQuestionSet


class Format(StrEnum):
    """Which form a question set has."""

    AUTO = "auto"
    JSONL = "jsonl"
    CSV = "csv"
    SQUAD = "squad"
    BEIR = "beir"

    @property
    def is_own(self) -> bool:
        """Whether it is ours, and asked of the library."""
        return self in {Format.JSONL, Format.CSV}


_SUFFIXES = {
    ".jsonl": Format.JSONL,
    ".jsonl.gz": Format.JSONL,
    ".csv": Format.CSV,
    ".csv.gz": Format.CSV,
    ".tsv": Format.CSV,
    ".json": Format.SQUAD,
    ".json.gz": Format.SQUAD,
}


SHIPPED = {
    name: Path(str(files("qa.evaluation"))) / name
    for name in ("krakow.jsonl", "krakow-tune.jsonl", "krakow-follow.jsonl", "krakow-follow-tune.jsonl")
}
"""The sets on our briefs that this package brings: of each two, one is only reported on, and one is to tune by."""


class Passages(StrEnum):
    """What a search finds: stretches of documents, or each document whole, as far as the encoder reads it."""

    CUT = "cut"
    WHOLE = "whole"


class FollowUps(StrEnum):
    """How a question is asked that follows others: in their conversation, by itself, or as the set spells it out."""

    UNDERSTOOD = "understood"
    BARE = "bare"
    SPELLED_OUT = "spelled-out"


@dataclass(frozen=True, slots=True)
class Task:
    """What to evaluate.

    ``closed`` hands the reader the paragraph of each question, and where all questions have an answer it then refuses
    none, as in SQuAD 1.1; ``retrieval`` and ``passages`` say how the set is searched otherwise; ``limit`` takes a
    sample; ``follow_ups`` says how a set of our own is asked.
    """

    set: Path
    format: Format = Format.AUTO
    closed: bool = False
    retrieval: Retrieval = Retrieval.HYBRID
    passages: Passages = Passages.CUT
    limit: int | None = None
    seed: int = 0
    follow_ups: FollowUps = FollowUps.UNDERSTOOD

    @property
    def options(self) -> dict[str, Any]:
        """All that changes its outcome but the set."""
        return {name: value for name, value in asdict(self).items() if name not in {"set", "format"}}

    def checked_format(self) -> Format:
        """The format of the set; raises BadQuestionSet where none is known or a choice says nothing for it."""
        format = self._format()
        if self.closed and format is Format.BEIR:
            raise BadQuestionSet(
                f"{self.set} is a BEIR folder: it is searched, and cannot be asked --closed. Leave that out"
            )
        if self.closed and format.is_own:
            raise BadQuestionSet(f"{self.set} brings no paragraphs, so it cannot be asked --closed. Leave that out")
        if self.closed and (self.retrieval is not Retrieval.HYBRID or self.passages is not Passages.CUT):
            raise BadQuestionSet(f"Nothing is searched for {self.set} --closed. Leave out --retrieval and --passages")
        if self.passages is Passages.WHOLE and format.is_own:
            raise BadQuestionSet(f"{self.set} is asked of the passages that the library has. Leave out --passages")
        return format

    def sample(self, questions: Sequence[Question]) -> list[Question]:
        """``limit`` of the questions, chosen by the seed, in the order of the set."""
        if self.limit is None or self.limit >= len(questions):
            return list(questions)
        chosen = random.Random(self.seed).sample(range(len(questions)), self.limit)  # noqa: S311
        return [questions[number] for number in sorted(chosen)]

    def digest(self) -> str:
        """SHA-256 of the set: of its file, or of the names and bytes of a folder's files; 64 hex digits."""
        if not self.set.is_dir():
            return hashlib.sha256(self.set.read_bytes()).hexdigest()
        digest = hashlib.sha256()
        for file in sorted(path for path in self.set.rglob("*") if path.is_file()):
            digest.update(file.relative_to(self.set).as_posix().encode())
            digest.update(hashlib.sha256(file.read_bytes()).digest())
        return digest.hexdigest()

    def _format(self) -> Format:
        if self.format is not Format.AUTO:
            return self.format
        if self.set.is_dir():
            return Format.BEIR
        for suffix, format in _SUFFIXES.items():
            if self.set.name.lower().endswith(suffix):
                return format
        raise BadQuestionSet(
            f"{self.set} is neither .jsonl, .csv nor .json. Say what it is: --format jsonl, csv, or squad"
        )
