"""Proves that no request reaches a host that is not public, by whatever notation, name, redirect or DNS answer.

Name resolution and the connecting function are replaced, so a guard that fails sends nothing.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Callable, Iterator, Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import FetchFailed, HostRefused
from corpus.fetching.guard import public_ips, why_closed
from corpus.fetching.web import Fetched, Fetcher

PUBLIC = "93.184.216.34"
PAGE = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 4\r\nConnection: close\r\n\r\ntext"
NO_ROBOTS = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"

REFUSED_URLS = {
    "loopback": "http://127.0.0.1/",
    "loopback with a port": "http://127.0.0.1:8080/",
    "loopback by https": "https://127.0.0.1/",
    "another loopback": "http://127.255.255.254/",
    "loopback in two parts": "http://127.1/",
    "loopback in three parts": "http://127.0.1/",
    "loopback decimal": "http://2130706433/",
    "loopback hexadecimal": "http://0x7f000001/",
    "loopback hexadecimal in capitals": "http://0X7F000001/",
    "loopback dotted hexadecimal": "http://0x7f.0x0.0x0.0x1/",
    "loopback octal": "http://017700000001/",
    "loopback dotted octal": "http://0177.0.0.01/",
    "loopback octal with many zeros": "http://0000000177.0.0.1/",
    "loopback mixed": "http://0x7f.1/",
    "loopback with a trailing dot": "http://127.0.0.1./",
    "loopback decimal with a trailing dot": "http://2130706433./",
    "loopback in full-width digits": "http://１２７.０.０.１/",
    "loopback in circled digits": "http://①②⑦.⓪.⓪.①/",
    "loopback with ideographic full stops": "http://127。0。0。1/",
    "loopback percent-encoded": "http://%31%32%37.0.0.1/",
    "loopback with a soft hyphen": "http://127.0.0\u00ad.1/",
    "loopback behind a newline": "http://127.0.\n0.1/",
    "loopback without slashes": "http:127.0.0.1/",
    "loopback with backslashes": "http:\\\\127.0.0.1\\",
    "loopback with three slashes": "http:///127.0.0.1/",
    "loopback behind an empty user": "http://@127.0.0.1/",
    "loopback before a public fragment": "http://127.0.0.1#@example.org/",
    "loopback before a public path": "http://127.0.0.1\\@example.org/",
    "unspecified": "http://0.0.0.0/",
    "unspecified as zero": "http://0/",
    "unspecified network": "http://0.1.2.3/",
    "private 10": "http://10.0.0.1/",
    "private 10 octal": "http://012.0.0.1/",
    "private 172": "http://172.16.0.1/",
    "private 172 at its end": "http://172.31.255.255/",
    "private 192": "http://192.168.1.1/",
    "private 192 short": "http://192.168.257/",
    "private 192 decimal": "http://3232235777/",
    "link-local": "http://169.254.1.1/",
    "metadata": "http://169.254.169.254/latest/meta-data/",
    "metadata decimal": "http://2852039166/",
    "metadata hexadecimal": "http://0xa9fea9fe/",
    "metadata octal": "http://0251.0376.0251.0376/",
    "metadata of containers": "http://169.254.170.2/",
    "metadata of Alibaba": "http://100.100.100.200/",
    "metadata of Azure": "http://168.63.129.16/",
    "metadata of Oracle": "http://192.0.0.192/",
    "carrier-grade NAT": "http://100.64.0.1/",
    "benchmark": "http://198.18.0.1/",
    "benchmark at its end": "http://198.19.255.255/",
    "documentation 1": "http://192.0.2.1/",
    "documentation 2": "http://198.51.100.1/",
    "documentation 3": "http://203.0.113.1/",
    "6to4 relay": "http://192.88.99.1/",
    "multicast": "http://224.0.0.1/",
    "multicast at its end": "http://239.255.255.255/",
    "reserved": "http://240.0.0.1/",
    "broadcast": "http://255.255.255.255/",
    "IPv6 loopback": "http://[::1]/",
    "IPv6 loopback in full": "http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
    "IPv6 loopback with a port": "http://[::1]:80/",
    "IPv6 unspecified": "http://[::]/",
    "IPv6 mapped loopback": "http://[::ffff:127.0.0.1]/",
    "IPv6 mapped loopback in hexadecimal": "http://[::ffff:7f00:1]/",
    "IPv6 mapped loopback in full and capitals": "http://[0:0:0:0:0:FFFF:7F00:0001]/",
    "IPv6 mapped private": "http://[::ffff:10.0.0.1]/",
    "IPv6 mapped metadata": "http://[::ffff:a9fe:a9fe]/",
    "IPv6 compatible loopback": "http://[::127.0.0.1]/",
    "IPv6 compatible private": "http://[::c0a8:101]/",
    "IPv6 translated loopback": "http://[::ffff:0:127.0.0.1]/",
    "6to4 loopback": "http://[2002:7f00:1::]/",
    "6to4 private": "http://[2002:c0a8:101::1]/",
    "Teredo to a private client": "http://[2001:0:4136:e378:8000:63bf:3f57:fefe]/",
    "Teredo from a private server": "http://[2001:0:a00:1::]/",
    "NAT64 loopback": "http://[64:ff9b::127.0.0.1]/",
    "NAT64 private": "http://[64:ff9b::c0a8:101]/",
    "NAT64 metadata": "http://[64:ff9b::a9fe:a9fe]/",
    "local NAT64": "http://[64:ff9b:1::808:808]/",
    "ISATAP private": "http://[2a00:1450::5efe:10.0.0.1]/",
    "ISATAP private, global bit set": "http://[2a00:1450::200:5efe:a00:1]/",
    "IPv6 link-local": "http://[fe80::1]/",
    "IPv6 site-local": "http://[fec0::1]/",
    "IPv6 private": "http://[fd12:3456:789a::1]/",
    "IPv6 metadata of AWS": "http://[fd00:ec2::254]/",
    "IPv6 metadata of Google": "http://[fd20:ce::254]/",
    "IPv6 multicast": "http://[ff02::1]/",
    "IPv6 documentation": "http://[2001:db8::1]/",
    "IPv6 documentation, the newer": "http://[3fff::1]/",
    "IPv6 benchmark": "http://[2001:2::1]/",
    "IPv6 ORCHID": "http://[2001:10::1]/",
    "IPv6 6bone": "http://[3ffe::1]/",
    "IPv6 discard": "http://[100::1]/",
    "IPv6 segment routing": "http://[5f00::1]/",
    "IPv6 never given out": "http://[4000::1]/",
    "localhost": "http://localhost/",
    "localhost in mixed case": "http://LocalHost/",
    "localhost with a trailing dot": "http://localhost./",
    "localhost in full-width letters": "http://ｌｏｃａｌｈｏｓｔ/",
    "below localhost": "http://anything.localhost/",
    "localhost with its domain": "http://localhost.localdomain/",
    "metadata by name": "http://metadata.google.internal/",
    "metadata by its short name": "http://metadata/",
    "a printer": "http://printer.local/",
    "a router": "http://router.lan/",
    "a home": "http://nas.home.arpa/",
}

REFUSED_PLACES = {name: url for name, url in REFUSED_URLS.items() if url != "http:127.0.0.1/"}
"""Seen from a page, a URL without slashes is a path on the page's own host."""

