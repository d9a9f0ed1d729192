"""Who sends a request: one at home, one who signed in, a program with a token, or one whom a proxy vouches for."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection

from qa.accounts.model import AT_HOME, Role, User
from qa.accounts.rows import normal
from qa.accounts.store import Accounts

Scope = Any
"""An ASGI scope of a request."""

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
"""What this machine is called by itself."""

_FORWARDED = ("forwarded", "x-forwarded-for", "x-forwarded-proto", "x-forwarded-host", "x-forwarded-prefix")
"""What a proxy says of the request it passes on, and anybody else would only pretend."""


@dataclass(frozen=True, slots=True)
class Proxy:
    """A proxy that signs people in: the header with a user's name, and from which addresses it is believed.

    ``default_role``: what somebody is whom the accounts do not have; None refuses him.
    """

    header: str
    networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]
    default_role: Role | None = None

    def sent(self, scope: Scope) -> bool:
        """Whether a request comes from it."""
        try:
            address = ipaddress.ip_address((scope.get("client") or ("",))[0])
        except ValueError:
            return False
        return any(address in network for network in self.networks)


@dataclass(frozen=True, slots=True)
class Admission:
    """How requests are told apart; ``names`` are what people may call this server, beside its local names."""

    accounts: Accounts
    proxy: Proxy | None = None
    names: tuple[str, ...] = ()

    @classmethod
    def at_home(cls, folder: Path) -> Self:
        """By the accounts beside the library in a folder, as soon as there are any."""
        return cls(Accounts(folder))

    @property
    def asks(self) -> bool:
        """Whether one has to say who one is."""
        return self.proxy is not None or self.accounts.are_there

    def received(self, scope: Scope) -> Scope:
        """The request as the proxy got it; from anybody else, without what only the proxy may say."""
        headers = MutableHeaders(raw=list(scope["headers"]))
        proxy = self.proxy
        if proxy is not None and proxy.sent(scope):
            vouched = headers.getlist(proxy.header)  # of two, one may be what the client itself has sent
            said: dict[str, Any] = {"vouched": vouched[0] if len(vouched) == 1 else None}
            if address := _last(headers, "x-forwarded-for"):
                said["client"] = (address, 0)
            if (scheme := _last(headers, "x-forwarded-proto")) in {"http", "https"}:
                said["scheme"] = scheme
            return {**scope, **said}
        for name in (*_FORWARDED, *([] if proxy is None else [proxy.header])):
            del headers[name]
        return {**scope, "headers": headers.raw, "vouched": None}

    def user(self, scope: Scope) -> User | None:
        """Who sends a request that was ``received``; None where nobody known does."""
        if not self.asks:
            return AT_HOME
        if self.proxy is not None and scope["vouched"]:
            return self._vouched(scope["vouched"], self.proxy.default_role)
        said = Headers(raw=scope["headers"]).get("authorization")
        if said is not None:
            kind, _, key = said.partition(" ")
            return self.accounts.tokens.user(key.strip()) if kind.lower() == "bearer" else None
        session = session_key(scope)
        return None if session is None else self.accounts.sessions.user(session)

    def used(self, scope: Scope) -> None:
        """Have the session last longer that a request belongs to, where there is one."""
        session = session_key(scope)
        if session is not None:
            self.accounts.sessions.used(session)

    def _vouched(self, name: str, default_role: Role | None) -> User | None:
        known = self.accounts.user(name)
        return User(normal(name), default_role) if known is None and default_role is not None else known


def _last(headers: Headers, name: str) -> str:
    """What the nearest proxy has added to a list."""
    return ",".join(headers.getlist(name)).rpartition(",")[2].strip()


def is_secure(scope: Scope) -> bool:
    """Whether the browser came over TLS."""
    return bool(scope["scheme"] == "https")


def cookie_name(scope: Scope) -> str:
    """What a session's cookie is called: with the prefix that no other host can set it under, where that may be."""
    return "__Host-krakow-qa" if is_secure(scope) else "krakow-qa"


def session_key(scope: Scope) -> str | None:
    """The id of the session that a browser sends."""
    return HTTPConnection(scope).cookies.get(cookie_name(scope))
