"""Proves the cutting of passages: nothing is lost, doubled or too long, and no sentence is cut in vain."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from corpus.blocks import BlockKind, blocks, sentences
from corpus.catalogue import shipped_briefs, shipped_catalogue
from corpus.cutting import CountTokens, cut
from corpus.files import find_files
from corpus.model import Document, Passage, Source, Span
from corpus.reading import read_file
from index.encoder import Encoder
from tests.fakes import HashEncoder
from tests.texts import texts

_LENGTHS = st.one_of(st.none(), st.sampled_from([1, 2, 5, 12, 30, 60, 400]))
_DOCUMENTS = st.builds(
    lambda text, language: Document.of("a", Source("A", language=language), text),
    texts,
    st.sampled_from([None, "en", "pl", "ar"]),
)


def _count_words(text: str) -> int:
    return HashEncoder().count_tokens(text)


_COUNTS: st.SearchStrategy[CountTokens] = st.sampled_from([_count_words, len, lambda text: len(text.split())])


def _assert_lawful(
    document: Document, passages: list[Passage], passage_tokens: int | None, count_tokens: CountTokens
) -> None:
    """The laws that hold for the passages of any document, with any limit, however tokens are counted."""
    spans = [passage.span for passage in passages]
    assert all((passage.document_id, passage.version) == (document.id, document.version) for passage in passages)
    assert [passage.text for passage in passages] == [document.slice(span) for span in spans]
    assert [passage.text for passage in passages] == [passage.text.strip() for passage in passages]
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert "".join("".join(passage.text.split()) for passage in passages) == "".join(document.text.split())
    if passage_tokens is None:
        assert len(passages) == (1 if document.text.strip() else 0)
        return
    for passage in passages:
        assert count_tokens(passage.text) <= passage_tokens, passage.text
    for sentence in sentences(document.text, document.source.language):
        if not any(sentence in span for span in spans):
            assert count_tokens(document.slice(sentence)) > passage_tokens, document.slice(sentence)


def _path_over(document: Document, passage: Passage) -> tuple[str, ...]:
    """The headings over the first thing at or after the passage's start that is no heading, outermost first."""
    path: dict[int, str] = {}
    for block in blocks(document.text):
        if block.kind is BlockKind.HEADING:
            path = {level: title for level, title in path.items() if level < block.level}
            path[block.level] = document.slice(block.content)
        elif block.content.end > passage.span.start:
            break
    return tuple(path.values())


@given(_DOCUMENTS, _LENGTHS, _COUNTS)
@example(Document.of("a", Source("A"), "Same. Same. Same.\n\nSame. Same."), 2, _count_words)
@example(Document.of("a", Source("A"), "- One two three."), 3, len)
@example(Document.of("a", Source("A"), "1. One two three."), 3, _count_words)
@example(Document.of("a", Source("A"), "> 1. One two three.\n> four five six"), 3, _count_words)
@example(Document.of("a", Source("A"), "- One two three.\n\n- Four"), 16, len)
@example(Document.of("a", Source("A"), "One two three.\n\nFour"), 14, len)
@example(Document.of("a", Source("A"), " " * 9), 5, len)
@example(Document.of("a", Source("A"), "e\u0301" * 50 + " 👩‍👩‍👧" * 20), 5, len)
def test_passages_hold_all_the_text_once_and_within_the_limit(
    document: Document, passage_tokens: int | None, count_tokens: CountTokens
) -> None:
    _assert_lawful(document, cut(document, passage_tokens, count_tokens), passage_tokens, count_tokens)


@pytest.mark.long
@settings(max_examples=3000)
@given(_DOCUMENTS, _LENGTHS, _COUNTS)
def test_passages_of_very_many_texts_are_lawful(
    document: Document, passage_tokens: int | None, count_tokens: CountTokens
) -> None:
    _assert_lawful(document, cut(document, passage_tokens, count_tokens), passage_tokens, count_tokens)


@given(_DOCUMENTS, st.integers(3, 60))
def test_a_passage_has_the_path_of_the_headings_over_it(document: Document, passage_tokens: int) -> None:
    for passage in cut(document, passage_tokens, _count_words):
        assert passage.headings == _path_over(document, passage)


@given(_DOCUMENTS, st.integers(3, 60))
def test_in_a_passage_no_heading_comes_after_text(document: Document, passage_tokens: int) -> None:
    found = blocks(document.text)
    for passage in cut(document, passage_tokens, _count_words):
        inside = [block.kind is BlockKind.HEADING for block in found if _overlap(block.content, passage.span)]
        assert inside == sorted(inside, reverse=True)


