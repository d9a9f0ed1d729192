"""Unpacks a body while it arrives, and stops at the first byte too many."""

from __future__ import annotations

import zlib
from collections.abc import Iterable

from corpus.errors import FetchFailed

ACCEPTED = "gzip, deflate"
"""What is asked for. Brotli and zstd are not: a few bytes of either unpack to gigabytes."""

_GZIP = 16 + zlib.MAX_WBITS


def unpack(parts: Iterable[bytes], encoding: str, most_bytes: int) -> bytes:
    """The whole body; raises FetchFailed where it is broken, in an encoding not asked for, or larger than allowed.

    Neither what arrives nor what it unpacks to is ever held beyond ``most_bytes`` and one part.
    """
    match encoding.strip().lower():
        case "" | "identity":
            return _whole(parts, most_bytes)
        case "gzip" | "x-gzip" | "deflate" as known:
            return _inflated(parts, known, most_bytes)
    raise FetchFailed("it is packed in a way that was not asked for; save it in a browser and add the file")


def too_large(most_bytes: int) -> FetchFailed:
    """The error of a body that is larger than allowed."""
    return FetchFailed(f"it is larger than {most_bytes:,} bytes, which is not fetched; save it and add a part of it")


def _whole(parts: Iterable[bytes], most_bytes: int) -> bytes:
    body = bytearray()
    for part in parts:
        body += part
        if len(body) > most_bytes:
            raise too_large(most_bytes)
    return bytes(body)


def _inflated(parts: Iterable[bytes], encoding: str, most_bytes: int) -> bytes:
    body, arrived, engine = bytearray(), 0, None
    try:
        for part in parts:
            arrived += len(part)
            if arrived > most_bytes:
                raise too_large(most_bytes)
            rest = part if engine is None or not engine.eof else part.lstrip(b"\0")
            while rest:
                if engine is None or engine.eof:
                    engine = zlib.decompressobj(_window_bits(encoding, rest))
                body += engine.decompress(rest, most_bytes + 1 - len(body))
                if len(body) > most_bytes:
                    raise too_large(most_bytes)
                rest = engine.unused_data.lstrip(b"\0")
    except zlib.error as error:
        raise FetchFailed("it arrived broken (it does not unpack); try again later") from error
    if engine is not None and not engine.eof:
        raise FetchFailed("it arrived cut short; try again later")
    return bytes(body)


def _window_bits(encoding: str, data: bytes) -> int:
    """How zlib is told the format: "deflate" should have zlib's header, and some servers leave it out."""
    if encoding != "deflate":
        return _GZIP
    has_header = data[0] & 0x0F == 8
    return zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS
