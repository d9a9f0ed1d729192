"""Prints the free pages of a database file that hold something; ``check`` runs it as a process of its own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator


def unwiped_pages(file: str) -> Iterator[int]:
    """The numbers of the pages (SQLite's file format, section 1.5).

    A page that lists others may go on holding numbers of pages that were free before, and nothing else.
    """
    with open(file, "rb") as database:
        header = database.read(100)
        size = int.from_bytes(header[16:18], "big")
        size = 65536 if size == 1 else size
        trunk = int.from_bytes(header[32:36], "big")
        most = database.seek(0, os.SEEK_END) // size
        while trunk:
            database.seek((trunk - 1) * size)
            page = database.read(size)
            numbers = [int.from_bytes(page[place : place + 4], "big") for place in range(0, size, 4)]
            leaves = numbers[2 : 2 + numbers[1]]
            if any(number > most for number in numbers):
                yield trunk
            for leaf in leaves:
                database.seek((leaf - 1) * size)
                if any(database.read(size)):
                    yield leaf
            trunk = numbers[0]


if __name__ == "__main__":
    sys.stdout.write(" ".join(map(str, unwiped_pages(sys.argv[1]))))
