"""Fakes that mean something: an encoder that hashes words, so that texts with shared words have a higher cosine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence

import numpy as np

from index.encoder import Vectors, normalized

_WORD = re.compile(r"\w+")


class HashEncoder:
    """An ``Encoder`` without a model: a bag of hashed words, and words for tokens."""

    dimension = 64

    def __init__(self, name: str = "hash") -> None:
        self.name = name
        self.fingerprint = hashlib.sha256(name.encode()).hexdigest()

    def encode(self, texts: Sequence[str]) -> Vectors:
        return normalized(np.stack([self._vector(text) for text in texts]) if texts else np.empty((0, self.dimension)))

    def count_tokens(self, text: str) -> int:
        return len(_WORD.findall(text))

    def _vector(self, text: str) -> Vectors:
        vector = np.full(self.dimension, 1e-3, dtype=np.float32)
        for word in _WORD.findall(text.lower()):
            vector[
                int.from_bytes(hashlib.sha256(f"{self.name} {word}".encode()).digest()[:4], "big") % self.dimension
            ] += 1
        return vector
