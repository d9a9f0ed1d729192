"""The model that learns: BERT as transformers has it, with the word embeddings of the encoder."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from transformers import BertConfig, BertForQuestionAnswering

from index.encoder import compute_dtype
from qa.readers.span_model import WORD_EMBEDDINGS, words_of


def with_word_embeddings(
    weights: Mapping[str, torch.Tensor], encoder: Path, attention: str
) -> BertForQuestionAnswering:
    """The model of these weights, together with the word embeddings of the encoder in a folder."""
    config = BertConfig.from_pretrained(encoder, attn_implementation=attention)
    with torch.device("meta"):
        model = BertForQuestionAnswering(config)
    dtype = compute_dtype()
    whole = {name: tensor.to(dtype) for name, tensor in {**weights, WORD_EMBEDDINGS: words_of(encoder)}.items()}
    model.load_state_dict(whole, assign=True)
    embeddings = model.bert.embeddings
    places = torch.arange(config.max_position_embeddings)[None]
    embeddings.register_buffer("position_ids", places, persistent=False)
    embeddings.register_buffer("token_type_ids", torch.zeros_like(places), persistent=False)
    return model
