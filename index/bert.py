"""BERT's forward pass in plain torch: token ids in, hidden states out, with no padding and no library of models."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from itertools import chain, groupby
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from index.errors import UnsupportedModel

_PASS_TOKENS = 2048
"""Sequences go through together up to so many tokens. More are not faster, and a question that comes while documents
are encoded waits for one pass."""

_SUPPORTED = {"model_type": "bert", "hidden_act": "gelu", "position_embedding_type": "absolute"}

_CORES = threading.Lock()
"""One pass takes all cores of the processor; two at once would take them from each other."""


class _Linear(NamedTuple):
    weight: Tensor
    bias: Tensor

    def __call__(self, states: Tensor) -> Tensor:
        return functional.linear(states, self.weight, self.bias)


class _Norm(NamedTuple):
    weight: Tensor
    bias: Tensor
    epsilon: float

    def __call__(self, states: Tensor) -> Tensor:
        return functional.layer_norm(states, self.weight.shape, self.weight, self.bias, self.epsilon)


class _Layer(NamedTuple):
    """One encoder layer of Vaswani et al., "Attention is all you need" (2017), section 3.1.

    ``project`` gives queries, keys and values side by side in one product.
    """

    heads: int
    project: _Linear
    merge: _Linear
    norm_attended: _Norm
    widen: _Linear
    narrow: _Linear
    norm: _Norm

    def __call__(self, states: Tensor, runs: _Runs) -> Tensor:
        states = self.norm_attended(self.merge(self._attended(self.project(states), runs)).add_(states))
        return self.norm(self.narrow(functional.gelu(self.widen(states))).add_(states))

    def _attended(self, projected: Tensor, runs: _Runs) -> Tensor:
        """Each sequence attends to itself alone; those of one length do so in one call."""
        *parts, rest = torch.split(projected, runs.tokens)
        attended = [self._of_run(part, length) for part, length in zip(parts, runs.lengths, strict=True)]
        return torch.cat([*attended, rest[:, : projected.shape[1] // 3]])

    def _of_run(self, part: Tensor, length: int) -> Tensor:
        wide = part.shape[1] // 3 // self.heads
        queries, keys, values = part.view(-1, length, 3, self.heads, wide).permute(2, 0, 3, 1, 4)
        attended = functional.scaled_dot_product_attention(queries, keys, values)
        return attended.transpose(1, 2).reshape(part.shape[0], -1)


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
            self._words = weights.tensor("embeddings.word_embeddings.weight")
            places = tensors[f"{prefix}embeddings.position_embeddings.weight"]
            segments = tensors[f"{prefix}embeddings.token_type_embeddings.weight"]
            self._places = (segments[:, None] + places).flatten(0, 1).to(dtype)
            self._norm = weights.norm("embeddings")
            self._layers = [weights.layer(f"encoder.layer.{number}.", heads) for number in range(layers)]
        except KeyError as error:
            raise UnsupportedModel(f"{error} is missing, which a BERT has") from error
        self.most_tokens = len(places)
        self.hidden = self._words.shape[1]

    def states(
        self, sequences: Sequence[Sequence[int]], segments: Sequence[Sequence[int]] | None = None
    ) -> Iterator[tuple[int, Tensor]]:
        """The hidden states of each sequence of token ids, with its number; the longest come first.

        Of shape (tokens, hidden) and of the model's dtype. ``segments`` says of each token whether it is of the first
        text (0) or the second (1); all are of the first where None. A sequence has 1 to ``most_tokens`` tokens.
        """
        for numbers in _passes([len(each) for each in sequences]):
            given = [sequences[number] for number in numbers]
            of_given = None if segments is None else [segments[number] for number in numbers]
            yield from zip(numbers, self._pass(given, of_given), strict=True)

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
        with _CORES, torch.inference_mode():
            states = functional.embedding(words, self._words).add_(functional.embedding(places, self._places))
            states = self._norm(states)
            for layer in self._layers:
                states = layer(states, runs)
            return torch.split(states, [*lengths, len(filler)])[:-1]


class _Weights(NamedTuple):
    """The tensors of a model by their names; raises KeyError for one that is missing."""

    tensors: Mapping[str, Tensor]
    epsilon: float
    dtype: torch.dtype
    prefix: str

    def tensor(self, name: str) -> Tensor:
        return self.tensors[self.prefix + name].to(self.dtype)

    def linear(self, *names: str) -> _Linear:
        """Those of several, side by side."""
        weight, bias = (torch.cat([self.tensor(f"{name}.{part}") for name in names]) for part in ("weight", "bias"))
        return _Linear(weight, bias)

    def norm(self, name: str) -> _Norm:
        return _Norm(self.tensor(f"{name}.LayerNorm.weight"), self.tensor(f"{name}.LayerNorm.bias"), self.epsilon)

    def layer(self, name: str, heads: int) -> _Layer:
        return _Layer(
            heads,
            self.linear(*(f"{name}attention.self.{part}" for part in ("query", "key", "value"))),
            self.linear(f"{name}attention.output.dense"),
            self.norm(f"{name}attention.output"),
            self.linear(f"{name}intermediate.dense"),
            self.linear(f"{name}output.dense"),
            self.norm(f"{name}output"),
        )


def _passes(lengths: Sequence[int]) -> Iterator[list[int]]:
    """The numbers of all sequences, longest first, in groups of one, or of more within the tokens of a pass."""
    group: list[int] = []
    tokens = 0
    for number in sorted(range(len(lengths)), key=lengths.__getitem__, reverse=True):
        if group and tokens + lengths[number] > _PASS_TOKENS:
            yield group
            group, tokens = [], 0
        group.append(number)
        tokens += lengths[number]
    if group:
        yield group
