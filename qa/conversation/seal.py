"""Seals: the SHA-256 of a file, written into it, so that a change shows which no quote would show.

Whoever means to can seal a changed file anew. What is quoted is therefore proven by the library, and a seal only tells
that the rest (questions, who said it, how sure the answer was) is as it was exported.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

_SEAL = re.compile(r"<!-- krakow-qa seal ([0-9a-f]{64}) -->\s*\Z")


def sealed_text(text: str) -> str:
    """The text with its seal in a last line, which Markdown and HTML do not show."""
    text = text.rstrip() + "\n"
    return f"{text}<!-- krakow-qa seal {_digest(text)} -->\n"


def is_sealed_text(text: str) -> bool | None:
    """Whether a text is as it was sealed, but for how its lines end; None where it has no seal."""
    text = text.replace("\r\n", "\n")
    seal = _SEAL.search(text)
    return None if seal is None else seal[1] == _digest(text[: seal.start()])


def sealed_json(fields: Mapping[str, Any]) -> str:
    """The object with its seal in a last field."""
    return json.dumps({**fields, "seal": _digest(_canonical(fields))}, ensure_ascii=False, indent=2) + "\n"


def is_sealed_json(fields: Mapping[str, Any]) -> bool | None:
    """Whether an object is as it was sealed, however it is laid out; None where it has no seal."""
    if "seal" not in fields:
        return None
    unsealed = {name: value for name, value in fields.items() if name != "seal"}
    return bool(fields["seal"] == _digest(_canonical(unsealed)))


def _canonical(fields: Mapping[str, Any]) -> str:
    return json.dumps(fields, sort_keys=True, separators=(",", ":"))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogatepass")).hexdigest()
