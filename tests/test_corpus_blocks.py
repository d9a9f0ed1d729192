"""Proves where blocks and sentences stand: laws for any text, then the cases that splitters get wrong."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.blocks import BlockKind, blocks, sentences, sentences_within, trim
from corpus.model import Span
from tests.texts import texts

_LANGUAGES = st.sampled_from([None, "en", "pl", "de", "ar", "xx", "no such language"])


def _assert_in_order_disjoint_and_trimmed(spans: list[Span], text: str) -> None:
    assert all(span.end <= len(text) for span in spans)
    assert all(before.end <= after.start for before, after in pairwise(spans))
    assert all(part == part.strip() for part in (text[span.start : span.end] for span in spans))


def _said(text: str, language: str | None = None) -> list[str]:
    return [text[span.start : span.end] for span in sentences(text, language)]


def _kinds(text: str) -> list[tuple[BlockKind, str]]:
    return [(block.kind, text[block.content.start : block.content.end]) for block in blocks(text)]


@given(texts)
def test_blocks_are_in_order_disjoint_trimmed_and_inside_the_text(text: str) -> None:
    _assert_in_order_disjoint_and_trimmed([block.content for block in blocks(text)], text)


@given(texts, _LANGUAGES)
def test_sentences_are_in_order_disjoint_trimmed_and_inside_the_text(text: str, language: str | None) -> None:
    _assert_in_order_disjoint_and_trimmed(sentences(text, language), text)


@given(texts, _LANGUAGES)
def test_headings_rules_and_code_hold_no_sentence_and_other_blocks_nothing_else(
    text: str, language: str | None
) -> None:
    found = sentences(text, language)
    for block in blocks(text):
        inside = [span for span in found if span.start < block.content.end and block.content.start < span.end]
        if block.kind in {BlockKind.HEADING, BlockKind.RULE, BlockKind.CODE}:
            assert inside == []
        else:
            assert all(span in block.content for span in inside)
            said = "".join(text[span.start : span.end] for span in inside)
            content = text[block.content.start : block.content.end]
            assert "".join(said.split()) == "".join(content.split())


@given(texts)
def test_blocks_leave_out_nothing_but_marks_and_white_space(text: str) -> None:
    bounds = [0, *(bound for block in blocks(text) for bound in (block.content.start, block.content.end)), len(text)]
    left_out = "".join(text[start:end] for start, end in zip(bounds[::2], bounds[1::2], strict=True))
    marks = "#>-*+•.)"
    assert all(char.isspace() or char.isdecimal() or char in marks for char in left_out), left_out


@given(texts, texts)
def test_what_follows_a_blank_line_changes_no_block_before_it(before: str, after: str) -> None:
    first = blocks(before)
    if first and first[-1].kind is BlockKind.CODE:
        return  # a fence that nobody closed takes all that follows
    assert blocks(f"{before}\n\n{after}")[: len(first)] == first


@given(st.text(" \t\n\u00a0\u2003ab"), st.data())
def test_trimming_leaves_out_outer_white_space_only(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    span = trim(text, start, end)
    if span is None:
        assert text[start:end].strip() == ""
    else:
        assert start <= span.start < span.end <= end
        assert text[span.start : span.end] == text[start:end].strip()


@pytest.mark.parametrize(
    "said",
    [
        ["Mr. Nowak met Dr. Lis.", "They agreed."],
        ["The U.S. envoy came late.", "He left early."],
        ["Drones, e.g. small ones, are cheap.", "Missiles, i.e. large ones, are not."],
        ["The plan costs €43.734 billion.", "It runs to 2030."],
        ["Poland spends 4.8% of its GDP.", "Others spend 2.1%."],
        ["Is it ready?", "No!", "It is due in 2027."],
        ["She said: “It is signed.”", "Nobody objected."],
        ["Żółw – 🐢 – came first.", "Зайець was second.", "E\u0301mile was third."],
    ],
    ids=["titles", "U.S.", "e.g.", "billions", "per cent", "marks", "speech", "scripts"],
)
def test_a_full_stop_that_ends_no_sentence_splits_none(said: list[str]) -> None:
    assert _said(" ".join(said)) == said


def test_sentences_of_right_to_left_text_are_found() -> None:
    assert _said("مرحبا بكم في كراكوف. كيف حالك؟") == ["مرحبا بكم في كراكوف.", "كيف حالك؟"]


def test_abbreviations_are_those_of_the_language() -> None:
    said = "Spotkanie odbyło się przy ul. Długiej w Krakowie. Trwało godzinę."
    assert len(_said(said, "pl")) == 2


def test_a_hard_wrapped_sentence_is_one() -> None:
    assert _said("The ministers met\nin Krakow on a\nFriday. They left\nthe same day.\n") == [
        "The ministers met\nin Krakow on a\nFriday.",
        "They left\nthe same day.",
    ]


def test_list_markers_and_quote_marks_are_no_part_of_a_sentence() -> None:
    text = "Aims:\n- Build it. Test it.\n* Sell it\n  to others.\n1. First.\n12) Twelfth.\n> Quoted.\n> - Both."
    assert _said(text) == [
        "Aims:", "Build it.", "Test it.", "Sell it\n  to others.", "First.", "Twelfth.", "Quoted.", "Both.",
    ]  # fmt: skip


def test_each_table_row_stands_alone_and_its_rule_says_nothing() -> None:
    text = "| State | Share |\n|---|--:|\n| Poland | 4.8% |"
    assert _kinds(text) == [
        (BlockKind.ROW, "| State | Share |"),
        (BlockKind.RULE, "|---|--:|"),
        (BlockKind.ROW, "| Poland | 4.8% |"),
    ]


@pytest.mark.parametrize(
    ("line", "level", "title"),
    [("# One", 1, "One"), ("###### Six ##", 6, "Six"), ("   ## Indented  ", 2, "Indented"), ("# C#", 1, "C#")],
)
def test_a_heading_has_a_level_and_a_title_without_marks(line: str, level: int, title: str) -> None:
    (block,) = blocks(line)
    assert (block.kind, block.level) == (BlockKind.HEADING, level)
    assert line[block.content.start : block.content.end] == title


@pytest.mark.parametrize("line", ["#hashtag", "####### seven", "    # deep", "#", "E5 # five"])
def test_a_line_that_only_looks_like_a_heading_is_text(line: str) -> None:
    assert [block.kind for block in blocks(line)] == [BlockKind.PARAGRAPH]


def test_a_heading_inside_code_is_code() -> None:
    assert _kinds("Before.\n```\n# no heading\n\nNo sentence.\n```\nAfter.") == [
        (BlockKind.PARAGRAPH, "Before."),
        (BlockKind.CODE, "```\n# no heading\n\nNo sentence.\n```"),
        (BlockKind.PARAGRAPH, "After."),
    ]


def test_a_code_block_ends_only_with_the_fence_that_opened_it() -> None:
    assert [kind for kind, _ in _kinds("~~~\n```\nNo sentence.\n```\n~~~\nAfter.")] == [
        BlockKind.CODE,
        BlockKind.PARAGRAPH,
    ]


def test_a_numbered_line_of_four_digits_is_a_year_and_no_list() -> None:
    assert _said("The plan ends in\n2030. It began early.") == ["The plan ends in\n2030.", "It began early."]


def test_code_in_a_line_of_text_opens_no_code_block() -> None:
    assert _said("```E5``` is the format.\n\nIt has five members.") == [
        "```E5``` is the format.",
        "It has five members.",
    ]


def test_a_heading_with_very_many_spaces_is_read_in_linear_time() -> None:
    text = "# a" + " " * 100_000 + "b"
    assert blocks(text)[0].content == Span(2, len(text))


def test_sentences_within_a_span_are_counted_from_the_start_of_the_text() -> None:
    text = "😀 Skip. Take this. And this."
    assert [text[span.start : span.end] for span in sentences_within(text, Span(8, len(text)))] == [
        "Take this.",
        "And this.",
    ]
