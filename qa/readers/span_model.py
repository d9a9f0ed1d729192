"""Our span model: BERT with a head that marks answers; its words and its tokenizer are those of the default encoder."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors import safe_open
from safetensors.torch import load
from torch import Tensor
from torch.nn.functional import linear

from index.bert import Bert
from index.bert_encoder import read_json
from index.encoder import DEFAULT_ENCODER, compute_dtype, model_folder
from index.wordpieces import WordPieces
from qa.readers.shipment import Shipment
from qa.readers.spans import Window
from qa.settings import OUR_READER

WORD_EMBEDDINGS = "bert.embeddings.word_embeddings.weight"
"""The one tensor that our weights leave out: it is the encoder's."""

WINDOW_TOKENS = 224
STRIDE_TOKENS = 80
"""Passages are read in windows of so many tokens, question included, that overlap by so many."""

QUESTION_TOKENS = 64
"""The rest of a longer question is not read, as in BERT's own SQuAD script (Devlin et al. 2019)."""


@dataclass(frozen=True, slots=True)
class _Unread:
    """A window before it is read: the tokens of the question and of a stretch of a passage, from ``first`` on.

    ``passage`` says which, counted from 0.
    """

    passage: int
    tokens: list[int]
    first: int
    offsets: NDArray[np.int64]

    @property
    def segments(self) -> list[int]:
        return [0] * self.first + [1] * (len(self.tokens) - self.first)

    def read(self, logits: NDArray[np.float32]) -> Window:
        """Logits of shape (tokens, 2): that an answer starts at a token, and that it ends there; the first token stands
        for no answer."""
        starts, ends = (logits[self.first : -1] - logits[0]).T
        return Window(self.passage, starts, ends, self.offsets)


class BertSpanModel:
    """A ``SpanModel``; all windows fill as few passes as they can. Any number of threads may ask."""

    def __init__(self, name: str, bert: Bert, head: tuple[Tensor, Tensor], pieces: WordPieces) -> None:
        self.name = name
        self._bert = bert
        self._weight, self._bias = (tensor.float() for tensor in head)
        self._pieces = pieces

    def windows(self, question: str, passages: Sequence[str]) -> list[Window]:
        unread = list(self._cut(question, passages))
        read: dict[int, Window] = {}
        for number, states in self._bert.states([each.tokens for each in unread], [each.segments for each in unread]):
            read[number] = unread[number].read(linear(states.float(), self._weight, self._bias).numpy())
        return [read[number] for number in range(len(unread))]

    def _cut(self, question: str, passages: Sequence[str]) -> Iterator[_Unread]:
        beginning = [self._pieces.first, *self._beginning(question), self._pieces.last]
        room = WINDOW_TOKENS - len(beginning) - 1
        step = room - STRIDE_TOKENS
        for number, passage in enumerate(passages):
            tokens, offsets = self._pieces.placed(passage)
            for start in range(0, max(0, len(tokens) - room) + step, step):
                inside = slice(start, start + room)
                window = [*beginning, *tokens[inside], self._pieces.last]
                yield _Unread(number, window, len(beginning), offsets[inside])

    def _beginning(self, question: str) -> list[int]:
        """The tokens of as much of a question as leaves room for passages."""
        tokens, offsets = self._pieces.placed(question)
        if len(tokens) > QUESTION_TOKENS:
            tokens = [*self._pieces.ids(question[: offsets[QUESTION_TOKENS - 1, 1]])]
        return tokens


def our_span_model(shipment: Shipment) -> BertSpanModel:
    """The model that was shipped."""
    return span_model_of(load(shipment.weights()))


def span_model_of(weights: Mapping[str, Tensor]) -> BertSpanModel:
    """A model of ours with these weights."""
    encoder = model_folder(DEFAULT_ENCODER)
    whole = {**weights, WORD_EMBEDDINGS: words_of(encoder)}
    bert = Bert(whole, read_json(encoder / "config.json"), compute_dtype(), prefix="bert.")
    return BertSpanModel(
        OUR_READER, bert, (weights["qa_outputs.weight"], weights["qa_outputs.bias"]), WordPieces.of(encoder)
    )


def words_of(encoder: Path) -> Tensor:
    """The word embeddings of the encoder in a folder."""
    with safe_open(encoder / "model.safetensors", framework="pt") as tensors:
        words: Tensor = tensors.get_tensor("embeddings.word_embeddings.weight")
    return words
