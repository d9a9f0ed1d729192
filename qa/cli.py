"""The command line: arguments in, parts assembled, plain text or JSON out."""

from __future__ import annotations

import json
import sys
from itertools import count
from pathlib import Path
from typing import Any

import click
from click.core import ParameterSource

from corpus.errors import KrakowQAError
from qa.settings import LEXICAL_READER, OUR_READER
from qa.target import Target, progress

LIBRARY_VARIABLE = "KRAKOW_QA_LIBRARY"

_INTERRUPTED = 130

as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
reader_option = click.option(
    "--reader",
    default=OUR_READER,
    show_default=True,
    metavar="NAME",
    help=f"{OUR_READER}, {LEXICAL_READER}, or a question-answering model: a folder or a hub name.",
)
strictness_option = click.option(
    "--strictness",
    type=click.FloatRange(0, 1),
    default=0.5,
    show_default=True,
    help="The wished share of false answers, 0 to 1; lower refuses more.",
)


def _unicode(context: click.Context, parameter: click.Parameter, text: str) -> str:
    """What was typed, with a question mark for each byte that is not of the terminal's encoding."""
    return text.encode(errors="replace").decode()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--library",
    type=click.Path(path_type=Path),
    envvar=LIBRARY_VARIABLE,
    metavar="DIR",
    help=f"The library's folder; {LIBRARY_VARIABLE} or a folder of this user's data where left out.",
)
@click.option("--encoder", metavar="NAME", help="A sentence-transformers model: a folder or a hub name.")
@click.version_option(package_name="krakow-qa")
@click.pass_context
def cli(context: click.Context, library: Path | None, encoder: str | None) -> None:
    """Ask about the Krakow agreements and get the passages that answer, quoted exactly."""
    from qa.assembly import default_folder

    named = context.get_parameter_source("library") is ParameterSource.COMMANDLINE
    context.obj = Target(library or default_folder(), named, encoder)


@cli.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="A loopback address.")
@click.option("--port", type=click.IntRange(0, 65535), default=7860, show_default=True)
@reader_option
@strictness_option
@click.pass_obj
def serve(target: Target, host: str, port: int, reader: str, strictness: float) -> None:
    """Open the chat as a web page on this machine."""
    from qa.web.server import bind, run

    socket = bind(host, port)
    with socket:
        parts = target.parts(make=True, reader=reader, strictness=strictness)
        _ = parts.answerer  # a reader that is not there is an error now, not at the first question
        run(parts, socket)


@cli.command()
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


@cli.command()
@click.argument("question", callback=_unicode)
@click.option("--quotes", type=click.IntRange(1, 5), default=5, show_default=True, help="The most quotes.")
@as_json
@reader_option
@strictness_option
@click.pass_obj
def ask(target: Target, question: str, *, quotes: int, as_json: bool, reader: str, strictness: float) -> None:
    """Answer a question with quotes, or say that the sources do not."""
    from qa.payload import answer_payload
    from qa.plain import answer_text

    parts = target.parts(reader=reader, strictness=strictness, quotes=quotes, closest=min(quotes, 3))
    answer = parts.answerer.ask(question)
    _print(answer_payload(answer) if as_json else answer_text(answer))


@cli.command()
@click.argument("query", callback=_unicode)
@click.option("-k", type=click.IntRange(1, 1000), default=10, show_default=True, help="How many passages.")
@as_json
@click.pass_obj
def search(target: Target, query: str, k: int, as_json: bool) -> None:
    """List the passages that fit a query best."""
    from qa.payload import hit_payload
    from qa.plain import hits_text

    hits = target.parts().retriever.search(query, k)
    _print({"hits": [hit_payload(hit) for hit in hits]} if as_json else hits_text(hits))


