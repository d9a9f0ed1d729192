"""Pairs of short texts in libraries of their own, asked about: whether what differs is shown, and nothing else.

``python -m tests.differing tests/differences/reported.jsonl`` asks with the real models and prints each miss.
"""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus.files import find_files
from index.encoder import Encoder
from qa.answerer import Answerer
from qa.assembly import assemble, load_encoder, load_reader, make_library, open_library
from qa.model import Answer, Difference
from qa.reader import Reader
from qa.settings import OUR_READER, Settings

PAIRS = Path(__file__).parent / "differences"


@dataclass(frozen=True, slots=True)
class Outcome:
    """A pair with its answer; ``right`` where what was planted, or nothing, is shown as differing."""

    pair: dict[str, Any]
    answer: Answer
    right: bool


def outcomes(file: Path, encoder: Encoder, reader: Reader) -> Iterator[Outcome]:
    """What comes of each pair of a file."""
    for line in file.read_text("utf-8").splitlines():
        pair = json.loads(line)
        answer = _answer(pair, encoder, reader)
        right = not answer.differences
        if pair["kind"] is not None:
            right = any(_shows(answer, difference, pair) for difference in answer.differences)
        yield Outcome(pair, answer, right)


def _answer(pair: dict[str, Any], encoder: Encoder, reader: Reader) -> Answer:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "library")
        make_library(folder, encoder, empty=True)
        parts = assemble(open_library(folder), folder, encoder, Settings())
        files = [Path(scratch, f"{name}.md") for name in ("one", "other")]
        for file, text in zip(files, pair["texts"], strict=True):
            file.write_text(f"---\ntitle: A report\npublisher: {text['publisher']}\n---\n\n{text['text']}\n", "utf-8")
        added = list(parts.intake.add(find_files(files)))
        assert [each.error for each in added] == [None, None]
        answer = Answerer(parts.retriever, reader, parts.settings).ask(pair["question"])
        parts.library.close()
        return answer


def _shows(answer: Answer, difference: Difference, pair: dict[str, Any]) -> bool:
    """Whether a difference marks the planted value of each text, or a part of it, in a quote of its publisher."""
    marked = {}
    for side in difference.sides:
        quote = answer.quotes[side.quote]
        marked[quote.source.publisher] = quote.text[side.span.start : side.span.end]
    return all(
        said is not None and (said in text["value"] or text["value"] in said)
        for text in pair["texts"]
        for said in [marked.get(text["publisher"])]
    )


def main() -> None:
    """Print how many pairs of a file came out right, and the answer to each that did not."""
    encoder = load_encoder(None)
    reader = load_reader(OUR_READER, encoder)
    seen = list(outcomes(Path(sys.argv[1]), encoder, reader))
    for outcome in (each for each in seen if not each.right):
        print(f"{outcome.pair['id']}: {outcome.pair['question']}")
        for quote in outcome.answer.quotes or outcome.answer.closest:
            marked = "" if quote.highlight is None else quote.text[quote.highlight.start : quote.highlight.end]
            print(f"  {quote.confidence:.2f} {quote.text} [{marked}]")
        print(f"  {outcome.answer.abstention} {outcome.answer.differences}")
    for name, planted in (("differing", True), ("agreeing", False)):
        some = [each for each in seen if (each.pair["kind"] is not None) is planted]
        print(f"{name}: {sum(each.right for each in some)} of {len(some)} right")


if __name__ == "__main__":
    main()
