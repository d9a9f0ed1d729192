"""The question sets: reading them, and whether an answer quotes the evidence."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.blocks import sentences
from corpus.library import Library
from corpus.model import Address, Span
from qa.model import Quote

FOLDER = Path(__file__).parent / "questions"

_MOST_SENTENCES, _MOST_WORDS = 3, 80

Place = tuple[str, Span]


@dataclass(frozen=True, slots=True)
class Question:
    """A question with its evidence: alternatives, each the places that are all needed (each place at any of a few)."""

    id: str
    question: str
    answerable: bool
    evidence: tuple[tuple[tuple[Place, ...], ...], ...]


def read_questions(name: str, library: Library) -> list[Question]:
    """The questions of a set with their evidence found in the library; raises ValueError where it is not there."""
    rows = [json.loads(line) for line in (FOLDER / f"{name}.jsonl").read_text("utf-8").splitlines()]
    texts = {entry.id: library.document(entry.id).text for entry in library.entries()}
    return [
        Question(
            row["id"],
            row["question"],
            row["answerable"],
            tuple(
                tuple(_places(row["id"], part, texts, library) for part in _parts(alternative))
                for alternative in row["evidence"]
            ),
        )
        for row in rows
    ]


def is_evidence(question: Question, quotes: Sequence[Quote]) -> bool:
    """Whether all parts of one alternative stand wholly inside the quotes."""
    return any(
        all(any(_holds(quote, place) for quote in quotes for place in part) for part in alternative)
        for alternative in question.evidence
    )


def _parts(alternative: str | list[str]) -> Iterable[str]:
    return [alternative] if isinstance(alternative, str) else alternative


def _places(id: str, part: str, texts: dict[str, str], library: Library) -> tuple[Place, ...]:
    if "@" in part and "#" in part and " " not in part:
        address = Address.parse(part)
        library.resolve(address)
        return ((address.document_id, address.span),)
    found = tuple((name, span) for name, text in texts.items() for span in _occurrences(part, text))
    if not found:
        raise ValueError(f"{id}: evidence not found: {part}")
    return found


def _occurrences(part: str, text: str) -> Iterator[Span]:
    start = text.find(part)
    while start != -1:
        yield Span(start, start + len(part))
        start = text.find(part, start + 1)


def _holds(quote: Quote, place: Place) -> bool:
    document, span = place
    return (
        quote.address.document_id == document
        and span in quote.address.span
        and len(sentences(quote.text)) <= _MOST_SENTENCES
        and len(quote.text.split()) <= _MOST_WORDS
    )
