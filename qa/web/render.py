"""Turns of the conversation as HTML, with all that users and documents say escaped."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from markupsafe import Markup

from corpus.blocks import BlockKind, blocks, trim
from corpus.library import Entry
from corpus.model import Kind
from qa.accounts.model import User
from qa.conversation.exporting import Form
from qa.conversation.kept import KeptTurn
from qa.conversation.model import Turn
from qa.conversation.reopening import Reopened, Standing
from qa.listing import items_of
from qa.model import Answer, Difference, Quote
from qa.narrowing import in_words
from qa.web.rights import SIGN_OUT
from qa.web.templating import template
from qa.wording import (
    BROAD,
    attribution,
    differing_in,
    differing_values,
    elsewhere,
    goes_on,
    headed,
    lacking,
    linked_sources,
    named,
    paged,
    readable_date,
    refusal,
    sureness,
)

Parts = tuple[str, str, str]
"""Text before its highlight, the highlight, and the rest."""

NO_PARTS: Parts = ("", "", "")


def render_turn(
    turn: Turn,
    number: int | str,
    kept: KeptTurn | None = None,
    link: str | None = None,
    again: Reopened | None = None,
) -> str:
    """One turn of the conversation: its question as it was typed, and what was searched for where that differs.

    ``kept`` is what is exported of it, and ``link`` where a link to it leads; ``again`` tells how its quotes stand
    where it was had before.
    """
    searched = None if turn.searched == turn.question else turn.searched
    return render_answer(
        replace(turn.answer, question=turn.question), number, searched=searched, kept=kept, link=link, again=again
    )


def render_answer(
    answer: Answer,
    turn: int | str,
    *,
    searched: str | None = None,
    kept: KeptTurn | None = None,
    link: str | None = None,
    again: Reopened | None = None,
) -> str:
    """One turn: the question, the answer with numbered citations, and the sources that belong to it.

    ``turn`` tells it apart from all others in the page; ``searched`` is what was searched for in the question's place.
    """
    quotes = answer.quotes or answer.closest
    return template("answer.html").render(
        answer=answer,
        turn=turn,
        searched=searched,
        kept=None if kept is None else kept.to_json(),
        link=link,
        asked=None if again is None else readable_date(again.kept.asked_at[:10]),
        changes=[] if again is None else _changes(again),
        only=None if answer.filter is None else in_words(answer.filter),
        why=refusal(answer),
        cards=[_card(quote) for quote in quotes],
        differences=[_difference(difference, quotes) for difference in answer.differences],
        sure=sureness(answer.confidence, answer.foreign_languages),
        lacking=lacking(answer.missing, then=again is not None),
        broad=BROAD if answer.themes else None,
        themes=headed(answer),
    )


def _changes(again: Reopened) -> list[dict[str, object]]:
    """Each quote that does not stand as it did: its number, where it is still shown, and what became of it."""
    shown = count(1)
    numbered = [(None if each.quote is None else next(shown), each) for each in again.quotes]
    return [
        {
            "number": number,
            "standing": each.standing.value,
            "title": each.kept.address.document_id if each.quote is None else each.quote.source.title,
            "address": str(each.kept.address if each.quote is None else each.quote.address),
        }
        for number, each in numbered
        if each.standing is not Standing.STANDS
    ]


def render_error(question: str, error: Exception, number: int) -> str:
    """One turn with what went wrong and what to do."""
    return template("error.html").render(question=question, message=str(error), turn=number)


def render_conversation(turns: Sequence[str]) -> str:
    """All turns, oldest first; each was rendered, and so escaped, before."""
    forms = [(form.name.capitalize() if form is Form.MARKDOWN else form.name, export_path(form.value)) for form in Form]
    shown = [Markup(turn) for turn in turns]  # noqa: S704
    return template("conversation.html").render(turns=shown, forms=forms)


def export_path(form: str) -> str:
    """Where a conversation is sent to be saved in a form."""
    return f"/export/{form}"


def render_holdings(entries: Sequence[Entry]) -> str:
    """How many documents there are, and the newest date."""
    dates = [entry.source.date for entry in entries if entry.source.date is not None]
    newest = readable_date(max(dates)) if dates else None
    return template("holdings.html").render(count=len(entries), newest=newest)


def render_warming(doing: str) -> str:
    """What stands in the place of the holdings until the library is open."""
    return template("holdings.html").render(doing=doing)


def render_unopened(failure: BaseException) -> str:
    """What stands there where the library cannot be opened."""
    return template("holdings.html").render(failure=failure)


def render_signed_in(user: User, can_end: bool) -> str:
    """Who is signed in, with a button to sign out where the session is ours to end."""
    return template("signed-in.html").render(user=user, can_end=can_end, action=SIGN_OUT)


def _difference(difference: Difference, quotes: Sequence[Quote]) -> dict[str, object]:
    """What ``differing.html`` shows: in what sources differ, and what each gives."""
    sides = [
        {"number": number, "value": value, "title": quote.source.title, "source": attribution(quote.source)}
        for number, value, quote in differing_values(difference, quotes)
    ]
    return {"what": differing_in(difference), "sides": sides}


def _card(quote: Quote) -> dict[str, object]:
    """What a template shows of a quote: the passage in parts around the quote, the quote around its highlight."""
    passage = quote.passage
    start = quote.address.span.start - passage.span.start
    end = quote.address.span.end - passage.span.start
    before, items, behind = _in_items(quote)
    lead, marked, rest = before
    source = attribution(quote.source)
    return {
        "text": quote.text,
        "before": _without_headings(passage.text[:start]),
        "lead": lead,
        "marked": marked,
        "rest": rest,
        "listed": items,
        "behind": behind,
        "more": goes_on(quote),
        "after": passage.text[end:],
        "title": quote.source.title,
        "source": source,
        "is_brief": quote.source.kind is Kind.BRIEF,
        "headings": " › ".join(heading for heading in passage.headings if heading != quote.source.title),
        "page": paged(quote.pages, quote.by_ocr),
        "elsewhere": elsewhere(quote),
        "also": [(named(other.source), other.address) for other in quote.also],
        "reworded": [(other.text, named(other.source), other.address) for other in quote.reworded],
        "address": str(quote.address),
        "confidence": f"{quote.confidence:.2f}",
        "links": linked_sources(quote.address.document_id, quote.source),
        "copied": f"“{quote.text}” — {quote.source.title}{paged(quote.pages, quote.by_ocr)}, {source}. {quote.address}",
    }


def _in_items(quote: Quote) -> tuple[Parts, list[Parts], Parts]:
    """What stands before the items of a quote's list, each item without its marker, and what stands after them; all of
    the quote comes first where it has no list."""
    items = items_of(quote.text)
    if not items:
        return quote.parts, [], NO_PARTS
    before = trim(quote.text, 0, quote.text.rfind("\n", 0, items[0].start) + 1)
    behind = trim(quote.text, items[-1].end, len(quote.text))
    return (
        NO_PARTS if before is None else quote.parts_of(before),
        [quote.parts_of(item) for item in items],
        NO_PARTS if behind is None else quote.parts_of(behind),
    )


def _without_headings(text: str) -> str:
    """The text from its first block on that is no heading: the path of headings is shown above it."""
    first = next((block for block in blocks(text) if block.kind is not BlockKind.HEADING), None)
    return "" if first is None else text[text.rfind("\n", 0, first.content.start) + 1 :]
