"""What the commands share: how they print, complain, take text, and look a document up."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from corpus.library import Entry, Library
    from corpus.model import Document

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def put(output: dict[str, Any] | str, *, err: bool = False) -> None:
    """Print a text, or an object as JSON."""
    if isinstance(output, dict):
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


def whole_document(library: Library, id: str) -> tuple[Document, Entry]:
    """The latest version of a document, and how it stands."""
    from corpus.model import Address, Span

    document = library.document(id)
    return library.resolve(Address.of(id, document.version, Span(0, len(document.text))))
