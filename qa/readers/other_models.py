"""Span models other than ours: any question-answering model of Hugging Face, in a folder or of the model hub."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import numpy as np
import torch
from transformers import (
    AutoModelForQuestionAnswering,
    AutoTokenizer,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)

from index.encoder import compute_dtype, model_folder
from index.errors import EncoderUnavailable
from qa.reader import ReaderUnavailable
from qa.readers.span_model import QUESTION_TOKENS, STRIDE_TOKENS, WINDOW_TOKENS
from qa.readers.spans import Window
from qa.settings import LEXICAL_READER, OUR_READER


class TransformerSpanModel:
    """A ``SpanModel`` of transformers; all windows of a question go through it in one batch."""

    def __init__(self, name: str, model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> None:
        self.name = name
        self._model = model.train(False)
        self._tokenizer = tokenizer
        self._lock = threading.Lock()

    def windows(self, question: str, passages: Sequence[str]) -> list[Window]:
        if not passages:
            return []
        with self._lock:  # a fast tokenizer cannot be borrowed twice
            encoded = self._tokenizer(
                [self._beginning(question)] * len(passages),
                list(passages),
                truncation="only_second",
                max_length=WINDOW_TOKENS,
                stride=STRIDE_TOKENS,
                return_overflowing_tokens=True,
                return_offsets_mapping=True,
                padding=True,
                return_tensors="pt",
            )
        passage_of = encoded.pop("overflow_to_sample_mapping").tolist()
        offsets = encoded.pop("offset_mapping").numpy()
        with self._lock, torch.inference_mode():  # a pass takes all cores
            output = self._model(**encoded)
        starts, ends = output.start_logits.float().numpy(), output.end_logits.float().numpy()
        found = []
        for row, passage in enumerate(passage_of):
            inside = np.array([part == 1 for part in encoded.sequence_ids(row)])
            found.append(
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
            max_length=QUESTION_TOKENS,
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
