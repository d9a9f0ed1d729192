"""Copies of libraries between engines: the same in all that can be asked, gone on with, and never written over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from itertools import islice

import numpy as np
import pytest

from corpus.errors import LibraryError
from corpus.library import Library, State
from corpus.model import Address, Source, Span
from corpus.moving import Outcome, copy_library
from tests.conftest import MakePlace
from tests.engines import Place
from tests.indexed import put_passages
from tests.postgres import Server
from tests.test_corpus_library import _MANIFEST


@pytest.fixture
def source(make_place: MakePlace) -> Iterator[Library]:
    """A library of each engine: one document replaced, one withdrawn, one purged, one that came back."""
    with closing(make_place().create(_MANIFEST)) as library:
        put_passages(library, "late", "One crane.", "Two \0 żurawie.", source=Source("Late", publisher="Port"))
        put_passages(library, "early", "Old text.")
        put_passages(library, "early", "New text.")
        put_passages(library, "gone", "Gone by now.")
        put_passages(library, "secret", "Nobody may know.")
        library.withdraw("gone")
        library.purge("secret")
        library.store_setting("strictness", "0.7")
        yield library


@pytest.fixture(params=["to sqlite", "to postgres"])
def target(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """An empty library of each engine."""
    if request.param == "to sqlite":
        place = Place(str(tmp_path_factory.mktemp("target")))
    else:
        server: Server = request.getfixturevalue("postgres")
        place = Place(server.new_dsn())
    with closing(place.create(_MANIFEST)) as library:
        yield library


def outcomes(source: Library, target: Library) -> dict[str, Outcome]:
    return {copied.id: copied.outcome for copied in copy_library(source, target)}


def test_a_copy_is_the_same_in_all_that_can_be_asked(source: Library, target: Library) -> None:
    assert outcomes(source, target) == dict.fromkeys(["late", "early", "gone"], Outcome.COPIED)
    assert target.entries(withdrawn=True) == source.entries(withdrawn=True)
    for id in ("late", "early", "gone"):
        assert target.versions(id) == source.versions(id) != []
        for entry in source.versions(id):
            address = Address.of(id, entry.version, Span(0, 3))
            assert target.resolve(address) == source.resolve(address)
    assert [entry.state for entry in target.versions("early")] == [State.SUPERSEDED, State.CURRENT]
    ones, others = (list(library.stored(range(100))) for library in (source, target))
    assert [each.passage for each in ones] == [each.passage for each in others]
    assert np.array_equal([each.vector for each in ones], [each.vector for each in others])
    assert (target.purges(), target.settings()) == (source.purges(), source.settings())
    assert target.check() == []


def test_a_copy_that_was_broken_off_is_gone_on_with(source: Library, target: Library) -> None:
    (first,) = islice(copy_library(source, target), 1)
    again = outcomes(source, target)
    assert again.pop(first.id) is Outcome.SAME
    assert set(again.values()) == {Outcome.COPIED}
    assert set(outcomes(source, target).values()) == {Outcome.SAME}
    assert target.check() == []


def test_what_differs_in_the_target_is_told_and_left_alone(source: Library, target: Library) -> None:
    put_passages(target, "early", "Another text of that name.")
    assert outcomes(source, target)["early"] is Outcome.DIFFERS
    assert target.document("early").text == "Another text of that name."


def test_libraries_of_other_encoders_are_not_mixed(source: Library, target: Library) -> None:
    target.refill(replace(_MANIFEST, fingerprint="f" * 64), [], target.generation())
    with pytest.raises(LibraryError, match="made with different settings"):
        outcomes(source, target)
    assert target.entries() == []
