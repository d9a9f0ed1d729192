"""BERT: token ids in, hidden states out, with no padding and no library of models."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future
from functools import partial
from itertools import chain, groupby
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from index.bert_layers import Layer, Linear, Norm, linear, states_of
from index.cores import CORES
from index.errors import UnsupportedModel

_PASS_TOKENS = 2048
"""Sequences go through a core together up to about so many tokens. More are not faster, and a question that comes while
documents are encoded waits for one pass."""

_SUPPORTED = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}

_SHORT = 128
"""A pass of at most so many tokens goes before longer ones: a question before what is read for it, and documents."""


class _Runs(NamedTuple):
    """The lengths of a pass's sequences, and how many tokens are in all those of one length; last, the filler's."""

    lengths: list[int]
    tokens: list[int]

    @classmethod
    def of(cls, lengths: Sequence[int]) -> _Runs:
        """Of lengths in order; the filler makes the number of tokens a rounder one, at 3 % more at the most.

        The kernels of a processor's matrix unit are made anew for each number of rows, which takes as long as a third
        of a pass: so that long passes have few different ones.
        """
        runs = [(length, length * len(list(alike))) for length, alike in groupby(lengths)]
        total = sum(lengths)
        step = 1 << max(0, total.bit_length() - 6)
        return cls([length for length, _ in runs], [*(tokens for _, tokens in runs), -total % step])


class Bert:
    """A BERT of any size (Devlin et al., "BERT: Pre-training of deep bidirectional transformers", 2019).

    ``tensors`` bear the names that Hugging Face gives them, after ``prefix``, and ``config`` is what its config.json
    says. Raises UnsupportedModel for what is not such a BERT.
    """

    def __init__(
        self, tensors: Mapping[str, Tensor], config: Mapping[str, Any], dtype: torch.dtype, prefix: str = ""
    ) -> None:
        for name, supported in _SUPPORTED.items():
            if config.get(name, supported) != supported:
                raise UnsupportedModel(f"A BERT with {name} {config[name]!r} is not supported, only {supported!r}")
        weights = _Weights(tensors, float(config.get("layer_norm_eps", 1e-12)), dtype, prefix)
        try:
            heads, layers = int(config["num_attention_heads"]), int(config["num_hidden_layers"])
            # As it was loaded: of the largest tensor, which is mapped from its file, few rows are ever read.
            self._words = tensors[f"{prefix}embeddings.word_embeddings.weight"]
            places = tensors[f"{prefix}embeddings.position_embeddings.weight"]
            segments = tensors[f"{prefix}embeddings.token_type_embeddings.weight"]
            self._places = (segments[:, None] + places).flatten(0, 1).to(dtype)
            self._norm = weights.norm("embeddings")
            self._layers = [weights.layer(f"encoder.layer.{number}.", heads) for number in range(layers)]
        except KeyError as error:
            raise UnsupportedModel(f"{error} is missing, which a BERT has") from error
        self._dtype = dtype
        self.most_tokens = len(places)
        self.hidden = self._words.shape[1]

    def states(
        self, sequences: Sequence[Sequence[int]], segments: Sequence[Sequence[int]] | None = None
    ) -> Iterator[tuple[int, Tensor]]:
        """The hidden states of each sequence of token ids, with its number; the longest come first.

        Of shape (tokens, hidden) and of the model's dtype. ``segments`` says of each token whether it is of the first
        text (0) or the second (1); all are of the first where None. A sequence has 1 to ``most_tokens`` tokens.
        """
        waiting: deque[tuple[list[int], Future[Sequence[Tensor]]]] = deque()
        for numbers in _passes([len(each) for each in sequences]):
            given = [sequences[number] for number in numbers]
            of_given = None if segments is None else [segments[number] for number in numbers]
            is_short = sum(map(len, given)) <= _SHORT
            waiting.append((numbers, CORES.submit(partial(self._pass, given, of_given), short=is_short)))
            if len(waiting) > CORES.number:  # each core has one in hand and another to go on with
                yield from _of_first(waiting)
        while waiting:
            yield from _of_first(waiting)

    def _pass(self, sequences: list[Sequence[int]], segments: list[Sequence[int]] | None) -> Sequence[Tensor]:
        lengths = [len(each) for each in sequences]
        if not 0 < lengths[-1] <= lengths[0] <= self.most_tokens:
            raise ValueError(
                f"A sequence of {lengths[-1]} to {lengths[0]} tokens; the model takes 1 to {self.most_tokens}"
            )
        runs = _Runs.of(lengths)
        filler = [0] * runs.tokens[-1]
        words = torch.tensor([*chain.from_iterable(sequences), *filler])
        places = torch.tensor([*chain.from_iterable(map(range, lengths)), *filler])
        if segments is not None:
            places += torch.tensor([*chain.from_iterable(segments), *filler]) * self.most_tokens
        with torch.inference_mode():
            states = functional.embedding(words, self._words).to(self._dtype)
            states += functional.embedding(places, self._places)
            states = states_of(states, self._norm, self._layers, runs.lengths, runs.tokens)
            return torch.split(states, [*lengths, len(filler)])[:-1]


class _Weights(NamedTuple):
    """The tensors of a model by their names; raises KeyError for one that is missing."""

    tensors: Mapping[str, Tensor]
    epsilon: float
    dtype: torch.dtype
    prefix: str

    def tensor(self, name: str) -> Tensor:
        return self.tensors[self.prefix + name].to(self.dtype)

    def linear(self, *names: str) -> Linear:
        """Those of several, side by side."""
        weight, bias = (torch.cat([self.tensor(f"{name}.{part}") for name in names]) for part in ("weight", "bias"))
        return linear(weight, bias)

    def norm(self, name: str) -> Norm:
        return Norm(self.tensor(f"{name}.LayerNorm.weight"), self.tensor(f"{name}.LayerNorm.bias"), self.epsilon)

    def layer(self, name: str, heads: int) -> Layer:
        return Layer(
            heads,
            self.linear(*(f"{name}attention.self.{part}" for part in ("query", "key", "value"))),
            self.linear(f"{name}attention.output.dense"),
            self.norm(f"{name}attention.output"),
            self.linear(f"{name}intermediate.dense"),
            self.linear(f"{name}output.dense"),
            self.norm(f"{name}output"),
        )


def _of_first(waiting: deque[tuple[list[int], Future[Sequence[Tensor]]]]) -> Iterator[tuple[int, Tensor]]:
    """What the first pass that was begun found, by the numbers of its sequences."""
    numbers, found = waiting.popleft()
    return zip(numbers, found.result(), strict=True)


def _passes(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of all sequences, longest first, in passes of about as many tokens, several for each core."""
    rounds = -(-sum(lengths) // (_PASS_TOKENS * CORES.number))
    share = sum(lengths) / max(1, rounds * CORES.number)
    passed: list[int] = []
    tokens = 0
    for number in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        passed.append(number)
        tokens += lengths[number]
        if tokens >= share:
            yield passed
            passed, tokens = [], 0
    if passed:
        yield passed
