"""A conversation as a file that travels: Markdown, HTML or JSON, with every address, and sealed against changes."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from qa.conversation.reopening import Reopened, ReopenedQuote, Standing
from qa.conversation.seal import sealed_json, sealed_text
from qa.model import Difference, Quote
from qa.narrowing import in_words
from qa.payload import turn_payload
from qa.templating import templates
from qa.wording import (
    BROAD,
    attribution,
    differing_in,
    differing_values,
    goes_on,
    headed,
    lacking,
    linked_sources,
    named,
    paged,
    refusal,
    sureness,
)

SCHEMA = 1
"""Raised when ``verify`` no longer reads the JSON as before."""

KIND = "krakow-qa conversation"


class Form(StrEnum):
    """What a conversation is exported as; the value is the file's suffix."""

    MARKDOWN = "md"
    HTML = "html"
    JSON = "json"


_MARKUP = re.compile(r"[\\`*_{}\[\]<>#&|~!$]|^[-+=]|^\d+(?=[.)])", re.MULTILINE)
"""What Markdown would not show as it is; of a number that begins a list, what follows it is escaped."""


def exported(conversation: Sequence[Reopened], form: Form, at: datetime | None = None) -> str:
    """The text of the file, with each quote as the library has it now and how it stands; ``at`` is now where None."""
    day = (datetime.now(UTC) if at is None else at).isoformat(timespec="seconds")
    if form is Form.JSON:
        return sealed_json({"schema": SCHEMA, "kind": KIND, "exported_at": day, "turns": _payloads(conversation)})
    environment = templates("qa.conversation").overlay(autoescape=form is Form.HTML)
    environment.filters |= {"md": markdown, "lines": lambda text: markdown(text).replace("\n", "\n> ")}
    shown = environment.get_template(f"export.{form.value}").render(
        at=day, broad=BROAD, turns=[_turn(each) for each in conversation], sources=_sources(conversation)
    )
    return sealed_text(shown)


def markdown(text: str) -> str:
    """A text in Markdown that shows it as it is; ``qa.conversation.claims`` reads it back."""
    return _MARKUP.sub(lambda found: f"\\{found[0]}" if not found[0].isdigit() else f"{found[0]}\\", text)


def _payloads(conversation: Sequence[Reopened]) -> list[dict[str, Any]]:
    return [
        {
            **turn_payload(each.turn),
            "asked_at": each.kept.asked_at,
            "standings": {str(address): standing.value for address, standing in each.standings.items()},
            "lost": [str(quote.kept.address) for quote in each.quotes if quote.quote is None],
        }
        for each in conversation
    ]


def _turn(reopened: Reopened) -> dict[str, Any]:
    answer = reopened.turn.answer
    return {
        "question": " ".join(reopened.turn.question.split()),
        "searched": None if reopened.turn.searched == reopened.turn.question else reopened.turn.searched,
        "only": None if answer.filter is None else in_words(answer.filter),
        "asked_at": reopened.kept.asked_at,
        "answer": answer,
        "why": refusal(answer),
        "short": None if answer.short_answer is None else " ".join(answer.short_answer.split()),
        "lacking": lacking(answer.missing, then=True),
        "sure": sureness(answer.confidence, answer.foreign_languages),
        "differing": [_differing(difference, answer.quotes) for difference in answer.differences],
        "themes": headed(answer),
        "quotes": [_quote(each.quote, each.standing) for each in reopened.quotes if each.quote is not None],
        "lost": [_lost(each) for each in reopened.quotes if each.quote is None],
    }


def _differing(difference: Difference, quotes: Sequence[Quote]) -> str:
    """What sources differ in, and what each of them gives."""
    given = (f"{value} ({named(quote.source)})" for _, value, quote in differing_values(difference, quotes))
    return f"{differing_in(difference)}: {'; '.join(given)}"


def _quote(quote: Quote, standing: Standing) -> dict[str, Any]:
    lead, marked, rest = quote.parts
    return {
        "lead": lead,
        "marked": marked,
        "rest": rest,
        "address": str(quote.address),
        "more": goes_on(quote),
        "title": f"{quote.source.title}{paged(quote.pages, quote.by_ocr)}",
        "source": attribution(quote.source),
        "also": [(other.source.title, str(other.address)) for other in quote.also],
        "standing": None if standing is Standing.STANDS else standing.value,
    }


def _sources(conversation: Sequence[Reopened]) -> list[tuple[str, list[tuple[str, str]]]]:
    """The documents that are quoted, each once, with the public pages that they are or rest on."""
    quotes = [each.quote for turn in conversation for each in turn.quotes if each.quote is not None]
    sources = {quote.address.document_id: quote.source for quote in quotes}
    return [
        (
            f"{source.title} ({id})",
            [(name, url) for name, _, url in linked_sources(id, source)],
        )
        for id, source in sources.items()
    ]


def _lost(quote: ReopenedQuote) -> dict[str, str]:
    return {"address": str(quote.kept.address), "standing": quote.standing.value}
