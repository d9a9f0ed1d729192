"""Batches for training: examples of like length together, as token ids with the places of the answers."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from tokenizers import Encoding, Tokenizer
from torch import Tensor

from corpus.model import Span
from qa.training.examples import Example

_POOL = 8192
"""Examples are sorted by length within pools of so many."""

_MULTIPLE = 16
"""Batches are padded to a multiple of so many tokens, which processors like."""


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids, segments and mask, int64 of shape (examples, tokens), and where answers may start and end, bool.

    An example without an answer starts and ends at place 0, the token before the question.
    """

    ids: Tensor
    segments: Tensor
    mask: Tensor
    starts: Tensor
    ends: Tensor


def with_lengths(tokenizer: Tokenizer, most_tokens: int) -> Tokenizer:
    """A copy of a tokenizer that cuts passages to fit and pads as batches want it."""
    copy = Tokenizer.from_str(tokenizer.to_str())
    copy.enable_truncation(most_tokens, strategy="only_second")
    copy.enable_padding(pad_to_multiple_of=_MULTIPLE)
    return copy


def group(tokenizer: Tokenizer, examples: Sequence[Example], batch_tokens: int, seed: int) -> list[list[Example]]:
    """The examples in batches of at most ``batch_tokens`` tokens with padding, repeatably for a seed."""
    chance = random.Random(seed)  # noqa: S311
    shuffled = list(examples)
    chance.shuffle(shuffled)
    batches: list[list[Example]] = []
    for start in range(0, len(shuffled), _POOL):
        pool = shuffled[start : start + _POOL]
        lengths = _lengths(tokenizer, pool)
        batch: list[Example] = []
        for place in sorted(range(len(pool)), key=lengths.__getitem__):
            if batch and (len(batch) + 1) * lengths[place] > batch_tokens:
                batches.append(batch)
                batch = []
            batch.append(pool[place])
        batches.append(batch)
    chance.shuffle(batches)
    return batches


def tensors(tokenizer: Tokenizer, examples: Sequence[Example]) -> Batch:
    """The batch of these examples; one whose answers were cut off with the end of its passage is left out."""
    encoded = tokenizer.encode_batch([(example.question, example.passage) for example in examples])
    rows = []
    for encoding, example in zip(encoded, examples, strict=True):
        places = [place for span in example.answers if (place := _tokens(encoding, span)) is not None]
        if places or not example.answers:
            rows.append((encoding, places or [(0, 0)]))
    starts = torch.zeros(len(rows), len(encoded[0].ids), dtype=torch.bool)
    ends = torch.zeros_like(starts)
    for row, (_, places) in enumerate(rows):
        for start, end in places:
            starts[row, start] = ends[row, end] = True
    return Batch(
        torch.tensor([encoding.ids for encoding, _ in rows]),
        torch.tensor([encoding.type_ids for encoding, _ in rows]),
        torch.tensor([encoding.attention_mask for encoding, _ in rows]),
        starts,
        ends,
    )


def _lengths(tokenizer: Tokenizer, examples: Sequence[Example]) -> list[int]:
    """Tokens of each example, rounded up to what it is padded to."""
    unpadded = Tokenizer.from_str(tokenizer.to_str())
    unpadded.no_padding()
    encoded = unpadded.encode_batch_fast([(example.question, example.passage) for example in examples])
    return [-len(encoding) // _MULTIPLE * -_MULTIPLE for encoding in encoded]


def _tokens(encoding: Encoding, span: Span) -> tuple[int, int] | None:
    """The first and last token of a span of the passage; None where the encoding ends before."""
    touched = [
        token
        for token in _passage_tokens(encoding)
        if encoding.offsets[token][1] > span.start and encoding.offsets[token][0] < span.end
    ]
    if not touched or encoding.offsets[touched[-1]][1] < span.end:
        return None
    return touched[0], touched[-1]


def _passage_tokens(encoding: Encoding) -> Iterator[int]:
    return (token for token, part in enumerate(encoding.sequence_ids) if part == 1)
