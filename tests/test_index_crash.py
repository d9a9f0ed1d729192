"""Killed at any instant: what was finished is there whole, what was not is absent, and all parts agree."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from functools import reduce
from itertools import accumulate, chain
from pathlib import Path
from random import Random
from statistics import mean

import numpy as np
import pytest

from corpus.cutting import cut
from index.encoder import normalized
from index.retriever import Retrieval
from qa.assembly import Parts, assemble, make_library, open_library
from qa.settings import Settings
from tests.fakes import HashEncoder
from tests.histories import Change, Known, Plans, as_plan, observed, rare_words
from tests.processes import go, lines, live, read_elsewhere, worker

PASSAGES, TOKENS = 12, 12


def write_documents(folder: Path, name: str, count: int) -> list[Path]:
    """Files of twelve paragraphs, each a passage."""
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


def opened(folder: Path) -> Parts:
    return assemble(open_library(folder), folder, HashEncoder(), Settings())


def assert_whole(parts: Parts) -> None:
    """All parts agree, every current document has all its passages, and each is found by every way of searching."""
    assert parts.check() == []
    stored = parts.library.passages(parts.library.passage_ids().tolist())
    for entry in parts.library.entries():
        document = parts.library.document(entry.id)
        expected = cut(document, TOKENS, HashEncoder().count_tokens)
        assert len(expected) == entry.passages >= PASSAGES
        assert [each.passage for each in stored.values() if each.passage.document_id == entry.id] == expected
        for retrieval in Retrieval:
            found = parts.retriever.search(expected[7].text, 5, retrieval=retrieval)
            assert expected[7] in [hit.passage for hit in found]


def assert_nothing_left(folder: Path, known: Known) -> None:
    """No file of the library holds words or vectors of what was purged; those of current documents are in them."""
    files = read_elsewhere(folder)
    kept = {vector for _, text in known.states if text not in known.erased for vector in vectors_of(text)}
    for text in known.erased:
        for sign in {*rare_words(text), *vectors_of(text)} - kept:
            assert [name for name, data in files.items() if sign in data] == []
    for _, text in known.texts("current"):
        holding = {Path(name).parent for name, data in files.items() for sign in rare_words(text) if sign in data}
        assert holding == {Path(), Path("keywords")}


def vectors_of(text: str) -> Iterator[bytes]:
    """The vectors of a text's passages as the library has them and as faiss has them."""
    for vector in HashEncoder().encode(text.split("\n\n")).astype(np.float16):
        yield vector.tobytes()
        yield normalized(vector).tobytes()


def told(said: Sequence[str], steps: Sequence[Sequence[Change]]) -> tuple[list[Change], Sequence[Change]]:
    """The changes that a worker said were finished, and those that it was about, which may be stored together."""
    ended = sum(line.startswith("end") for line in said)
    done = list(chain.from_iterable(steps[:ended]))
    if said.count("begin") == ended:
        return done, []
    ids = len(said) - 1 - max(place for place, line in enumerate(said) if line == "begin")
    return [*done, *steps[ended][:ids]], steps[ended][ids:]


@pytest.mark.parametrize(
    ("seed", "kills"), [(0, 6), *(pytest.param(seed, 20, marks=pytest.mark.long) for seed in range(1, 11))]
)
def test_a_kill_at_any_instant_loses_and_doubles_nothing(folder: Path, tmp_path: Path, seed: int, kills: int) -> None:
    """One library outlives all the kills; half the time this process has it open meanwhile."""
    random = Random(seed)
    plans = Plans(random, tmp_path, PASSAGES)
    known = Known({})
    took_s = {"add": [0.1], "withdraw": [0.1], "purge": [0.1]}
    amid = 0
    parts = opened(folder)
    with worker("lives", folder) as process:
        for life in range(kills + 1):
            steps, known = plans.draw(known, steps=4)
            fatal = random.randrange(3) if life < kills else None
            victim = steps[fatal or 0]
            if random.random() < 0.5:
                parts.library.close()
                parts = opened(folder)
            delay_s = random.random() * mean(took_s[victim[0].do]) * len(victim)
            said = live(process, as_plan(steps, plans), fatal, delay_s)
            amid += said[-1:] != [] and not said[-1].startswith("end")
            ends = [float(line.split()[1]) for line in said if line.startswith("end")]
            for step, seconds in zip(steps, ends, strict=False):
                took_s[step[0].do].append(seconds / len(step))

            done, unfinished = told(said, steps)
            may_be = list(accumulate(unfinished, Known.after, initial=reduce(Known.after, done, known)))
            states = observed(parts.library, known.states)
            assert states in [each.states for each in may_be]
            (known,) = (each for each in may_be if each.states == states)
            assert_whole(parts)
            assert_nothing_left(folder, known)
    assert amid >= kills / 2
    assert known.erased
    parts.library.close()


def test_two_processes_that_add_at_once_both_succeed(folder: Path, tmp_path: Path) -> None:
    groups = [write_documents(tmp_path, name, 6) for name in "ab"]
    with ExitStack() as stack:
        workers = [stack.enter_context(worker("add", folder, *map(str, files))) for files in groups]
        for each in workers:
            go(each)
        for each, files in zip(workers, groups, strict=True):
            assert lines(each) == [file.stem for file in files]
    parts = opened(folder)
    assert_whole(parts)
    assert {entry.id for entry in parts.library.entries()} == {file.stem for files in groups for file in files}
    parts.library.close()
