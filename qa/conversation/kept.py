"""Turns as they are kept: addresses, highlights and confidences, and no text of a source; and how they are read back.

A source can be changed, withdrawn and purged after it answered. What is kept of an answer therefore holds no word of
it: whoever opens the answer again gets each quote cut anew from the library, with how it stands there by then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from corpus.errors import KrakowQAError
from corpus.library import Filter
from corpus.model import Address, Span
from qa.conversation.model import Exchange, Turn
from qa.model import Abstention, Quote
from qa.narrowing import BadFilter, checked_filter
from qa.settings import Settings

if TYPE_CHECKING:
    from pydantic import TypeAdapter

SCHEMA = 1
"""Raised when a kept turn is no longer read as before."""

_MOST_QUOTES = 50
"""So many quotes a kept turn may have, and each of them so many other places."""


class BadKept(KrakowQAError):
    """What was given as a kept turn is none."""


@dataclass(frozen=True, slots=True)
class KeptQuote:
    """Where a quote stands, with all digits of its version, inside the passage at ``around``.

    ``highlight`` is a span inside the quote; ``also`` is where else it stood word for word; ``whole`` is all of the
    long list that it is a part of.
    """

    address: Address
    around: Span
    highlight: Span | None
    confidence: float
    also: tuple[Address, ...] = ()
    whole: Span | None = None


@dataclass(frozen=True, slots=True)
class KeptTurn:
    """A question and where its answer stands; ``asked_at`` is UTC in ISO 8601.

    ``short`` tells that the highlight of the first quote is the short answer; ``themes`` are the places of each theme's
    quotes, without its title, which is a source's. The other fields are the answer's.
    """

    question: str
    searched: str
    asked_at: str
    confidence: float
    abstention: Abstention | None
    short: bool
    quotes: tuple[KeptQuote, ...]
    closest: tuple[KeptQuote, ...]
    generation: int
    settings: Settings = field(default_factory=Settings)
    foreign_languages: tuple[str, ...] = ()
    missing: tuple[str, ...] | None = None
    filter: Filter | None = None
    themes: tuple[tuple[int, ...], ...] = ()

    @classmethod
    def of(cls, turn: Turn, now: datetime | None = None, before: Sequence[Exchange] = ()) -> KeptTurn:
        """What is kept of a turn that was just had after others.

        What was searched for is kept as it was typed where it was understood with words of an answer, a source's words.
        """
        answer, borrows = turn.answer, _borrows(turn, before)
        return cls(
            question=turn.question,
            searched=turn.question if borrows else turn.searched,
            asked_at=(datetime.now(UTC) if now is None else now).isoformat(timespec="seconds"),
            confidence=answer.confidence,
            abstention=answer.abstention,
            short=answer.short_answer is not None,
            quotes=tuple(map(_kept, answer.quotes)),
            closest=tuple(map(_kept, answer.closest)),
            generation=answer.generation,
            settings=answer.settings,
            foreign_languages=answer.foreign_languages,
            missing=None if borrows else answer.missing,
            filter=answer.filter,
            themes=tuple(theme.quotes for theme in answer.themes),
        )

    def to_json(self) -> str:
        """One line that ``from_json`` reads."""
        fields = {**asdict(self), "abstention": None if self.abstention is None else self.abstention.name}
        sets_as_lists = sorted
        return json.dumps(
            {"schema": SCHEMA, **fields}, ensure_ascii=False, separators=(",", ":"), default=sets_as_lists
        )

    @classmethod
    def from_json(cls, text: str) -> KeptTurn:
        """Read a kept turn, whoever had it meanwhile; raises BadKept."""
        from pydantic import ValidationError

        try:
            fields = json.loads(text)
            if not isinstance(fields, Mapping) or fields.get("schema") != SCHEMA:
                raise BadKept(f"This kept answer is not of schema {SCHEMA}, which this krakow-qa reads. Ask again")
            kept: KeptTurn = _reader().validate_python(_with_abstention(fields))
            json.dumps(fields, ensure_ascii=False, allow_nan=False).encode()  # neither half characters nor infinities
            datetime.fromisoformat(kept.asked_at)
            kept = replace(kept, filter=checked_filter(kept.filter))
        except (ValueError, KeyError, TypeError, ValidationError, RecursionError, BadFilter) as error:
            raise BadKept("This kept answer cannot be read. Ask again") from error
        if max(map(len, (kept.quotes, kept.closest, *(q.also for q in kept.quotes + kept.closest)))) > _MOST_QUOTES:
            raise BadKept(f"This kept answer has more than {_MOST_QUOTES} quotes. Ask again")
        return kept


def _kept(quote: Quote) -> KeptQuote:
    return KeptQuote(
        address=Address(quote.address.document_id, quote.version, quote.address.span),
        around=quote.passage.span,
        highlight=quote.highlight,
        confidence=round(quote.confidence, 4),
        also=tuple(other.address for other in quote.also),
        whole=None if quote.whole is None else quote.whole.span,
    )


@cache
def _reader() -> TypeAdapter[KeptTurn]:
    from pydantic import TypeAdapter

    return TypeAdapter(KeptTurn)


def _borrows(turn: Turn, before: Sequence[Exchange]) -> bool:
    """Whether what was searched for has words of the answers before it that nobody typed."""
    typed = _words(turn.question, *(exchange.question for exchange in before))
    answered = _words(*(exchange.short_answer or "" for exchange in before))
    return not _words(turn.searched).isdisjoint(answered - typed)


def _words(*texts: str) -> set[str]:
    return set(re.findall(r"\w+", " ".join(texts).casefold()))


def _with_abstention(fields: Mapping[str, Any]) -> dict[str, Any]:
    """The fields with the abstention that is named in them; raises KeyError where none is called so."""
    name = fields["abstention"]
    return {**fields, "abstention": None if name is None else Abstention[name]}
