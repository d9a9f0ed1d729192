"""Proves the library's contract over real files: history, journal, generations, filters, other processes, damage."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import corpus.sqlite.library
from corpus.cutting import cut
from corpus.errors import DocumentExists, DocumentNotFound, LibraryError, LibraryNotFound
from corpus.library import Change, Filter, Library, Manifest, Matrix, Provenance, State
from corpus.model import Address, Document, Kind, Passage, Reference, Source, Span
from corpus.sqlite import FILE_NAME, SqliteLibrary
from tests.engines import MakePlace, Place
from tests.fakes import HashEncoder
from tests.postgres import Server

_ENCODER = HashEncoder()
_MANIFEST = Manifest(_ENCODER.name, _ENCODER.fingerprint, _ENCODER.dimension, 4)
_PROVENANCE = Provenance("/files/a.md", "0" * 64, "markdown/1")
_REPOSITORY = Path(__file__).parents[1]


@pytest.fixture
def place(make_place: MakePlace) -> Place:
    """Where an empty library of each engine lies."""
    made = make_place()
    made.create(_MANIFEST).close()
    return made


@pytest.fixture
def library(place: Place) -> Iterator[Library]:
    """An empty library of each engine."""
    opened = place.open()
    yield opened
    opened.close()


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """An empty library's file."""
    path = tmp_path / FILE_NAME
    SqliteLibrary.create(path, _MANIFEST).close()
    return path


@pytest.fixture
def filed(file: Path) -> Iterator[SqliteLibrary]:
    """An empty library in a file."""
    opened = SqliteLibrary(file)
    yield opened
    opened.close()


def _put(
    library: Library, id: str, text: str, source: Source | None = None, *, replacing: str | None = None
) -> Document:
    """Add a document with its passages and vectors, as the intake does."""
    document = Document.of(id, source or Source(id.title()), text)
    passages = cut(document, 4, _ENCODER.count_tokens)
    vectors = _ENCODER.encode([passage.text for passage in passages])
    library.add(document, passages, vectors, _PROVENANCE, replacing=replacing)
    return document


def _version(library: Library, id: str) -> str | None:
    entry = library.entry(id)
    return entry.version if entry is not None and entry.state is State.CURRENT else None


def _texts(library: Library) -> list[str]:
    return [stored.passage.text for stored in library.passages(library.passage_ids().tolist()).values()]


# One library


def test_withdrawn_documents_are_listed_only_when_asked_for(library: Library) -> None:
    for id in ("one", "two", "three"):
        _put(library, id, f"This is {id}.")
    library.withdraw("two")
    assert [entry.id for entry in library.entries()] == ["one", "three"]
    assert [(entry.id, entry.state) for entry in library.entries(withdrawn=True)] == [
        ("one", State.CURRENT),
        ("three", State.CURRENT),
        ("two", State.WITHDRAWN),
    ]


def test_a_new_library_is_empty_and_remembers_what_it_is_made_with(library: Library) -> None:
    assert library.manifest == _MANIFEST
    assert (library.generation(), library.entries(), library.changes(0)) == (0, [], [])
    assert (library.passage_ids().tolist(), library.check()) == ([], [])


def test_what_is_added_is_found_again_as_it_was(place: Place, library: Library) -> None:
    reference = Reference("harbour", "The harbour", "News", "2026", "https://harbour.example")
    source = Source("Żółw 🐢", Kind.REMARKS, "P", "2026-02", "pl", "https://a.example", "S", "CC0", (reference,))
    document = replace(Document.of("a", source, "Jeden dwa trzy. Cztery 🐢 pięć!\n\nE\u0301mile."), page_starts=(0, 16))
    passages = cut(document, 4, _ENCODER.count_tokens)
    library.add(document, passages, _ENCODER.encode([passage.text for passage in passages]), _PROVENANCE)
    reopened = place.open()
    assert reopened.document("a") == document
    assert [stored.passage for stored in reopened.stored(range(100))] == passages
    assert {stored.source for stored in reopened.stored(range(100))} == {source}
    (entry,) = reopened.entries()
    assert (entry.id, entry.version, entry.source, entry.state) == ("a", document.version, source, State.CURRENT)
    assert (entry.characters, entry.passages, entry.provenance) == (len(document.text), len(passages), _PROVENANCE)
    assert entry.ended_at is None
    reopened.close()


