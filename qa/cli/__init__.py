"""The command line: arguments in, parts assembled, plain text or JSON out."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from click.core import ParameterSource

from corpus.errors import KrakowQAError
from qa.cli import adding, asking, corpus, evaluation, keeping
from qa.cli.output import complain
from qa.target import Target
from qa.threads import calm_threads

LIBRARY_VARIABLE = "KRAKOW_QA_LIBRARY"

_INTERRUPTED = 130


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


for command in (
    *(asking.serve, asking.ask, asking.search),
    *(corpus.init, adding.add, adding.fetch, corpus.catalogue, corpus.list_documents, corpus.show),
    *(adding.replace, adding.reread, corpus.withdraw, corpus.reinstate, corpus.purge, corpus.check, corpus.reencode),
    *(keeping.backup, keeping.restore),
    *(evaluation.evaluate, evaluation.compare, evaluation.report, evaluation.tune),
):
    cli.add_command(command)


def main() -> None:
    """Run the command line and leave with its exit code: 0 done, 1 the user's error, 2 usage, 130 interrupted."""
    calm_threads()
    try:
        cli(standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except (click.Abort, KeyboardInterrupt):
        click.echo("Interrupted; what was finished stays", err=True)
        sys.exit(_INTERRUPTED)
    except KrakowQAError as error:
        complain(str(error))
        sys.exit(1)