NOT_EVEN_A_URL = {
    "IPv6 with a zone": "http://[fe80::1%25eth0]/",
    "IPv6 with a bare zone": "http://[fe80::1%eth0]/",
    "IPv6 loopback with a zone": "http://[::1%25lo]/",
    "too many parts": "http://127.0.0.1.1/",
    "a part too large": "http://127.0.0.256/",
    "a number too large": "http://4294967296/",
    "an octal number with an 8": "http://0178.0.0.1/",
    "a space in the host": "http://127.0.0.1 .example.org/",
    "a user": "http://example.org@127.0.0.1/",
    "a user and a password": "http://user:secret@example.org/",
    "a user that looks like a host and a port": "http://example.org:80@127.0.0.1/",
    "a user that is an IP and a port": "http://127.0.0.1:80@example.org/",
    "a file": "file:///etc/passwd",
    "ftp": "ftp://example.org/",
    "gopher": "gopher://127.0.0.1:70/_",
    "data": "data:text/plain,text",
    "a script": "javascript:alert(1)",
    "a socket": "http+unix://%2Fvar%2Frun%2Fdocker.sock/info",
    "websocket": "ws://example.org/",
    "no scheme": "example.org/page",
    "no host": "http://",
    "only a dot": "http://./",
    "nothing": "",
}

