"""Files added in a batch: what becomes of each is what would if it were added alone, and no text is encoded twice."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from random import Random
from typing import Any

import pytest

from corpus.errors import LibraryError
from corpus.files import File, find_files
from corpus.library import Entry
from index.encoder import Vectors
from index.intake import Added, IfChanged, Outcome
from index.reencoding import reencode
from qa.assembly import Parts
from tests.conftest import MakeParts, put
from tests.fakes import HashEncoder

SENTENCES = [f"Barge {number} lies at quay {number} until the tide of day {number}." for number in range(40)]


@pytest.fixture
def encoded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The texts that are encoded, in their order."""
    texts: list[str] = []
    really = HashEncoder.encode

    def watched(self: HashEncoder, asked: Sequence[str]) -> Vectors:
        texts.extend(asked)
        return really(self, asked)

    monkeypatch.setattr(HashEncoder, "encode", watched)
    return texts


def drawn(random: Random) -> list[File]:
    """Files of few names, ids and texts, so that they clash in every way; some cannot be read."""
    files = []
    for _ in range(14):
        folder, name = random.choice("ab"), random.choice(["pier", "lock", "quay"])
        front = random.choice(["", "", "---\nid: lock\n---\n", "---\ntitle: The quay\n---\n", "---\nid: No Id\n---\n"])
        text = front + "\n\n".join(random.choices(SENTENCES[:3], k=random.randint(1, 2)))
        metadata = random.choice([{}, {}, {"publisher": "Harbour"}])
        files.append(File(f"/{folder}/{name}.md", f"{name}.md", text.encode, metadata))
    return files


def seen(entry: Entry | None) -> Entry | None:
    """An entry without its times."""
    return None if entry is None else replace(entry, added_at="", ended_at=None)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("if_changed", IfChanged)
def test_a_batch_ends_as_its_files_one_after_the_other(make_parts: MakeParts, if_changed: IfChanged, seed: int) -> None:
    one, other = make_parts(name="one", passage_tokens=12), make_parts(name="other", passage_tokens=12)
    for _ in range(2):
        files = drawn(Random(seed))
        together = list(one.intake.add(files, if_changed))
        alone = [added for file in files for added in other.intake.add([file], if_changed)]
        assert [replace(each, present=seen(each.present)) for each in together] == [
            replace(each, present=seen(each.present)) for each in alone
        ]
        contents = [
            [(each.id, each.passage, each.vector.tobytes()) for each in parts.library.stored(range(1, 999))]
            for parts in (one, other)
        ]
        assert contents[0] == contents[1]
        assert [seen(entry) for entry in one.library.entries()] == [seen(entry) for entry in other.library.entries()]
        assert one.check() == []


def test_small_files_are_encoded_together_and_large_ones_apart(
    make_parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.encoding._BATCH_TEXTS", 8)
    parts = make_parts(passage_tokens=12)
    sizes: list[int] = []
    really = HashEncoder.encode
    begun = threading.Event()

    def watched(self: HashEncoder, texts: Sequence[str]) -> Vectors:
        begun.wait(10)
        sizes.append(len(texts))
        return really(self, texts)

    def files() -> Iterator[File]:
        for number, sentence in enumerate(SENTENCES[:20]):
            yield File(f"/{number}.md", f"{number}.md", sentence.encode)
        begun.set()
        yield File("/large.md", "large.md", "\n\n".join(SENTENCES[20:]).encode)

    monkeypatch.setattr(HashEncoder, "encode", watched)
    assert [added.passages for added in parts.intake.add(files())] == [1] * 20 + [20]
    assert sum(sizes) == 40
    assert max(sizes) <= 16
    assert len(sizes) < 10


def test_no_text_is_encoded_twice_in_whatever_document_it_stands(
    make_parts: MakeParts, tmp_path: Path, encoded: list[str]
) -> None:
    parts = make_parts(passage_tokens=12)
    first, second, third = SENTENCES[:3]
    files = {"one": f"{first}\n\n{second}", "two": f"{second}\n\n{third}", "three": f"{third}\n\n{first}\n\n{third}"}
    for name, text in files.items():
        (tmp_path / f"{name}.md").write_text(text)
    list(parts.intake.add(find_files(tmp_path / f"{name}.md" for name in files)))
    assert sorted(encoded) == sorted([first, second, third])
    for name in files:
        parts.library.withdraw(name)
    for name in files:
        parts.intake.reinstate(name)
    (tmp_path / "one.md").write_text("Nothing is left of it.")
    list(parts.intake.add(find_files([tmp_path / "one.md"]), IfChanged.REPLACE))
    (tmp_path / "one.md").write_text(files["one"])
    list(parts.intake.add(find_files([tmp_path / "one.md"]), IfChanged.REPLACE))
    assert sorted(encoded) == sorted([first, second, third, "Nothing is left of it."])
    assert parts.check() == []


def test_vectors_of_purged_documents_and_of_another_encoder_are_not_used_again(
    make_parts: MakeParts, tmp_path: Path, encoded: list[str]
) -> None:
    parts = make_parts(quay=SENTENCES[0], pier=SENTENCES[1])
    parts.library.withdraw("quay")
    parts.purge("quay")
    put(parts, tmp_path, "quay", SENTENCES[0])
    assert encoded.count(SENTENCES[0]) == 2
    parts.library.withdraw("quay")
    other = HashEncoder("other")
    reencode(parts.library, other, 60)
    reencode(parts.library, other, 12)
    assert encoded.count(SENTENCES[1]) == 2
    assert parts.library.check() == []


def test_trouble_with_the_library_at_one_file_takes_no_other_along(
    make_parts: MakeParts, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = make_parts(passage_tokens=12)
    really = parts.library.add

    def add(document: Any, *arguments: Any, **options: Any) -> None:
        really(document, *arguments, **options)
        if document.id == "3":
            raise LibraryError("the disk is full")

    monkeypatch.setattr(parts.library, "add", add)
    files = [File(f"/{number}.md", f"{number}.md", text.encode) for number, text in enumerate(SENTENCES[:6])]
    results = list(parts.intake.add(files))
    assert [added.outcome for added in results] == [Outcome.ADDED] * 3 + [Outcome.FAILED] + [Outcome.ADDED] * 2
    assert results[3].error == "/3.md: the disk is full"
    assert parts.check() == []


def test_a_batch_that_nobody_wants_any_more_ends_and_is_gone_on_with(make_parts: MakeParts) -> None:
    parts = make_parts(passage_tokens=12)
    files = [File(f"/{number}.md", f"{number}.md", text.encode) for number, text in enumerate(SENTENCES)]
    threads = threading.active_count()
    with closing(adding(parts, files)) as results:
        told = [next(results).id for _ in range(3)]
    assert threading.active_count() == threads
    there = {entry.id for entry in parts.library.entries()}
    assert set(told) <= there
    again = list(parts.intake.add(files))
    assert {added.id for added in again if added.outcome is Outcome.UNCHANGED} == there
    assert {added.id for added in again} == {str(number) for number in range(40)}
    assert parts.check() == []


def adding(parts: Parts, files: Sequence[File]) -> Any:
    results: Iterator[Added] = parts.intake.add(files)
    return results
