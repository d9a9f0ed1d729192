"""ZIP archives: each member is a file of its own; names are never used as paths, and unpacking is bounded."""

from __future__ import annotations

import contextlib
import lzma
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from corpus.errors import UnreadableFile

SUFFIXES = frozenset({".zip"})

BROKEN = (
    zipfile.BadZipFile, zlib.error, lzma.LZMAError, struct.error, KeyError, ValueError, OSError, EOFError,
    NotImplementedError,
)  # fmt: skip
"""What reading a damaged archive may raise; one locked with a password raises RuntimeError."""

_MOST_MEMBERS = 5000
_MOST_BYTES = 200_000_000
"""Of one member, unpacked."""
_MOST_BYTES_TOGETHER = 2_000_000_000


def member_names(path: Path, readable: frozenset[str]) -> Iterator[str]:
    """The names of the members that a parser reads, in order; raises UnreadableFile."""
    try:
        with zipfile.ZipFile(path) as file:
            sizes = {each.filename: each.file_size for each in file.infolist() if each.filename and not each.is_dir()}
    except PermissionError as error:
        raise UnreadableFile(f"it cannot be opened ({error.strerror}); check the path") from error
    except BROKEN as error:
        raise UnreadableFile("it is not a whole ZIP archive; pack it again") from error
    wanted = [name for name in sorted(sizes) if _is_wanted(name, readable)]
    if not wanted:
        raise UnreadableFile(f"it holds no file that is read; known are {', '.join(sorted(readable))}")
    if len(wanted) > _MOST_MEMBERS:
        raise UnreadableFile(f"it holds {len(wanted)} files, and at most {_MOST_MEMBERS} are read; split it")
    if sum(sizes[name] for name in wanted) > _MOST_BYTES_TOGETHER:
        raise UnreadableFile(_too_much(_MOST_BYTES_TOGETHER))
    yield from wanted


def read_member(path: Path, name: str) -> bytes:
    """The bytes of a member; raises UnreadableFile."""
    try:
        with zipfile.ZipFile(path) as file:
            too_much = file.getinfo(name).file_size > _MOST_BYTES
            content = b"" if too_much else file.read(name)
    except BROKEN as error:
        raise UnreadableFile("it is damaged; unpack the archive and add the folder") from error
    except RuntimeError as error:
        raise UnreadableFile("it is locked with a password; unpack the archive and add the folder") from error
    if too_much:
        raise UnreadableFile(_too_much(_MOST_BYTES))
    return content


def label(name: str) -> str:
    """A member's name as people wrote it, without characters that nobody sees.

    Some programs write names in UTF-8 and do not say so; such a name arrives as if it were in the code page of DOS.
    """
    with contextlib.suppress(UnicodeError):
        name = name.encode("cp437").decode("utf-8")
    return "".join(char if char.isprintable() else "\ufffd" for char in name)


def _too_much(most_bytes: int) -> str:
    return f"it unpacks to more than {most_bytes // 1_000_000} MB, which is not read; split it"


def _is_wanted(name: str, readable: frozenset[str]) -> bool:
    path = PurePosixPath(name.replace("\\", "/"))
    hidden = any((part.startswith(".") and part != "..") or part == "__MACOSX" for part in path.parts)
    return not hidden and path.suffix.lower() in readable
