"""URLs as browsers read them: one parser decides which host is meant, and everything else asks it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ada_url import URL

from corpus.errors import FetchFailed

_LONGEST = 4000
_SHOWN = 200
_CREDENTIALS = re.compile(r"^([^/\\?#:@]*:)?([/\\]*)[^/\\?#]*@")


@dataclass(frozen=True, slots=True)
class WebUrl:
    """An http or https URL in its canonical form.

    ``host`` is in lower case and ASCII, without a final dot, and an IP is in its usual notation without brackets;
    ``authority`` is the host as the ``Host`` header says it; ``target`` is the path with the query.
    """

    scheme: str
    host: str
    port: int
    authority: str
    target: str

    def __str__(self) -> str:
        return f"{self.origin}{self.target}"

    @property
    def origin(self) -> str:
        """Scheme, host and port."""
        return f"{self.scheme}://{self.authority}"


def parse_url(text: str, base: WebUrl | None = None) -> WebUrl:
    """The URL written there, seen from ``base`` where it is relative; raises FetchFailed for what is not fetched."""
    if len(text) > _LONGEST:
        raise FetchFailed(f"the URL has {len(text)} characters, and at most {_LONGEST} are taken; check it")
    try:
        url = URL(text.strip(), None if base is None else str(base))
    except ValueError as error:
        raise FetchFailed("this is not a URL; write one as https://example.org/page") from error
    scheme = url.protocol.removesuffix(":")
    if scheme not in ("http", "https"):
        raise FetchFailed(f"{scheme} URLs are not fetched; give one that begins with https:// or http://")
    if url.username or url.password:
        raise FetchFailed("URLs with a user name or a password are not fetched; give it without them")
    name = url.hostname.removesuffix(".")
    if not name or name.startswith(".") or ".." in name:
        raise FetchFailed("this URL names no host; write one as https://example.org/page")
    port = f":{url.port}" if url.port else ""
    return WebUrl(
        scheme=scheme,
        host=name.strip("[]"),
        port=int(url.port) if url.port else {"http": 80, "https": 443}[scheme],
        authority=f"{name}{port}",
        target=f"{url.pathname}{url.search}",
    )


def shown(url: str) -> str:
    """A URL as an error shows it: one line, not too long, and without a password."""
    line = _CREDENTIALS.sub(r"\1\2", "".join(char if char.isprintable() else " " for char in url)).strip()
    return line if len(line) <= _SHOWN else f"{line[:_SHOWN]}…"
