"""The commands that bring documents in: add, fetch, replace."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import KrakowQAError
from qa.cli.output import as_json, complain, put
from qa.target import Target, progress

if TYPE_CHECKING:
    from corpus.files import File

_HANDFUL = 5
"""Of more files than these it is said how many they were and how long they took."""

_if_changed = click.option(
    "--if-changed",
    type=click.Choice(["replace", "keep", "fail"]),
    default="fail",
    show_default=True,
    help="What to do with a document that is there with another text.",
)
_dry_run = click.option("--dry-run", is_flag=True, help="Show what would be read, and store nothing.")
_no_originals = click.option("--no-originals", is_flag=True, help="Keep the text only, not the files beside it.")


@click.command()
@click.argument("places", nargs=-1, required=True, metavar="PATH|URL...")
@_if_changed
@_dry_run
@_no_originals
@as_json
@click.pass_obj
def add(target: Target, /, places: tuple[str, ...], **options: Any) -> None:
    """Add files, and those in folders and ZIP archives, and pages of the web.

    Read are PDF, Word, HTML, Markdown, plain text, ODT, EPUB and EML.
    """
    from corpus.fetching.files import fetch_files, is_url
    from corpus.fetching.web import Fetcher
    from corpus.files import find_files

    urls = [place for place in places if is_url(place)]
    paths = [Path(place) for place in places if not is_url(place)]
    if paths and not urls and not any(path.exists() for path in paths):
        raise KrakowQAError(f"There is no file at {', '.join(map(str, paths))}. Check the path")
    files = list(find_files(paths))
    if not files and not urls:
        raise KrakowQAError(f"There is no file in {', '.join(map(str, paths))} that can be read. Name another folder")
    fetched = fetch_files(((url, {}) for url in urls), Fetcher())
    _take_in(target, chain(files, fetched), len(files) + len(urls), **options)


@click.command()
@click.argument("ids", nargs=-1, metavar="ID...")
@click.option("--all", "everything", is_flag=True, help="All official and press sources.")
@_if_changed
@_dry_run
@_no_originals
@as_json
@click.pass_obj
def fetch(target: Target, /, ids: tuple[str, ...], *, everything: bool, **options: Any) -> None:
    """Bring public sources of the catalogue to this machine, and add them."""
    from corpus.catalogue import shipped_catalogue
    from corpus.fetching.files import catalogued, fetch_files
    from corpus.fetching.web import Fetcher

    if bool(ids) == everything:
        raise KrakowQAError("Name the sources to fetch, or all of them: krakow-qa fetch --all")
    wanted = list(catalogued(shipped_catalogue(), ids))
    _take_in(target, fetch_files(wanted, Fetcher()), len(wanted), **options)


@click.command()
@click.argument("id")
@click.argument("place", metavar="PATH|URL")
@_dry_run
@_no_originals
@as_json
@click.pass_obj
def replace(target: Target, /, id: str, place: str, **options: Any) -> None:
    """Make a file or a page of the web the new version of a document.

    What it does not say of itself (title, publisher, date and so on) stays as it was. Quotes of the old version still
    resolve.
    """
    from corpus.fetching.files import fetch_files, is_url
    from corpus.fetching.web import Fetcher
    from corpus.files import find_files
    from corpus.reading import as_version_of
    from qa.showing import whole_document

    _, entry = whole_document(target.library(), id)
    files = list(fetch_files([(place, {})], Fetcher()) if is_url(place) else find_files([Path(place)]))
    if len(files) != 1:
        raise KrakowQAError(f"{place} holds {len(files)} files. Name the one that takes the place of {id}")
    _take_in(target, [as_version_of(entry, file) for file in files], 1, if_changed="replace", **options)


@click.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@_dry_run
@as_json
@click.pass_obj
def reread(target: Target, /, ids: tuple[str, ...], **options: Any) -> None:
    """Read kept files again: those of the documents named, or all that an older parser read.

    What is known about a document stays; where its text comes out otherwise, that is a new version.
    """
    from corpus.reading import is_outdated, kept_file, original_name
    from qa.showing import whole_document

    library = target.library()
    wanted = [whole_document(library, id)[1] for id in ids] or [
        entry
        for entry in library.entries()
        if is_outdated(entry, original_name(entry)) and library.original_bytes(entry.provenance.file_digest) is not None
    ]
    files = [kept_file(entry, library) for entry in wanted]
    _take_in(target, files, len(files), if_changed="replace", no_originals=False, **options)
    if not files and not options["as_json"]:
        put("There is nothing to read again: no kept file was read by an older parser")


def _take_in(
    target: Target,
    files: Iterable[File],
    total: int,
    *,
    if_changed: str,
    dry_run: bool,
    no_originals: bool,
    as_json: bool,
) -> None:
    """Add files, say what became of each, and leave with 1 where one failed."""
    from index.intake import IfChanged
    from qa.payload import added_payload
    from qa.plain import added_in_all_text, added_text
    from qa.wording import passage_rate

    parts = target.parts(make=True)
    results = []
    passages, started = 0, time.monotonic()
    with progress("Reading" if dry_run else "Adding") as on_document:
        intake = parts.intake
        reading = (
            intake.preview(files)
            if dry_run
            else intake.add(files, IfChanged(if_changed), keep_originals=not no_originals)
        )
        for done, added in enumerate(reading, start=1):
            results.append(added)
            passages += added.passages
            rate = passage_rate(passages / max(time.monotonic() - started, 1e-3))
            on_document(rate or added.path, done, total)
    seconds = time.monotonic() - started
    parts.refresh()
    if as_json:
        put({"results": [added_payload(added) for added in results]})
    else:
        for added in results:
            if added.error is None:
                put(added_text(added))
    if len(results) > _HANDFUL and passages and not dry_run:
        put(added_in_all_text(results, seconds), err=True)
    failures = [added.error for added in results if added.error is not None]
    for error in failures:
        complain(error)
    if failures:
        sys.exit(1)
