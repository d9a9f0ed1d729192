"""What a response says about its content: its type, its charset, and a name for it that is never a path."""

from __future__ import annotations

import codecs
import unicodedata
from dataclasses import dataclass
from email.message import Message
from email.utils import collapse_rfc2231_value
from pathlib import PurePosixPath
from urllib.parse import unquote

from corpus.fetching.urls import WebUrl
from corpus.parsing.archives import SUFFIXES
from corpus.parsing.formats import READABLE

_ENDINGS: dict[str, tuple[str, ...]] = {
    "text/html": (".html", ".htm", ".xhtml"),
    "application/xhtml+xml": (".xhtml", ".html", ".htm"),
    "application/pdf": (".pdf",),
    "application/x-pdf": (".pdf",),
    "application/epub+zip": (".epub",),
    "application/vnd.oasis.opendocument.text": (".odt",),
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": (".docx", ".docm"),
    "application/vnd.ms-word.document.macroenabled.12": (".docm", ".docx"),
    "message/rfc822": (".eml",),
    "text/markdown": (".md", ".markdown"),
}
"""Of types that say what a file is: the endings that agree, the usual one first."""

_VAGUE = {"text/plain": ".txt", "application/zip": ".zip", "application/x-zip-compressed": ".zip"}
"""Types that servers give to many formats, and the ending where the name has none that is read."""

_LONGEST_HEADER = 4000
_LONGEST_NAME = 120
_DEVICES = frozenset(
    ["con", "prn", "aux", "nul", *(f"{name}{digit}" for name in ("com", "lpt") for digit in range(1, 10))]
)
"""Names that Windows keeps for itself."""


@dataclass(frozen=True, slots=True)
class Described:
    """``content_type`` without parameters, in lower case, empty where unknown; ``charset`` as Python names it."""

    content_type: str
    charset: str | None
    name: str


def describe(url: WebUrl, content_type: str, disposition: str, data: bytes = b"") -> Described:
    """What the headers of those names, the URL and the first bytes say; never raises for anything a server sends."""
    message = Message()
    message["Content-Type"] = content_type[:_LONGEST_HEADER]
    kind = message.get_content_type() if "/" in content_type else ""
    charset = _parameter(message, "content-type", "charset")
    return Described(kind, _codec(charset), _name(url, kind, disposition, data))


def plain_name(text: str) -> str:
    """What of a text can be a file's name: its last component, of letters, digits and a few signs; may be empty."""
    last = unicodedata.normalize("NFC", text).replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(char if unicodedata.category(char)[0] in "LMN" or char in " ._-()+,&'" else "_" for char in last)
    name = " ".join(kept.split()).strip(" .")
    if name.partition(".")[0].strip().lower() in _DEVICES:
        name = f"_{name}"
    path = PurePosixPath(name)
    ending = path.suffix[:20]
    return name if len(name) <= _LONGEST_NAME else path.stem[: _LONGEST_NAME - len(ending)].rstrip(" .") + ending


def _name(url: WebUrl, kind: str, disposition: str, data: bytes) -> str:
    segment = url.target.partition("?")[0].rpartition("/")[2]
    name = plain_name(_said_name(disposition)) or plain_name(unquote(segment)) or plain_name(url.host)
    ending = PurePosixPath(name).suffix.lower()
    agreeing = _ENDINGS.get(kind)
    if agreeing is not None:
        return name if ending in agreeing else f"{name}{agreeing[0]}"
    if ending in READABLE | SUFFIXES:
        return name
    if data.startswith(b"%PDF-"):
        return f"{name}.pdf"
    return f"{name}{_VAGUE.get(kind, '')}"


def _said_name(disposition: str) -> str:
    """The name in Content-Disposition; the one with a charset (``filename*``) is preferred, as RFC 6266 asks."""
    message = Message()
    message["Content-Disposition"] = disposition[:_LONGEST_HEADER]
    return _parameter(message, "content-disposition", "filename") or ""


def _parameter(message: Message, header: str, wanted: str) -> str | None:
    try:
        found = [value for name, value in message.get_params([], header) if name.lower() == wanted]
        found.sort(key=lambda value: isinstance(value, str))
        return collapse_rfc2231_value(found[0]) if found else None
    except (ValueError, LookupError, TypeError):
        return None


def _codec(charset: str | None) -> str | None:
    """Python's name of a charset; None for one that is not known or is no charset, such as "zlib"."""
    if charset is None:
        return None
    name = charset.strip("'\" ")
    try:
        "".encode(name)
        return codecs.lookup(name).name
    except (LookupError, ValueError):
        return None