def test_vectors_come_back_as_float16_to_the_bit(library: Library) -> None:
    document = Document.of("a", Source("A"), "One two three four. Five six seven eight.")
    passages = cut(document, 4, _ENCODER.count_tokens)
    vectors = _ENCODER.encode([passage.text for passage in passages])
    library.add(document, passages, vectors, _PROVENANCE)
    stored = np.stack([each.vector for each in library.stored(range(100))])
    assert stored.dtype == np.float16
    assert np.array_equal(stored, vectors.astype(np.float16))


def test_vectors_are_given_alone_for_ids_and_from_an_id_on(library: Library) -> None:
    for id in "abcd":
        _put(library, id, f"Text {id}. And more of it, in other sentences. And more.")
    library.withdraw("b")
    held = {stored.id: stored.vector for stored in library.stored(range(100))}
    ids = np.array([*reversed(held), 999])
    for stored in (library.vectors(ids), *library.vectors_from(1)):
        assert stored.ids.tolist() == sorted(held)
        assert np.array_equal(stored.vectors, np.stack([held[id] for id in sorted(held)]))
    (later,) = library.vectors_from(max(held))
    assert later.ids.tolist() == [max(held)]
    assert list(library.vectors_from(max(held) + 1)) == []
    assert len(library.vectors(np.array([999])).ids) == 0


@pytest.mark.parametrize(
    "before", ["", "Ż", "\0", "\U0001f682 ", "Long. " * 5000], ids=["none", "wide", "NUL", "astral", "long"]
)
def test_a_passage_is_cut_from_whatever_text_it_stands_in(library: Library, before: str) -> None:
    text = f"{before}Pociąg do Łodzi. \0Second\0 one \U0001f682 here. Third."
    document = _put(library, "a", text)
    found = library.passages(library.passage_ids().tolist()).values()
    assert {stored.passage.text for stored in found} == {document.slice(stored.passage.span) for stored in found}
    assert max(stored.passage.span.end for stored in found) == len(text)


def test_documents_are_listed_by_id(library: Library) -> None:
    for id in ["c", "a", "b"]:
        _put(library, id, f"Text {id}.")
    assert [entry.id for entry in library.entries()] == ["a", "b", "c"]


def test_passages_are_given_for_the_ids_that_are_current(library: Library) -> None:
    _put(library, "a", "One.")
    _put(library, "b", "Two.")
    library.withdraw("a")
    assert {id: stored.passage.text for id, stored in library.passages([1, 2, 3]).items()} == {2: "Two."}
    assert library.passages([]) == {}
    assert set(library.passages(range(100_000))) == {2}


def test_replacing_puts_the_new_text_in_the_place_of_the_old_one(library: Library) -> None:
    old = _put(library, "a", "Old text.")
    new = _put(library, "a", "New text.", replacing=old.version)
    assert _texts(library) == ["New text."]
    assert library.document("a") == new
    assert library.document("a", old.version) == old
    assert [entry.version for entry in library.entries()] == [new.version]


def test_a_withdrawn_document_is_in_no_answer_and_keeps_its_history(library: Library) -> None:
    document = _put(library, "a", "Some text.")
    library.withdraw("a")
    assert (library.entries(), _texts(library), library.holder_of(document.version)) == ([], [], None)
    assert library.document("a") == document
    entry = library.entry("a")
    assert entry is not None
    assert (entry.state, entry.passages) == (State.WITHDRAWN, 0)
    assert entry.ended_at is not None


def test_a_withdrawn_document_can_be_reinstated(library: Library) -> None:
    document = _put(library, "a", "Some text.")
    library.withdraw("a")
    _put(library, "a", "Some text.")
    entry = library.entry("a")
    assert entry is not None
    assert (entry.state, entry.ended_at, entry.version) == (State.CURRENT, None, document.version)
    assert _texts(library) == ["Some text."]


def test_an_address_tells_how_its_version_stands(library: Library) -> None:
    old = _put(library, "a", "Old text.")
    address = Address.of("a", old.version, Span(0, 3))

    def state() -> State:
        document, entry = library.resolve(address)
        assert document == old
        assert entry.version == old.version
        return entry.state

    assert state() is State.CURRENT
    new = _put(library, "a", "New text.", replacing=old.version)
    assert state() is State.SUPERSEDED
    _put(library, "a", "Old text.", replacing=new.version)
    assert state() is State.CURRENT
    library.withdraw("a")
    assert state() is State.WITHDRAWN


def test_an_address_beyond_the_text_is_refused(library: Library) -> None:
    document = _put(library, "a", "Text.")
    assert library.resolve(Address.of("a", document.version, Span(0, 5)))[0] == document
    with pytest.raises(
        DocumentNotFound, match="#0-6 lies outside its document, which has 5 characters; check the address"
    ):
        library.resolve(Address.of("a", document.version, Span(0, 6)))


