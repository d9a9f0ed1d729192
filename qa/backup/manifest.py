"""What a backup says of itself: when and by which version it was made, of which library, and what is in it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import IO
from zipfile import ZipFile

from pydantic import TypeAdapter, ValidationError

from corpus.errors import KrakowQAError
from corpus.sqlite.copying import Stand

FORMAT = 1
"""Of the file, as the manifest states it."""

MEMBERS = "library/"
"""How the names of all members begin but the manifest's."""

_NAME = "manifest.json"
_PIECE_BYTES = 1 << 20


class BadBackup(KrakowQAError):
    """A file that is no backup, is damaged, or is of a later format."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file in a backup: its length and its SHA-256."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``made_at`` is UTC, ISO 8601; ``krakow_qa`` the version that made it; ``members`` are by path in the folder."""

    format: int
    made_at: str
    krakow_qa: str
    library: Stand
    members: Mapping[str, Member]

    def write(self, archive: ZipFile) -> None:
        """Put it into the backup."""
        archive.writestr(_NAME, json.dumps(asdict(self), ensure_ascii=False, indent=1) + "\n")

    @classmethod
    def read(cls, archive: ZipFile) -> Manifest:
        """That of a backup; raises BadBackup."""
        try:
            fields = json.loads(archive.read(_NAME))
            if fields["format"] > FORMAT:
                raise BadBackup(
                    f"{archive.filename} is a backup of format {fields['format']}, and this krakow-qa reads {FORMAT}."
                    f" Restore it with krakow-qa {fields['krakow_qa']}, which made it"
                )
            return TypeAdapter(cls).validate_python(fields)
        except (KeyError, ValueError, TypeError, ValidationError) as error:
            raise BadBackup(f"{archive.filename} is no backup of a library. Give one that krakow-qa made") from error


def passed_on(source: IO[bytes], target: IO[bytes]) -> Member:
    """Copy all that a file holds; what was copied."""
    digest, length = hashlib.sha256(), 0
    while piece := source.read(_PIECE_BYTES):
        target.write(piece)
        digest.update(piece)
        length += len(piece)
    return Member(length, digest.hexdigest())
