"""Folders in which something is made before it appears, whole, beside them."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.folders import held

_UNFINISHED = ".krakow-qa-making-"


@contextmanager
def staging(parent: Path) -> Iterator[Path]:
    """A new folder in another one, for this user alone and gone at the end; those that killed processes left go too.

    Raises OSError.
    """
    for left in parent.glob(f"{_UNFINISHED}*"):
        with suppress(OSError), held(left, waiting=False):
            shutil.rmtree(left)
    with TemporaryDirectory(prefix=_UNFINISHED, dir=parent) as made, held(Path(made), waiting=False):
        yield Path(made)


def sync(path: Path) -> None:
    """Have a file or the names in a folder on disk before going on."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
