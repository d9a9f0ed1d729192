"""The command that serves models: mcp."""

from __future__ import annotations

import click

from qa.cli.asking import reader_option, strictness_option
from qa.configuration import settings_of
from qa.target import Target
from qa.web.limits import Limits


@click.command()
@click.option("--http", is_flag=True, help="Serve over HTTP; without it, on standard input and output.")
@click.option(
    "--host",
    default="127.0.0.1",
    show_default=True,
    help="The address for HTTP; one beyond this machine needs accounts.",
)
@click.option("--port", type=click.IntRange(0, 65535), default=7861, show_default=True, help="The port for HTTP.")
@click.option(
    "--name", "names", multiple=True, help="A name or address that programs reach this server by; repeatable."
)
@settings_of(Limits, "limits", "limits")
@reader_option
@strictness_option
@click.pass_obj
def mcp(
    target: Target,
    *,
    http: bool,
    host: str,
    port: int,
    names: tuple[str, ...],
    limits: Limits,
    reader: str,
    strictness: float | None,
) -> None:
    """Serve ask, search and show to models, by the Model Context Protocol."""
    import uvicorn

    from qa.accounts.store import Accounts
    from qa.interface import KrakowQA
    from qa.mcp.serving import config_of, over_http, over_stdio
    from qa.mcp.tools import Library
    from qa.web.admitting import admitted
    from qa.web.rights import MCP
    from qa.web.server import bind, shown

    library = Library(lambda: KrakowQA(target.renewed_parts(reader=reader, strictness=strictness)))
    if not http:
        over_stdio(library).run()
        return
    admission = admitted(Accounts(target.folder), host, names, None, is_open=False)
    with bind(host, port) as socket:
        address, bound = socket.getsockname()[:2]
        click.echo(f"MCP at http://{shown(address)}:{bound}{MCP} (Ctrl-C ends it)")
        uvicorn.Server(config_of(over_http(library, admission, limits))).run(sockets=[socket])
