"""What tests start as another process: adds files to a library, brings its indexes up to date, or lives to be killed.

    python worker.py add FOLDER FILE...     prints each id as soon as it is finished
    python worker.py refresh FOLDER         prints the ids that keywords and vectors hold
    python worker.py withdraw FOLDER ID     withdraws a document
    python worker.py erase FOLDER ID        erases a document, and dies before anything else learns of it
    python worker.py lives FOLDER           carries out plans, each in a forked child that a test may kill

Each prints "ready" first and begins when it is given a line. A line of ``lives`` is a plan in JSON: steps that are each
["add", FILE...], ["withdraw", ID], ["purge", ID] or ["run", SET, RUN_DIR]. Its child says its process id, then for each
step "begin", the id of each document as soon as it is finished, and "end" with the seconds that the step took; "over"
follows its death.
"""

from __future__ import annotations

import json
import os
import sys
import time
import traceback
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import corpus.reading
import index.vectors
from corpus.catalogue import shipped_catalogue
from corpus.cutting import cut
from corpus.files import File, find_files
from corpus.parsing.contract import Parsed
from corpus.parsing.formats import parser_for
from corpus.reading import read_file
from corpus.sqlite.steps import erase
from corpus.stored import now_utc
from index.intake import IfChanged
from qa.assembly import Parts, assemble, open_library
from qa.evaluation.command import run_through
from qa.evaluation.setup import over_library
from qa.evaluation.task import Task
from qa.settings import LEXICAL_READER, Settings
from tests.fakes import HashEncoder


def load_late() -> None:
    """Load now what is loaded when a first file is added, once for all children."""
    text = b"Nine barges lie in the old harbour. They carry salt. " * 20
    read = read_file(File("first", "first.md", lambda: text), shipped_catalogue())
    cut(read.document, 12, HashEncoder().count_tokens)


class ParsesItself:
    """Parses in this process, since a life is to cost no other one."""

    def parse(self, name: str, data: bytes, charset: str | None = None) -> tuple[Parsed, str]:
        parser = parser_for(name)
        return parser.parse(data), parser.name


def parts_in(folder: str) -> Parts:
    """The library in a folder, whose snapshots are written often so that a kill can meet one."""
    index.vectors._SNAPSHOT_FROM = 20
    return assemble(open_library(Path(folder)), Path(folder), HashEncoder(), Settings())


def say(line: str) -> None:
    """Print a line that the test sees at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def live(folder: str, plan: Sequence[Sequence[str]]) -> None:
    """Carry out a plan in a child and say how the child ended; so what is imported is imported once."""
    child = os.fork()
    if child != 0:
        _, status = os.waitpid(child, 0)
        say(f"over {os.waitstatus_to_exitcode(status)}")
        return
    try:
        parts = parts_in(folder)
        say(str(os.getpid()))
        for step in plan:
            say("begin")
            start = time.perf_counter()
            carry_out(parts, *step)
            say(f"end {time.perf_counter() - start}")
        parts.library.close()
        os._exit(0)
    finally:  # a child never goes on with what its parent was about
        traceback.print_exc()
        os._exit(1)


def carry_out(parts: Parts, do: str, *what: str) -> None:
    """One step of a plan, until everyone finds what it brings."""
    if do == "add":
        for added in parts.intake.add(find_files(map(Path, what)), IfChanged.REPLACE):
            if added.error is not None:
                raise ValueError(added.error)
            say(f"{added.id}")
    elif do == "withdraw":
        parts.library.withdraw(*what)
    elif do == "run":
        run_set(parts, *map(Path, what))
    else:
        parts.purge(*what)
    parts.refresh()


def run_set(parts: Parts, questions: Path, folder: Path) -> None:
    """Put a set to the library, or go on with the run that is there."""
    begun = (folder / "run.json").exists()
    task = Task(questions)
    setup = over_library(task, replace(parts, settings=Settings(reader=LEXICAL_READER)))
    for _ in run_through(task, setup, out=None if begun else folder, resume=folder if begun else None):
        pass


def main(command: str, folder: str, *rest: str) -> None:
    """Do what the command line says."""
    say("ready")
    if command == "lives":
        corpus.reading.parsers = ParsesItself
        load_late()
        for line in sys.stdin:
            live(folder, json.loads(line))
        return
    sys.stdin.readline()
    if command == "erase":
        library = open_library(Path(folder))
        with library._database.writing() as db:
            erase(db, rest[0], now_utc())
        os._exit(0)
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
