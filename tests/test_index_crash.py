"""Killed at any instant: what was finished is there whole, what was not is absent, and all parts agree."""

from __future__ import annotations

import time
from contextlib import ExitStack
from pathlib import Path
from random import Random

import pytest

from corpus.cutting import cut
from corpus.files import find_files
from index.retriever import Retrieval
from qa.assembly import Parts, assemble, make_library, open_library
from qa.settings import Settings
from tests.fakes import HashEncoder
from tests.processes import go, lines, worker

DOCUMENTS, PASSAGES, TOKENS = 30, 40, 12
LONG = pytest.mark.long


def write_documents(folder: Path, name: str, count: int) -> list[Path]:
    """Files of forty paragraphs, each a passage."""
    files = [folder / f"{name}-{number}.md" for number in range(count)]
    for number, file in enumerate(files):
        paragraphs = (
            f"Barge {part} of convoy {name} {number} carries {part * number} tonnes." for part in range(PASSAGES)
        )
        file.write_text("\n\n".join(paragraphs))
    return files


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    make_library(tmp_path / "library", HashEncoder(), empty=True, passage_tokens=TOKENS)
    return tmp_path / "library"


def assert_whole(parts: Parts, finished: set[str]) -> None:
    """All parts agree, every document is whole, and all that was said to be finished is there."""
    assert parts.check() == []
    entries = {entry.id: entry for entry in parts.library.entries()}
    assert finished <= set(entries)
    stored = parts.library.passages(parts.library.passage_ids().tolist())
    for id, entry in entries.items():
        expected = cut(parts.library.document(id), TOKENS, HashEncoder().count_tokens)
        assert len(expected) == entry.passages >= PASSAGES
        assert [each.passage for each in stored.values() if each.passage.document_id == id] == expected
        asked = f"barge 7 of convoy {id.replace('-', ' ')}"
        for retrieval in Retrieval:
            assert parts.retriever.search(asked, 1, retrieval=retrieval)


@pytest.mark.parametrize("seed", [*range(5), *(pytest.param(seed, marks=LONG) for seed in range(5, 55))])
def test_a_kill_loses_nothing_that_was_finished(folder: Path, tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    files = write_documents(tmp_path, "a", DOCUMENTS)
    with worker("add", folder, *map(str, files)) as process:
        assert process.stdout is not None
        go(process)
        finished = [process.stdout.readline().strip() for _ in range(random.randrange(8))]
        time.sleep(random.random() * 0.2)
        process.kill()
        finished += process.stdout.read().split("\n")[:-1]
        process.wait()
    assert len(finished) < DOCUMENTS
    parts = assemble(open_library(folder), folder, HashEncoder(), Settings())
    assert_whole(parts, set(finished))

    goes_on = files[: len(finished) + 2]
    assert [added.error for added in parts.intake.add(find_files(goes_on))] == [None] * len(goes_on)
    assert_whole(parts, {file.stem for file in goes_on})
    parts.library.close()


def test_two_processes_that_add_at_once_both_succeed(folder: Path, tmp_path: Path) -> None:
    groups = [write_documents(tmp_path, name, 6) for name in "ab"]
    with ExitStack() as stack:
        workers = [stack.enter_context(worker("add", folder, *map(str, files))) for files in groups]
        for each in workers:
            go(each)
        for each, files in zip(workers, groups, strict=True):
            assert lines(each) == [file.stem for file in files]
    parts = assemble(open_library(folder), folder, HashEncoder(), Settings())
    assert_whole(parts, {file.stem for files in groups for file in files})
    parts.library.close()