REFUSED_ANSWERS = {
    "loopback": ["127.0.0.1"],
    "private": ["10.1.2.3"],
    "metadata": ["169.254.169.254"],
    "carrier-grade NAT": ["100.64.1.1"],
    "IPv6 loopback": ["::1"],
    "IPv6 private": ["fd00::1"],
    "IPv6 mapped private": ["::ffff:192.168.0.1"],
    "link-local with a zone": ["fe80::1%eth0"],
    "a public IP with a zone": ["2606:4700::1111%1"],
    "public, then private": [PUBLIC, "192.168.0.1"],
    "private, then public": ["192.168.0.1", PUBLIC],
    "a private one among many": [PUBLIC, "1.1.1.1", "2606:4700::1111", "::1", "8.8.8.8"],
    "no IP": ["not-an-ip"],
    "a short form": ["127.1"],
    "an octal form": ["0177.0.0.1"],
}

PUBLIC_NOTATIONS = {
    "dotted": ("http://8.8.8.8/", "8.8.8.8"),
    "decimal": ("http://134744072/", "8.8.8.8"),
    "hexadecimal": ("http://0x08080808/", "8.8.8.8"),
    "octal": ("http://010.010.010.010/", "8.8.8.8"),
    "short": ("http://8.526344/", "8.8.8.8"),
    "full-width": ("http://８.８.８.８/", "8.8.8.8"),
    "with a trailing dot": ("http://8.8.8.8./", "8.8.8.8"),
    "IPv6": ("http://[2606:4700:4700::1111]/", "2606:4700:4700::1111"),
    "IPv6 in full": ("http://[2606:4700:4700:0000:0000:0000:0000:1111]/", "2606:4700:4700::1111"),
    "IPv6 mapped": ("http://[::ffff:8.8.8.8]/", "8.8.8.8"),
    "NAT64": ("http://[64:ff9b::808:808]/", "64:ff9b::808:808"),
    "just below private 10": ("http://9.255.255.255/", "9.255.255.255"),
    "just above private 172": ("http://172.32.0.0/", "172.32.0.0"),
    "just above carrier-grade NAT": ("http://100.128.0.0/", "100.128.0.0"),
}


class Wire:
    """A resolver and a connecting function that only write down what was asked of them, and play back answers."""

    def __init__(self, *streams: bytes, answers: Callable[[str], Sequence[str]] | None = None) -> None:
        self.resolved: list[str] = []
        self.connected: list[tuple[str, int]] = []
        self.streams = [RecordingStream(data) for data in streams]
        self._unused: Iterator[RecordingStream] = iter(self.streams)
        self._answers = answers

    def resolve(self, host: str, port: int) -> Sequence[str]:
        self.resolved.append(host)
        if self._answers is None:
            raise AssertionError(f"{host} was looked up")
        return self._answers(host)

    def connect(self, ip: str, port: int, timeout_s: float) -> httpcore.NetworkStream:
        self.connected.append((ip, port))
        stream = next(self._unused, None)
        assert stream is not None, f"{ip} was connected to once too often"
        return stream

    def fetch(self, url: str) -> Fetched:
        return Fetcher(resolve=self.resolve, connect=self.connect, sleep=lambda seconds: None).fetch(url)


class RecordingStream(httpcore.MockStream):
    """Plays an answer back, and keeps what was sent and how TLS was asked for."""

    def __init__(self, data: bytes) -> None:
        super().__init__([data])
        self.sent = b""
        self.tls: tuple[ssl.SSLContext, str | None] | None = None

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.sent += buffer

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        self.tls = (ssl_context, server_hostname)
        return self


def redirect(place: str) -> bytes:
    return f"HTTP/1.1 302 Found\r\nLocation: {place}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".encode()


def refusal(wire: Wire, url: str) -> str:
    with pytest.raises(HostRefused) as refused:
        wire.fetch(url)
    assert len(str(refused.value).splitlines()) == 1
    return str(refused.value)


