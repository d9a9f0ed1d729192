"""The default encoder: MiniLM's weights through our own forward pass, with nothing heavier to import than torch."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import load_file
from tokenizers import Tokenizer

from index.bert import Bert
from index.encoder import DEFAULT_ENCODER, INSTALL_AGAIN, Vectors, compute_dtype, fingerprint, model_folder, normalized
from index.errors import EncoderUnavailable

_KEPT_WORDS = 1 << 16
_KEPT_LETTERS = 40
"""The tokens of so many words of so many letters are kept: looking them up is ten times as fast as making them."""


class BertEncoder:
    """The mean of BERT's last hidden states (Reimers and Gurevych, "Sentence-BERT", 2019), made unit length.

    In bfloat16 where the processor computes in it; cosines then differ by less than 0.01 from those of float32
    machines, under the same fingerprint. A text is read up to ``most_tokens``. Any number of threads may encode: the
    passes of a long call let those of others in between.
    """

    languages: frozenset[str] | None = frozenset({"en"})

    def __init__(self, name: str, bert: Bert, tokenizer: Tokenizer, *, most_tokens: int, fingerprint: str) -> None:
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = bert.hidden
        self._bert = bert
        self._most_tokens = most_tokens
        self._first, self._last = tokenizer.encode("").ids[:2]
        self._tokenizer = tokenizer
        self._kept = lru_cache(_KEPT_WORDS)(self._made)

    @classmethod
    def load(cls) -> BertEncoder:
        """The default encoder, from the files of its package; raises EncoderUnavailable."""
        folder = model_folder(DEFAULT_ENCODER)
        try:
            return cls(
                DEFAULT_ENCODER,
                Bert(load_file(folder / "model.safetensors"), read_json(folder / "config.json"), compute_dtype()),
                load_tokenizer(folder),
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
        return sum(map(len, self._tokens(text)))

    def _sequence(self, text: str) -> list[int]:
        tokens = chain.from_iterable(self._tokens(text))
        return [self._first, *islice(tokens, self._most_tokens - 2), self._last]

    def _tokens(self, text: str) -> Iterator[tuple[int, ...]]:
        """The tokens of each word: BERT's never reach over a space."""
        return (self._kept(word) if len(word) <= _KEPT_LETTERS else self._made(word) for word in text.split(" "))

    def _made(self, word: str) -> tuple[int, ...]:
        return tuple(self._tokenizer.encode(word, add_special_tokens=False).ids)


def load_tokenizer(folder: Path) -> Tokenizer:
    """The tokenizer of a model in a folder, which neither cuts nor pads; threads may share it as long as it is not
    changed."""
    tokenizer: Tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text("utf-8"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def read_json(file: Path) -> dict[str, Any]:
    """What a file of a model's settings says."""
    settings: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return settings