def test_what_is_not_there_is_refused_with_what_to_type(library: Library) -> None:
    _put(library, "a", "Text.")
    with pytest.raises(DocumentNotFound, match=r"no document 'b'. See what it has: krakow-qa list"):
        library.document("b")
    with pytest.raises(DocumentNotFound, match=r"no document 'b'. See what it has: krakow-qa list"):
        library.document("b", "0" * 12)
    with pytest.raises(DocumentNotFound, match=r"no version 000000000000 of 'a'. See what it has: krakow-qa show a"):
        library.document("a", "0" * 12)
    with pytest.raises(DocumentNotFound, match=r"no document 'b'"):
        library.withdraw("b")
    library.withdraw("a")
    with pytest.raises(DocumentNotFound, match=r"no document 'a'"):
        library.withdraw("a")
    assert library.entry("b") is None


def test_the_same_text_with_another_source_replaces_what_is_said_about_it(library: Library) -> None:
    document = _put(library, "a", "Some text.", Source("Old", date="2025"))
    told = replace(document, source=Source("New", date="2026"), page_starts=(0, 5))
    passages = cut(told, 4, _ENCODER.count_tokens)
    provenance = Provenance("/files/b.md", "1" * 64, "markdown/2")
    library.add(told, passages, _ENCODER.encode([p.text for p in passages]), provenance, replacing=document.version)
    (entry,) = library.entries()
    assert (entry.source, entry.provenance, entry.ended_at) == (told.source, provenance, None)
    assert library.document("a") == told
    assert [stored.source for stored in library.stored(range(100))] == [told.source]


def test_the_holder_of_a_text_is_the_document_that_has_it_now(library: Library) -> None:
    old = _put(library, "a", "Old text.")
    assert library.holder_of(old.version) == "a"
    _put(library, "a", "New text.", replacing=old.version)
    assert library.holder_of(old.version) is None


@pytest.mark.parametrize("replacing", [None, "0" * 64])
def test_replacing_what_is_not_the_current_version_is_refused_and_changes_nothing(
    library: Library, replacing: str | None
) -> None:
    _put(library, "a", "Old text.")
    with pytest.raises(
        DocumentExists, match="'a' has become another version meanwhile; look at it with krakow-qa show a"
    ):
        _put(library, "a", "New text.", replacing=replacing)
    assert (_texts(library), library.generation(), library.check()) == (["Old text."], 1, [])


def test_vectors_that_do_not_match_the_passages_are_refused_and_change_nothing(library: Library) -> None:
    document = Document.of("a", Source("A"), "One two three four. Five six.")
    passages = cut(document, 4, _ENCODER.count_tokens)
    with pytest.raises(ValueError, match="vectors of shape"):
        library.add(document, passages, _ENCODER.encode(["one"]), _PROVENANCE)
    assert (library.entries(), library.generation(), library.check()) == ([], 0, [])


# The journal

_STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.just("put"),
            st.sampled_from("abc"),
            st.sampled_from(["One.", "One two three four. Five six.", "x " * 30]),
        ),
        st.tuples(st.just("withdraw"), st.sampled_from("abc"), st.just("")),
        st.tuples(st.just("refill"), st.just(""), st.just("")),
    ),
    max_size=9,
)


def _do(library: Library, step: tuple[str, str, str]) -> None:
    kind, id, text = step
    if kind == "put":
        _put(library, id, text, replacing=_version(library, id))
    elif kind == "refill":
        _refill(library)
    elif _version(library, id) is not None:
        library.withdraw(id)


def _refill(library: Library, passage_tokens: int = 3) -> Manifest:
    """Encode all anew, as the intake's ``reencode`` does."""
    other = HashEncoder("other")
    manifest = Manifest(other.name, other.fingerprint, other.dimension, passage_tokens)
    documents = [library.document(entry.id) for entry in library.entries()]
    cuts = [(document, cut(document, passage_tokens, other.count_tokens)) for document in documents]
    contents = [(document, passages, other.encode([p.text for p in passages])) for document, passages in cuts]
    library.refill(manifest, contents, library.generation())
    return manifest


def _replay(ids: set[int], changes: list[Change]) -> set[int]:
    for change in changes:
        ids = (ids - set(change.removed)) | set(change.added)
    return ids


