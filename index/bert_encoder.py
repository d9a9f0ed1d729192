"""The default encoder: MiniLM's weights through our own forward pass, with nothing heavier to import than torch."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file

from index.bert import Bert
from index.encoder import DEFAULT_ENCODER, INSTALL_AGAIN, Vectors, compute_dtype, fingerprint, model_folder, normalized
from index.errors import EncoderUnavailable
from index.wordpieces import WordPieces


class BertEncoder:
    """The mean of BERT's last hidden states (Reimers and Gurevych, "Sentence-BERT", 2019), made unit length.

    In bfloat16 where the processor computes in it; cosines then differ by less than 0.01 from those of float32
    machines, under the same fingerprint. A text is read up to ``most_tokens``. Any number of threads may encode: the
    passes of a long call let those of others in between.
    """

    languages: frozenset[str] | None = frozenset({"en"})

    def __init__(self, name: str, bert: Bert, pieces: WordPieces, *, most_tokens: int, fingerprint: str) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = bert.hidden
        self._bert = bert
        self._most_tokens = most_tokens
        self._pieces = pieces

    @classmethod
    def load(cls) -> BertEncoder:
        """The default encoder, from the files of its package; raises EncoderUnavailable."""
        folder = model_folder(DEFAULT_ENCODER)
        try:
            return cls(
                DEFAULT_ENCODER,
                Bert(load_file(folder / "model.safetensors"), read_json(folder / "config.json"), compute_dtype()),
                WordPieces.of(folder),
                most_tokens=int(read_json(folder / "sentence_bert_config.json")["max_seq_length"]),
                fingerprint=fingerprint(folder),
            )
        except (OSError, ValueError, KeyError) as error:
            raise EncoderUnavailable(f"{folder} is damaged ({error}). {INSTALL_AGAIN}") from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        for number, states in self._bert.states([self._sequence(text) for text in texts]):
            vectors[number] = states.mean(0, dtype=torch.float32).numpy()
        return normalized(vectors)

    def count_tokens(self, text: str) -> int:
        return self._pieces.count(text)

    def _sequence(self, text: str) -> list[int]:
        return [self._pieces.first, *islice(self._pieces.ids(text), self._most_tokens - 2), self._pieces.last]


def read_json(file: Path) -> dict[str, Any]:
    """What a file of a model's settings says."""
    settings: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return settings