@cli.command()
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--if-changed",
    type=click.Choice(["replace", "keep", "fail"]),
    default="fail",
    show_default=True,
    help="What to do with a document that is there with another text.",
)
@as_json
@click.pass_obj
def add(target: Target, paths: tuple[Path, ...], if_changed: str, as_json: bool) -> None:
    """Add files (.md, .txt) and folders of them."""
    from corpus.reading import find_files
    from index.intake import IfChanged, Outcome
    from qa.payload import added_payload
    from qa.plain import added_text

    if not any(path.exists() for path in paths):
        raise KrakowQAError(f"There is no file at {', '.join(map(str, paths))}. Check the path")
    files = list(find_files(paths))
    if not files:
        raise KrakowQAError(f"There is no .md or .txt file in {', '.join(map(str, paths))}. Name another folder")
    parts = target.parts(make=True)
    results = []
    with progress("Adding") as on_document:
        for done, added in enumerate(parts.intake.add(files, IfChanged(if_changed)), start=1):
            results.append(added)
            on_document(added.path, done, len(files))
    parts.refresh()
    if as_json:
        _print({"results": [added_payload(added) for added in results]})
    else:
        for added in results:
            if added.outcome is not Outcome.FAILED:
                click.echo(added_text(added))
    failures = [added.error for added in results if added.error is not None]
    for error in failures:
        _complain(error)
    if failures:
        sys.exit(1)


@cli.command("list")
@as_json
@click.pass_obj
def list_documents(target: Target, as_json: bool) -> None:
    """List the documents."""
    from qa.payload import entry_payload
    from qa.plain import entries_text

    entries = target.library().entries()
    _print({"documents": [entry_payload(entry) for entry in entries]} if as_json else entries_text(entries))


@cli.command()
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
        _print(payload if as_json else resolved_text(payload, entry))
        return
    whole = library.document(place)
    document, entry = library.resolve(Address.of(place, whole.version, Span(0, len(whole.text))))
    _print({**entry_payload(entry), "text": document.text} if as_json else document_text(entry, document))


@cli.command()
@click.argument("id")
@click.pass_obj
def withdraw(target: Target, id: str) -> None:
    """Take a document out of answers; its history stays."""
    target.library().withdraw(id)
    click.echo(f"Withdrew {id}; its quotes still resolve, and adding it again brings it back")


@cli.command()
@as_json
@click.pass_obj
def check(target: Target, as_json: bool) -> None:
    """Prove that documents, passages, vectors and postings agree."""
    differences = target.parts().check()
    if as_json:
        _print({"agrees": not differences, "differences": differences})
    else:
        _print("\n".join(differences) or "Documents, passages, vectors and postings agree")
    if differences:
        raise KrakowQAError(
            f"The library at {target.folder} does not agree in {len(differences)} places."
            " Delete its keywords and vectors.* files to have them made anew, and check again"
        )


@cli.command()
@click.argument("set", metavar="SET", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--format", type=click.Choice(["auto", "jsonl", "squad"]), default="auto", show_default=True)
@click.option("--closed", is_flag=True, help="Hand the reader the paragraph of each question (squad).")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="Ask a sample of N questions.")
@click.option("--seed", type=int, default=0, show_default=True, help="Which sample.")
@as_json
@reader_option
@strictness_option
@click.pass_obj
def evaluate(target: Target, /, *, as_json: bool, reader: str, strictness: float, **task: Any) -> None:
    """Ask the questions of a set and score the answers.

    A set in our own format (.jsonl) is asked of the library; SQuAD (.json, .json.gz) of its own paragraphs.
    """
    from qa.evaluation.command import Format, Task, report_payload, report_text
    from qa.evaluation.command import evaluate as evaluate_set
    from qa.settings import Settings

    chosen = Task(**{**task, "format": Format(task["format"])})
    settings = Settings(reader=reader, strictness=strictness)
    with progress("Asking") as on_question:
        scored = evaluate_set(chosen, target, settings, on_question)
    _print(report_payload(chosen, settings, scored) if as_json else report_text(chosen, scored))


@cli.command()
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


def main() -> None:
    """Run the command line and leave with its exit code: 0 done, 1 the user's error, 2 usage, 130 interrupted."""
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted; what was finished stays", err=True)
        sys.exit(_INTERRUPTED)
    except KrakowQAError as error:
        _complain(str(error))
        sys.exit(1)


def _print(output: dict[str, Any] | str, *, err: bool = False) -> None:
    if isinstance(output, dict):
        output = json.dumps(output, ensure_ascii=False, indent=2)
    click.echo(output.encode(errors="replace").decode(), err=err)  # a file's name can hold bytes that are no text


def _complain(error: str) -> None:
    _print(f"krakow-qa: {' '.join(error.split())}", err=True)
