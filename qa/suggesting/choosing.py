"""Which suggestions are shown: for a beginning, beside an answer, after a refusal; none that was asked before."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from corpus.library import Filter
from corpus.model import Address
from index.encoder import Vectors
from qa.suggesting.suggestions import Suggestion, touch


def unasked(suggestions: Iterable[Suggestion], asked: Iterable[str]) -> list[Suggestion]:
    """Those that are none of the questions."""
    before = {_plain(question) for question in asked}
    return [each for each in suggestions if _plain(each.question) not in before]


def passing(suggestions: Iterable[Suggestion], filter: Filter | None) -> list[Suggestion]:
    """Those made of documents that a filter lets through."""
    return [each for each in suggestions if filter is None or filter.passes(each.address.document_id, each.source)]


def beside(suggestions: Iterable[Suggestion], quoted: Sequence[Address]) -> list[Suggestion]:
    """Those of the documents that were quoted, in the order of the quotes, and in each the nearest to what was quoted.

    What a quoted sentence answers is not among them, since its answer is shown already.
    """
    places = {(place.document_id, place.span.start): rank for rank, place in reversed([*enumerate(quoted)])}

    def away(suggestion: Suggestion) -> tuple[int, int] | None:
        address = suggestion.address
        here = [
            (rank, abs(start - address.span.start)) for (id, start), rank in places.items() if id == address.document_id
        ]
        return min(here, default=None)

    told = [each for each in suggestions if not any(touch(each.address, place) for place in quoted)]
    ranked = [(distance, number, each) for number, each in enumerate(told) if (distance := away(each)) is not None]
    return [each for _, _, each in sorted(ranked, key=lambda ranked: ranked[:2])]


def nearest(suggestions: Iterable[Suggestion], vector: Vectors) -> list[Suggestion]:
    """All of them, the nearest in meaning to a question first; ``vector`` is the question's, of length 1."""
    return sorted(suggestions, key=lambda each: -each.cosine(vector))


def _plain(question: str) -> str:
    return " ".join(question.casefold().rstrip("?. ").split())
