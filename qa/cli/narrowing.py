"""The options that say which documents are searched."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

import click

from corpus.model import Kind
from qa.cli.output import unicode_texts

if TYPE_CHECKING:
    from corpus.library import Filter, Library


@dataclass(frozen=True, slots=True)
class Only:
    """Which documents somebody asked for, as it was typed; what is empty lets all through."""

    documents: tuple[str, ...]
    publishers: tuple[str, ...]
    kinds: tuple[str, ...]
    languages: tuple[str, ...]
    since: str
    until: str

    def filter(self, library: Library) -> Filter | None:
        """The filter, all of whose names the library knows; raises BadFilter."""
        from qa.narrowing import Choices, filter_of

        filter = filter_of(
            documents=self.documents,
            publishers=self.publishers,
            kinds=self.kinds,
            languages=self.languages,
            since=self.since,
            until=self.until,
        )
        if filter is not None:
            Choices.of(library.entries()).require(filter)
        return filter


_NAMES: dict[str, Any] = {"multiple": True, "callback": unicode_texts}

_OPTIONS = (
    click.option("--publisher", "publishers", metavar="NAME", help="Only what it published; repeatable.", **_NAMES),
    click.option(
        "--kind",
        "kinds",
        multiple=True,
        type=click.Choice([kind.value for kind in Kind]),
        help="Only this kind of document; repeatable.",
    ),
    click.option("--language", "languages", metavar="CODE", help="Only this language: en, pl; repeatable.", **_NAMES),
    click.option("--since", default="", metavar="DATE", help="Only dated from then on: 2026-02-20, 2026-02 or 2026."),
    click.option("--until", default="", metavar="DATE", help="Only dated until then, its last day included."),
    click.option("--document", "documents", metavar="ID", help="Only this document; repeatable.", **_NAMES),
)


def narrowing_options(command: Callable[..., Any]) -> Any:
    """A decorator of commands, which are given what was asked for as ``only``."""

    @wraps(command)
    def narrowed(*arguments: Any, **options: Any) -> Any:
        only = Only(**{name: options.pop(name) for name in Only.__slots__})
        return command(*arguments, only=only, **options)

    decorated: Any = narrowed
    for option in reversed(_OPTIONS):
        decorated = option(decorated)
    return decorated
