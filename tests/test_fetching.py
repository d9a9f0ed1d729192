"""Proves how pages and files are fetched, with servers on this machine behind the switch for tests."""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpcore
import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import FetchFailed
from corpus.fetching.naming import describe, plain_name
from corpus.fetching.unpacking import unpack
from corpus.fetching.urls import parse_url, shown
from corpus.fetching.web import Fetched, Fetcher, Limits

TEXT = "Żółw w Krakowie. ".encode() * 20


@dataclass
class Reply:
    """What the server answers; ``drip`` sends byte after byte and ``silent`` nothing while the test runs."""

    data: bytes = TEXT
    status: int = 200
    headers: dict[str, str] = field(default_factory=lambda: {"Content-Type": "text/plain; charset=utf-8"})
    drip: bool = False
    silent: bool = False
    breaks: bool = False


@dataclass
class Site:
    """A server on loopback: ``pages`` by path, several replies in turn, and what it was asked for."""

    port: int
    pages: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/page") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def reply(self, path: str) -> Reply:
        self.asked.append(path)
        replies = self.pages.get(path, [Reply(b"", 404, {})])
        return replies.pop(0) if len(replies) > 1 else replies[0]


@pytest.fixture
def site() -> Iterator[Site]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            site.headers.append(dict(self.headers))
            reply = site.reply(self.path)
            if reply.breaks:
                self.close_connection = True
                return
            self.send_response(reply.status)
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if not (reply.drip or reply.silent):
                if "Transfer-Encoding" not in reply.headers:
                    self.send_header("Content-Length", str(len(reply.data)))
                self.end_headers()
                self.wfile.write(reply.data)
                return
            self.end_headers()
            if reply.silent:
                site.over.wait()
            while not site.over.wait(0.02):
                self.wfile.write(b".")
                self.wfile.flush()

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = False

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that hangs up is what these tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    site = Site(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield site
    site.over.set()
    server.shutdown()
    thread.join()
    server.server_close()


def fetch(site: Site, path: str = "/page", limits: Limits | None = None, slept: list[float] | None = None) -> Fetched:
    sleep: Callable[[float], None] = (lambda seconds: None) if slept is None else slept.append
    return Fetcher(limits, sleep=sleep, allow_private=True).fetch(site.url(path))


def failure(site: Site, path: str = "/page", limits: Limits | None = None, slept: list[float] | None = None) -> str:
    with pytest.raises(FetchFailed) as failed:
        fetch(site, path, limits, slept)
    (line,) = str(failed.value).splitlines()
    assert line.startswith(f"{site.url(path)}: ")
    return line.removeprefix(f"{site.url(path)}: ")


def moved(place: str, status: int = 302) -> list[Reply]:
    return [Reply(b"moved", status, {"Location": place})]


def test_a_page_comes_back_with_its_type_charset_and_name(site: Site) -> None:
    site.pages["/docs/report.txt?page=1"] = [Reply()]
    fetched = fetch(site, "/docs/report.txt?page=1#part")
    assert fetched == Fetched(site.url("/docs/report.txt?page=1"), TEXT, "text/plain", "report.txt", "utf-8")


def test_a_request_says_who_asks_and_carries_nothing_else(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    site.pages = {"/page": moved("/other"), "/other": [Reply()]}
    site.pages["/page"][0].headers["Set-Cookie"] = "id=1"
    fetch(site)
    assert site.asked == ["/robots.txt", "/page", "/other"]
    for headers in site.headers:
        assert headers["User-Agent"].startswith("krakow-qa/")
        assert headers["Host"] == f"127.0.0.1:{site.port}"
        assert set(headers) == {"Host", "User-Agent", "Accept", "Accept-Encoding", "Connection"}


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_redirects_are_followed_to_the_end(site: Site, status: int) -> None:
    site.pages = {"/page": moved("a/b", status), "/a/b": moved("../c", status), "/c": [Reply()]}
    assert fetch(site).url == site.url("/c")


def test_a_circle_of_redirects_is_an_error(site: Site) -> None:
    site.pages = {"/page": moved("/b"), "/b": moved("/page")}
    assert failure(site) == f"it redirects in a circle, to {site.url()} again; check it in a browser"
    assert site.asked == ["/robots.txt", "/page", "/b"]


@pytest.mark.parametrize("hops", [5, 6])
def test_five_redirects_are_followed_and_no_more(site: Site, hops: int) -> None:
    site.pages = {f"/{step}": moved(f"/{step + 1}") for step in range(hops)} | {f"/{hops}": [Reply()]}
    if hops == 5:
        assert fetch(site, "/0").data == TEXT
    else:
        assert failure(site, "/0") == "it redirects more than 5 times; give the URL where it ends"


def test_a_redirect_to_what_is_not_the_web_is_an_error(site: Site) -> None:
    site.pages = {"/page": moved("file:///etc/passwd")}
    assert failure(site).startswith("it redirects to file:///etc/passwd: file URLs are not fetched")


CHUNKED = b"".join(b"a\r\n0123456789\r\n" for _ in range(30)) + b"0\r\n\r\n"
LARGE = {
    "said by its length": Reply(TEXT),
    "seen while it arrives": Reply(CHUNKED, headers={"Transfer-Encoding": "chunked"}),
}


@pytest.mark.parametrize("reply", LARGE.values(), ids=LARGE)
def test_what_is_too_large_is_refused(site: Site, reply: Reply) -> None:
    site.pages["/page"] = [reply]
    said = failure(site, limits=Limits(most_bytes=100))
    assert said == "it is larger than 100 bytes, which is not fetched; save it and add a part of it"


def raw_deflate(data: bytes) -> bytes:
    engine = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return engine.compress(data) + engine.flush()


PACKED = {
    "gzip": ("gzip", gzip.compress),
    "gzip by its old name": ("x-gzip", gzip.compress),
    "gzip in two members": ("gzip", lambda data: gzip.compress(data[:7]) + gzip.compress(data[7:])),
    "deflate": ("deflate", zlib.compress),
    "deflate without a header": ("deflate", raw_deflate),
}


@pytest.mark.parametrize(("encoding", "pack"), PACKED.values(), ids=PACKED)
def test_a_packed_page_is_unpacked(site: Site, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    site.pages["/page"] = [Reply(pack(TEXT), 200, {"Content-Encoding": encoding})]
    assert fetch(site).data == TEXT


@pytest.mark.parametrize(("encoding", "pack"), PACKED.values(), ids=PACKED)
def test_a_bomb_is_cut_off(site: Site, encoding: str, pack: Callable[[bytes], bytes]) -> None:
    site.pages["/page"] = [Reply(pack(bytes(30_000_000)), 200, {"Content-Encoding": encoding})]
    assert failure(site, limits=Limits(most_bytes=100_000)).startswith("it is larger than 100,000 bytes")


def test_unpacking_stops_asking_for_more_once_it_is_too_large() -> None:
    taken: list[int] = []

    def parts() -> Iterator[bytes]:
        bomb = gzip.compress(bytes(30_000_000))
        for start in range(0, len(bomb), 1000):
            taken.append(start)
            yield bomb[start : start + 1000]

    with pytest.raises(FetchFailed, match="it is larger than 10,000 bytes"):
        unpack(parts(), "gzip", 10_000)
    assert taken == [0]


@pytest.mark.parametrize("encoding", ["br", "zstd", "gzip, gzip", "compress"])
def test_a_packing_that_was_not_asked_for_is_refused(site: Site, encoding: str) -> None:
    site.pages["/page"] = [Reply(TEXT, 200, {"Content-Encoding": encoding})]
    assert failure(site).startswith("it is packed in a way that was not asked for")


def test_a_broken_or_cut_packing_is_an_error(site: Site) -> None:
    site.pages["/broken"] = [Reply(TEXT, 200, {"Content-Encoding": "gzip"})]
    site.pages["/cut"] = [Reply(gzip.compress(TEXT)[:-9], 200, {"Content-Encoding": "gzip"})]
    assert failure(site, "/broken") == "it arrived broken (it does not unpack); try again later"
    assert failure(site, "/cut") == "it arrived cut short; try again later"


@given(st.binary(max_size=300), st.lists(st.integers(1, 50)), st.sampled_from(list(PACKED.values())))
def test_a_body_is_the_same_however_it_is_cut_into_parts(
    data: bytes, cuts: list[int], packed: tuple[str, Callable[[bytes], bytes]]
) -> None:
    encoding, pack = packed
    whole, parts, at = pack(data), [], 0
    for cut in cuts:
        parts.append(whole[at : at + cut])
        at += cut
    assert unpack([*parts, whole[at:]], encoding, len(whole) + len(data)) == data


def test_a_server_that_drips_is_left_when_the_time_is_over(site: Site) -> None:
    site.pages["/page"] = [Reply(drip=True)]
    assert "it took longer than 0.3 s" in failure(site, limits=Limits(total_s=0.3))


def test_a_silent_server_is_not_waited_for(site: Site) -> None:
    site.pages["/page"] = [Reply(silent=True)]
    assert failure(site, limits=Limits(read_s=0.2)) == "the server did not answer in time; try again later"
    assert site.asked.count("/page") == 1


def test_robots_rules_are_obeyed_and_read_once_a_site(site: Site) -> None:
    rules = b"User-agent: *\nDisallow: /\n\nUser-agent: krakow-qa\nDisallow: /private\nAllow: /private/open\n"
    site.pages = {"/robots.txt": [Reply(rules)], "/page": [Reply()], "/private/open": [Reply()]}
    fetcher = Fetcher(allow_private=True)
    assert fetcher.fetch(site.url()).data == TEXT
    assert fetcher.fetch(site.url("/private/open")).data == TEXT
    with pytest.raises(FetchFailed, match=r"robots\.txt asks programs not to get this page; save it in a browser"):
        fetcher.fetch(site.url("/private/x"))
    assert site.asked == ["/robots.txt", "/page", "/private/open"]


def test_robots_rules_hold_for_where_a_redirect_leads(site: Site) -> None:
    site.pages = {"/robots.txt": [Reply(b"User-agent: *\nDisallow: /closed")], "/page": moved("/closed")}
    assert "robots.txt asks programs not to get this page" in failure(site)
    assert site.asked == ["/robots.txt", "/page"]


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410])
def test_a_site_without_robots_rules_allows_all(site: Site, status: int) -> None:
    site.pages = {"/robots.txt": [Reply(b"", status, {})], "/page": [Reply()]}
    assert fetch(site).data == TEXT


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_site_that_cannot_say_what_it_allows_allows_nothing(site: Site, status: int) -> None:
    site.pages = {"/robots.txt": [Reply(b"", status, {})], "/page": [Reply()]}
    assert failure(site).startswith(f"{site.url('/robots.txt')} cannot be read, so nothing is fetched from there: ")
    assert "/page" not in site.asked


def test_a_site_whose_robots_rules_failed_is_asked_again_later(site: Site) -> None:
    site.pages = {"/robots.txt": [Reply(b"", 500, {}), Reply(b"")], "/page": [Reply()]}
    fetcher = Fetcher(allow_private=True)
    with pytest.raises(FetchFailed):
        fetcher.fetch(site.url())
    assert fetcher.fetch(site.url()).data == TEXT


@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_busy_server_is_asked_again(site: Site, status: int) -> None:
    site.pages["/page"] = [Reply(b"", status, {}), Reply(b"", status, {}), Reply()]
    slept: list[float] = []
    assert fetch(site, slept=slept).data == TEXT
    assert slept == [1, 2]


def test_a_broken_connection_is_tried_again(site: Site) -> None:
    site.pages["/page"] = [Reply(breaks=True), Reply()]
    slept: list[float] = []
    assert fetch(site, slept=slept).data == TEXT
    assert slept == [1]


def test_what_stays_broken_is_given_up(site: Site) -> None:
    site.pages["/page"] = [Reply(breaks=True)]
    slept: list[float] = []
    failure(site, slept=slept)
    assert (site.asked.count("/page"), slept) == (3, [1, 2])


@pytest.mark.parametrize(
    ("retry_after", "slept_s"),
    [("7", [7.0]), ("0", [0.0]), ("Wed, 21 Oct 2015 07:28:00 GMT", [0.0]), ("soon", [1.0])],
    ids=["seconds", "at once", "a date that is past", "nothing that is understood"],
)
def test_a_server_is_left_alone_for_as_long_as_it_asks(site: Site, retry_after: str, slept_s: list[float]) -> None:
    site.pages["/page"] = [Reply(b"", 429, {"Retry-After": retry_after}), Reply()]
    slept: list[float] = []
    fetch(site, slept=slept)
    assert slept == slept_s


@pytest.mark.parametrize("retry_after", ["31", "9" * 5000, "Wed, 21 Oct 2099 07:28:00 GMT"], ids=["s", "huge", "date"])
def test_a_wait_that_is_too_long_is_not_made(site: Site, retry_after: str) -> None:
    site.pages["/page"] = [Reply(b"", 429, {"Retry-After": retry_after})]
    slept: list[float] = []
    assert failure(site, slept=slept) == "the site asks to be left alone for a while (429); try again later"
    assert slept == []


STATUSES = {
    404: "there is no such page (404); check the URL",
    410: "there is no such page (410); check the URL",
    403: "the site does not give it to programs (403); save it in a browser and add the file",
    500: "the site has a fault (500); try again later",
    204: "the site answered without a page (204); check the URL in a browser",
}


@pytest.mark.parametrize(("status", "said"), STATUSES.items(), ids=map(str, STATUSES))
def test_a_status_without_a_page_is_an_error_and_not_tried_again(site: Site, status: int, said: str) -> None:
    site.pages["/page"] = [Reply(b"", status, {})]
    assert failure(site) == said
    assert site.asked == ["/robots.txt", "/page"]


def test_a_port_where_nothing_listens_is_an_error(site: Site) -> None:
    def refuse(ip: str, port: int, timeout_s: float) -> httpcore.NetworkStream:
        raise httpcore.ConnectError("[Errno 111] Connection refused")

    with pytest.raises(FetchFailed, match=r"cannot be reached \(\[Errno 111\] Connection refused\); check the URL"):
        Fetcher(connect=refuse, sleep=lambda seconds: None, allow_private=True).fetch(site.url())


NAMES = {
    "from the path": ("/a/Report%202026.pdf", "application/pdf", "", "Report 2026.pdf"),
    "ending from the type": ("/a/report", "application/pdf", "", "report.pdf"),
    "the type is believed": ("/a/report.pdf", "text/html", "", "report.pdf.html"),
    "a page in another language": ("/index.php", "text/html; charset=x", "", "index.php.html"),
    "the front page": ("/", "text/html", "", "example.org.html"),
    "markdown as plain text": ("/README.md", "text/plain", "", "README.md"),
    "plain text without an ending": ("/LICENSE", "text/plain", "", "LICENSE.txt"),
    "bytes that keep their ending": ("/a.docx", "application/octet-stream", "", "a.docx"),
    "quoted": ("/x", "application/pdf", 'attachment; filename="a b.pdf"', "a b.pdf"),
    "unquoted": ("/x", "application/pdf", "attachment; filename=a.pdf", "a.pdf"),
    "inline": ("/x", "application/pdf", "inline; filename=a.pdf", "a.pdf"),
    "with a charset": ("/x", "application/pdf", "attachment; filename*=UTF-8''%C5%BC%C3%B3%C5%82w.pdf", "żółw.pdf"),
    "in latin-1": ("/x", "application/pdf", "attachment; filename*=ISO-8859-1'de'%FC.pdf", "ü.pdf"),
    "both, the better one counts": (
        "/x",
        "application/pdf",
        "attachment; filename=plain.pdf; filename*=UTF-8''%E2%82%AC%20rates.pdf",
        "_ rates.pdf",
    ),
    "a path upwards": ("/x", "text/markdown", 'attachment; filename="../../x.md"', "x.md"),
    "a Windows path": ("/x", "text/markdown", 'attachment; filename="C:\\\\temp\\\\x.md"', "x.md"),
    "an encoded path": ("/x", "text/markdown", "attachment; filename*=UTF-8''..%2F..%2Fx.md", "x.md"),
    "an encoded path in the URL": ("/..%2f..%2fetc%2fpasswd", "text/plain", "", "passwd.txt"),
    "only dots": ("/x", "text/markdown", 'attachment; filename=".."', "x.md"),
    "a hidden file": ("/x", "text/markdown", "attachment; filename=.bashrc", "bashrc.md"),
    "a device": ("/nul", "text/plain", "", "_nul.txt"),
    "NUL, newline and a turn of direction": ("/x", "", "attachment; filename*=UTF-8''a%00%0A%E2%80%AEb.md", "a___b.md"),
    "a charset that does not exist": ("/x", "text/markdown", "attachment; filename*=NONE''a.md", "a.md"),
}


@pytest.mark.parametrize(("path", "kind", "disposition", "name"), NAMES.values(), ids=NAMES)
def test_a_name_is_suggested(path: str, kind: str, disposition: str, name: str) -> None:
    assert describe(parse_url(f"https://example.org{path}"), kind, disposition).name == name


def test_a_pdf_without_a_type_is_known_by_its_first_bytes() -> None:
    assert describe(parse_url("https://example.org/download/17"), "", "", b"%PDF-1.7").name == "17.pdf"


@pytest.mark.parametrize(
    ("header", "kind", "charset"),
    [
        ("text/html; charset=UTF-8", "text/html", "utf-8"),
        ('Text/HTML; charset="windows-1250"', "text/html", "cp1250"),
        ("text/html; charset=unknown-8", "text/html", None),
        ("text/html", "text/html", None),
        ("", "", None),
        ("nonsense", "", None),
    ],
)
def test_type_and_charset_are_read(header: str, kind: str, charset: str | None) -> None:
    described = describe(parse_url("https://example.org/"), header, "")
    assert (described.content_type, described.charset) == (kind, charset)


@given(st.text(max_size=200))
def test_a_name_is_never_a_path_and_never_hidden(text: str) -> None:
    name = plain_name(text)
    assert len(name) <= 130
    assert not set(name) & set('/\\:*?"<>|\0\n\r')
    assert not name.startswith(".")
    assert plain_name(name) == name


@given(st.text(st.characters(max_codepoint=255, exclude_characters="\r\n")), st.text(max_size=50))
def test_no_header_breaks_the_reading_of_headers(header: str, tail: str) -> None:
    tail = "".join(tail.split())
    url = parse_url("https://example.org/page")
    for disposition in (
        header,
        f"attachment; filename*={tail}",
        f'attachment; filename="{tail}',
        f"a; filename*9={tail}",
    ):
        assert describe(url, header, disposition).name


def test_an_error_never_shows_a_password_or_a_second_line() -> None:
    assert shown("https://user:secret@example.org/a\nb") == "https://example.org/a b"
    with pytest.raises(FetchFailed) as failed:
        Fetcher().fetch("https://user:secret@example.org/")
    assert str(failed.value).startswith("https://example.org/: URLs with a user name or a password are not fetched")
    assert "secret" not in str(failed.value)
