"""From bytes to text: byte order marks, what the file declares, UTF-8, and at last what the bytes look like."""

from __future__ import annotations

import codecs

import chardet

from corpus.errors import UnreadableFile

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_LOOKED_AT = 100_000


def decode(data: bytes, declared: str | None = None) -> tuple[str, tuple[str, ...]]:
    """The text with newlines as ``\\n``, and a warning where its encoding was guessed; raises UnreadableFile."""
    encoding = next((encoding for mark, encoding in _MARKS if data.startswith(mark)), None)
    warnings: tuple[str, ...] = ()
    if encoding is None:
        encoding = next((each for each in (declared, "utf-8") if each is not None and _fits(data, each)), None)
    if encoding is None:
        encoding = _guessed(data)
        warnings = (f"its encoding was guessed to be {encoding}; save it as UTF-8 if letters are wrong",)
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        name = encoding.removesuffix("-sig").upper()
        raise UnreadableFile(f"byte {error.start} is not {name}; save it as UTF-8 and add it again") from error
    if "\0" in text:
        raise UnreadableFile(
            "it is not a text file: it holds NUL characters; open it in its program and save it as text or PDF"
        )
    return text.replace("\r\n", "\n").replace("\r", "\n"), warnings


def _fits(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except (UnicodeDecodeError, LookupError):
        return False
    return True


def _guessed(data: bytes) -> str:
    found = chardet.detect(data[:_LOOKED_AT])["encoding"]
    if found is None or not _fits(data, found):
        raise UnreadableFile("it is not text in an encoding that is known; save it as UTF-8 and add it again")
    return str(found)
