"""The shield: every response is held to its own page, and what another site sends in a user's name is refused."""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from qa.web.originals import NEVER_RUN, original_path
from qa.web.shield import HEADERS, is_own, policy
from tests.conftest import MakeParts
from tests.web import serving

OUTSIDE = re.compile(r"https?:|data:|blob:|\*|'unsafe-eval'")
SCRIPT = re.compile(r"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


@given(st.lists(st.text("abc123+/=", min_size=1)))
def test_no_policy_lets_anything_in_from_outside_or_evaluates(hashes: list[str]) -> None:
    directives = dict(each.split(" ", 1) for each in policy([f"'sha256-{hash}'" for hash in hashes]).split("; "))
    assert not any(OUTSIDE.search(value) for value in directives.values())
    assert "unsafe-inline" not in directives["script-src"]
    assert directives["img-src"] == "'self'"
    assert {directives[name] for name in ("frame-ancestors", "object-src", "frame-src")} == {"'none'"}
    assert {directives[name] for name in ("base-uri", "form-action", "default-src")} == {"'self'"}


def test_every_response_has_the_headers_and_every_script_of_the_page_its_hash(make_parts: MakeParts) -> None:
    paths = ["/", "/config", "/theme.css", "/nowhere", "/gradio_api/info", "/runs/none/report", "/manifest.json"]
    with serving(make_parts()) as url, httpx.Client(headers={"Accept": "text/html"}) as client:
        responses = [client.get(url + path) for path in paths]
    for response in responses:
        for name, value in HEADERS.items():
            assert response.headers[name] == value, response.url
        assert response.headers["content-security-policy"]
    page = responses[0]
    scripts = SCRIPT.findall(page.text)
    assert len(scripts) >= 3
    for script in scripts:
        digest = b64encode(hashlib.sha256(script.encode()).digest()).decode()
        assert f"'sha256-{digest}'" in page.headers["content-security-policy"]


def test_a_file_for_download_keeps_its_stricter_policy(make_parts: MakeParts) -> None:
    with serving(make_parts(zebra="A zebra has stripes.")) as url:
        response = httpx.get(url + original_path("zebra"))
    assert response.status_code == 200
    assert {name: response.headers[name] for name in NEVER_RUN} == dict(NEVER_RUN)


@pytest.mark.parametrize(
    ("headers", "own"),
    [
        ({"sec-fetch-site": "same-origin"}, True),
        ({"sec-fetch-site": "none"}, True),
        ({"sec-fetch-site": "same-site", "origin": "http://here:1"}, False),
        ({"sec-fetch-site": "cross-site", "origin": "http://here:1"}, False),
        ({"origin": "http://here:1"}, True),
        ({"origin": "https://here:1"}, True),
        ({"origin": "http://here:2"}, False),
        ({"origin": "http://elsewhere"}, False),
        ({"origin": "null"}, False),
        ({"origin": "http://here:1@elsewhere"}, False),
        ({}, False),
        ({"authorization": "Bearer abc"}, True),
        ({"authorization": "Bearer abc", "cookie": "session=1"}, False),
        ({"authorization": "Basic abc"}, False),
    ],
    ids=str,
)
def test_a_request_is_the_pages_own_or_a_program_with_a_token(headers: dict[str, str], own: bool) -> None:
    assert is_own(Headers({"host": "here:1", **headers})) is own


@pytest.mark.parametrize("path", ["/gradio_api/queue/join", "/gradio_api/upload", "/gradio_api/cancel", "/"])
def test_another_sites_page_can_change_nothing(make_parts: MakeParts, path: str) -> None:
    with serving(make_parts()) as url:
        response = httpx.post(url + path, headers={"Origin": "https://outside.example"}, json={})
    assert response.status_code == 403
    assert "a page of another site" in response.text
    assert response.headers["content-security-policy"]
