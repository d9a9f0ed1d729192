"""Fetches one page or file at a time: polite to its site, bounded in everything, and from public hosts only."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from protego import Protego

from corpus.errors import FetchFailed, HostRefused
from corpus.fetching.connecting import Connect, Deadline, GuardedBackend, Resolve, system_connect, system_resolve
from corpus.fetching.exchange import AGENT, WITH_CONTENT, Answer, Hurdle, exchange
from corpus.fetching.naming import describe
from corpus.fetching.urls import WebUrl, parse_url, shown

_REDIRECTS = (301, 302, 303, 307, 308)
_TOO_MANY_REQUESTS = 429
_BUSY = (_TOO_MANY_REQUESTS, 502, 503, 504)
_MOST_BYTES_OF_ROBOTS = 2_000_000
_LONGEST_NUMBER = 12


@dataclass(frozen=True, slots=True)
class Limits:
    """What one fetch may take: ``total_s`` with all redirects and tries; no wait longer than ``wait_s`` is made."""

    connect_s: float = 10
    read_s: float = 20
    total_s: float = 120
    wait_s: float = 30
    most_bytes: int = 100_000_000
    redirects: int = 5
    retries: int = 2


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page or file: ``url`` after all redirects, and a suggested ``name`` that is never a path."""

    url: str
    data: bytes
    content_type: str
    name: str
    charset: str | None


class Fetcher:
    """Gets pages and files, and remembers what each site's robots.txt allows for as long as it lives.

    ``allow_private`` is for tests with servers on this machine and for nothing else.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        *,
        resolve: Resolve = system_resolve,
        connect: Connect = system_connect,
        sleep: Callable[[float], None] = time.sleep,
        allow_private: bool = False,
    ) -> None:
        self._limits = Limits() if limits is None else limits
        self._resolve = resolve
        self._connect = connect
        self._sleep = sleep
        self._allow_private = allow_private
        self._rules: dict[str, Protego | None] = {}

    def fetch(self, url: str) -> Fetched:
        """What is at the URL; raises FetchFailed, and HostRefused where a host is not a public one."""
        try:
            answer = self._page(parse_url(url), Deadline(self._limits.total_s))
        except FetchFailed as error:
            raise type(error)(f"{shown(url)}: {error}") from error
        headers = answer.headers
        said = describe(
            answer.url, headers.get("content-type", ""), headers.get("content-disposition", ""), answer.data
        )
        return Fetched(str(answer.url), answer.data, said.content_type, said.name, said.charset)

    def _page(self, url: WebUrl, deadline: Deadline) -> Answer:
        answer = self._follow(url, deadline, self._limits.most_bytes, heed_robots=True)
        if answer.status not in WITH_CONTENT:
            raise FetchFailed(_meaning(answer.status))
        return answer

    def _follow(self, url: WebUrl, deadline: Deadline, most_bytes: int, *, heed_robots: bool) -> Answer:
        seen = {url}
        for _ in range(self._limits.redirects + 1):
            if heed_robots:
                self._ask_robots(url, deadline)
            answer = self._ask(url, deadline, most_bytes)
            place = answer.headers.get("location")
            if answer.status not in _REDIRECTS or place is None:
                return answer
            try:
                url = parse_url(place, url)
            except FetchFailed as error:
                raise FetchFailed(f"it redirects to {shown(place)}: {error}") from error
            if url in seen:
                raise FetchFailed(f"it redirects in a circle, to {shown(str(url))} again; check it in a browser")
            seen.add(url)
        raise FetchFailed(f"it redirects more than {self._limits.redirects} times; give the URL where it ends")

    def _ask_robots(self, url: WebUrl, deadline: Deadline) -> None:
        """Raise FetchFailed unless the site's robots.txt lets this program get the URL."""
        if url.origin not in self._rules:
            self._rules[url.origin] = self._read_robots(url, deadline)
        rules = self._rules[url.origin]
        if rules is not None and not rules.can_fetch(str(url), AGENT):
            raise FetchFailed(
                f"{url.origin}/robots.txt asks programs not to get this page; save it in a browser and add the file"
            )

    def _read_robots(self, url: WebUrl, deadline: Deadline) -> Protego | None:
        """The rules of a site, None where it has none; a site that cannot say what it allows allows nothing (RFC 9309).

        An answer of 429 asks to be left alone for now and is no lack of rules. Failures are not remembered.
        """
        place = parse_url("/robots.txt", url)
        try:
            answer = self._follow(place, deadline, _MOST_BYTES_OF_ROBOTS, heed_robots=False)
        except HostRefused:
            raise
        except FetchFailed as error:
            raise FetchFailed(f"{place} cannot be read, so nothing is fetched from there: {error}") from error
        if answer.status in WITH_CONTENT:
            return Protego.parse(answer.data.decode("utf-8-sig", "replace"))
        if 400 <= answer.status < 500 and answer.status != _TOO_MANY_REQUESTS:
            return None
        raise FetchFailed(f"{place} cannot be read, so nothing is fetched from there: {_meaning(answer.status)}")

    def _ask(self, url: WebUrl, deadline: Deadline, most_bytes: int) -> Answer:
        """Ask, and ask again where the connection broke or the server is busy."""
        network = GuardedBackend(self._resolve, self._connect, deadline, allow_private=self._allow_private)
        limits = self._limits
        attempt = 0
        while True:
            wait_s = float(2**attempt)
            try:
                answer = exchange(url, network, connect_s=limits.connect_s, read_s=limits.read_s, most_bytes=most_bytes)
            except Hurdle:
                if attempt == limits.retries or wait_s > deadline.left_s():
                    raise
            else:
                wait_s = _asked_wait_s(answer.headers.get("retry-after", ""), wait_s)
                is_over = attempt == limits.retries or wait_s > min(limits.wait_s, deadline.left_s())
                if answer.status not in _BUSY or is_over:
                    return answer
            self._sleep(wait_s)
            attempt += 1


def _asked_wait_s(retry_after: str, otherwise_s: float) -> float:
    """How long a server asks to wait, in seconds or until a date; ``otherwise_s`` where it does not say."""
    if retry_after.isdecimal():
        return float(retry_after[:_LONGEST_NUMBER])
    try:
        date = parsedate_to_datetime(retry_after)
    except (ValueError, TypeError, OverflowError):
        return otherwise_s
    if date.tzinfo is None:
        date = date.replace(tzinfo=UTC)
    return max(0.0, (date - datetime.now(UTC)).total_seconds())


def _meaning(status: int) -> str:
    """A status that is no content, in words, with what to do."""
    if status in (404, 410):
        return f"there is no such page ({status}); check the URL"
    if status in (401, 402, 403, 407, 451):
        return f"the site does not give it to programs ({status}); save it in a browser and add the file"
    if status == _TOO_MANY_REQUESTS:
        return f"the site asks to be left alone for a while ({status}); try again later"
    if status >= 500:
        return f"the site has a fault ({status}); try again later"
    return f"the site answered without a page ({status}); check the URL in a browser"
