"""Our forward pass of BERT: the hidden states of the library of models, each sequence by itself, or a clear refusal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file
from torch import Tensor

from index.bert import Bert
from index.bert_encoder import read_json
from index.encoder import DEFAULT_ENCODER, model_folder
from index.errors import UnsupportedModel

HIDDEN, WIDE, PLACES, WORDS = 8, 16, 40, 30
CONFIG = {"model_type": "bert", "num_attention_heads": 2, "num_hidden_layers": 2}
WITHIN_REACH = 1e-4

token_ids = st.lists(st.integers(0, WORDS - 1), min_size=1, max_size=PLACES)


def small_tensors(prefix: str = "") -> dict[str, Tensor]:
    """The tensors of a small BERT that was never trained, under the names that they have elsewhere."""
    chance = torch.Generator().manual_seed(0)
    shapes: dict[str, Sequence[int]] = {
        "embeddings.word_embeddings.weight": (WORDS, HIDDEN),
        "embeddings.position_embeddings.weight": (PLACES, HIDDEN),
        "embeddings.token_type_embeddings.weight": (2, HIDDEN),
        **of_norm("embeddings"),
    }
    for layer in ("encoder.layer.0.", "encoder.layer.1."):
        for part in ("self.query", "self.key", "self.value", "output.dense"):
            shapes |= of_linear(f"{layer}attention.{part}", HIDDEN, HIDDEN)
        shapes |= of_linear(f"{layer}intermediate.dense", HIDDEN, WIDE) | of_linear(
            f"{layer}output.dense", WIDE, HIDDEN
        )
        shapes |= of_norm(f"{layer}attention.output") | of_norm(f"{layer}output")
    return {prefix + name: torch.randn(*shape, generator=chance) for name, shape in shapes.items()}


def of_linear(name: str, wide: int, high: int) -> dict[str, Sequence[int]]:
    return {f"{name}.weight": (high, wide), f"{name}.bias": (high,)}


def of_norm(name: str) -> dict[str, Sequence[int]]:
    return {f"{name}.LayerNorm.weight": (HIDDEN,), f"{name}.LayerNorm.bias": (HIDDEN,)}


class RecordingBert(Bert):
    """Remembers what it was given last, and finds nothing in it: all its states are 0."""

    hidden = 1

    def __init__(self) -> None:
        self.sequences: list[Sequence[int]] = []
        self.segments: list[Sequence[int]] | None = None

    def states(
        self, sequences: Sequence[Sequence[int]], segments: Sequence[Sequence[int]] | None = None
    ) -> Iterator[tuple[int, Tensor]]:
        self.sequences, self.segments = list(sequences), None if segments is None else list(segments)
        return ((number, torch.zeros(len(each), 1)) for number, each in enumerate(sequences))


SMALL = Bert(small_tensors(), CONFIG, torch.float32)


def states_of(
    bert: Bert, sequences: Sequence[Sequence[int]], segments: Sequence[Sequence[int]] | None = None
) -> list[Tensor]:
    found = dict(bert.states(sequences, segments))
    return [found[number] for number in range(len(sequences))]


@given(sequences=st.lists(token_ids, max_size=12))
def test_a_sequence_has_the_same_states_alone_and_among_others(sequences: list[list[int]]) -> None:
    for sequence, states in zip(sequences, states_of(SMALL, sequences), strict=True):
        assert states.shape == (len(sequence), HIDDEN)
        assert torch.allclose(states, states_of(SMALL, [sequence])[0], atol=WITHIN_REACH)


def test_more_than_one_pass_holds_gives_each_sequence_once() -> None:
    sequences = [[number % WORDS] * (1 + number % PLACES) for number in range(400)]
    found = list(SMALL.states(sequences))
    assert sorted(number for number, _ in found) == list(range(400))
    lengths = [len(states) for _, states in found]
    assert lengths == sorted(lengths, reverse=True)
    for number, states in found[::50]:
        assert torch.allclose(states, states_of(SMALL, [sequences[number]])[0], atol=WITHIN_REACH)


def test_segments_are_told_apart_and_all_tokens_are_of_the_first_unless_said() -> None:
    sequence = [1, 2, 3]
    (unsaid,), (first,) = states_of(SMALL, [sequence]), states_of(SMALL, [sequence], [[0, 0, 0]])
    assert torch.equal(unsaid, first)
    assert not torch.allclose(first, states_of(SMALL, [sequence], [[0, 1, 1]])[0], atol=0.1)


def test_names_may_have_a_prefix() -> None:
    prefixed = Bert(small_tensors("bert."), CONFIG, torch.float32, prefix="bert.")
    assert torch.equal(states_of(prefixed, [[1, 2]])[0], states_of(SMALL, [[1, 2]])[0])


@pytest.mark.parametrize(
    "changed",
    [{"model_type": "mpnet"}, {"hidden_act": "relu"}, {"position_embedding_type": "relative_key"}],
    ids="".join,
)
def test_what_is_not_such_a_bert_is_refused(changed: dict[str, Any]) -> None:
    (name,) = changed
    with pytest.raises(UnsupportedModel, match=f"{name} .*is not supported"):
        Bert(small_tensors(), {**CONFIG, **changed}, torch.float32)


@pytest.mark.parametrize("missing", ["embeddings.LayerNorm.bias", "encoder.layer.1.output.dense.weight"])
def test_a_missing_tensor_is_named(missing: str) -> None:
    tensors = small_tensors()
    del tensors[missing]
    with pytest.raises(UnsupportedModel, match=missing):
        Bert(tensors, CONFIG, torch.float32)


@pytest.mark.parametrize("length", [0, PLACES + 1])
def test_a_sequence_of_no_tokens_or_too_many_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match=f"takes 1 to {PLACES}"):
        list(SMALL.states([[1], [1] * length]))


@pytest.mark.models
def test_the_states_are_those_of_transformers() -> None:
    from transformers import BertModel

    folder = model_folder(DEFAULT_ENCODER)
    theirs = BertModel.from_pretrained(folder, local_files_only=True, dtype=torch.float32).train(False)
    tensors, config = load_file(folder / "model.safetensors"), read_json(folder / "config.json")
    chance = np.random.default_rng(0)
    sequences = [chance.integers(1000, 30000, length).tolist() for length in (1, 2, 17, 17, 90, 256, 512)]
    segments = [(np.arange(len(each)) > len(each) // 3).astype(int).tolist() for each in sequences]
    exact = states_of(Bert(tensors, config, torch.float32), sequences, segments)
    rough = states_of(Bert(tensors, config, torch.bfloat16), sequences, segments)
    for number, (sequence, segment) in enumerate(zip(sequences, segments, strict=True)):
        with torch.inference_mode():
            expected = theirs(torch.tensor([sequence]), token_type_ids=torch.tensor([segment])).last_hidden_state[0]
        assert torch.allclose(exact[number], expected, atol=WITHIN_REACH)
        cosine = torch.cosine_similarity(rough[number].float().mean(0), expected.mean(0), dim=0)
        assert cosine >= 0.999
