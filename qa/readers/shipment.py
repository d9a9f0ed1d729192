"""What ships with a reader of ours: its weights, and the card with their digest, its judge and its figures."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any

from qa.reader import ReaderUnavailable

_WEIGHTS = "reader.safetensors"
_CARD = "reader.json"

SHIPPED = Path(str(files("qa.readers"))) / "weights"


@dataclass(frozen=True, slots=True)
class Shipment:
    """A folder with the weights of a reader of ours and their card, which has their SHA-256, judge and figures."""

    folder: Path = SHIPPED

    @property
    def is_there(self) -> bool:
        """Whether the folder is one of these."""
        return (self.folder / _CARD).is_file()

    def card(self) -> dict[str, Any]:
        """What was written down about the weights; raises ReaderUnavailable."""
        try:
            card: dict[str, Any] = json.loads((self.folder / _CARD).read_text("utf-8"))
        except (OSError, ValueError) as error:
            raise self._damaged(_CARD) from error
        return card

    def weights(self) -> bytes:
        """A safetensors file of all tensors in float16 but the word embeddings, which are the encoder's.

        Raises ReaderUnavailable where it is not the file that the card is about.
        """
        try:
            data = (self.folder / _WEIGHTS).read_bytes()
        except OSError as error:
            raise self._damaged(_WEIGHTS) from error
        if hashlib.sha256(data).hexdigest() != self.card().get("sha256"):
            raise self._damaged(_WEIGHTS)
        return data

    def write(self, weights: bytes, card: Mapping[str, Any]) -> None:
        """Write both; the digest is added to the card."""
        (self.folder / _WEIGHTS).write_bytes(weights)
        self.write_card({**card, "sha256": hashlib.sha256(weights).hexdigest()})

    def write_card(self, card: Mapping[str, Any]) -> None:
        """Write the card alone."""
        (self.folder / _CARD).write_text(json.dumps(card, indent=2) + "\n", "utf-8")

    def _damaged(self, name: str) -> ReaderUnavailable:
        return ReaderUnavailable(f"{self.folder / name} is not the file that was shipped. Install krakow-qa again")
