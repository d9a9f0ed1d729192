"""From bytes to text: byte order marks, what the file declares, UTF-8, and at last what the bytes look like."""

from __future__ import annotations

import codecs
import re

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
_TRUSTED = re.compile(
    r"utf-8|ascii|iso8859-\d+|cp125\d|cp866|cp874|koi8-[rut]|gb2312|gbk|gb18030|hz|big5|big5hkscs|cp932|cp949"
    r"|shift_jis|euc_jp|euc_kr|iso2022_(?:jp|kr)|tis-620|mac-roman|mac-cyrillic"
)
_WINDOWS = {"ascii": "cp1252", "iso8859-1": "cp1252", "iso8859-2": "cp1250", "iso8859-9": "cp1254"}
"""What writers on Windows mean by these names where they use bytes that are no letters there."""


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


def encoding_named(label: str, data: bytes) -> str | None:
    """The encoding that a page or a message means by a name; None where the name is none that these use."""
    try:
        name = codecs.lookup(label).name
    except (LookupError, ValueError):
        return None
    if _TRUSTED.fullmatch(name) is None:
        return None
    return _WINDOWS.get(name, name) if any(0x80 <= byte <= 0x9F for byte in data) else name


def is_utf8(data: bytes) -> bool:
    """Whether all of it is UTF-8; other text hardly ever is."""
    return _fits(data, "utf-8")


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
