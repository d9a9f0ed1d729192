"""Connections to checked IPs only: a name is resolved once, every answer checked, and a checked one connected to."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpcore

from corpus.errors import FetchFailed
from corpus.fetching.guard import IP, parse_ip, public_ips, refuse_local_name

Resolve = Callable[[str, int], Sequence[str]]
"""From the name of a host and a port to IPs, as text; raises ``socket.gaierror``."""
Connect = Callable[[str, int, float], httpcore.NetworkStream]
"""From an IP, a port and a time limit in seconds to a stream; raises what httpcore raises."""

_MOST_IPS_TRIED = 4


def system_resolve(host: str, port: int) -> list[str]:
    """The answers of the system's resolver, in its order of preference."""
    return [str(answer[4][0]) for answer in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]


def system_connect(ip: str, port: int, timeout_s: float) -> httpcore.NetworkStream:
    """A TCP connection."""
    return httpcore.SyncBackend().connect_tcp(ip, port, timeout_s)


class Deadline:
    """The moment by which one fetch has to be done."""

    def __init__(self, total_s: float) -> None:
        self._total_s = total_s
        self._end = time.monotonic() + total_s

    def left_s(self, most_s: float | None = None) -> float:
        """The seconds that are left, at most ``most_s``; raises FetchFailed where there are none."""
        left = self._end - time.monotonic()
        if left <= 0:
            raise FetchFailed(f"it took longer than {self._total_s:g} s; try again later, or save it and add the file")
        return left if most_s is None else min(left, most_s)

    @contextmanager
    def names_the_cause(self) -> Iterator[None]:
        """A step that timed out because the deadline was reached raises FetchFailed, as every later step would."""
        try:
            yield
        except httpcore.TimeoutException:
            self.left_s()
            raise


class GuardedBackend(httpcore.NetworkBackend):
    """The network as httpcore sees it, without any host that is not public, and with one deadline over everything.

    httpcore goes on to check the certificate against the name and not against the IP.
    """

    def __init__(self, resolve: Resolve, connect: Connect, deadline: Deadline, *, allow_private: bool = False) -> None:
        self._resolve = resolve
        self._connect = connect
        self._deadline = deadline
        self._allow_private = allow_private

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        """Connect to the first of the host's IPs that takes the connection; raises HostRefused and FetchFailed."""
        failure: Exception = httpcore.ConnectError("no IP")
        for ip in self._ips(host, port)[:_MOST_IPS_TRIED]:
            try:
                return _TimedStream(self._connect(str(ip), port, self._deadline.left_s(timeout)), self._deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    def _ips(self, host: str, port: int) -> tuple[IP, ...]:
        literal = parse_ip(host)
        if literal is not None:
            answers: Sequence[str] = (host,)
        else:
            if not self._allow_private:
                refuse_local_name(host)
            answers = self._answers(host, port)
        if self._allow_private:
            return tuple(ip for ip in map(parse_ip, answers) if ip is not None)
        return public_ips(host, answers)

    def _answers(self, host: str, port: int) -> Sequence[str]:
        try:
            return self._resolve(host, port)
        except socket.gaierror as error:
            if error.errno == socket.EAI_AGAIN:
                raise httpcore.ConnectError(f"the name {host} cannot be looked up now") from error
            raise FetchFailed(f"there is no host named {host}; check the URL") from error
        except UnicodeError as error:
            raise FetchFailed(f"{host} cannot be the name of a host; check the URL") from error


class _TimedStream(httpcore.NetworkStream):
    """A stream whose every step also ends at the deadline, so that a server which drips cannot hold it open."""

    def __init__(self, stream: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._stream = stream
        self._deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with self._deadline.names_the_cause():
            return self._stream.read(max_bytes, self._deadline.left_s(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        with self._deadline.names_the_cause():
            self._stream.write(buffer, self._deadline.left_s(timeout))

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        with self._deadline.names_the_cause():
            secured = self._stream.start_tls(ssl_context, server_hostname, self._deadline.left_s(timeout))
        return _TimedStream(secured, self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)
