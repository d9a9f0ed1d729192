"""The commands that look after the corpus: init, catalogue, list, show, withdraw, reinstate, purge, check, reencode."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

from corpus.errors import KrakowQAError
from qa.cli.output import as_json, put
from qa.target import Target, progress

if TYPE_CHECKING:
    from corpus.library import Entry, Library


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
            target.place,
            load_encoder(target.encoder),
            empty=empty,
            passage_tokens=None if whole_documents else passage_tokens,
            on_document=on_document,
        )
    click.echo(f"Made {'an empty library' if empty else 'a library with our briefs'} at {target.place}")


@click.command()
@as_json
@click.pass_obj
def catalogue(target: Target, as_json: bool) -> None:
    """List the public sources that the briefs rest on, each with the id by which it is fetched."""
    from corpus.catalogue import held_sources, shipped_catalogue
    from qa.payload import source_payload
    from qa.plain import catalogue_text

    sources = shipped_catalogue()
    held = held_sources(sources, target.library().entries() if target.is_made else [])
    if as_json:
        put({"sources": [source_payload(source, held) for source in sources.values()]})
    else:
        put(catalogue_text(list(sources.values()), held))


@click.command("list")
@click.option("--withdrawn", is_flag=True, help="Those too that were taken out of answers.")
@as_json
@click.pass_obj
def list_documents(target: Target, withdrawn: bool, as_json: bool) -> None:
    """List the documents."""
    from qa.payload import entry_payload
    from qa.plain import entries_text

    entries = target.library().entries(withdrawn=withdrawn)
    put({"documents": [entry_payload(entry) for entry in entries]} if as_json else entries_text(entries))


@click.command()
@click.argument("place", metavar="ADDRESS|ID")
@click.option(
    "--original", type=click.Path(path_type=Path), metavar="FILE", help="Write the file that it was read from there."
)
@as_json
@click.pass_obj
def show(target: Target, place: str, original: Path | None, as_json: bool) -> None:
    """Show the text at an address, or a whole document."""
    from qa.payload import resolved_payload, shown_payload
    from qa.plain import document_text, resolved_text
    from qa.showing import show as shown_in

    shown = shown_in(target.library(), place)
    if as_json:
        put(shown_payload(shown))
    elif shown.address is not None:
        put(resolved_text(resolved_payload(shown.address, shown.document, shown.entry), shown.entry))
    else:
        put(document_text(shown.entry, shown.document, shown.copies))
    if original is not None:
        _write_original(target.library(), shown.entry, original)


def _write_original(library: Library, entry: Entry, file: Path) -> None:
    data = library.original(entry.provenance.file_digest)
    if data is None:
        raise KrakowQAError(
            f"The file of {entry.id} was not kept. Get it where it came from: {entry.provenance.origin}"
        )
    try:
        with file.open("xb") as new:
            new.write(data)
    except OSError as error:
        raise KrakowQAError(f"{file} cannot be written ({error.strerror}). Name another file") from error


@click.command()
@click.argument("id")
@click.pass_obj
def withdraw(target: Target, id: str) -> None:
    """Take a document out of answers; its history stays."""
    target.library().withdraw(id)
    click.echo(f"Withdrew {id}; its quotes still resolve, and adding it again brings it back")


@click.command()
@click.argument("id")
@click.pass_obj
def reinstate(target: Target, id: str) -> None:
    """Bring a withdrawn document back, from its stored text."""
    parts = target.parts()
    passages = parts.intake.reinstate(id)
    parts.refresh()
    click.echo(f"Reinstated {id} ({passages} {'passage' if passages == 1 else 'passages'}); it answers again")


@click.command()
@click.argument("id")
@click.option("--yes", is_flag=True, help="Do not ask whether it is meant.")
@click.pass_obj
def purge(target: Target, id: str, yes: bool) -> None:
    """Erase a document with its history, its file, and everything made from it."""
    from qa.wording import purged

    parts = target.parts()
    entry = parts.library.entry(id)
    if entry is not None and not yes:
        click.confirm(
            f"Erase {id} ({entry.source.title}) with all its versions? Its quotes cannot be checked then", abort=True
        )
    click.echo(purged(id, parts.purge(id)))


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
            f"The library at {target.place} does not agree in {len(differences)} places."
            " Delete the keywords and vectors.* files in {target.folder} to have them made anew, and check again"
        )


@click.command()
@click.pass_obj
def reencode(target: Target) -> None:
    """Cut and encode all documents anew, with the encoder of --encoder or the default one."""
    from index.reencoding import reencode as reencode_library
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