@pytest.mark.parametrize("url", REFUSED_URLS.values(), ids=REFUSED_URLS)
def test_a_host_that_is_not_public_is_refused_before_anything_is_tried(url: str) -> None:
    wire = Wire()
    assert refusal(wire, url).endswith("only public hosts are reached; save what is there and add the file")
    assert (wire.resolved, wire.connected) == ([], [])


@pytest.mark.parametrize("url", NOT_EVEN_A_URL.values(), ids=NOT_EVEN_A_URL)
def test_what_is_no_url_of_the_web_is_refused_before_anything_is_tried(url: str) -> None:
    wire = Wire()
    with pytest.raises(FetchFailed) as refused:
        wire.fetch(url)
    assert len(str(refused.value).splitlines()) == 1
    assert (wire.resolved, wire.connected) == ([], [])


@pytest.mark.parametrize("answers", REFUSED_ANSWERS.values(), ids=REFUSED_ANSWERS)
def test_a_name_with_one_answer_that_is_not_public_is_refused(answers: list[str]) -> None:
    wire = Wire(answers=lambda host: answers)
    assert "example.org is at" in refusal(wire, "http://example.org/")
    assert (wire.resolved, wire.connected) == (["example.org"], [])


@pytest.mark.parametrize("place", REFUSED_PLACES.values(), ids=REFUSED_PLACES)
def test_a_redirect_to_a_host_that_is_not_public_is_refused(place: str) -> None:
    wire = Wire(NO_ROBOTS, redirect("".join(place.splitlines())), answers=lambda host: [PUBLIC])
    refusal(wire, "http://example.org/")
    assert (wire.resolved, wire.connected) == (["example.org"] * 2, [(PUBLIC, 80)] * 2)


def test_a_redirect_with_a_scheme_and_no_slashes_stays_on_its_host_as_in_browsers() -> None:
    wire = Wire(NO_ROBOTS, redirect("http:127.0.0.1/"), PAGE, answers=lambda host: [PUBLIC])
    assert wire.fetch("http://example.org/").url == "http://example.org/127.0.0.1/"
    assert wire.connected == [(PUBLIC, 80)] * 3


@pytest.mark.parametrize("place", ["//127.0.0.1/", "//[::1]/", "http:127.1", "\\\\127.0.0.1\\x", "file:///etc/passwd"])
def test_a_relative_redirect_leads_to_no_host_that_is_not_public(place: str) -> None:
    wire = Wire(NO_ROBOTS, redirect(place), answers=lambda host: [PUBLIC])
    with pytest.raises(FetchFailed):
        wire.fetch("https://example.org/")
    assert wire.connected == [(PUBLIC, 443)] * 2


def test_the_last_of_many_redirects_is_checked_as_the_first() -> None:
    hops = [redirect(f"/{step}") for step in range(4)]
    wire = Wire(NO_ROBOTS, *hops, redirect("http://169.254.169.254/"), answers=lambda host: [PUBLIC])
    assert "169.254.169.254 is not public (link-local" in refusal(wire, "http://example.org/")
    assert wire.connected == [(PUBLIC, 80)] * 6


def test_a_redirect_to_a_name_with_a_private_answer_is_refused() -> None:
    answers = {"example.org": [PUBLIC], "inside.example.net": ["10.0.0.7"]}
    wire = Wire(NO_ROBOTS, redirect("http://inside.example.net/"), answers=answers.__getitem__)
    assert "inside.example.net is at 10.0.0.7, which is not public (private)" in refusal(wire, "http://example.org/")
    assert wire.connected == [(PUBLIC, 80)] * 2


def test_robots_rules_are_not_read_from_a_host_that_is_not_public() -> None:
    wire = Wire(redirect("http://127.0.0.1/robots.txt"), answers=lambda host: [PUBLIC])
    refusal(wire, "http://example.org/")
    assert wire.connected == [(PUBLIC, 80)]


