"""What every system is given: the same texts, and the same questions with the text that answers each."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Task:
    """``weights`` is the folder of the encoder's; ``gold`` has the position of the text that each question is about."""

    weights: str
    texts: Sequence[str]
    questions: Sequence[str]
    gold: Sequence[int]

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self)), "utf-8")

    @classmethod
    def read(cls, file: Path) -> Task:
        return cls(**json.loads(file.read_text("utf-8")))
