"""Times the reader against one pass of the encoder over the same eight passages, in turns within one run.

    python -m tests.benchmarks.reader_speed ../shared/data/squad/dev-v1.1.json.gz

The passages are paragraphs of 120 to 140 tokens. Printed: medians in milliseconds, and their ratio.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from qa.assembly import load_encoder
from qa.evaluation.sets.squad import read_squad
from qa.readers.shipment import Shipment
from qa.readers.span_model import our_span_model

PASSAGES = 8
ROUNDS = 40


def timed_ms(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return 1000 * (time.perf_counter() - start)


def main(path: Path) -> None:
    encoder, model = load_encoder(None), our_span_model(Shipment())
    paragraphs = [each for each in read_squad(path) if 120 <= encoder.count_tokens(each.text) <= 140]
    encoding_ms, reading_ms = [], []
    for number in range(ROUNDS + 3):
        group = paragraphs[number * PASSAGES % len(paragraphs) :][:PASSAGES]
        texts, question = [each.text for each in group], group[0].questions[0].text
        encoding = timed_ms(lambda texts=texts: encoder.encode(texts))  # type: ignore[misc]
        reading = timed_ms(lambda texts=texts, question=question: model.windows(question, texts))  # type: ignore[misc]
        if number >= 3:  # the first rounds warm up
            encoding_ms.append(encoding)
            reading_ms.append(reading)
    encoding, reading = statistics.median(encoding_ms), statistics.median(reading_ms)
    print(f"encoding {encoding:.0f} ms, reading {reading:.0f} ms, ratio {reading / encoding:.2f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
