"""Which hosts may be reached: those on the public internet, and no others."""

from __future__ import annotations

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

from corpus.errors import FetchFailed, HostRefused

IP = IPv4Address | IPv6Address

_CLOSED_V4 = {
    IPv4Network(network): what
    for network, what in {
        "0.0.0.0/8": "unspecified",
        "10.0.0.0/8": "private",
        "100.64.0.0/10": "of a carrier's own network",
        "127.0.0.0/8": "loopback",
        "168.63.129.16/32": "cloud metadata",
        "169.254.0.0/16": "link-local, where cloud metadata is",
        "172.16.0.0/12": "private",
        "192.0.0.0/24": "reserved",
        "192.0.2.0/24": "for documentation",
        "192.88.99.0/24": "a 6to4 relay",
        "192.168.0.0/16": "private",
        "198.18.0.0/15": "for benchmarks",
        "198.51.100.0/24": "for documentation",
        "203.0.113.0/24": "for documentation",
        "224.0.0.0/4": "multicast",
        "240.0.0.0/4": "reserved",
    }.items()
}
_OPEN_V6 = IPv6Network("2000::/3")
"""All that has been given out for the public internet lies here."""
_CLOSED_V6 = {
    IPv6Network(network): what
    for network, what in {
        "::/128": "unspecified",
        "::1/128": "loopback",
        "::/96": "IPv4 in a disused notation",
        "2001::/32": "a Teredo tunnel",
        "2001::/23": "reserved",
        "2001:db8::/32": "for documentation",
        "2002::/16": "a 6to4 tunnel",
        "3ffe::/16": "reserved",
        "3fff::/20": "for documentation",
        "fc00::/7": "private",
        "fe80::/10": "link-local",
        "fec0::/10": "private",
        "ff00::/8": "multicast",
    }.items()
}
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP = (0x0000_5EFE, 0x0200_5EFE)

_LOCAL_NAMES = ("localhost", "localdomain", "local", "internal", "intranet", "lan", "home.arpa")
"""Endings of names that no public host has."""


def refuse_local_name(host: str) -> None:
    """Raise HostRefused where a host's name can only be one of a local network, so that it is not even looked up."""
    is_local = any(host == name or host.endswith(f".{name}") for name in _LOCAL_NAMES)
    if is_local or ("." not in host and ":" not in host):
        raise HostRefused(f"{host} is a name in a local network, and only public hosts are reached; {_NEXT}")


def public_ips(host: str, answers: Iterable[str]) -> tuple[IP, ...]:
    """The IPs that a host's name resolved to, in order and each once, as they may be connected to.

    One answer that is not public refuses all of them: raises HostRefused. Where there is none: FetchFailed.
    """
    found: dict[IP, None] = {}
    for answer in answers:
        ip = parse_ip(answer)
        what = "in no known form" if ip is None else why_closed(ip)
        if ip is None or what is not None:
            at = "" if answer == host else f" is at {answer}, which"
            raise HostRefused(f"{host}{at} is not public ({what}), and only public hosts are reached; {_NEXT}")
        found[ip] = None
    if not found:
        raise FetchFailed(f"{host} has no IP address; check the URL")
    return tuple(found)


def parse_ip(text: str) -> IP | None:
    """The IP written there, with IPv4 that is mapped into IPv6 as the IPv4 it is; None for anything else.

    A zone (``fe80::1%eth0``) names a network of this machine, so an IP with a zone counts as none.
    """
    try:
        ip = ip_address(text)
    except ValueError:
        return None
    if isinstance(ip, IPv4Address):
        return ip
    if ip.scope_id is not None:
        return None
    return ip if ip.ipv4_mapped is None else ip.ipv4_mapped


def why_closed(ip: IP) -> str | None:
    """What an IP is that may not be reached, such as "loopback"; None for a public one.

    The tables are of the IANA registries of special-purpose addresses, and of clouds that keep their metadata
    elsewhere. What Python does not hold for global either stays closed, so that a newer Python closes more.
    """
    if isinstance(ip, IPv4Address):
        what = next((what for network, what in _CLOSED_V4.items() if ip in network), None)
        return what if what is not None or ip.is_global else "reserved"
    if ip.ipv4_mapped is not None:
        return why_closed(ip.ipv4_mapped)
    low = IPv4Address(int(ip) & 0xFFFF_FFFF)
    if ip in _NAT64:
        return why_closed(low)
    what = next((what for network, what in _CLOSED_V6.items() if ip in network), None)
    if what is not None:
        return what
    if (int(ip) >> 32) & 0xFFFF_FFFF in _ISATAP:
        return "an ISATAP tunnel"
    return None if ip in _OPEN_V6 and ip.is_global else "reserved"


_NEXT = "save what is there and add the file"
