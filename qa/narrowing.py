"""Which documents a question is put to: filters checked, made of what people type, and told in words."""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import date
from difflib import get_close_matches
from typing import Self

from corpus.errors import KrakowQAError
from corpus.library import Entry, Filter
from corpus.model import Kind, is_unicode
from qa.wording import readable_date

MOST_NAMED = 1000
"""So many documents, publishers, kinds or languages a filter may name, since it is kept with each answer."""

_SHOWN = 3
"""So many names of a sort are told; of more, how many there are."""

_DATE = re.compile(r"\s*(\d{4})(?:-(0[1-9]|1[0-2])(?:-(0[1-9]|[12]\d|3[01]))?)?\s*", re.ASCII)


class BadFilter(KrakowQAError):
    """A filter that cannot be meant."""


@dataclass(frozen=True, slots=True)
class Choices:
    """What filters can name in a library; ``summarised`` are the publishers that briefs of ours rest on."""

    documents: tuple[str, ...]
    publishers: tuple[str, ...]
    kinds: tuple[str, ...]
    languages: tuple[str, ...]
    summarised: frozenset[str]

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        """The choices among these documents, each sorted."""
        listed = list(entries)
        sources = [entry.source for entry in listed]
        briefs = (source for source in sources if source.kind is Kind.BRIEF)
        return cls(
            documents=_sorted(entry.id for entry in listed),
            publishers=_sorted(source.publisher for source in sources),
            kinds=tuple(kind.value for kind in Kind if any(source.kind is kind for source in sources)),
            languages=_sorted(source.language for source in sources),
            summarised=frozenset(each.publisher for brief in briefs for each in brief.references if each.publisher),
        )

    def require(self, filter: Filter) -> None:
        """Raises BadFilter, with names that are near, where the filter names what no document has."""
        for sort, named, known in (
            ("document", filter.documents, self.documents),
            ("publisher", filter.publishers, self.publishers),
            ("language", filter.languages, self.languages),
        ):
            unknown = min((named or frozenset()).difference(known), default=None)
            if unknown is not None:
                raise BadFilter(self._unknown(sort, unknown, known))

    def _unknown(self, sort: str, name: str, known: Sequence[str]) -> str:
        if sort == "publisher" and name in self.summarised:
            return (
                f"No document here is published by {name!r}: our briefs rest on what it published, and are summaries"
                " of our own. Ask those by --kind brief, or fetch its pages: krakow-qa catalogue"
            )
        near = _near(name, known)
        hint = f"Did you mean {' or '.join(map(repr, near))}?" if near else _offered(sort, known)
        return f"No document here has the {sort} {name!r}. {hint}"


def filter_of(
    *,
    documents: Collection[str] = (),
    publishers: Collection[str] = (),
    kinds: Collection[str] = (),
    languages: Collection[str] = (),
    since: str = "",
    until: str = "",
) -> Filter | None:
    """The filter that somebody typed or chose, where what is empty lets all through; raises BadFilter."""
    return checked_filter(
        Filter(
            documents=frozenset(documents) or None,
            publishers=frozenset(publishers) or None,
            kinds=frozenset(kinds) or None,
            languages=frozenset(languages) or None,
            since=since.strip() or None,
            until=until.strip() or None,
        )
    )


def checked_filter(filter: Filter | None) -> Filter | None:
    """The filter, or None where it lets everything through; raises BadFilter where it cannot be meant.

    Its dates become days: of a month or a year, ``since`` is the first and ``until`` the last.
    """
    if filter is None or filter == Filter():
        return None
    for sort, named in _named(filter):
        if len(named) > MOST_NAMED:
            raise BadFilter(f"The filter names {len(named)} {sort}s, and at most {MOST_NAMED} are taken. Name fewer")
        if not all(map(is_unicode, named)):
            raise BadFilter(f"A {sort} of the filter holds half of a character. Write the whole character")
    days = replace(
        filter,
        since=None if filter.since is None else _day(filter.since, first=True),
        until=None if filter.until is None else _day(filter.until, first=False),
    )
    if days.since is not None and days.until is not None and days.since > days.until:
        raise BadFilter(
            f"No day is both since {days.since} and until {days.until}. Give the earlier date first, or one of the two"
        )
    return days


def in_words(filter: Filter) -> str:
    """What the filter lets through, in a line: "NATO or EEAS; since 1 January 2026"."""
    parts = [_listed(sort, sorted(named)) for sort, named in _named(filter)]
    parts += [] if filter.since is None else [f"since {readable_date(filter.since)}"]
    parts += [] if filter.until is None else [f"until {readable_date(filter.until)}"]
    return " ".join("; ".join(parts).split())


def _named(filter: Filter) -> list[tuple[str, frozenset[str]]]:
    """The names that a filter has, by what they are of."""
    named = (
        ("publisher", filter.publishers),
        ("kind", filter.kinds),
        ("language", filter.languages),
        ("document", filter.documents),
    )
    return [(sort, names) for sort, names in named if names is not None]


def _listed(sort: str, names: Sequence[str]) -> str:
    """Publishers and kinds as they are called, and of the others what they are: "language en or pl"."""
    if not names:
        return f"no {sort}"
    more = len(names) - _SHOWN
    told = " or ".join([*names[:_SHOWN], *([f"{more} more"] if more > 0 else [])])
    return told if sort in {"publisher", "kind"} else f"{sort} {told}"


def _day(text: str, *, first: bool) -> str:
    """The first or the last day of an ISO date, month or year; raises BadFilter."""
    found = _DATE.fullmatch(text)
    if found is not None:
        year, month, day = (int(part or 0) for part in found.groups())
        with suppress(ValueError):
            month = month or (1 if first else 12)
            return date(year, month, day or (1 if first else monthrange(year, month)[1])).isoformat()
    raise BadFilter(f"{text!r} is no date. Write it as 2026-02-20, 2026-02 or 2026")


def _near(name: str, known: Sequence[str]) -> list[str]:
    """The names that hold it or are spelled nearly so, in whatever case."""
    spelled = {each.casefold(): each for each in known}
    holding = [each for each in spelled if name.casefold() in each]
    near = [*holding, *get_close_matches(name.casefold(), spelled, n=_SHOWN)]
    return [spelled[each] for each in dict.fromkeys(near)][:_SHOWN]


def _offered(sort: str, known: Sequence[str]) -> str:
    if not known:
        return f"None has a {sort}"
    more = f" and {len(known) - _SHOWN} more" if len(known) > _SHOWN else ""
    return f"There are {', '.join(known[:_SHOWN])}{more}, which krakow-qa list --json tells"


def _sorted(names: Iterable[str | None]) -> tuple[str, ...]:
    return tuple(sorted({name for name in names if name}, key=str.casefold))
