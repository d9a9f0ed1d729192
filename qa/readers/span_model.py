"""Span models: our own, shipped with this package, and any question-answering model of Hugging Face."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors import safe_open
from safetensors.torch import load
from transformers import (
    AutoModelForQuestionAnswering,
    AutoTokenizer,
    BertConfig,
    BertForQuestionAnswering,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from index.encoder import DEFAULT_ENCODER, compute_dtype, model_folder
from index.errors import EncoderUnavailable
from qa.reader import ReaderUnavailable
from qa.readers.shipment import Shipment
from qa.readers.spans import Window
from qa.settings import LEXICAL_READER, OUR_READER

WORD_EMBEDDINGS = "bert.embeddings.word_embeddings.weight"
"""The one tensor that our weights leave out: it is the encoder's."""

_WINDOW_TOKENS = 224
_STRIDE_TOKENS = 80
"""Passages are read in windows of so many tokens, question included, that overlap by so many."""

_QUESTION_TOKENS = 64
"""The rest of a longer question is not read, as in BERT's own SQuAD script (Devlin et al. 2019)."""


class TransformerSpanModel:
    """A ``SpanModel`` of transformers; all windows go through it in one batch."""

    def __init__(self, name: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.name = name
        self._model = model.train(False)
        self._tokenizer = tokenizer
        self._lock = threading.Lock()

    def windows(self, question: str, passages: Sequence[str]) -> list[Window]:
        (windows,) = self.windows_of([(question, passages)])
        return windows

    def windows_of(self, asked: Sequence[tuple[str, Sequence[str]]]) -> list[list[Window]]:
        found: list[list[Window]] = [[] for _ in asked]
        place_of = [(number, passage) for number, (_, passages) in enumerate(asked) for passage in range(len(passages))]
        if not place_of:
            return found
        with self._lock:  # a fast tokenizer cannot be borrowed twice
            beginnings = [self._beginning(question) for question, _ in asked]
            encoded = self._tokenizer(
                [beginnings[number] for number, _ in place_of],
                [passage for _, passages in asked for passage in passages],
                truncation="only_second",
                max_length=_WINDOW_TOKENS,
                stride=_STRIDE_TOKENS,
                return_overflowing_tokens=True,
                return_offsets_mapping=True,
                padding=True,
                return_tensors="pt",
            )
        pair_of = encoded.pop("overflow_to_sample_mapping").tolist()
        offsets = encoded.pop("offset_mapping").numpy()
        with torch.inference_mode():
            output = self._model(**encoded)
        starts, ends = output.start_logits.float().numpy(), output.end_logits.float().numpy()
        for row, pair in enumerate(pair_of):
            number, passage = place_of[pair]
            inside = np.array([part == 1 for part in encoded.sequence_ids(row)])
            found[number].append(
                Window(
                    passage,
                    starts[row, inside] - starts[row, 0],
                    ends[row, inside] - ends[row, 0],
                    offsets[row, inside],
                )
            )
        return found

    def _beginning(self, question: str) -> str:
        """As much of a question as leaves room for passages."""
        offsets = self._tokenizer(
            question,
            truncation=True,
            max_length=_QUESTION_TOKENS,
            add_special_tokens=False,
            return_offsets_mapping=True,
        )["offset_mapping"]
        return question[: offsets[-1][1]] if offsets else question


def load_span_model(name: str) -> TransformerSpanModel:
    """A question-answering model in a folder or of the model hub; raises ReaderUnavailable."""
    try:
        folder = model_folder(name)
        model = AutoModelForQuestionAnswering.from_pretrained(folder, local_files_only=True, dtype=compute_dtype())
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except EncoderUnavailable as error:
        raise ReaderUnavailable(
            f"There is no reader {name!r}: it is neither {OUR_READER}, {LEXICAL_READER}, a folder here, nor to be had"
            f" from the model hub. Leave --reader out for {OUR_READER}"
        ) from error
    except (OSError, ValueError, KeyError) as error:
        raise ReaderUnavailable(f"{name} holds no question-answering model ({error})") from error
    return TransformerSpanModel(name, model, tokenizer)


def our_span_model(shipment: Shipment) -> TransformerSpanModel:
    """A model of ours, whose word embeddings and tokenizer are those of the default encoder."""
    weights = load(shipment.weights())
    encoder = model_folder(DEFAULT_ENCODER)
    return TransformerSpanModel(OUR_READER, with_word_embeddings(weights, encoder), tokenizer_of(encoder))


def with_word_embeddings(
    weights: Mapping[str, torch.Tensor], encoder: Path, attention: str = "sdpa"
) -> BertForQuestionAnswering:
    """The model of these weights, together with the word embeddings of the encoder in a folder."""
    with safe_open(encoder / "model.safetensors", framework="pt") as tensors:
        words = tensors.get_tensor("embeddings.word_embeddings.weight")
    config = BertConfig.from_pretrained(encoder, attn_implementation=attention)
    with torch.device("meta"):
        model = BertForQuestionAnswering(config)
    dtype = compute_dtype()
    whole = {name: tensor.to(dtype) for name, tensor in {**weights, WORD_EMBEDDINGS: words}.items()}
    model.load_state_dict(whole, assign=True)
    embeddings = model.bert.embeddings
    places = torch.arange(config.max_position_embeddings)[None]
    embeddings.register_buffer("position_ids", places, persistent=False)
    embeddings.register_buffer("token_type_ids", torch.zeros_like(places), persistent=False)
    return model


def tokenizer_of(encoder: Path) -> PreTrainedTokenizerBase:
    """The tokenizer of the encoder in a folder."""
    tokenizer: PreTrainedTokenizerBase = AutoTokenizer.from_pretrained(encoder, local_files_only=True)
    return tokenizer