def test_a_name_is_resolved_once_for_each_connection_and_what_was_checked_is_connected_to() -> None:
    rebinding = iter([[PUBLIC], ["1.1.1.1"], ["127.0.0.1"]])
    wire = Wire(NO_ROBOTS, PAGE, answers=lambda host: next(rebinding))
    assert wire.fetch("http://rebind.example/").data == b"text"
    assert wire.resolved == ["rebind.example"] * 2
    assert wire.connected == [(PUBLIC, 80), ("1.1.1.1", 80)]


def test_a_name_that_turns_private_between_two_connections_is_refused() -> None:
    rebinding = iter([[PUBLIC], ["127.0.0.1"]])
    wire = Wire(NO_ROBOTS, PAGE, answers=lambda host: next(rebinding))
    refusal(wire, "http://rebind.example/")
    assert wire.connected == [(PUBLIC, 80)]


def test_a_name_that_turns_private_before_a_second_try_is_refused() -> None:
    busy = b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    rebinding = iter([[PUBLIC], [PUBLIC], ["127.0.0.1"]])
    wire = Wire(NO_ROBOTS, busy, answers=lambda host: next(rebinding))
    refusal(wire, "http://rebind.example/")
    assert wire.connected == [(PUBLIC, 80)] * 2


@pytest.mark.parametrize(("url", "ip"), PUBLIC_NOTATIONS.values(), ids=PUBLIC_NOTATIONS)
def test_a_public_ip_is_let_through_in_every_notation(url: str, ip: str) -> None:
    wire = Wire(NO_ROBOTS, PAGE)
    assert wire.fetch(url).data == b"text"
    assert wire.connected == [(ip, 80)] * 2


def test_a_checked_ip_is_connected_to_and_the_certificate_is_held_against_the_name() -> None:
    wire = Wire(NO_ROBOTS, PAGE, answers=lambda host: [PUBLIC])
    wire.fetch("https://Żółw.example:8443/a")
    assert wire.connected == [(PUBLIC, 8443)] * 2
    for stream in wire.streams:
        assert stream.tls is not None
        context, name = stream.tls
        assert name == "xn--w-uga1v8h.example"
        assert context.check_hostname
        assert context.verify_mode is ssl.CERT_REQUIRED
        assert b"\r\nHost: xn--w-uga1v8h.example:8443\r\n" in stream.sent


def test_the_next_ip_is_tried_where_one_takes_no_connection() -> None:
    wire = Wire(NO_ROBOTS, PAGE, answers=lambda host: ["2606:4700::1111", PUBLIC])

    def connect(ip: str, port: int, timeout_s: float) -> httpcore.NetworkStream:
        if ip != PUBLIC:
            raise httpcore.ConnectError("no route")
        return wire.connect(ip, port, timeout_s)

    assert Fetcher(resolve=wire.resolve, connect=connect).fetch("http://example.org/").data == b"text"


def test_a_name_without_an_ip_is_an_error() -> None:
    with pytest.raises(FetchFailed, match="has no IP address; check the URL"):
        Wire(answers=lambda host: []).fetch("http://example.org/")


def test_a_name_that_does_not_exist_is_an_error_at_once() -> None:
    def unknown(host: str) -> Sequence[str]:
        raise socket.gaierror(socket.EAI_NONAME, "unknown")

    wire = Wire(answers=unknown)
    with pytest.raises(FetchFailed, match=r"there is no host named example\.invalid; check the URL"):
        wire.fetch("http://example.invalid/")
    assert wire.resolved == ["example.invalid"]


@given(st.ip_addresses(v=4))
def test_an_ipv4_is_as_open_in_ipv6_as_it_is_alone(ip: IPv4Address) -> None:
    mapped = ip_address(f"::ffff:{ip}")
    translated = IPv6Address(int(IPv6Address("64:ff9b::")) + int(ip))
    assert why_closed(mapped) == why_closed(translated) == why_closed(ip)


@given(st.ip_addresses())
def test_no_ip_is_open_that_python_holds_for_anything_but_global(ip: IPv4Address | IPv6Address) -> None:
    if why_closed(ip) is None and not str(ip).startswith("64:ff9b::"):
        seen = ip if isinstance(ip, IPv4Address) or ip.ipv4_mapped is None else ip.ipv4_mapped
        assert seen.is_global
        assert not seen.is_multicast
        assert public_ips("example.org", [str(ip)]) == (seen,)
