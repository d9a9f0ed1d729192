"""Signing in and out over HTTP and in a browser, whom a proxy vouches for, and what may be served where."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_network
from pathlib import Path

import httpx
import pytest

from qa.accounts.bounds import Bounds
from qa.accounts.model import AT_HOME, Role, User
from qa.accounts.store import Accounts
from qa.assembly import Parts
from qa.audit import DONE, Audit
from qa.web.admission import Admission, Proxy
from qa.web.admitting import admitted, proxy_of
from qa.web.opening import Opening
from qa.web.server import CannotServe
from tests.conftest import MakeParts
from tests.people import HOUR_S, PASSWORD, WRONG, HandClock, some_accounts, staffed
from tests.web import chromium, serving

HERE = (ip_network("127.0.0.1"),)
ELSEWHERE = (ip_network("192.0.2.0/24"),)
PAGE = {"Accept": "text/html,*/*"}


@pytest.fixture
def clock() -> HandClock:
    return HandClock()


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(zebra="A zebra has stripes.")


@pytest.fixture
def accounts(parts: Parts, clock: HandClock) -> Accounts:
    return staffed(parts.folder, clock)


@contextmanager
def visiting(parts: Parts, accounts: Accounts, proxy: Proxy | None = None) -> Iterator[httpx.Client]:
    """A browser without scripts, at the served page."""
    with (
        serving(parts, Admission(accounts, proxy)) as url,
        httpx.Client(base_url=url, timeout=60, headers={"Origin": url}) as client,
    ):
        yield client


def sign_in(client: httpx.Client, name: str, password: str = PASSWORD, **headers: str) -> httpx.Response:
    return client.post("/sign-in", data={"name": name, "password": password}, headers=headers)


def test_who_is_not_signed_in_is_led_to_the_form_and_then_to_the_page(parts: Parts, accounts: Accounts) -> None:
    with visiting(parts, accounts) as client:
        sent = client.get("/", headers=PAGE)
        assert (sent.status_code, sent.headers["location"]) == (303, "/sign-in")
        form = client.get("/sign-in")
        assert (form.status_code, "<script" in form.text) == (200, False)
        done = sign_in(client, "Member")
        assert (done.status_code, done.headers["location"]) == (303, "/")
        assert client.get("/", headers=PAGE).status_code == 200
        assert client.get("/documents/zebra/original").content == b"A zebra has stripes."
        assert client.post("/sign-out").headers["location"] == "/sign-in"
        assert client.get("/config").status_code == 401


def test_the_cookie_is_out_of_reach_for_scripts_and_other_sites(parts: Parts, accounts: Accounts) -> None:
    with visiting(parts, accounts, Proxy("x-user", HERE)) as client:
        plain = sign_in(client, "member").headers["set-cookie"]
        secure = sign_in(client, "member", **{"X-Forwarded-Proto": "https"}).headers["set-cookie"]
    assert re.fullmatch(r"krakow-qa=[\w-]{43}; HttpOnly; Path=/; SameSite=lax", plain)
    assert re.fullmatch(r"__Host-krakow-qa=[\w-]{43}; HttpOnly; Path=/; SameSite=lax; Secure", secure)


def test_the_audit_log_tells_who_signed_in_and_out_and_never_what_was_typed(parts: Parts, accounts: Accounts) -> None:
    with visiting(parts, accounts) as client:
        for name, password in (("member", WRONG), (PASSWORD, WRONG), ("member", PASSWORD)):
            sign_in(client, name, password)
        client.post("/sign-out")
    told = [(deed.user, deed.how, deed.act, deed.outcome) for deed in Audit(parts.folder).deeds()]
    assert told[-4:] == [
        ("member", "web", "sign in", "refused: wrong password"),
        ("unknown", "web", "sign in", "refused: wrong password"),
        ("member", "web", "sign in", DONE),
        ("member", "web", "sign out", DONE),
    ]


def test_signing_out_ends_the_session_on_the_server(parts: Parts, accounts: Accounts) -> None:
    with visiting(parts, accounts) as client:
        sign_in(client, "member")
        kept = {"Cookie": f"krakow-qa={client.cookies['krakow-qa']}"}
        client.post("/sign-out")
        assert client.get("/config", headers=kept).status_code == 401


@pytest.mark.parametrize("end", ["password", "role", "removed", "time"])
def test_a_session_that_has_ended_opens_nothing(parts: Parts, accounts: Accounts, clock: HandClock, end: str) -> None:
    with visiting(parts, accounts) as client:
        sign_in(client, "member")
        assert client.get("/config").status_code == 200
        match end:
            case "password":
                accounts.set_password("member", PASSWORD + "!")
            case "role":
                accounts.set_role("member", Role.ADMIN)
            case "removed":
                accounts.remove("member")
            case "time":
                clock.go_on(2 * HOUR_S)
        assert client.get("/config").status_code == 401


def test_an_open_page_that_nobody_uses_keeps_no_session(parts: Parts, accounts: Accounts, clock: HandClock) -> None:
    with visiting(parts, accounts) as client:
        sign_in(client, "member")
        config = client.get("/config").json()
        timers = [each["id"] for each in config["components"] if each["type"] == "timer"]
        ticks = [
            each["id"] for each in config["dependencies"] if any([timer, "tick"] in each["targets"] for timer in timers)
        ]
        acts = [each["id"] for each in config["dependencies"] if each["id"] not in ticks]

        def after_an_hour(event: int) -> int:
            clock.go_on(1.2 * HOUR_S)
            body = {"data": [], "fn_index": event, "session_hash": "open"}
            return client.post("/gradio_api/queue/join", json=body).status_code

        assert [after_an_hour(acts[0]), after_an_hour(acts[0]), after_an_hour(ticks[0])] == [200, 200, 200]
        assert [after_an_hour(tick) for tick in ticks] == [401] * len(timers)


def test_a_wrong_name_and_a_wrong_password_are_answered_alike(parts: Parts, accounts: Accounts) -> None:
    with visiting(parts, accounts) as client:
        answers = [sign_in(client, name, WRONG) for name in ("member", "nobody")]
    assert [answer.status_code for answer in answers] == [401, 401]
    assert "set-cookie" not in answers[0].headers
    assert answers[0].text.replace("member", "nobody") == answers[1].text


def test_what_is_typed_is_never_markup(parts: Parts, accounts: Accounts) -> None:
    hostile = '"><script>window.hurt=1</script>'
    with visiting(parts, accounts) as client:
        said = sign_in(client, hostile, hostile).text
    assert "<script" not in said
    assert html.escape(hostile, quote=False).replace('"', "&#34;") in said


@pytest.mark.parametrize(
    "body", [b"", b"name", b"name=&password=", b"\xff\xfe=%zz", b"name=%00&password=%00", b"&" * 99]
)
def test_a_form_that_is_none_is_a_wrong_guess(parts: Parts, accounts: Accounts, body: bytes) -> None:
    with visiting(parts, accounts) as client:
        assert client.post("/sign-in", content=body).status_code == 401


def test_a_form_that_is_too_long_is_not_read(parts: Parts, accounts: Accounts) -> None:
    with visiting(parts, accounts) as client:
        assert sign_in(client, "member", "x" * 9000).status_code == 413


def test_guesses_beyond_the_bound_are_told_when_to_come_back(parts: Parts, accounts: Accounts) -> None:
    with visiting(parts, accounts) as client:
        answers = [sign_in(client, "member", WRONG) for _ in range(Bounds().guesses_per_user)]
        assert {answer.status_code for answer in answers} == {401}
        locked = sign_in(client, "member")
    assert (locked.status_code, locked.headers["retry-after"]) == (429, "900")
    assert "Try again in 15 minutes" in locked.text


def test_accounts_that_are_made_while_the_page_is_served_count_at_once(parts: Parts, clock: HandClock) -> None:
    with visiting(parts, some_accounts(parts.folder, clock)) as client:
        assert client.get("/config").status_code == 200
        assert client.get("/sign-in").headers["location"] == "/"
        staffed(parts.folder, clock)
        assert client.get("/config").status_code == 401
        assert client.get("/sign-in").status_code == 200


# A proxy


@pytest.mark.parametrize(
    ("networks", "headers", "known"),
    [
        (HERE, [("X-User", "researcher")], True),
        (HERE, [("X-User", "RESEARCHER")], True),
        (HERE, [("X-User", "stranger")], False),
        (HERE, [("X-User", "admin"), ("X-User", "researcher")], False),
        (HERE, [("X-User", "")], False),
        (HERE, [], False),
        (ELSEWHERE, [("X-User", "researcher")], False),
    ],
)
def test_a_proxy_is_believed_from_its_address_alone_and_without_ambiguity(
    parts: Parts, accounts: Accounts, networks: tuple[object, ...], headers: list[tuple[str, str]], known: bool
) -> None:
    with visiting(parts, accounts, Proxy("x-user", networks)) as client:  # type: ignore[arg-type]
        answer = client.get("/config", headers=headers)
        assert answer.status_code == (200 if known else 401)
        if known:
            assert answer.json()["username"] == "researcher"
            tabs = {each["props"].get("label") for each in answer.json()["components"] if each["type"] == "tabitem"}
            assert "Corpus" in tabs
            assert "Evaluate" not in tabs


def test_whom_the_accounts_do_not_have_gets_the_proxys_role(parts: Parts, accounts: Accounts) -> None:
    with visiting(parts, accounts, Proxy("x-user", HERE, Role.MEMBER)) as client:
        assert client.get("/config", headers={"X-User": "stranger"}).json()["username"] == "stranger"
        assert client.get("/runs/x/report", headers={"X-User": "stranger"}).status_code == 403
        assert client.get("/config").status_code == 401


def test_a_proxy_asks_even_where_there_are_no_accounts(parts: Parts, clock: HandClock) -> None:
    proxy = Proxy("x-user", HERE, Role.MEMBER)
    with visiting(parts, some_accounts(parts.folder, clock), proxy) as client:
        assert client.get("/config").status_code == 401
        assert client.get("/", headers=PAGE).headers["location"] == "/sign-in"
        assert client.get("/sign-in").status_code == 200
        assert client.get("/config", headers={"X-User": "stranger"}).status_code == 200


def scope(client: str, *headers: tuple[str, str]) -> dict[str, object]:
    raw = [(name.lower().encode(), value.encode()) for name, value in headers]
    return {"type": "http", "scheme": "http", "client": (client, 5000), "headers": raw}


FORWARDED = [("X-Forwarded-Proto", "https"), ("X-Forwarded-For", "203.0.113.9, 198.51.100.7"), ("X-User", "admin")]


@pytest.mark.parametrize("proxy", [None, Proxy("x-user", ELSEWHERE)])
def test_what_only_a_proxy_may_say_is_dropped_from_anybody_else(accounts: Accounts, proxy: Proxy | None) -> None:
    admission = Admission(accounts, proxy)
    received = admission.received(scope("198.51.100.1", *FORWARDED, ("X-Forwarded-Host", "evil.example")))
    assert (received["scheme"], received["client"]) == ("http", ("198.51.100.1", 5000))
    assert [name for name, _ in received["headers"] if name.startswith(b"x-forwarded")] == []
    assert admission.user(received) is None


def test_a_proxy_says_how_and_from_where_its_client_came(accounts: Accounts) -> None:
    admission = Admission(accounts, Proxy("x-user", ELSEWHERE))
    received = admission.received(scope("192.0.2.8", *FORWARDED))
    assert (received["scheme"], received["client"][0]) == ("https", "198.51.100.7")
    assert admission.user(received) == User("admin", Role.ADMIN)


@pytest.mark.parametrize(("given", "said"), [
    (("X-User", None, None), "needs both"), ((None, "127.0.0.1", None), "needs both"),
    ((None, None, "member"), "needs both"), (("X-User", "10.0.0.5,nowhere", None), "nowhere"),
    (("X-User", "10.0.0.5/24", None), "host bits"),
])  # fmt: skip
def test_half_a_proxy_is_refused(given: tuple[str | None, str | None, str | None], said: str) -> None:
    with pytest.raises(CannotServe, match=said):
        proxy_of(*given)


def test_a_proxy_is_read_from_what_is_typed() -> None:
    assert proxy_of(None, None, None) is None
    expected = Proxy("x-user", (ip_network("10.0.0.5"), ip_network("10.1.0.0/16")), Role.MEMBER)
    assert proxy_of("X-User", "10.0.0.5, 10.1.0.0/16", "member") == expected


# Where the page may be served


def test_at_home_nobody_is_asked_anything(tmp_path: Path) -> None:
    admission = admitted(Accounts(tmp_path), "127.0.0.1", (), None, is_open=False)
    assert not admission.asks
    assert admission.user(admission.received(scope("127.0.0.1"))) is AT_HOME


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.5"])
def test_open_says_plainly_what_it_does(tmp_path: Path, host: str, capsys: pytest.CaptureFixture[str]) -> None:
    admission = admitted(Accounts(tmp_path), host, ("ask.example",), None, is_open=True)
    assert "anybody who reaches this server can do everything" in capsys.readouterr().err
    assert "ask.example" in admission.names
    assert not admission.asks


def test_open_beside_accounts_is_refused(accounts: Accounts, parts: Parts) -> None:
    with pytest.raises(CannotServe, match="Leave one of them out"):
        admitted(Accounts(parts.folder), "127.0.0.1", (), None, is_open=True)


@pytest.mark.parametrize(
    ("host", "names", "allowed"),
    [("192.0.2.5", (), ("192.0.2.5",)), ("::1", ("ask",), ("ask",)), ("0.0.0.0", ("ask.example",), ("ask.example",)),
     ("2001:db8::1", ("ask",), ("ask", "[2001:db8::1]"))],
)  # fmt: skip
def test_the_server_is_called_by_its_address_and_its_names(
    accounts: Accounts, parts: Parts, host: str, names: tuple[str, ...], allowed: tuple[str, ...]
) -> None:
    assert admitted(Accounts(parts.folder), host, names, None, is_open=False).names == allowed


@pytest.mark.parametrize("host", ["0.0.0.0", "::"])
def test_all_addresses_at_once_need_a_name(accounts: Accounts, parts: Parts, host: str) -> None:
    with pytest.raises(CannotServe, match="--name ask"):
        admitted(Accounts(parts.folder), host, (), None, is_open=False)


def test_a_name_that_was_given_is_served_and_another_is_not(parts: Parts, accounts: Accounts) -> None:
    with serving(parts, Admission(accounts, names=("ask.example",))) as url:
        codes = [
            httpx.get(f"{url}/sign-in", headers={"Host": host}).status_code for host in ("ask.example", "evil.example")
        ]
    assert codes == [200, 400]


# In a browser


@pytest.mark.browser
@pytest.mark.parametrize("scripts", [True, False], ids=["with scripts", "without"])
def test_the_form_works_in_a_browser(parts: Parts, accounts: Accounts, scripts: bool) -> None:
    with chromium() as browser, serving(parts, Admission(accounts)) as url:
        page = browser.new_context(java_script_enabled=scripts).new_page()
        page.goto(url)
        assert page.url == f"{url}/sign-in"
        page.fill("#name", "member")
        page.fill("#password", WRONG)
        page.press("#password", "Enter")
        assert page.inner_text("[role=alert]") == "That name and that password do not belong together."
        assert page.input_value("#name") == "member"
        page.fill("#password", PASSWORD)
        page.click("button")
        assert page.url == f"{url}/"


@pytest.mark.browser
def test_each_sees_the_tabs_of_his_role_and_signs_out(parts: Parts, accounts: Accounts) -> None:
    seen = {}
    with chromium() as browser, serving(parts, Admission(accounts)) as url:
        for role in Role:
            page = browser.new_context().new_page()
            errors: list[str] = []
            page.on("pageerror", lambda error, errors=errors: errors.append(str(error)))
            page.goto(url)
            page.fill("#name", role)
            page.fill("#password", PASSWORD)
            page.click("button")
            page.wait_for_selector(".holdings .count:has-text('1 document.')")
            assert page.inner_text(".signed-in span") == f"{role}, {role}"
            seen[role] = [tab.inner_text() for tab in page.get_by_role("tab").all() if tab.is_visible()][:3]
            page.fill("#question textarea", "What does a zebra have?")
            page.press("#question textarea", "Enter")
            page.wait_for_selector("#turn-1 .reply")
            assert page.locator(".toast-body.error").count() == 0
            page.click(".signed-in button")
            page.wait_for_url(f"{url}/sign-in")
            assert errors == []
            page.context.close()
    assert {role: tabs for role, tabs in seen.items() if role is not Role.ADMIN} == {
        Role.MEMBER: ["Ask"],
        Role.RESEARCHER: ["Ask", "Corpus"],
        Role.EVALUATOR: ["Ask", "Evaluate"],
    }
    assert seen[Role.ADMIN][:3] == ["Ask", "Corpus", "Evaluate"]


@pytest.mark.browser
def test_an_open_page_whose_session_has_ended_leads_to_the_form(parts: Parts, accounts: Accounts) -> None:
    with chromium() as browser, serving(parts, Admission(accounts)) as url:
        page = browser.new_page()
        page.goto(url)
        page.fill("#name", "member")
        page.fill("#password", PASSWORD)
        page.click("button")
        page.wait_for_selector(".holdings .count:has-text('1 document.')")
        accounts.set_password("member", PASSWORD + "!")
        page.fill("#question textarea", "What does a zebra have?")
        page.press("#question textarea", "Enter")
        page.wait_for_url(f"{url}/sign-in")


@pytest.mark.browser
def test_at_home_the_page_names_nobody(parts: Parts) -> None:
    with chromium() as browser, serving(Opening.of(parts)) as url:
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector(".holdings .count")
        assert page.locator(".signed-in, #who").count() == 0