@settings(max_examples=25)
@given(_STEPS)
def test_the_journal_gives_the_passages_from_any_generation(
    make_place: MakePlace, steps: list[tuple[str, str, str]]
) -> None:
    with closing(make_place().create(_MANIFEST)) as library:
        seen: list[tuple[int, set[int]]] = [(0, set())]
        for step in steps:
            _do(library, step)
            generation, ids = library.generation(), set(library.passage_ids().tolist())
            assert generation >= seen[-1][0]
            assert generation > seen[-1][0] or ids == seen[-1][1]
            seen.append((generation, ids))
        for generation, ids in seen:
            assert _replay(ids, library.changes(generation)) == seen[-1][1]
        changes = library.changes(0)
        assert [change.generation for change in changes] == sorted({change.generation for change in changes})
        given = [id for change in changes for id in change.added]
        assert given == list(range(1, len(given) + 1)), "an id was used twice or left out"
        assert all(change.removed or change.added for change in changes)
        assert library.check() == []


def test_the_journal_names_the_document_of_each_change(library: Library) -> None:
    document = _put(library, "a", "One two three four. Five six.")
    _put(library, "b", "Seven.")
    _put(library, "a", "Eight.", replacing=document.version)
    library.withdraw("b")
    assert library.changes(0) == [
        Change(1, "a", range(0), range(1, 3)),
        Change(2, "b", range(0), range(3, 4)),
        Change(3, "a", range(1, 3), range(4, 5)),
        Change(4, "b", range(3, 4), range(0)),
    ]
    assert library.changes(2) == library.changes(0)[2:]
    assert library.changes(4) == []


def test_passage_ids_are_never_used_again(place: Place) -> None:
    for _ in range(3):
        library = place.open()
        _put(library, "a", "Some text.")
        library.withdraw("a")
        library.close()
    library = place.open()
    _put(library, "a", "Some text.")
    assert library.passage_ids().tolist() == [4]
    library.close()


# Refilling


def test_refilling_puts_new_passages_and_vectors_in_the_place_of_all(library: Library) -> None:
    _put(library, "a", "One two three four. Five six.")
    _put(library, "b", "Seven.")
    old = library.passage_ids().tolist()
    manifest = _refill(library, passage_tokens=2)
    assert library.manifest == manifest
    assert not set(old) & set(library.passage_ids().tolist())
    assert _texts(library) == ["One two", "three four.", "Five six.", "Seven."]
    other = HashEncoder("other")
    for stored in library.stored(range(100)):
        assert np.array_equal(stored.vector, other.encode([stored.passage.text])[0].astype(np.float16))
    assert library.check() == []


def test_refilling_from_a_generation_that_has_passed_is_refused(library: Library) -> None:
    document = _put(library, "a", "One.")
    generation = library.generation()
    _put(library, "a", "Two.", replacing=document.version)
    with pytest.raises(LibraryError, match=r"The library has changed meanwhile, and nothing was done. Try it again"):
        library.refill(replace(_MANIFEST, encoder="other"), [], generation)
    assert (library.manifest, _texts(library)) == (_MANIFEST, ["Two."])


def test_refilling_that_breaks_off_changes_nothing(library: Library) -> None:
    document = _put(library, "a", "One.")

    def contents() -> Iterator[tuple[Document, list[Passage], Matrix]]:
        yield document, cut(document, 4, _ENCODER.count_tokens), _ENCODER.encode(["One."])
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        library.refill(replace(_MANIFEST, encoder="other"), contents(), library.generation())
    assert (library.manifest, library.passage_ids().tolist(), library.generation()) == (_MANIFEST, [1], 1)
    assert library.check() == []


# Filters


