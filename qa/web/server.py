"""Serves the page on an address, before its library is open."""

from __future__ import annotations

import ipaddress
import logging
import os
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from types import FrameType

import click
import uvicorn

from corpus.errors import KrakowQAError
from qa.logs import logs_to
from qa.web.admission import Admission
from qa.web.limits import DEFAULT_LIMITS, Limits
from qa.web.metrics import served_metrics
from qa.web.opening import Opening, Stopped
from qa.web.serving import Serving

_QUIET_TICKS = 4
"""Ticks of 0.1 s: a page that has sent a question opens the stream of its answer only then."""

_log = logging.getLogger(__name__)


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
    # With the protocol named, since asyncio only then sends at once; each event of the page would wait 40 ms otherwise.
    listening = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
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


def run(opening: Opening, listening: socket.socket, admission: Admission, serving: Serving, limits: Limits) -> None:
    """Serve until SIGTERM or SIGINT, running answers and batches ending first.

    Raises CannotServe, and what hinders the library from being opened.
    """
    with logs_to(sys.stderr, serving.log_format, serving.log_level), _metrics(opening, serving):
        config = served(opening, serving.log_level, admission, limits)
        _Server(opening, config, serving.stop_s).run(sockets=[listening])
    if opening.failure is not None and not isinstance(opening.failure, Stopped):
        raise opening.failure


def served(opening: Opening, log_level: str, admission: Admission, limits: Limits = DEFAULT_LIMITS) -> uvicorn.Config:
    """How the page is served; it is made in the server's own event loop, since gradio makes another where none runs.

    What proxies say of a request is not uvicorn's to believe: it would believe whoever is on this machine.
    """
    from qa.web.app import create_app

    return uvicorn.Config(
        lambda: create_app(opening, admission, limits),
        factory=True,
        log_config=None,
        log_level=log_level,
        access_log=False,
        timeout_graceful_shutdown=5,
        proxy_headers=False,
    )


@contextmanager
def _metrics(opening: Opening, serving: Serving) -> Iterator[None]:
    with ExitStack() as stack:
        if serving.metrics_port is not None:
            try:
                port = stack.enter_context(served_metrics(opening.metrics, serving.metrics_host, serving.metrics_port))
            except OSError as error:
                raise CannotServe(
                    f"Port {serving.metrics_port} of {serving.metrics_host} cannot be used for metrics"
                    f" ({error.strerror}). Give another one: krakow-qa serve --metrics-port"
                ) from error
            click.echo(f"Metrics at http://{shown(serving.metrics_host)}:{port}/metrics")
        yield


class _Server(uvicorn.Server):
    """Says where the page is as soon as it is there, has the library opened then, and ends where that fails.

    Both at once would take as long in all, and nobody would see the page before the end: what takes time is importing,
    which one thread at a time can do.

    At the first signal it takes nothing new and ends what is in hand, at the second it leaves at once.
    """

    def __init__(self, opening: Opening, config: uvicorn.Config, stop_s: float) -> None:
        super().__init__(config)
        self._opening = opening
        self._stop_s = stop_s
        self._signalled = False
        self._quiet_ticks = 0

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listening in sockets or ():
            host, port = listening.getsockname()[:2]
            click.echo(f"Ask at http://{shown(host)}:{port} (Ctrl-C ends it)")
        self._opening.begin()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Locks are left to the next tick: whatever this has interrupted may hold them.
        if self._signalled:
            os._exit(128 + sig)
        self._signalled = True

    async def on_tick(self, counter: int) -> bool:
        failed = self._opening.failure is not None
        return await super().on_tick(counter) or failed or (self._signalled and self._is_drained())

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._opening.stop()
        self._opening.work.end()
        await super().shutdown(sockets)

    def _is_drained(self) -> bool:
        """Whether nothing has been in hand for some ticks; until then nothing more is begun."""
        work = self._opening.work
        if not work.stopping:
            _log.info("being stopped, within %g s", self._stop_s)
            leaving = threading.Timer(self._stop_s, self._leave)
            leaving.daemon = True
            leaving.start()
        self._opening.stop()
        self._quiet_ticks = 0 if work.is_busy else self._quiet_ticks + 1
        return self._quiet_ticks > _QUIET_TICKS

    def _leave(self) -> None:
        """Leave with what is still in hand: all that is stored is stored whole."""
        _log.warning("left after %g s, with work in hand", self._stop_s)
        sys.stderr.flush()
        os._exit(0)


def shown(host: str) -> str:
    """A host as a URL has it."""
    return f"[{host}]" if ":" in host else host
