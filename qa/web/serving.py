"""How the page is served: the settings of ``krakow-qa serve``."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import click

from qa.logs import LogFormat, LogLevel

_PORT = click.IntRange(0, 65535)


@dataclass(frozen=True, slots=True)
class Serving:
    """Where the page is, what is logged and measured, and how it ends.

    ``host``: The address that is listened on; one beyond this machine needs accounts.
    ``port``: The port of the page; 0 for any that is free.
    ``stop_s``: How many seconds running answers and batches may take to end after SIGTERM or Ctrl-C.
    ``log_format``: How events are written to standard error: a readable line each, or a JSON object.
    ``log_level``: The least that is logged; info has a line for each request.
    ``metrics_port``: Serve Prometheus metrics at /metrics of this port.
    ``metrics_host``: The address of that port.
    """

    host: str = "127.0.0.1"
    port: Annotated[int, _PORT] = 7860
    stop_s: float = 30.0
    log_format: LogFormat = LogFormat.TEXT
    log_level: LogLevel = LogLevel.WARNING
    metrics_port: Annotated[int | None, _PORT] = None
    metrics_host: str = "127.0.0.1"
