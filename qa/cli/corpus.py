"""The commands that look after the corpus: init, add, fetch, list, show, withdraw, purge, check, reencode."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from itertools import chain, count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import KrakowQAError
from qa.cli.output import as_json, complain, put
from qa.target import Target, progress

if TYPE_CHECKING:
    from corpus.files import File


@click.command()
@click.option("--empty", is_flag=True, help="Leave our briefs out.")
@click.option("--passage-tokens", type=click.IntRange(min=16), default=128, show_default=True)
@click.option("--whole-documents", is_flag=True, help="Make each document one passage.")
@click.pass_obj
def init(target: Target, empty: bool, passage_tokens: int, whole_documents: bool) -> None:
    """Make a library, holding our briefs."""
    from qa.assembly import load_encoder, make_library

    with progress("Making the library") as on_document:
        make_library(
            target.folder,
            load_encoder(target.encoder),
            empty=empty,
            passage_tokens=None if whole_documents else passage_tokens,
            on_document=on_document,
        )
    click.echo(f"Made {'an empty library' if empty else 'a library with our briefs'} at {target.folder}")


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
@click.pass_obj
def catalogue(target: Target) -> None:
    """List the public sources that the briefs rest on, each with the id by which it is fetched."""
    from corpus.catalogue import shipped_catalogue

    entries = shipped_catalogue().values()
    width = max(len(entry.id) for entry in entries)
    put("\n".join(f"{entry.id:<{width}}  {entry.mark.value:<8}  {entry.publisher}: {entry.title}" for entry in entries))


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
    from index.intake import IfChanged, Outcome
    from qa.payload import added_payload
    from qa.plain import added_text

    parts = target.parts(make=True)
    results = []
    with progress("Reading" if dry_run else "Adding") as on_document:
        intake = parts.intake
        reading = (
            intake.preview(files)
            if dry_run
            else intake.add(files, IfChanged(if_changed), keep_originals=not no_originals)
        )
        for done, added in enumerate(reading, start=1):
            results.append(added)
            on_document(added.path, done, total)
    parts.refresh()
    if as_json:
        put({"results": [added_payload(added) for added in results]})
    else:
        for added in results:
            if added.outcome is not Outcome.FAILED:
                put(added_text(added))
    failures = [added.error for added in results if added.error is not None]
    for error in failures:
        complain(error)
    if failures:
        sys.exit(1)


@click.command("list")
@as_json
@click.pass_obj
def list_documents(target: Target, as_json: bool) -> None:
    """List the documents."""
    from qa.payload import entry_payload
    from qa.plain import entries_text

    entries = target.library().entries()
    put({"documents": [entry_payload(entry) for entry in entries]} if as_json else entries_text(entries))


@click.command()
@click.argument("place", metavar="ADDRESS|ID")
@as_json
@click.pass_obj
def show(target: Target, place: str, as_json: bool) -> None:
    """Show the text at an address, or a whole document."""
    from corpus.model import Address, Span
    from qa.payload import entry_payload, resolved_payload
    from qa.plain import document_text, resolved_text

    library = target.library()
    if "@" in place:
        address = Address.parse(place)
        document, entry = library.resolve(address)
        payload = resolved_payload(address, document, entry)
        put(payload if as_json else resolved_text(payload, entry))
        return
    whole = library.document(place)
    document, entry = library.resolve(Address.of(place, whole.version, Span(0, len(whole.text))))
    copies = library.copies_of(document)
    near = [{"id": copy.id, "share": round(copy.share, 3)} for copy in copies]
    payload = {**entry_payload(entry), "copies": near, "text": document.text}
    put(payload if as_json else document_text(entry, document, copies))


@click.command()
@click.argument("id")
@click.pass_obj
def withdraw(target: Target, id: str) -> None:
    """Take a document out of answers; its history stays."""
    target.library().withdraw(id)
    click.echo(f"Withdrew {id}; its quotes still resolve, and adding it again brings it back")


@click.command()
@click.argument("id")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@click.pass_obj
def purge(target: Target, id: str, yes: bool) -> None:
    """Erase a document with its history, its file, and everything made from it."""
    parts = target.parts()
    entry = parts.library.entry(id)
    if entry is not None and not yes:
        click.confirm(
            f"Erase {id} ({entry.source.title}) with all its versions? Its quotes cannot be checked then", abort=True
        )
    parts.purge(id)
    click.echo(f"Purged {id}; its addresses now say so")


@click.command()
@as_json
@click.pass_obj
def check(target: Target, as_json: bool) -> None:
    """Prove that documents, passages, vectors and postings agree."""
    differences = target.parts().check()
    if as_json:
        put({"agrees": not differences, "differences": differences})
    else:
        put("\n".join(differences) or "Documents, passages, vectors and postings agree")
    if differences:
        raise KrakowQAError(
            f"The library at {target.folder} does not agree in {len(differences)} places."
            " Delete its keywords and vectors.* files to have them made anew, and check again"
        )


@click.command()
@click.pass_obj
def reencode(target: Target) -> None:
    """Cut and encode all documents anew, with the encoder of --encoder or the default one."""
    from index.intake import reencode as reencode_library
    from qa.assembly import load_encoder

    library = target.library()
    encoder = load_encoder(target.encoder)
    total, done = len(library.entries()), count(1)
    with progress("Encoding") as on_document:
        reencode_library(
            library,
            encoder,
            library.manifest.passage_tokens,
            lambda id: on_document(id, next(done), total),
        )
    click.echo(f"Encoded {total} documents with {encoder.name}")
