"""Which library a command works on: opened, or made first where that is allowed."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from qa.acting import Who, at_the_command_line
from qa.places import Place, folder_of, is_made

if TYPE_CHECKING:
    from corpus.library import Library
    from index.encoder import Encoder
    from qa.assembly import OnDocument, Parts


def _tell_nobody(name: str, done: int, total: int) -> None:
    pass


@dataclass(frozen=True, slots=True)
class Target:
    """Which library a command works on; ``named`` tells that the user gave ``--library``, ``who`` who changes it."""

    place: Place
    named: bool
    encoder: str | None
    who: Who = at_the_command_line

    def library(self) -> Library:
        """The library alone; the default one is made where it is missing."""
        from qa.assembly import open_library

        if not self.named:
            self._make()
        return open_library(self.place, self.who)

    def parts(self, *, make: bool = False, on_document: OnDocument = _tell_nobody, **settings: Any) -> Parts:
        """The library and all that works on it; ``make`` makes a named one too, and ``on_document`` is told of that.

        ``settings`` that are None are those that the library keeps, or the defaults.
        """
        from qa.assembly import assemble, load_encoder, open_library
        from qa.settings import Settings

        encoder = self._make(on_document) if make or not self.named else None
        library = open_library(self.place, self.who)
        chosen = Settings.chosen(settings, library.settings())
        return assemble(library, self.folder, encoder or load_encoder(self.encoder, library), chosen)

    def renewed_parts(self, *, make: bool = False, on_document: OnDocument = _tell_nobody, **settings: Any) -> Parts:
        """The same, after the briefs that an upgrade has changed were replaced, which is said."""
        from qa.renewal import renew_briefs

        parts = self.parts(make=make, on_document=on_document, **settings)
        renewed = renew_briefs(parts)
        done = [added.id for added in renewed if added.id is not None]
        if done:
            click.echo(
                f"Our briefs have changed; new versions of {', '.join(done)} are in the library,"
                " and quotes from the old ones still resolve",
                err=True,
            )
        for added in renewed:
            if added.error is not None:
                click.echo(f"krakow-qa: {added.error}", err=True)
        return parts

    def load_encoder(self) -> Encoder:
        """The encoder that was asked for, or the default one."""
        from qa.assembly import load_encoder

        return load_encoder(self.encoder)

    @property
    def folder(self) -> Path:
        """Where what belongs to the library is kept; raises LibraryNotFound where it is in a database and not made."""
        return folder_of(self.place)

    @property
    def is_made(self) -> bool:
        """Whether there is a library; raises LibraryError where a database cannot be reached."""
        return is_made(self.place)

    def _make(self, on_document: OnDocument = _tell_nobody) -> Encoder | None:
        """Make the library unless it is there; the encoder where one was loaded for it."""
        if self.is_made:
            return None
        from qa.assembly import ensure_library, load_encoder

        encoder = load_encoder(self.encoder)
        with progress("Making the library", on_document) as on_brief:
            made = ensure_library(self.place, encoder, on_brief)
        if made:
            click.echo(f"Made a library with our briefs at {self.place}", err=True)
        return encoder


@contextmanager
def progress(label: str, told: OnDocument = _tell_nobody) -> Iterator[OnDocument]:
    """A progress bar with an estimate on standard error; nothing is drawn where that is no terminal.

    ``told`` is called at each step too.
    """
    bar: Any = None

    def on_document(name: str, done: int, total: int) -> None:
        nonlocal bar
        told(name, done, total)
        if not sys.stderr.isatty():
            return
        if bar is None:
            bar = click.progressbar(
                length=total, label=label, file=sys.stderr, show_pos=True, item_show_func=lambda name: name
            )
            bar.__enter__()
        bar.update(done - bar.pos, name)  # a run that is gone on with begins later
        if done == total:
            bar.__exit__(None, None, None)
            bar = None

    try:
        yield on_document
    finally:
        if bar is not None:
            bar.__exit__(None, None, None)
