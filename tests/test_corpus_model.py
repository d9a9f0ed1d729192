"""Proves the vocabulary: spans hold something, addresses read back as written, pages and versions are what they say."""

from __future__ import annotations

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.errors import BadAddress
from corpus.model import ID_PATTERN, VERSION_DIGITS, Address, Document, Source, Span, version_of

_SPANS = st.tuples(st.integers(0, 10**9), st.integers(1, 10**6)).map(lambda pair: Span(pair[0], sum(pair)))
_ADDRESSES = st.builds(
    Address,
    st.from_regex(ID_PATTERN, fullmatch=True),
    st.text("0123456789abcdef", min_size=VERSION_DIGITS, max_size=VERSION_DIGITS),
    _SPANS,
)


@given(_ADDRESSES)
def test_an_address_reads_back_as_it_was_written(address: Address) -> None:
    assert Address.parse(str(address)) == address


@given(st.one_of(st.text(), st.tuples(_ADDRESSES.map(str), st.text(min_size=1, max_size=2)).map("".join)))
def test_whatever_is_read_as_an_address_is_written_the_same_way(text: str) -> None:
    try:
        address = Address.parse(text)
    except BadAddress:
        return
    assert str(address) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "brief-leap",
        "brief-leap@0123456789ab",
        "brief-leap@0123456789ab#100",
        "brief-leap@0123456789ab#180-100",
        "brief-leap@0123456789ab#100-100",
        "brief-leap@0123456789a#100-180",
        "brief-leap@0123456789abc#100-180",
        "brief-leap@0123456789AB#100-180",
        "Brief-Leap@0123456789ab#100-180",
        "-leap@0123456789ab#100-180",
        "kraków@0123456789ab#100-180",
        "@0123456789ab#100-180",
        " brief-leap@0123456789ab#100-180",
        "brief-leap@0123456789ab#100-180\n",
        "brief-leap@0123456789ab#-1-180",
        "brief-leap@0123456789ab#007-180",
        "brief-leap@0123456789ab#١-٢",
        pytest.param(f"brief-leap@0123456789ab#1-{'9' * 5000}", id="more digits than int() reads"),
    ],
)
def test_a_malformed_address_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(BadAddress) as refused:
        Address.parse(text)
    assert str(refused.value) == f"{text!r} is not an address; one looks like brief-leap@0123456789ab#100-180"


@pytest.mark.parametrize(("start", "end"), [(-1, 1), (0, 0), (3, 3), (4, 3)])
def test_a_span_that_holds_nothing_is_refused(start: int, end: int) -> None:
    with pytest.raises(ValueError, match=f"not a span: {start}-{end}"):
        Span(start, end)


@given(_SPANS, _SPANS, st.integers(0, 100))
def test_a_span_holds_another_when_it_holds_each_of_its_ends(one: Span, other: Span, by: int) -> None:
    joined = Span(min(one.start, other.start), max(one.end, other.end))
    assert one in joined
    assert other in joined
    assert (joined in one) == (joined == one)
    assert one.shift(by) == Span(one.start + by, one.end + by)


@given(st.text(min_size=1), st.data())
def test_a_slice_is_the_text_at_the_span_and_never_beyond_the_text(text: str, data: st.DataObject) -> None:
    document = Document.of("a", Source("A"), text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    assert document.slice(Span(start, end)) == text[start:end]
    with pytest.raises(ValueError, match=f"a, which has {len(text)} characters"):
        document.slice(Span(start, len(text) + 1))


@given(st.sets(st.integers(1, 90)), st.integers(0, 98), st.integers(1, 30))
def test_a_span_is_on_every_page_of_which_it_holds_a_character(breaks: set[int], start: int, length: int) -> None:
    starts = (0, *sorted(breaks))
    document = Document.of("a", Source("A"), "x" * 200, starts)
    ends = (*starts[1:], 200)
    held = [
        n for n, (first, end) in enumerate(zip(starts, ends, strict=True), 1) if start < end and first < start + length
    ]
    assert [*document.pages_of(Span(start, start + length))] == held


def test_a_document_without_pages_has_no_page() -> None:
    assert Document.of("a", Source("A"), "text").pages_of(Span(0, 4)) == range(0)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_version_is_the_digest_of_the_text_in_utf_8(text: str) -> None:
    document = Document.of("a", Source("A"), text)
    assert document.version == version_of(text) == hashlib.sha256(text.encode("utf-8")).hexdigest()
    assert document.version == Document.of("b", Source("B"), text).version


def test_an_address_shows_the_first_digits_of_the_version() -> None:
    version = version_of("text")
    assert Address.of("a", version, Span(0, 4)) == Address("a", version[:VERSION_DIGITS], Span(0, 4))
    assert Address.of("a", version[:VERSION_DIGITS], Span(0, 4)) == Address.of("a", version, Span(0, 4))
