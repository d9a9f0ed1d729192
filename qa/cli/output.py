"""What the commands share: how they print, complain, and take text."""

from __future__ import annotations

import json
from collections.abc import Mapping

import click

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def put(output: Mapping[str, object] | str, *, err: bool = False) -> None:
    """Print a text, or an object as JSON."""
    if not isinstance(output, str):
        output = json.dumps(output, ensure_ascii=False, indent=2)
    click.echo(output.encode(errors="replace").decode(), err=err)  # a file's name can hold bytes that are no text


def complain(error: str) -> None:
    """Print an error as one line on standard error."""
    put(f"krakow-qa: {' '.join(error.split())}", err=True)


def unicode_text(context: click.Context, parameter: click.Parameter, text: str) -> str:
    """What was typed, with a question mark for each byte that is not of the terminal's encoding."""
    return text.encode(errors="replace").decode()


def unicode_texts(context: click.Context, parameter: click.Parameter, texts: tuple[str, ...]) -> tuple[str, ...]:
    """The same of each of several texts."""
    return tuple(unicode_text(context, parameter, text) for text in texts)
