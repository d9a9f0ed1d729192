"""Broad questions and list questions put to the real models: which are seen as what they are.

``python -m tests.recognised`` asks all questions of ``tests/broad`` and ``tests/lists`` and prints each miss.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from corpus.files import find_files
from qa.assembly import Parts, load_encoder, make_library, open_parts
from qa.listing import items_of
from qa.settings import Settings

BROAD = Path(__file__).parent / "broad"
LISTS = Path(__file__).parent / "lists"

Question = dict[str, Any]


def questions_of(file: Path) -> list[Question]:
    """The questions of a set."""
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


def add_lists(parts: Parts) -> None:
    """Add the made-up documents with lists."""
    for added in parts.intake.add(find_files([LISTS / "documents"])):
        assert added.error is None, added.error


def is_told_apart(parts: Parts, question: Question) -> bool:
    """Whether a question gets an overview where it is broad, and none where it is not."""
    return bool(parts.answerer.ask(question["question"]).themes) is question["broad"]


def is_listed(parts: Parts, question: Question) -> bool:
    """Whether the first quote is the list that is asked for, or no quote is one where none is."""
    quotes = parts.answerer.ask(question["question"]).quotes
    if question["document"] is None:
        return all(quote.whole is None and not items_of(quote.text) for quote in quotes)
    if not quotes or quotes[0].address.document_id != question["document"]:
        return False
    begins, ends = quotes[0].text.startswith(question["begins"]), question["ends"]
    return begins and (quotes[0].whole is not None if ends is None else quotes[0].text.endswith(ends))


def _report(parts: Parts, file: Path, wanted: str, is_right: Callable[[Parts, Question], bool]) -> None:
    right: dict[bool, list[bool]] = {True: [], False: []}
    for question in questions_of(file):
        right[bool(question[wanted])].append(is_right(parts, question))
        if not right[bool(question[wanted])][-1]:
            print(f"missed: {question['question']}")
    for is_wanted, seen in right.items():
        print(f"{file.parent.name}/{file.name}, {wanted} {is_wanted}: {sum(seen)} of {len(seen)} right")


def main() -> None:
    """Print how many questions of each set came out right, and those that did not."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch, "library")
        make_library(folder, load_encoder(None))
        parts = open_parts(folder, Settings())
        for name in ("development.jsonl", "reported.jsonl"):
            _report(parts, BROAD / name, "broad", is_told_apart)
        add_lists(parts)
        _report(parts, LISTS / "reported.jsonl", "document", is_listed)
        parts.library.close()


if __name__ == "__main__":
    main()