@pytest.mark.parametrize(
    ("filter", "ids"),
    [
        (Filter(), "abcde"),
        (Filter(documents=frozenset({"a", "c", "gone", "never"})), "ac"),
        (Filter(documents=frozenset()), ""),
        (Filter(publishers=frozenset({"News"})), "ab"),
        (Filter(kinds=frozenset({Kind.REMARKS, "press release"})), "bc"),
        (Filter(languages=frozenset({"pl"})), "c"),
        (Filter(since="2026-01-01"), "abc"),
        (Filter(since="2026-02-01"), "ab"),
        (Filter(since="2026-02-02"), "a"),
        (Filter(since="2026-02-20"), "a"),
        (Filter(since="2026-02-21"), ""),
        (Filter(until="2026-02-20"), "abcd"),
        (Filter(until="2026-02-19"), "bcd"),
        (Filter(until="2026-01-01"), "cd"),
        (Filter(until="2025-12-31"), "d"),
        (Filter(since="2026-01-01", until="2026-02-01"), "bc"),
        (Filter(publishers=frozenset({"News"}), since="2026-02-02"), "a"),
        (Filter(publishers=frozenset({"News"}), languages=frozenset({"pl"})), ""),
    ],
)
def test_a_filter_lets_through_what_it_names(library: Library, filter: Filter, ids: str) -> None:
    _put(library, "gone", "Gone.")
    _put(library, "a", "Text a.", Source("A", publisher="News", date="2026-02-20", language="en"))
    _put(library, "b", "Text b.", Source("B", Kind.REMARKS, publisher="News", date="2026-02"))
    _put(library, "c", "Text c.", Source("C", Kind.PRESS_RELEASE, date="2026", language="pl"))
    _put(library, "d", "Text d.", Source("D", Kind.ARTICLE, publisher="Żółw's", date="2025-12-31"))
    _put(library, "e", "Text e.", Source("E"))
    library.withdraw("gone")
    found = library.passage_ids(filter)
    assert found.dtype == np.int64
    assert found.tolist() == sorted(found.tolist())
    assert "".join(stored.passage.document_id for stored in library.passages(found.tolist()).values()) == ids


@given(
    changes=st.lists(st.tuples(st.sampled_from("abcd"), st.sampled_from(["en", "pl", None])), max_size=25),
    asked=st.lists(st.sampled_from(["en", "pl", "fr"]), min_size=1),
)
def test_a_filter_lets_through_what_its_sources_say_at_that_moment(
    make_place: MakePlace, changes: list[tuple[str, str | None]], asked: list[str]
) -> None:
    """However often it was asked between changes; where no language is given, the document is withdrawn."""
    with closing(make_place().create(_MANIFEST)) as library:
        for number, (id, language) in enumerate(changes):
            current = _version(library, id)
            if language is not None:
                text = f"Text {number}. It has several sentences. So it has more passages than one."
                _put(library, id, text, Source(id, language=language), replacing=current)
            elif current is not None:
                library.withdraw(id)
            wanted = asked[number % len(asked)]
            passing = [stored.id for stored in library.stored(range(1000)) if stored.source.language == wanted]
            assert library.passage_ids(Filter(languages=frozenset({wanted}))).tolist() == passing


def test_many_filters_are_asked_in_turn(library: Library) -> None:
    for number in range(20):
        _put(library, f"d{number}", f"Text {number}.", Source("D", publisher=str(number)))
    for number in (*range(20), *range(20)):
        ids = library.passage_ids(Filter(publishers=frozenset({str(number)})))
        assert [library.passages([id])[id].passage.text for id in ids.tolist()] == [f"Text {number}."]


# Several connections, threads and processes


def test_two_open_libraries_see_each_others_changes_at_once(place: Place, library: Library) -> None:
    other = place.open()
    document = _put(library, "a", "One.")
    assert (other.generation(), _texts(other)) == (1, ["One."])
    _put(other, "a", "Two.", replacing=document.version)
    assert (library.generation(), _texts(library)) == (2, ["Two."])
    other.withdraw("a")
    assert library.entries() == []
    _put(other, "b", "Three.")
    assert other.manifest == library.manifest
    manifest = _refill(other)
    assert library.manifest == manifest
    other.close()


def test_many_threads_open_no_more_connections_than_are_used_at_once_and_keep_few(filed: SqliteLibrary) -> None:
    database = filed._database
    for _ in range(5):
        thread = threading.Thread(target=filed.generation)
        thread.start()
        thread.join()
    assert len(database._opened) == 1
    together = threading.Barrier(9)

    def read() -> None:
        with database.reading() as db, database.reading() as same:
            assert db is same
            together.wait()

    with ThreadPoolExecutor(9) as threads:
        for done in [threads.submit(read) for _ in range(9)]:
            done.result()
    assert len(database._free) == len(database._opened) == 4
    assert filed.generation() == 0


def test_a_connection_is_lent_until_the_last_that_uses_it_ends(filed: SqliteLibrary) -> None:
    for number in range(3):
        _put(filed, f"d{number}", f"Text {number}.")
    outer, inner = filed.vectors_from(0), filed.vectors_from(0)
    assert [len(next(each).ids) for each in (outer, inner)] == [3, 3]
    outer.close()  # type: ignore[attr-defined]
    assert filed._database._free == []
    inner.close()  # type: ignore[attr-defined]
    assert len(filed._database._free) == 1


