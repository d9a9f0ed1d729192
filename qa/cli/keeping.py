"""The commands that keep a library safe: backup, restore, copy."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import click

from corpus.errors import KrakowQAError
from corpus.postgres.dsn import Dsn
from qa.cli.output import put
from qa.cli.place import LibraryPlace
from qa.places import Place
from qa.target import Target, progress


@click.command()
@click.argument("place", type=click.Path(path_type=Path), metavar="FILE|DIR")
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@click.option("--keep", type=click.IntRange(min=1), metavar="N", help="Delete all but the N newest backups in DIR.")
@click.pass_obj
def backup(target: Target, place: Path, force: bool, keep: int | None) -> None:
    """Write the library with all that belongs to it into one file, while others write and ask.

    In a folder the file is named after the time. The indexes are left out, since they are made anew.
    """
    from qa.audit import Act, Audit
    from qa.backup.making import back_up, drop_oldest

    if isinstance(target.place, Dsn):
        raise KrakowQAError(
            f"{target.place} is backed up by PostgreSQL's tools, and what belongs to it here lies in {target.folder};"
            " or copy it into a folder, and back up that: krakow-qa copy"
        )
    if keep is not None and not place.is_dir():
        raise KrakowQAError(f"{place} is no folder, and --keep looks after the backups in one. Make the folder first")
    file, manifest = back_up(target.folder, place, force=force)
    Audit(target.folder, target.who).record(Act.BACKUP, file.name)
    for old in drop_oldest(place, keep) if keep is not None else ():
        put(f"Deleted {old}")
    put(f"Backed up {_told(manifest.library.documents, manifest.library.generation)} to {file}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="BACKUP")
@click.option(
    "--purges-of",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="The library that is replaced; what was purged there since stays purged.",
)
@click.pass_obj
def restore(target: Target, file: Path, purges_of: Path | None) -> None:
    """Put a backup back as the library, which must not be there yet; nothing is ever written over."""
    from qa.accounts.database import FILE_NAME
    from qa.assembly import open_library
    from qa.audit import Act, Audit
    from qa.backup.restoring import restore as restore_library

    if isinstance(target.place, Dsn):
        raise KrakowQAError(
            f"A backup is restored into a folder, not into {target.place}. Give one, and copy it then: krakow-qa copy"
        )
    restored = restore_library(file, target.folder, None if purges_of is None else open_library(purges_of).purges())
    Audit(target.folder, target.who).record(Act.RESTORE, file.name)
    library, made_at = restored.manifest.library, restored.manifest.made_at
    put(f"Restored {_told(library.documents, library.generation)}, backed up at {made_at}, to {target.folder}")
    if restored.purged:
        put(f"Erased again what was purged since: {', '.join(restored.purged)}")
    if purges_of is None:
        put(
            "What was purged since is there again; --purges-of, with the library that knows of it, keeps it away",
            err=True,
        )
    if FILE_NAME in restored.manifest.members:
        put("Accounts and tokens are those of then; who was removed since is back: krakow-qa user list", err=True)


def _told(documents: int, generation: int) -> str:
    return f"{documents} {'document' if documents == 1 else 'documents'} (generation {generation})"


@click.command()
@click.argument("source", type=LibraryPlace(), metavar="SOURCE")
@click.argument("copy", type=LibraryPlace(), metavar="TARGET")
@click.pass_obj
def copy(target: Target, source: Place, copy: Place) -> None:
    """Copy a library into another place, a folder or the URL of a PostgreSQL database, and prove that it is the same.

    What was broken off is gone on with by the same command. Accounts, conversations and runs stay where they are.
    """
    from collections import Counter

    from corpus.moving import Outcome, copy_library
    from qa.assembly import make_like, open_library
    from qa.places import folder_of, is_made

    with closing(open_library(source, target.who)) as old:
        if not is_made(copy):
            make_like(copy, old.manifest)
        with closing(open_library(copy, target.who)) as new, progress("Copying") as on_document:
            total, outcomes = len(old.entries(withdrawn=True)), Counter[Outcome]()
            for done, copied in enumerate(copy_library(old, new), start=1):
                outcomes[copied.outcome] += 1
                if copied.outcome is Outcome.DIFFERS:
                    put(f"{copied.id} {copied.outcome.value}", err=True)
                on_document(copied.id, done, total)
    put(f"Copied {outcomes[Outcome.COPIED]} documents to {copy}; {outcomes[Outcome.SAME]} were there already")
    put(f"What belongs to a library beside its documents is not copied: it lies in {folder_of(source)}", err=True)
    if outcomes[Outcome.DIFFERS]:
        raise KrakowQAError(
            f"{outcomes[Outcome.DIFFERS]} documents differ, and were left alone. Purge them in {copy}, and copy again"
        )
