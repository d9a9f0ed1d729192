"""Near-identical copies: recognised however few their words, said once in an answer, with every place they stand in."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.copies import COPY, Said, copied, fingerprints, share_of, shingles
from corpus.sqlite import FILE_NAME
from qa.assembly import Parts, assemble, open_library
from qa.settings import Settings
from tests.conftest import MakeParts, put
from tests.fakes import HashEncoder
from tests.test_corpus_library import OLDER_THAN_5

WORDS = "anchor barley copper dune engine feather granite hazel island jetty kelp lantern mast north oar pier".split()
REPORT = (
    "The harbour council met on Monday and agreed to build a new pier. Two ferries will leave from it every night."
    " Ola Nowak, who chairs the council, said that the money had been found.\n\n"
    "Fishermen had asked for the pier for nine years. The old one sank in a storm."
)
ELSEWHERE = "Coast Agency report\n\n" + REPORT + "\n\nReporting by the Coast Agency."


def written(words: int, seed: int) -> str:
    """A text of so many words in no order."""
    chance = Random(seed)
    return " ".join(chance.choices(WORDS, k=words))


def changed(text: str, every: int) -> str:
    """The text with a word in so many exchanged."""
    words = text.split()
    words[::every] = ["instead"] * len(words[::every])
    return " ".join(words)


@pytest.mark.parametrize("words", [3, 12, 40, 400, 4000])
def test_a_text_and_its_near_copy_share_fingerprints_and_strangers_do_not(words: int) -> None:
    text = written(words, 1)
    again = fingerprints(f"{text} And so on." if words > 4 else text.upper())
    strange = fingerprints(written(words, 2))
    assert len(fingerprints(text) & again) > 10 * len(fingerprints(text) & strange)


@given(st.integers(0, 60), st.integers(0, 60), st.integers(2, 40), st.sampled_from([0.5, 0.8, 0.9, 1.0]), st.randoms())
def test_what_repeats_another_is_told_by_its_shingles_however_that_is_shortened(
    words: int, more: int, every: int, share: float, chance: Random
) -> None:
    own = [*WORDS, *map(str, range(40))]
    text = " ".join(chance.choices(own, k=words))
    other = changed(f"{' '.join(chance.choices(own, k=more))} {text}", every) if more else text
    says = share_of(shingles(text), shingles(other)) >= share
    assert Said(text).repeats(Said(other), share) == says


def test_fingerprints_are_few_and_always_the_same() -> None:
    text = written(8000, 3)
    assert 8000 / 24 < len(fingerprints(text)) < 8000 / 11
    assert fingerprints("The pier is open.") == fingerprints("the PIER is open") == {5451232833455661405}


def test_the_share_is_that_of_word_sequences_in_the_shorter_text() -> None:
    text = written(300, 4)
    longer = shingles(f"{text} {written(300, 5)}")
    assert copied(shingles(text), longer) == copied(longer, shingles(text)) == 1
    assert share_of(longer, shingles(text)) == pytest.approx(0.5, abs=0.02)
    assert copied(shingles(changed(text, 10)), shingles(text)) == pytest.approx(0.5, abs=0.05)
    assert copied(shingles(""), shingles(text)) == 0


def test_a_near_copy_is_reported_when_it_is_added_previewed_and_shown(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts(report=REPORT, other="Nothing of the kind is said here, and nobody said it elsewhere either.")
    added = put(parts, tmp_path, "elsewhere", ELSEWHERE)
    assert len(added.notes) == 1
    assert "100% of the shorter text" in added.notes[0]
    assert "'report'" in added.notes[0]
    copies = parts.library.copies_of(parts.library.document("report"))
    assert [(copy.id, copy.share) for copy in copies] == [("elsewhere", 1.0)]
    assert parts.check() == []


def test_a_copy_counts_no_more_once_it_is_withdrawn_replaced_or_purged(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts(report=REPORT, one=ELSEWHERE, two=ELSEWHERE.replace("Monday", "Tuesday"))
    report = parts.library.document("report")
    assert {copy.id for copy in parts.library.copies_of(report)} == {"one", "two"}
    parts.library.withdraw("one")
    assert [copy.id for copy in parts.library.copies_of(report)] == ["two"]
    parts.purge("two")
    assert parts.library.copies_of(report) == []
    assert parts.check() == []


def test_texts_that_share_less_than_the_bar_are_no_copies(make_parts: MakeParts) -> None:
    text = written(500, 6)
    near, far = changed(text, 40), changed(text, 15)
    parts = make_parts(text=text, near=near, far=far)
    assert copied(shingles(near), shingles(text)) > COPY > copied(shingles(far), shingles(text))
    assert {copy.id for copy in parts.library.copies_of(parts.library.document("text"))} == {"near"}


def test_copies_do_not_take_the_places_of_other_passages(make_parts: MakeParts) -> None:
    copies = {f"copy{number}": f"{REPORT}\n\nSeen by reader {number}." for number in range(9)}
    parts = make_parts(passage_tokens=200, other="The pier of the harbour council was painted blue.", **copies)
    hits = parts.retriever.search("What did the harbour council agree about the pier?", 3)
    assert {hit.passage.document_id for hit in hits} >= {"other"}
    assert len(hits) == 2
    (copied_hit,) = (hit for hit in hits if hit.copies)
    assert len(copied_hit.copies) == 8


def test_a_longer_passage_is_no_copy_of_the_one_that_it_holds(make_parts: MakeParts) -> None:
    parts = make_parts(passage_tokens=200, short=REPORT.split("\n\n", maxsplit=1)[0], long=REPORT)
    question = "Who had asked for a pier in the harbour for nine years?"
    assert {hit.passage.document_id for hit in parts.retriever.search(question, 5)} >= {"long"}


def test_a_quote_says_where_else_it_stands_word_for_word(make_parts: MakeParts) -> None:
    parts = make_parts(passage_tokens=200, report=REPORT, elsewhere=ELSEWHERE)
    answer = parts.answerer.ask("Who chairs the harbour council that agreed to build a new pier?")
    quote = (answer.quotes or answer.closest)[0]
    assert {quote.address.document_id, *(other.address.document_id for other in quote.also)} == {"report", "elsewhere"}
    for other in quote.also:
        document, _ = parts.library.resolve(other.address)
        assert document.slice(other.address.span) == quote.text


def test_check_tells_fingerprints_that_are_lost_or_too_many(make_parts: MakeParts, tmp_path: Path) -> None:
    parts = make_parts(report=REPORT, other=ELSEWHERE)
    with sqlite3.connect(tmp_path / "library" / FILE_NAME) as db:
        db.execute("DELETE FROM fingerprint WHERE document_id = 'report'")
        db.execute("INSERT INTO fingerprint VALUES (1, 'nobody')")
    db.close()
    told = "\n".join(parts.check())
    assert "report: its fingerprints are not those of its text" in told
    assert "nobody: it has fingerprints, but is not current" in told


def test_a_library_of_the_second_format_gets_its_fingerprints_when_it_is_opened(
    make_parts: MakeParts, tmp_path: Path
) -> None:
    parts = make_parts(report=REPORT, other=ELSEWHERE)
    parts.library.close()
    with sqlite3.connect(tmp_path / "library" / FILE_NAME) as db:
        db.executescript(";".join(OLDER_THAN_5))
        db.executescript(
            "DROP INDEX version_by_file; DROP TABLE fingerprint; DROP TABLE setting;"
            " ALTER TABLE journal DROP COLUMN purged; PRAGMA user_version = 2"
        )
    db.close()
    again: Parts = assemble(open_library(tmp_path / "library"), tmp_path / "library", HashEncoder(), Settings())
    assert again.check() == []
    assert [copy.id for copy in again.library.copies_of(again.library.document("report"))] == ["other"]
    again.library.close()