def test_many_threads_write_and_read_at_once_and_nothing_is_lost(library: Library) -> None:
    def write(number: int) -> None:
        for step in range(5):
            _put(library, f"doc-{number}-{step}", f"Text {number} of {step}.")
            assert library.entry(f"doc-{number}-{step}") is not None
            assert set(library.passage_ids()) <= _replay(set(), library.changes(0))

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(write, range(6)))
    assert (len(library.entries()), library.generation(), len(library.passage_ids())) == (30, 30, 30)
    assert library.check() == []


def test_of_two_that_replace_the_same_version_at_once_one_is_refused(place: Place) -> None:
    library = place.open()
    old = _put(library, "a", "Old.")
    ready = threading.Barrier(2)

    def write(text: str) -> bool:
        ready.wait()
        try:
            _put(library, "a", text, replacing=old.version)
        except DocumentExists:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(write, ["New.", "Newer."]))
    assert sorted(done) == [False, True]
    assert (_texts(library), library.check()) == ([["New."], ["Newer."]][done.index(True)], [])
    library.close()


_WRITER = """
import sys
from tests.engines import Place
from tests.test_corpus_library import _put
library = Place(sys.argv[1]).open()
print("ready", flush=True)
sys.stdin.readline()
for step in range(10):
    _put(library, f"{sys.argv[2]}-{step}", f"Text {step} of {sys.argv[2]}.")
print(library.generation(), flush=True)
"""

_KILLED = """
import os, sys
from tests.engines import Place
from tests.test_corpus_library import _ENCODER, _MANIFEST
from corpus.cutting import cut
library = Place(sys.argv[1]).open()
def contents():
    document = library.document("a")
    yield document, cut(document, 2, _ENCODER.count_tokens), _ENCODER.encode(["x"])
    os.kill(os.getpid(), 9)
library.refill(_MANIFEST, contents(), library.generation())
"""


def _start(script: str, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        cwd=_REPOSITORY,
        text=True,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )


def test_two_processes_write_at_once_and_both_succeed(place: Place, library: Library) -> None:
    writers = [_start(_WRITER, place.text, name) for name in ("one", "two")]
    for writer in writers:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
    for writer in writers:
        assert writer.stdin is not None
        writer.stdin.write("go\n")
        writer.stdin.flush()
    for writer in writers:
        writer.communicate(timeout=60)
    assert [writer.returncode for writer in writers] == [0, 0]
    assert (len(library.entries()), library.generation(), library.check()) == (20, 20, [])
    assert _replay(set(), library.changes(0)) == set(library.passage_ids().tolist())


def test_a_process_killed_in_the_middle_of_a_change_leaves_the_library_as_it_was(place: Place) -> None:
    library = place.open()
    _put(library, "a", "One two.")
    before = (library.entries(), library.generation(), library.passage_ids().tolist())
    library.close()
    with _start(_KILLED, place.text) as process:
        process.communicate(timeout=60)
    assert process.returncode == -9
    reopened = place.open()
    assert (reopened.entries(), reopened.generation(), reopened.passage_ids().tolist()) == before
    assert reopened.check() == []
    _put(reopened, "b", "Three.")
    reopened.close()


