"""Settings of answering, passed in as one frozen value."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from types import MappingProxyType
from typing import Any

from corpus.errors import KrakowQAError

DEFAULT_PASSAGE_TOKENS = 128
"""The most tokens of a passage in a new library."""

OUR_READER = "krakow-reader"
"""The name of the reader whose weights this package brings."""

LEXICAL_READER = "lexical"
"""The name of the reader without a model of its own."""

NO_READER = "none"
"""In the place of a reader's name where nothing is read, and passages are only searched for."""

QUESTION_CHARACTERS = 2000
"""The longest question that is taken."""


class BadSetting(KrakowQAError):
    """A setting with a value that it cannot have."""


@dataclass(frozen=True, slots=True)
class Settings:
    """How questions are answered.

    ``passages``: how many passages the reader reads. ``quotes`` and ``closest``: the most quotes of an answer, which
    are the most themes of an overview, and of an abstention. ``strictness``: the wished share of false answers, 0 to 1;
    an answer is given where the confidence that the sources answer the question is at least 1 - strictness.
    """

    reader: str = OUR_READER
    passages: int = 8
    quotes: int = 5
    closest: int = 3
    strictness: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.strictness <= 1:
            raise BadSetting(f"A strictness of {self.strictness} is not between 0 and 1; try 0.5")

    @classmethod
    def chosen(cls, given: Mapping[str, Any], kept: Mapping[str, str] = MappingProxyType({})) -> Settings:
        """What was given (None where it was not), else what a library keeps, else the defaults."""
        fields = {name: value for name, value in given.items() if value is not None}
        tuned = kept.get(kept_strictness(fields.get("reader", OUR_READER)))
        return cls(**({} if tuned is None else {"strictness": float(tuned)}) | fields)

    @property
    def digest(self) -> str:
        """The first 12 hex digits of the SHA-256 of all settings."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()[:12]


def kept_strictness(reader: str) -> str:
    """The name under which a library keeps the strictness that was tuned for a reader."""
    return f"strictness of {reader}"
