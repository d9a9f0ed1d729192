"""Serves the page on an address, before its library is open."""

from __future__ import annotations

import ipaddress
import socket

import click
import uvicorn

from corpus.errors import KrakowQAError
from qa.web.admission import Admission
from qa.web.opening import Opening


class CannotServe(KrakowQAError):
    """An address that the page cannot be served on."""


Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def address_of(host: str) -> Address:
    """The address that is written so; raises CannotServe."""
    try:
        return ipaddress.ip_address("127.0.0.1" if host == "localhost" else host)
    except ValueError as error:
        raise CannotServe(f"{host!r} is not an IP address. Use --host 127.0.0.1") from error


def bind(host: str, port: int) -> socket.socket:
    """A listening socket; raises CannotServe where it is no address of this machine, or the port is taken."""
    address = address_of(host)
    family = socket.AF_INET6 if address.version == 6 else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind((str(address), port))
        listening.listen()
    except OSError as error:
        listening.close()
        raise CannotServe(
            f"Port {port} of {host} cannot be used ({error.strerror})."
            " Give another one, or 0 for any that is free: krakow-qa serve --port 0"
        ) from error
    return listening


def run(opening: Opening, listening: socket.socket, admission: Admission) -> None:
    """Serve until interrupted, running answers ending first; raises what hinders the library from being opened."""
    _Server(opening, served(opening, "warning", admission)).run(sockets=[listening])
    if opening.failure is not None:
        raise opening.failure


def served(opening: Opening, log_level: str, admission: Admission) -> uvicorn.Config:
    """How the page is served; it is made in the server's own event loop, since gradio makes another where none runs.

    What proxies say of a request is not uvicorn's to believe: it would believe whoever is on this machine.
    """
    from qa.web.app import create_app

    return uvicorn.Config(
        lambda: create_app(opening, admission),
        factory=True,
        log_level=log_level,
        timeout_graceful_shutdown=5,
        proxy_headers=False,
    )


class _Server(uvicorn.Server):
    """Says where the page is as soon as it is there, has the library opened then, and ends where that fails.

    Both at once would take as long in all, and nobody would see the page before the end: what takes time is importing,
    which one thread at a time can do.
    """

    def __init__(self, opening: Opening, config: uvicorn.Config) -> None:
        super().__init__(config)
        self._opening = opening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            host, port = listening.getsockname()[:2]
            shown = f"[{host}]" if ":" in host else host
            click.echo(f"Ask at http://{shown}:{port} (Ctrl-C ends it)")
        self._opening.begin()

    async def on_tick(self, counter: int) -> bool:
        return await super().on_tick(counter) or self._opening.failure is not None

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._opening.stop()
        await super().shutdown(sockets)
