"""One request and its answer over a guarded connection, without cookies, proxies or credentials of any kind."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version

import httpcore

from corpus.errors import FetchFailed
from corpus.fetching.connecting import GuardedBackend
from corpus.fetching.unpacking import ACCEPTED, too_large, unpack
from corpus.fetching.urls import WebUrl

AGENT = "krakow-qa"
"""How rules for robots name this program."""

WITH_CONTENT = (200, 203)

_HURDLES = (httpcore.NetworkError, httpcore.ConnectTimeout, httpcore.RemoteProtocolError)


class Hurdle(FetchFailed):
    """A failure that may be gone at the next try; that a server is slow to answer is not one."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: ``headers`` by their names in lower case, and ``data`` unpacked, where the status has any."""

    url: WebUrl
    status: int
    headers: Mapping[str, str]
    data: bytes


def exchange(url: WebUrl, network: GuardedBackend, *, connect_s: float, read_s: float, most_bytes: int) -> Answer:
    """Ask once; raises FetchFailed, or Hurdle where asking again may help.

    httpcore is what httpx stands on. Used alone it keeps no cookies, follows no redirect, and reads neither proxies nor
    credentials from the environment, so that nothing of this has to be switched off.
    """
    limits = {"connect": connect_s, "read": read_s, "write": read_s, "pool": connect_s}
    asked = httpcore.URL(scheme=url.scheme, host=url.host, port=url.port, target=url.target)
    try:
        with (
            httpcore.ConnectionPool(network_backend=network, max_keepalive_connections=0) as pool,
            pool.stream("GET", asked, headers=_headers(url), extensions={"timeout": limits}) as response,
        ):
            return _answer(url, response, most_bytes)
    except (httpcore.NetworkError, httpcore.TimeoutException, httpcore.ProtocolError) as error:
        raise _failure(error) from error


def _answer(url: WebUrl, response: httpcore.Response, most_bytes: int) -> Answer:
    headers = {_text(name).lower(): _text(value) for name, value in reversed(response.headers)}
    if response.status not in WITH_CONTENT:
        return Answer(url, response.status, headers, b"")
    length = headers.get("content-length", "")
    if length.isdecimal() and len(length) < 20 and int(length) > most_bytes:
        raise too_large(most_bytes)
    data = unpack(response.iter_stream(), headers.get("content-encoding", ""), most_bytes)
    return Answer(url, response.status, headers, data)


def _failure(error: Exception) -> FetchFailed:
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return FetchFailed(f"its certificate is not valid ({cause.verify_message}); check the URL in a browser")
        cause = cause.__cause__ or cause.__context__
    kind = Hurdle if isinstance(error, _HURDLES) else FetchFailed
    if isinstance(error, httpcore.TimeoutException):
        return kind("the server did not answer in time; try again later")
    if isinstance(error, httpcore.ProtocolError):
        return kind("the server's answer is not proper HTTP; check the URL in a browser")
    said = " ".join(str(error).split()) or "the connection broke"
    return kind(f"it cannot be reached ({said[:200]}); check the URL, or try again later")


def _headers(url: WebUrl) -> dict[bytes | str, bytes | str]:
    return {
        "Host": url.authority,
        "User-Agent": f"{AGENT}/{version('krakow-qa')}",
        "Accept": "text/html,application/xhtml+xml,application/pdf,*/*;q=0.8",
        "Accept-Encoding": ACCEPTED,
        "Connection": "close",
    }


def _text(value: bytes) -> str:
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("latin-1")
