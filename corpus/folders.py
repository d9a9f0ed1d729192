"""A folder that one process holds at a time."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def held(folder: Path, *, waiting: bool) -> Iterator[None]:
    """Locks a folder until then, or until this process dies, for one process at a time, and one thread of it.

    Where another one has it, it is waited for; without ``waiting`` OSError is raised.
    """
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX if waiting else fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
