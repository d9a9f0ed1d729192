"""The commands by which several machines add the files of one library in PostgreSQL: queue, work."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import KrakowQAError
from corpus.postgres.dsn import Dsn
from qa.cli.output import complain, put
from qa.target import Target, progress

if TYPE_CHECKING:
    from corpus.library import Library
    from corpus.postgres.waiting import Waiting


@click.command()
@click.argument("places", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATH]...")
@click.option("--drop-failed", is_flag=True, help="Forget the files that could not be added.")
@click.pass_obj
def queue(target: Target, places: tuple[Path, ...], drop_failed: bool) -> None:
    """Put files, and those in folders and archives, into a library in PostgreSQL, to be added by krakow-qa work.

    Without a path it is told how many wait, and which could not be added.
    """
    from corpus.files import find_files

    waiting = _waiting_in(target, target.library())
    if drop_failed:
        waiting.drop(failed.origin for failed in waiting.failed())
    for file in find_files(places):
        try:
            waiting.put(file)
        except KrakowQAError as error:
            complain(str(error))
    for failed in waiting.failed():
        put(f"{failed.origin}: {failed.error}", err=True)
    put(f"{waiting.number()} files wait. Add them, on as many machines as you like: krakow-qa work")


@click.command()
@click.option(
    "--if-changed",
    type=click.Choice(["replace", "keep", "fail"]),
    default="fail",
    show_default=True,
    help="What to do with a document that is there with another text.",
)
@click.pass_obj
def work(target: Target, if_changed: str) -> None:
    """Add the files that wait in a library in PostgreSQL, beside any number of others who do the same."""
    from index.added import IfChanged, Outcome
    from index.working import work as work_on

    parts = target.parts()
    waiting = _waiting_in(target, parts.library)
    failed, done, total = 0, 0, waiting.number()
    with progress("Adding") as on_file:
        for done, added in enumerate(work_on(waiting, parts.intake, IfChanged(if_changed)), start=1):
            failed += added.outcome in {Outcome.FAILED, Outcome.CHANGED}
            on_file(added.path, done, max(done, total))
    parts.refresh()
    put(f"Dealt with {done} files")
    if failed:
        raise KrakowQAError(f"{failed} of {done} files were not added. See why: krakow-qa queue")


def _waiting_in(target: Target, library: Library) -> Waiting:
    """What waits in the target's library; raises KrakowQAError where it is none in PostgreSQL."""
    if isinstance(target.place, Dsn):
        from corpus.postgres.library import PostgresLibrary

        if isinstance(library, PostgresLibrary):
            return library.waiting
    raise KrakowQAError(f"{target.place} is a folder, and files wait in PostgreSQL alone. Add them: krakow-qa add")
