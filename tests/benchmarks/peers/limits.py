"""Measures the encoder alone, which nothing that indexes or searches can outrun: ours, or sentence-transformers.

python -m tests.benchmarks.peers.limits NAME TASK.json
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from tests.benchmarks.peers.measure import WARM_UP, seconds, tell
from tests.benchmarks.peers.task import Task

OURS = "the encoder of krakow-qa"
FLOAT32 = "sentence-transformers as documented (float32)"
BFLOAT16 = "sentence-transformers in bfloat16"
LIMITS = (OURS, FLOAT32, BFLOAT16)

AT_ONCE = (32, 128, 512)
"""How many texts our encoder is given at once; the fastest counts. All at once is tried too."""

Encode = Callable[[Sequence[str]], object]


def main(name: str, task: Task) -> None:
    try:
        encode = ours() if name == OURS else sentence_transformer(task.weights, name)
    except ModuleNotFoundError as error:
        tell({"missing": str(error)})
        return
    texts = sorted(task.texts, key=len)
    sizes = [*AT_ONCE, len(texts)] if name == OURS else [len(texts)]
    for question in task.questions[:WARM_UP]:
        encode([question])
    query_ms = [1000 * seconds(lambda q=q: encode([q])) for q in task.questions]  # type: ignore[misc]
    rates = {size: len(texts) / seconds(lambda n=size: in_parts(encode, texts, n)) for size in sizes}  # type: ignore[misc]
    best = max(rates, key=lambda size: rates[size])
    tell({"encoded_per_s": rates[best], "at_once": best, "query_ms": statistics.median(query_ms)})


def in_parts(encode: Encode, texts: Sequence[str], size: int) -> None:
    for start in range(0, len(texts), size):
        encode(texts[start : start + size])


def ours() -> Encode:
    from qa.assembly import load_encoder

    return load_encoder(None).encode


def sentence_transformer(weights: str, name: str) -> Encode:
    import torch
    from sentence_transformers import SentenceTransformer

    options: dict[str, Any] = {"model_kwargs": {"dtype": torch.bfloat16}} if name == BFLOAT16 else {}
    model = SentenceTransformer(weights, **options)
    return lambda texts: model.encode(list(texts))


if __name__ == "__main__":
    main(sys.argv[1], Task.read(Path(sys.argv[2])))