def test_a_library_that_stays_locked_is_refused_and_unchanged(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(corpus.sqlite.database, "_BUSY_TIMEOUT_S", 0.01)
    library = SqliteLibrary(file)
    other = sqlite3.connect(file, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(
        LibraryError, match=r"cannot be written \(database is locked\); nothing was changed. Try it again"
    ):
        _put(library, "a", "Text.")
    other.execute("ROLLBACK")
    _put(library, "a", "Text.")
    assert library.generation() == 1
    other.close()
    library.close()


# Damage


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ("UPDATE version SET text = text || '!' WHERE document_id = 'a'", "a: its text is not the one of version"),
        ("UPDATE version SET characters = 3 WHERE document_id = 'b'", "b: its text is not the one of version"),
        ("UPDATE version SET source = '{' WHERE document_id = 'a'", "a: what is said about version"),
        ("UPDATE version SET source = '{}' WHERE document_id = 'a'", "a: what is said about version"),
        ("UPDATE version SET page_starts = 'x' WHERE document_id = 'a'", "a: what is said about version"),
        ("DELETE FROM version WHERE document_id = 'a'", "a: its current version is missing"),
        ("UPDATE document SET version = 'f00' WHERE id = 'a'", "a: its current version is missing"),
        ("DELETE FROM document WHERE id = 'a'", "passage 1: its version is not current"),
        ("UPDATE document SET withdrawn = NOT withdrawn WHERE id = 'a'", "passage 1: its version is not current"),
        ("UPDATE document SET withdrawn = NOT withdrawn WHERE id = 'gone'", "gone: it has no passages"),
        ("DELETE FROM passage WHERE document_id = 'a'", "a: it has no passages"),
        ("DELETE FROM passage WHERE id = 2", "a: its passages are not those of the journal"),
        ("UPDATE passage SET id = 99 WHERE id = 2", "a: its passages are not those of the journal"),
        ("DELETE FROM journal WHERE document_id = 'a'", "a: its passages are not those of the journal"),
        ("UPDATE journal SET added_stop = 9 WHERE document_id = 'a'", "a: its passages are not those of the journal"),
        (
            "DELETE FROM journal WHERE document_id = 'gone' AND added_start = 0",
            "gone: its passages are not those of the journal",
        ),
        (
            "DELETE FROM journal WHERE document_id = 'gone' AND added_start > 0",
            "gone: its passages are not those of the journal",
        ),
        ("UPDATE passage SET span_end = 900 WHERE id = 2", "passage 2: its span lies outside its document"),
        ("UPDATE passage SET span_start = span_end WHERE id = 2", "passage 2: its span lies outside its document"),
        ("UPDATE passage SET span_start = -1 WHERE id = 1", "passage 1: its span lies outside its document"),
        ("UPDATE passage SET headings = '[' WHERE id = 2", "passage 2: its headings cannot be read"),
        ("UPDATE retired SET document_id = 'x'", "x: a vector kept of a former passage is not one of hash"),
        ("UPDATE manifest SET dimension = 63", "passage 1: its vector is not one of hash"),
    ],
)
def test_check_finds_what_somebody_broke(place: Place, library: Library, damage: str, said: str) -> None:
    _require_told(place, library, damage, said)


@pytest.mark.parametrize(
    ("set_to", "said"),
    [
        ("passage SET vector = x'0000' WHERE id = 2", "passage 2: its vector is not one of hash"),
        ("passage SET vector = x'000000' WHERE id = 2", "passage 2: its vector is not one of hash"),
        ("passage SET vector = zeroblob(128) WHERE id = 2", "passage 2: its vector is not one of hash"),
        ("passage SET vector = x'007e' || zeroblob(126) WHERE id = 2", "passage 2: its vector is not one of hash"),
        ("passage SET digest = x'00' WHERE id = 1", "passage 1: its digest is not the one of its text"),
        ("passage SET digest = NULL WHERE id = 2", "passage 2: its digest is not the one of its text"),
        ("retired SET vector = x'00'", "gone: a vector kept of a former passage is not one of hash"),
    ],
)
def test_check_finds_bytes_that_somebody_broke_in_a_file(
    tmp_path: Path, filed: SqliteLibrary, set_to: str, said: str
) -> None:
    _require_told(Place(str(tmp_path)), filed, f"UPDATE {set_to}", said)


@pytest.mark.parametrize(
    ("set_to", "said"),
    [
        ("passage SET vector = '[1]' WHERE id = 2", "passage 2: its vector is not one of hash"),
        ("passage SET vector = array_fill(0, ARRAY[64]) WHERE id = 2", "passage 2: its vector is not one of hash"),
        ("passage SET digest = '' WHERE id = 1", "passage 1: its digest is not the one of its text"),
        ("passage SET digest = NULL WHERE id = 2", "passage 2: its digest is not the one of its text"),
        ("passage SET byte_start = 1 WHERE id = 1", "passage 1: its place in the bytes of its text is not"),
        ("passage SET byte_end = byte_end - 1 WHERE id = 2", "passage 2: its place in the bytes of its text is not"),
        ("retired SET vector = '[1]'", "gone: a vector kept of a former passage is not one of hash"),
    ],
)
def test_check_finds_bytes_that_somebody_broke_in_a_database(postgres: Server, set_to: str, said: str) -> None:
    place = Place(postgres.new_dsn())
    with closing(place.create(_MANIFEST)) as library:
        _require_told(place, library, f"UPDATE {set_to}", said)
    postgres.drop_all()


def _require_told(place: Place, library: Library, damage: str, said: str) -> None:
    """Three documents, one withdrawn, agree until they are damaged; then that is said."""
    _put(library, "a", "One two three four. Five six.")
    _put(library, "gone", "Gone.")
    _put(library, "b", "Seven eight.")
    library.withdraw("gone")
    assert library.check() == []
    place.damage(damage)
    assert any(line.startswith(said) for line in library.check()), library.check()


