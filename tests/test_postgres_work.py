"""Files that wait in a database are added by several workers: each once, and none is lost when workers are killed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from random import Random

import pytest

from corpus.catalogue import shipped_catalogue
from corpus.errors import KrakowQAError
from corpus.files import File
from corpus.postgres.dsn import Dsn
from corpus.postgres.library import PostgresLibrary
from index.added import IfChanged, Outcome
from index.intake import Intake
from index.working import work
from qa.cli.working import _waiting_in
from qa.target import Target
from tests.fakes import HashEncoder
from tests.postgres import Server
from tests.test_corpus_library import _MANIFEST

_WORKER = """
import sys, time
import corpus.reading
from tests.worker import ParsesItself
from corpus.catalogue import shipped_catalogue
from corpus.postgres.dsn import Dsn
from corpus.postgres.library import PostgresLibrary
from index.added import IfChanged
from index.intake import Intake
from index.working import work
from tests.fakes import HashEncoder
corpus.reading.parsers = ParsesItself
library = PostgresLibrary(Dsn(sys.argv[1]))
for added in work(library.waiting, Intake(library, HashEncoder(), shipped_catalogue()), IfChanged.FAIL, at_once=4):
    print(added.id, added.outcome.value, flush=True)
    time.sleep(0.02)
"""


@pytest.fixture
def dsn(postgres: Server) -> Iterator[Dsn]:
    yield Dsn(postgres.new_dsn())
    postgres.drop_all()


@pytest.fixture
def library(dsn: Dsn) -> Iterator[PostgresLibrary]:
    with closing(PostgresLibrary.create(dsn, _MANIFEST)) as made:
        yield made


def file_of(name: str, text: str) -> File:
    return File(f"/files/{name}.md", f"{name}.md", text.encode, {"title": name.title()})


def added_by(library: PostgresLibrary) -> list[tuple[str | None, Outcome]]:
    intake = Intake(library, HashEncoder(), shipped_catalogue())
    return [(added.id, added.outcome) for added in work(library.waiting, intake, IfChanged.FAIL)]


def test_what_waits_is_added_with_what_is_said_of_it_and_waits_no_more(library: PostgresLibrary) -> None:
    for name in ("one", "two"):
        library.waiting.put(file_of(name, f"Text {name}."))
    library.waiting.put(file_of("two", "Text two, mended."))
    assert library.waiting.number() == 2
    assert added_by(library) == [("one", Outcome.ADDED), ("two", Outcome.ADDED)]
    assert library.document("two").text.strip() == "Text two, mended."
    assert [entry.source.title for entry in library.entries()] == ["One", "Two"]
    assert (library.waiting.number(), library.waiting.failed(), added_by(library)) == (0, [], [])


def test_a_file_that_cannot_be_added_is_kept_with_the_reason_until_it_is_dropped(library: PostgresLibrary) -> None:
    library.waiting.put(File("/files/bad.pdf", "bad.pdf", lambda: b"no PDF at all"))
    library.waiting.put(file_of("good", "Good text."))
    assert [outcome for _, outcome in added_by(library)] == [Outcome.FAILED, Outcome.ADDED]
    (failed,) = library.waiting.failed()
    assert failed.origin == "/files/bad.pdf"
    assert failed.error
    assert added_by(library) == []
    library.waiting.drop([failed.origin])
    assert library.waiting.failed() == []


def test_what_one_worker_has_no_other_gets_and_it_waits_again_when_that_fails(library: PostgresLibrary) -> None:
    for number in range(3):
        library.waiting.put(file_of(f"d{number}", f"Text {number}."))
    with suppress(ZeroDivisionError), library.waiting.taken(2) as mine:
        with library.waiting.taken(5) as others:
            assert [len(each.files) for each in (mine, others)] == [2, 1]
            others.fail(0, "it is not wanted")
        raise ZeroDivisionError
    assert len(added_by(library)) == 2
    assert [failed.error for failed in library.waiting.failed()] == ["it is not wanted"]


def test_three_workers_add_each_file_once_however_often_they_are_killed(dsn: Dsn, library: PostgresLibrary) -> None:
    random, files = Random(5), 60
    for number in range(files):
        paragraphs = [f"Barge {n} of convoy {number}." for n in range(number % 7 + 1)]
        library.waiting.put(file_of(f"d{number}", "\n\n".join(paragraphs)))
    command = [sys.executable, "-c", _WORKER, dsn.url]

    def start() -> subprocess.Popen[bytes]:
        return subprocess.Popen(command, cwd=Path(__file__).parents[1], stdout=subprocess.DEVNULL)

    workers = [start() for _ in range(3)]
    kills = 0
    while any(worker.poll() is None for worker in workers):
        time.sleep(0.2)
        if kills < 4 and len(library.entries()) > 12 * kills:
            place = random.randrange(3)
            workers[place].kill()
            workers[place].wait()
            workers[place] = start()
            kills += 1
    assert kills == 4
    assert [worker.returncode for worker in workers] == [0, 0, 0]
    assert (library.waiting.number(), library.waiting.failed()) == (0, [])
    assert {entry.id for entry in library.entries()} == {f"d{number}" for number in range(files)}
    added = [change.document_id for change in library.changes(0)]
    assert sorted(added) == sorted(set(added))
    assert library.check() == []


def test_a_folder_has_nothing_that_waits(tmp_path: Path) -> None:
    with pytest.raises(KrakowQAError, match="files wait in PostgreSQL alone"):
        _waiting_in(Target(tmp_path, True, None), None)  # type: ignore[arg-type]
