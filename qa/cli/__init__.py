"""The command line: arguments in, parts assembled, plain text or JSON out."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from click.core import ParameterSource

from corpus.errors import KrakowQAError
from qa.cli import adding, asking, auditing, corpus, evaluation, keeping, tools, users, verifying, working
from qa.cli.output import complain
from qa.cli.place import LibraryPlace
from qa.cli.settings import settings
from qa.configuration import FILE_NAME, FILE_VARIABLE, Setting, all_settings, read_configuration
from qa.places import Place
from qa.target import Target
from qa.threads import calm_threads

_INTERRUPTED = 130


def _default_folder() -> Path:
    from qa.assembly import default_folder

    return default_folder()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    envvar=FILE_VARIABLE,
    metavar="FILE",
    is_eager=True,
    expose_value=False,
    callback=read_configuration,
    help=f"A file of settings in TOML; {FILE_VARIABLE} or {FILE_NAME} of this user's configuration where left out.",
)
@click.option(
    "--library",
    cls=Setting,
    type=LibraryPlace(),
    default=_default_folder,
    show_default="a folder of this user's data",
    metavar="DIR|URL",
    help="The library: its folder, or the URL of a PostgreSQL database.",
)
@click.option(
    "--encoder",
    cls=Setting,
    show_default="the one that the library was made with",
    metavar="NAME",
    help="A sentence-transformers model: a folder or a hub name.",
)
@click.version_option(package_name="krakow-qa")
@click.pass_context
def cli(context: click.Context, library: Place, encoder: str | None) -> None:
    """Ask about the Krakow agreements and get the passages that answer, quoted exactly."""
    named = context.get_parameter_source("library") is ParameterSource.COMMANDLINE
    context.obj = Target(library, named, encoder)


for command in (
    *(asking.serve, asking.ask, asking.search, asking.suggest, verifying.verify, tools.mcp),
    *(corpus.init, adding.add, adding.fetch, corpus.catalogue, corpus.list_documents, corpus.show),
    *(adding.replace, adding.reread, corpus.withdraw, corpus.reinstate, corpus.purge, corpus.check, corpus.reencode),
    *(keeping.backup, keeping.restore, keeping.copy, working.queue, working.work),
    *(evaluation.evaluate, evaluation.compare, evaluation.report, evaluation.tune),
    *(users.user, auditing.audit),
):
    cli.add_command(command)
settings.params += [each for each in all_settings(cli).values() if each not in cli.params]
cli.add_command(settings)


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
