"""What tests start as another process: adds files to a library, or brings its indexes up to date.

    python worker.py add FOLDER FILE...     prints each id as soon as it is finished
    python worker.py refresh FOLDER         prints the ids that keywords and vectors hold
    python worker.py withdraw FOLDER ID     withdraws a document

Each prints "ready" first and begins when it is given a line.
"""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import index.vectors
from corpus.files import find_files
from qa.assembly import Parts, assemble, open_library
from qa.settings import Settings
from tests.fakes import HashEncoder


def parts_in(folder: str) -> Parts:
    """The library in a folder, whose snapshots are written often so that a kill can meet one."""
    index.vectors._SNAPSHOT_FROM = 100
    return assemble(open_library(Path(folder)), Path(folder), HashEncoder(), Settings())


def say(line: str) -> None:
    """Print a line that the test sees at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main(command: str, folder: str, *rest: str) -> None:
    """Do what the command line says."""
    say("ready")
    sys.stdin.readline()
    if command == "withdraw":
        open_library(Path(folder)).withdraw(rest[0])
        return
    parts = parts_in(folder)
    if command == "refresh":
        parts.refresh()
        say(str(parts.keywords.ids().tolist()))
        say(str(parts.vectors.ids().tolist()))
        return
    for file in rest:
        for added in parts.intake.add(find_files([Path(file)])):
            if added.error is not None:
                raise SystemExit(added.error)
            say(f"{added.id}")
        parts.refresh()


if __name__ == "__main__":
    main(*sys.argv[1:])
