"""Who acts, and how, as the audit log names them."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, and how: on the page, through the API, or by which command."""

    user: str
    how: str


Who = Callable[[], Actor]
"""Tells who acts at this moment."""


def at_the_command_line() -> Actor:
    """The operating system's user, with the command that runs."""
    import click

    context, names = click.get_current_context(silent=True), list[str]()
    while context is not None and context.parent is not None:
        names.insert(0, str(context.info_name))
        context = context.parent
    command = " ".join(["krakow-qa", *names])
    try:
        return Actor(getpass.getuser(), command)
    except (KeyError, OSError):  # a container's user may have no name
        return Actor("unknown", command)