def test_check_or_an_error_tells_of_bytes_that_were_overwritten(file: Path) -> None:
    library = SqliteLibrary(file)
    for number in range(40):
        _put(library, f"doc-{number}", f"Text {number}. " * 20)
    library.close()
    data = bytearray(file.read_bytes())
    middle = len(data) // 2 // 4096 * 4096
    data[middle : middle + 4096] = bytes(range(256)) * 16
    file.write_bytes(data)
    damaged = SqliteLibrary(file)
    try:
        differences = damaged.check()
    except LibraryError as error:
        differences = [str(error)]
    assert differences
    damaged.close()


# Opening

OLDER_THAN_5 = (
    "DROP TABLE retired",
    "DROP INDEX passage_by_digest",
    "ALTER TABLE passage DROP COLUMN digest",
    "PRAGMA user_version = 4",
)
"""What makes a library of the fourth format again."""


def test_a_missing_library_is_refused_with_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(LibraryNotFound) as refused:
        SqliteLibrary(tmp_path / FILE_NAME)
    assert str(refused.value) == f"There is no library at {tmp_path}. Make one: krakow-qa --library {tmp_path} init"


@pytest.mark.parametrize("found", [0, corpus.sqlite.FORMAT_VERSION + 1])
def test_another_format_version_is_refused(file: Path, found: int) -> None:
    Place(str(file.parent)).damage(f"PRAGMA user_version = {found}")
    with pytest.raises(
        LibraryError, match=f"has library format {found}, and this krakow-qa reads {corpus.sqlite.FORMAT_VERSION};"
    ):
        SqliteLibrary(file)


def test_passages_of_the_fourth_format_get_their_digests_when_it_is_opened(file: Path) -> None:
    before = SqliteLibrary(file)
    for id in ("a", "b"):
        _put(before, id, f"# Złoty {id}\n\nOne two three. Ąćę four five.\n\n## Deeper\n\nSix seven eight. Nine.")
    passages = [each.passage for each in before.stored(range(1, 99))]
    vectors = before.vectors_of(passage.digest for passage in passages)
    before.close()
    Place(str(file.parent)).damage(*OLDER_THAN_5, "DELETE FROM fingerprint")
    after = SqliteLibrary(file)
    assert after.check() == []
    found = after.vectors_of(passage.digest for passage in passages)
    assert len(found) == len(vectors) == len({(each.headings, each.text) for each in passages}) > 2
    assert all(np.array_equal(found[digest], vectors[digest]) for digest in vectors)
    after.close()


def test_a_library_of_the_first_format_is_brought_up_to_date_when_it_is_opened(file: Path) -> None:
    before = SqliteLibrary(file)
    entries = before.entries()
    before.close()
    Place(str(file.parent)).damage(*OLDER_THAN_5)
    tables = ("report", "original", "purged", "fingerprint", "setting")
    Place(str(file.parent)).damage(*(f"DROP TABLE {table}" for table in tables), "DROP INDEX version_by_file")
    Place(str(file.parent)).damage("ALTER TABLE journal DROP COLUMN purged", "PRAGMA user_version = 1")
    after = SqliteLibrary(file)
    assert after.entries() == entries
    assert after.check() == []
    after.close()


@pytest.mark.parametrize(
    "write",
    [
        pytest.param(lambda path: path.write_bytes(b""), id="empty"),
        pytest.param(lambda path: path.write_text("This is no database. " * 400), id="text"),
        pytest.param(
            lambda path: sqlite3.connect(path).executescript("CREATE TABLE a (b);").connection.close(), id="another"
        ),
    ],
)
def test_a_file_that_is_no_library_is_refused(tmp_path: Path, write: Callable[[Path], object]) -> None:
    path = tmp_path / FILE_NAME
    write(path)
    with pytest.raises(LibraryError, match=str(path)):
        SqliteLibrary(path)


def test_creating_over_a_file_is_refused_and_leaves_it(file: Path) -> None:
    library = SqliteLibrary(file)
    _put(library, "a", "Text.")
    with pytest.raises(LibraryError, match=str(file)):
        SqliteLibrary.create(file, _MANIFEST)
    assert (_texts(library), library.check()) == (["Text."], [])
    library.close()


def test_creating_where_nothing_can_be_written_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LibraryError, match="nowhere"):
        SqliteLibrary.create(tmp_path / "nowhere" / FILE_NAME, _MANIFEST)
