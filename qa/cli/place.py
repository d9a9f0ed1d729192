"""The type of arguments that name a library."""

from __future__ import annotations

import click

from qa.places import Place, place_of


class LibraryPlace(click.ParamType[Place]):
    """A folder, or the URL of a PostgreSQL database."""

    name = "place"

    def convert(self, value: str | Place, param: click.Parameter | None, ctx: click.Context | None) -> Place:
        """The place; raises LibraryError where it takes an extra that is not installed."""
        return place_of(value) if isinstance(value, str) else value
