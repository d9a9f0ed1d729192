"""Serves the chat on a loopback address."""

from __future__ import annotations

import ipaddress
import socket

import click

from corpus.errors import KrakowQAError
from qa.assembly import Parts


class CannotServe(KrakowQAError):
    """An address that the page cannot be served on."""


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; raises CannotServe unless the host is a loopback address and the port is free."""
    try:
        address = ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise CannotServe(f"{host!r} is not an IP address. Use --host 127.0.0.1") from error
    if not address.is_loopback:
        raise CannotServe(
            f"{host} can be reached from other machines, and there are no accounts yet to protect it."
            " Use --host 127.0.0.1"
        )
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((str(address), port))
    except OSError as error:
        listening.close()
        raise CannotServe(
            f"Port {port} of {host} cannot be used ({error.strerror})."
            f" Give another one: krakow-qa serve --port {port + 1}"
        ) from error
    listening.listen()
    return listening


def run(parts: Parts, listening: socket.socket) -> None:
    """Serve until interrupted; running answers end first."""
    import uvicorn

    from qa.web.app import create_app

    host, port = listening.getsockname()[:2]
    shown = f"[{host}]" if ":" in host else host
    click.echo(f"Ask at http://{shown}:{port} (Ctrl-C ends it)")
    config = uvicorn.Config(create_app(parts), log_level="warning", timeout_graceful_shutdown=5)
    uvicorn.Server(config).run(sockets=[listening])