def _overlap(one: Span, other: Span) -> bool:
    return one.start < other.end and other.start < one.end


@given(_DOCUMENTS, _LENGTHS)
def test_cutting_again_gives_the_same_passages(document: Document, passage_tokens: int | None) -> None:
    assert cut(document, passage_tokens, _count_words) == cut(document, passage_tokens, _count_words)


def _passages(text: str, passage_tokens: int | None) -> list[str]:
    return [passage.text for passage in cut(Document.of("a", Source("A"), text), passage_tokens, _count_words)]


def test_paragraphs_are_joined_while_they_fit() -> None:
    assert _passages("One two.\n\nThree four.\n\nFive six.", 4) == ["One two.\n\nThree four.", "Five six."]


def test_a_paragraph_that_fits_stays_whole() -> None:
    assert _passages("One two. Three.\n\nFour five. Six seven.", 5) == ["One two. Three.", "Four five. Six seven."]


def test_a_long_paragraph_is_cut_between_sentences() -> None:
    assert _passages("One two three. Four five. Six seven eight.", 5) == [
        "One two three. Four five.",
        "Six seven eight.",
    ]


def test_a_long_sentence_is_cut_between_words() -> None:
    assert _passages("one two three four five", 2) == ["one two", "three four", "five"]


def test_a_word_longer_than_the_limit_is_cut_within() -> None:
    document = Document.of("a", Source("A"), "x" * 25)
    assert [len(passage.text) for passage in cut(document, 10, len)] == [10, 10, 5]


def test_repeated_text_is_cut_at_its_own_places() -> None:
    document = Document.of("a", Source("A"), "We agree. " * 6)
    assert [passage.span.start for passage in cut(document, 4, _count_words)] == [0, 20, 40]


def test_a_heading_without_text_joins_the_next_section() -> None:
    text = "# Meeting\n\n## Aims\n\nOne two.\n\n## Money\n\nThree.\n\n# End\n\nFour.\n"
    document = Document.of("a", Source("A"), text)
    assert [(passage.text, passage.headings) for passage in cut(document, 50, _count_words)] == [
        ("# Meeting\n\n## Aims\n\nOne two.", ("Meeting", "Aims")),
        ("## Money\n\nThree.", ("Meeting", "Money")),
        ("# End\n\nFour.", ("End",)),
    ]


def test_the_whole_document_is_one_passage_without_a_limit() -> None:
    assert _passages("\n# A\n\nOne.\n\n# B\n\nTwo.\n", None) == ["# A\n\nOne.\n\n# B\n\nTwo."]


@pytest.mark.parametrize("passage_tokens", [None, 5])
def test_a_text_of_white_space_has_no_passage(passage_tokens: int | None) -> None:
    assert _passages(" \n\t\n\u00a0", passage_tokens) == []


@pytest.mark.models
@pytest.mark.parametrize("passage_tokens", [None, 16, 48, 128, 256])
def test_the_briefs_are_cut_lawfully_as_the_real_encoder_counts(encoder: Encoder, passage_tokens: int | None) -> None:
    for brief in find_files(shipped_briefs()):
        document = read_file(brief, shipped_catalogue()).document
        _assert_lawful(
            document, cut(document, passage_tokens, encoder.count_tokens), passage_tokens, encoder.count_tokens
        )


@pytest.mark.models
@settings(max_examples=12)
@given(document=_DOCUMENTS, passage_tokens=st.sampled_from([4, 16, 64]))
def test_any_text_is_cut_lawfully_as_the_real_encoder_counts(
    encoder: Encoder, document: Document, passage_tokens: int
) -> None:
    _assert_lawful(document, cut(document, passage_tokens, encoder.count_tokens), passage_tokens, encoder.count_tokens)


@pytest.mark.long
@pytest.mark.models
@settings(max_examples=300)
@given(document=_DOCUMENTS, passage_tokens=st.sampled_from([3, 8, 32, 128]))
def test_very_many_texts_are_cut_lawfully_as_the_real_encoder_counts(
    encoder: Encoder, document: Document, passage_tokens: int
) -> None:
    _assert_lawful(document, cut(document, passage_tokens, encoder.count_tokens), passage_tokens, encoder.count_tokens)
