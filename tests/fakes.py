"""Fakes that mean something: an encoder that hashes words, so that texts with shared words have a higher cosine."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from index.encoder import Encoder, Vectors, normalized
from index.search import Hit
from qa.reader import Reading
from qa.readers.lexical import LexicalReader
from qa.readers.spans import Window

_WORD = re.compile(r"\w+")


class HashEncoder:
    """An ``Encoder`` without a model: a bag of hashed words, and words for tokens."""

    dimension = 64
    languages = None

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


class WordSpanModel:
    """A ``SpanModel`` without weights: names and numbers that are not in the question may answer it, the more so the
    more of its words their passage has.

    It reads passages in windows of ``window_words`` words, each beginning half a window after the one before.
    """

    def __init__(self, window_words: int = 40) -> None:
        self.name = "words"
        self.window_words = window_words

    def windows(self, question: str, passages: Sequence[str]) -> list[Window]:
        asked = {word.lower() for word in _WORD.findall(question)}
        return [window for number, text in enumerate(passages) for window in self._windows(asked, number, text)]

    def _windows(self, asked: set[str], number: int, text: str) -> Iterator[Window]:
        words = list(_WORD.finditer(text))
        for first in range(0, max(1, len(words) - self.window_words // 2), self.window_words // 2):
            inside = words[first : first + self.window_words]
            shared = len(asked & {word[0].lower() for word in inside})
            logits = np.array([self._logit(word[0], asked, shared) for word in inside], dtype=np.float32)
            yield Window(number, logits, logits, np.array([word.span() for word in inside]).reshape(-1, 2))

    @staticmethod
    def _logit(word: str, asked: set[str], shared: int) -> float:
        may_answer = word[0].isdigit() or (word[0].isupper() and len(word) > 3 and word.lower() not in asked)
        return shared - 2.0 if may_answer else -8.0


class SureReader:
    """The lexical reader, which is sure of sentences that share enough with the question, and of an answer not at all
    where none does.
    """

    name = "sure"
    languages = None

    def __init__(self, encoder: Encoder) -> None:
        self._reader = LexicalReader(encoder)

    def read(self, question: str, hits: Sequence[Hit]) -> Reading:
        reading = self._reader.read(question, hits)
        findings = (replace(each, confidence=max(each.confidence, 0.95)) for each in reading.findings)
        return Reading(tuple(findings), reading.confidence if reading.confidence > 0.55 else 0.1)
