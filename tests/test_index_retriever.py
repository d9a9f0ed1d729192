"""The retriever: hits depend on what the library holds now, and on nothing that was before."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import index.vectors
from corpus.files import find_files
from corpus.library import Filter
from index.errors import EncoderMismatch
from index.intake import IfChanged, Outcome
from index.reencoding import reencode
from index.retriever import Retrieval
from index.search import Hit
from qa.assembly import Parts, assemble, make_library, open_library, open_parts
from qa.settings import Settings
from tests.conftest import MakeParts
from tests.fakes import HashEncoder
from tests.processes import go, lines, worker

WORDS = "anchor barley copper dune engine feather granite hazel".split()
TEXTS = {
    "quay": "# Quay\n\nThe copper anchor lies on the quay.\n\nBarley is loaded at the quay at dawn.",
    "dune": "# Dunes\n\nMarram grass holds the dune.\n\n## Wind\n\nWind moves a bare dune by ten metres a year.",
    "mill": "# Mill\n\nThe mill grinds barley with a granite stone.\n\nIts engine is older than the quay.",
}
ASKED = "Where is barley loaded at the quay, and what grinds it?"


def seen(hits: Sequence[Hit]) -> list[tuple[str, int, int, int]]:
    """Which passages were found, and where they stand."""
    return [(hit.passage.document_id, hit.passage.span.start, hit.passage.span.end, hit.rank) for hit in hits]


def opened(folder: Path) -> Parts:
    """The library opened once more, as another process would."""
    return assemble(open_library(folder), folder, HashEncoder(), Settings())


@pytest.fixture
def parts(make_parts: MakeParts) -> Parts:
    return make_parts(passage_tokens=12, **TEXTS)


@pytest.mark.parametrize("retrieval", Retrieval)
def test_each_way_of_retrieval_ranks_from_one_and_best_first(parts: Parts, retrieval: Retrieval) -> None:
    hits = parts.retriever.search(ASKED, 4, retrieval=retrieval)
    assert [hit.rank for hit in hits] == list(range(1, len(hits) + 1))
    assert hits[0].passage.text == "Barley is loaded at the quay at dawn."
    fused = [hit.scores.fused for hit in hits]
    assert fused == sorted(fused, reverse=True)
    assert all(hit.scores.reader is None and -1 <= (hit.scores.cosine or 0) <= 1.001 for hit in hits)
    for hit in hits:
        assert parts.library.document(hit.passage.document_id).slice(hit.passage.span) == hit.passage.text


def test_keyword_finds_only_what_holds_a_term_and_dense_all(parts: Parts) -> None:
    assert {hit.passage.document_id for hit in parts.retriever.search("granite", 9, retrieval=Retrieval.KEYWORD)} == {
        "mill"
    }
    dense = parts.retriever.search("granite", 99, retrieval=Retrieval.DENSE)
    assert len(dense) == len(parts.library.passage_ids())
    assert all(hit.scores.bm25 is None and hit.scores.cosine is not None for hit in dense)
    assert [hit.scores.cosine for hit in dense] == sorted((hit.scores.cosine or 0 for hit in dense), reverse=True)
    assert parts.retriever.search("walrus", 9, retrieval=Retrieval.KEYWORD) == []


def test_hybrid_adds_the_reciprocal_ranks_of_both(parts: Parts) -> None:
    dense, keyword = (
        {hit.passage: hit.rank for hit in parts.retriever.search(ASKED, 50, retrieval=one)}
        for one in (Retrieval.DENSE, Retrieval.KEYWORD)
    )
    for hit in parts.retriever.search(ASKED, 50):
        ranks = [ranking[hit.passage] for ranking in (dense, keyword) if hit.passage in ranking]
        assert hit.scores.fused == pytest.approx(sum(1 / (60 + rank) for rank in ranks))
        assert (hit.scores.bm25 is None) == (hit.passage not in keyword)


@pytest.mark.parametrize("retrieval", Retrieval)
def test_a_filter_holds_in_each_way_of_retrieval(parts: Parts, retrieval: Retrieval) -> None:
    hits = parts.retriever.search(ASKED, 9, Filter(documents=frozenset({"mill"})), retrieval)
    assert {hit.passage.document_id for hit in hits} == {"mill"}


@pytest.mark.parametrize("retrieval", Retrieval)
def test_closing_and_opening_changes_no_hit(parts: Parts, tmp_path: Path, retrieval: Retrieval) -> None:
    before = parts.retriever.search(ASKED, 9, retrieval=retrieval)
    parts.library.close()
    again = opened(tmp_path / "library")
    assert again.retriever.search(ASKED, 9, retrieval=retrieval) == before != []
    again.library.close()


@pytest.mark.parametrize("retrieval", Retrieval)
@pytest.mark.parametrize("asked_between", [False, True])
def test_adding_then_withdrawing_leaves_every_hit_as_it_was(
    parts: Parts, tmp_path: Path, retrieval: Retrieval, asked_between: bool
) -> None:
    before = parts.retriever.search(ASKED, 9, retrieval=retrieval)
    guests = [tmp_path / f"guest-{number}.md" for number in range(10)]
    for number, guest in enumerate(guests):
        guest.write_text(f"Barley {number} barley quay.\n\nA quay for grinding barley, and grinding, and more barley.")
        assert next(parts.intake.add(find_files([guest]))).outcome is Outcome.ADDED
        if asked_between:
            assert guest.stem in {hit.passage.document_id for hit in parts.retriever.search(ASKED, 99)}
    for guest in guests:
        parts.library.withdraw(guest.stem)
        if asked_between:
            assert guest.stem not in {hit.passage.document_id for hit in parts.retriever.search(ASKED, 99)}
    assert parts.retriever.search(ASKED, 9, retrieval=retrieval) == before != []
    assert parts.check() == []


def test_adding_the_same_file_again_changes_nothing(parts: Parts, tmp_path: Path) -> None:
    before, generation = parts.retriever.search(ASKED, 9), parts.library.generation()
    assert {added.outcome for added in parts.intake.add(find_files([tmp_path]))} == {Outcome.UNCHANGED}
    assert parts.library.generation() == generation
    assert parts.retriever.search(ASKED, 9) == before


def test_what_another_process_withdraws_is_gone_at_the_next_question(parts: Parts, tmp_path: Path) -> None:
    assert parts.retriever.search(ASKED, 1)[0].passage.document_id == "quay"
    with worker("withdraw", tmp_path / "library", "quay") as process:
        go(process)
        assert lines(process) == []
    for retrieval in Retrieval:
        assert "quay" not in {hit.passage.document_id for hit in parts.retriever.search(ASKED, 9, retrieval=retrieval)}
    assert parts.check() == []


def test_another_encoder_is_refused_with_the_command_that_mends_it(parts: Parts, tmp_path: Path) -> None:
    folder, other = tmp_path / "library", HashEncoder("other")
    with pytest.raises(EncoderMismatch, match=r"hash .*other.*krakow-qa --encoder other reencode"):
        open_parts(folder, Settings(), encoder=other)
    before = seen(parts.retriever.search(ASKED, 9, retrieval=Retrieval.KEYWORD))
    reencode(parts.library, other, parts.library.manifest.passage_tokens)
    with pytest.raises(EncoderMismatch, match=r"--encoder hash reencode"):
        parts.retriever.search(ASKED, 9)
    again = open_parts(folder, Settings(), encoder=other)
    assert again.check() == []
    assert seen(again.retriever.search(ASKED, 9, retrieval=Retrieval.KEYWORD)) == before
    assert (
        again.retriever.search("The mill grinds barley with a granite stone", 1, retrieval=Retrieval.DENSE)[
            0
        ].passage.document_id
        == "mill"
    )
    again.library.close()


def test_reencoding_to_whole_documents_makes_each_one_passage(parts: Parts) -> None:
    parts.retriever.search(ASKED, 1)
    reencode(parts.library, HashEncoder(), None)
    assert sorted(hit.passage.document_id for hit in parts.retriever.search(ASKED, 9)) == sorted(TEXTS)
    assert parts.check() == []


class Life(RuleBasedStateMachine):
    """A library lived in by two processes, with a snapshot at every chance."""

    texts = st.lists(st.lists(st.sampled_from(WORDS), min_size=3, max_size=12).map(" ".join), min_size=1, max_size=5)
    names = st.sampled_from(["ash", "beech", "cherry", "doum", "elm"])

    @initialize()
    def make(self) -> None:
        self.patch = pytest.MonkeyPatch()
        self.patch.setattr(index.vectors, "_SNAPSHOT_FROM", 0)
        self.patch.setattr(index.vectors, "_SNAPSHOT_SHARE", 0.1)
        self.folder = tempfile.TemporaryDirectory()
        self.path = Path(self.folder.name)
        self.held: dict[str, str] = {}
        self.gone: dict[str, str] = {}
        make_library(self.path / "library", HashEncoder(), empty=True, passage_tokens=10)
        self.here, self.there = opened(self.path / "library"), opened(self.path / "library")
        for name, text in (
            ("ash", "The ash stands by the anchor."),
            ("elm", "An elm.\n\nA copper engine, and barley."),
        ):
            self.put(self.here, name, text)

    def put(self, parts: Parts, name: str, text: str) -> Outcome:
        file = self.path / f"{name}.txt"
        file.write_text(text)
        (added,) = parts.intake.add(find_files([file]), IfChanged.REPLACE)
        assert added.error is None
        self.held[name] = text
        self.gone.pop(name, None)
        return added.outcome

    @rule(name=names, texts=texts)
    def add_or_replace(self, name: str, texts: list[str]) -> None:
        text = "\n\n".join([f"{name} begins.", *texts])
        same, there = self.held.get(name) == text, name in self.held
        outcome = self.put(self.here, name, text)
        assert outcome is (Outcome.UNCHANGED if same else Outcome.REPLACED if there else Outcome.ADDED)

    @precondition(lambda self: self.held)
    @rule(data=st.data(), elsewhere=st.booleans())
    def withdraw(self, data: st.DataObject, elsewhere: bool) -> None:
        name = data.draw(st.sampled_from(sorted(self.held)))
        (self.there if elsewhere else self.here).library.withdraw(name)
        self.gone[name] = self.held.pop(name)

    @precondition(lambda self: self.gone)
    @rule(data=st.data())
    def bring_back(self, data: st.DataObject) -> None:
        name = data.draw(st.sampled_from(sorted(self.gone)))
        assert self.put(self.there, name, self.gone[name]) is Outcome.ADDED

    @rule()
    def refresh(self) -> None:
        self.here.refresh()

    @rule()
    def refresh_elsewhere(self) -> None:
        self.there.refresh()

    @rule()
    def reopen(self) -> None:
        before = self.here.retriever.search("ash anchor granite engine", 8)
        self.here.library.close()
        self.here = opened(self.path / "library")
        assert self.here.retriever.search("ash anchor granite engine", 8) == before

    @invariant()
    def only_what_is_held_is_found(self) -> None:
        if not hasattr(self, "here"):
            return
        hits = self.there.retriever.search("begins anchor barley copper", 100)
        found = {hit.passage.document_id: hit.passage for hit in hits}
        assert set(found) == set(self.held)
        assert all(passage.text in self.held[name] for name, passage in found.items())
        assert self.here.check() == self.there.check() == []

    def teardown(self) -> None:
        if not hasattr(self, "here"):
            return
        fresh_folder = self.path / "fresh"
        make_library(fresh_folder, HashEncoder(), empty=True, passage_tokens=10)
        fresh = opened(fresh_folder)
        for stored in self.here.library.passages(self.here.library.passage_ids().tolist()).values():
            if stored.passage.document_id not in {entry.id for entry in fresh.library.entries()}:
                self.put(fresh, stored.passage.document_id, self.held[stored.passage.document_id])
        for retrieval in Retrieval:
            asked = "anchor barley of the elm"
            lived, new = (parts.retriever.search(asked, 40, retrieval=retrieval) for parts in (self.here, fresh))
            assert lived == new
        for parts in (self.here, self.there, fresh):
            parts.library.close()
        self.folder.cleanup()
        self.patch.undo()


def settled(examples: int, steps: int) -> settings:
    """Without shrinking, which would take minutes at the speed of disks."""
    return settings(
        max_examples=examples, stateful_step_count=steps, deadline=None, phases=[Phase.explicit, Phase.generate]
    )


Life.TestCase.settings = settled(8, 12)
TestLife = Life.TestCase


@pytest.mark.long
class TestLongLife(Life.TestCase):
    settings = settled(100, 40)
