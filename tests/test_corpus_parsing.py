"""Proves what parsers make of bytes: one text for every encoding and newline, one clear error for what is no text."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from corpus.errors import UnreadableFile
from corpus.parsing.contract import Parser
from corpus.parsing.formats import READABLE, parser_for
from corpus.parsing.plain import MarkdownParser, TextParser
from tests.texts import texts

_EITHER = st.sampled_from([TextParser(), MarkdownParser()])
_TEXT = "Żółw 🐢 spotkał\nЗайця.\n\nE\u0301mile too."


def _front(fields: str, text: str = "Text.") -> bytes:
    return f"---\n{fields}\n---\n{text}".encode()


def _refusal(data: bytes, parser: Parser | None = None) -> str:
    with pytest.raises(UnreadableFile) as refused:
        (parser or MarkdownParser()).parse(data)
    return str(refused.value)


@given(
    st.one_of(
        st.binary(),
        texts.map(str.encode),
        st.text().map(lambda text: _front(text.encode("utf-8", "replace").decode())),
        st.lists(
            st.sampled_from("title: id: - [ ] { } , : ! !! & * # | > ' \" ? % @ ` \n date 2026-02-30".split(" "))
        ).map(lambda parts: _front(" ".join(parts))),
    ),
    _EITHER,
)
@example(_front("date: 2026-02-30"), TextParser())
@example(_front("date: !!timestamp soon"), TextParser())
@example(_front("title: !!int ''"), TextParser())
@example(_front("title: !!bool maybe"), TextParser())
@example(_front("title: " + "9" * 5000), TextParser())
@example(_front("title: !!python/object:os.system x"), TextParser())
@example(_front("a: &a [*a]"), TextParser())
@example(_front("? [1]\n: 2"), TextParser())
@example(b"\xff\xfea", TextParser())
@example(b"\xff\xfe\x00\xd8", TextParser())
def test_parsing_gives_text_or_one_line_saying_why_not(data: bytes, parser: Parser) -> None:
    try:
        parsed = parser.parse(data)
    except UnreadableFile as error:
        refusal: str | None = str(error)
    else:
        refusal = None
    if refusal is not None:
        assert len(refusal.splitlines()) == 1
        return
    assert parsed.text.strip()
    assert "\r" not in parsed.text
    assert "\0" not in parsed.text
    parsed.text.encode()


@given(texts.filter(lambda text: bool(text.strip()) and not text.startswith(("\ufeff", "---"))), _EITHER)
def test_text_without_front_matter_is_kept_as_it_is(text: str, parser: Parser) -> None:
    assert parser.parse(text.encode()).text == text


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize(
    "encode",
    [
        pytest.param(lambda text: text.encode("utf-8"), id="UTF-8"),
        pytest.param(lambda text: text.encode("utf-8-sig"), id="UTF-8 with BOM"),
        pytest.param(lambda text: b"\xff\xfe" + text.encode("utf-16-le"), id="UTF-16 LE"),
        pytest.param(lambda text: b"\xfe\xff" + text.encode("utf-16-be"), id="UTF-16 BE"),
    ],
)
@pytest.mark.parametrize("front", ["", "---\ntitle: Żółw\n---\n\n"], ids=["bare", "front matter"])
def test_every_encoding_and_newline_gives_the_same_text(
    newline: str, encode: Callable[[str], bytes], front: str
) -> None:
    parsed = TextParser().parse(encode((front + _TEXT).replace("\n", newline)))
    assert parsed.text == _TEXT
    assert parsed.metadata == ({"title": "Żółw"} if front else {})


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (bytes(range(1, 256)) * 4, "it is not text in an encoding that is known; save it as UTF-8 and add it again"),
        (b"\xff\xfea\x00b", "byte 4 is not UTF-16; save it as UTF-8 and add it again"),
        ("a".encode("utf-16-le"), "it is not a text file: it holds NUL characters; open it in its program"),
        (b"PK\x03\x04\x00\x00", "it is not a text file: it holds NUL characters; open it in its program"),
        (b"", "it holds no text; add a file with text"),
        (b"\xef\xbb\xbf", "it holds no text; add a file with text"),
        (" \n\t\u00a0\r\n".encode(), "it holds no text; add a file with text"),
        (_front("title: A", ""), "it holds no text; add a file with text"),
        (_front("title: A: B"), "its front matter is not YAML in line 2; mend it and add it again"),
        (_front("id: a\ntitle: [A"), "its front matter is not YAML in line 4; mend it and add it again"),
        (_front("title: " + "[" * 1000), "its front matter is not YAML"),
        (_front("- a\n- b"), "its front matter is no list of fields; write one 'name: value' a line"),
        (_front("just words"), "its front matter is no list of fields; write one 'name: value' a line"),
    ],
    ids=[
        "no encoding", "half of UTF-16", "UTF-16 without BOM", "zip", "empty", "BOM alone", "white space",
        "front matter alone", "a second colon", "an open bracket", "deep nesting",
        "a list", "words",
    ],
)  # fmt: skip
def test_what_is_no_text_is_refused_with_what_is_wrong_and_what_to_do(data: bytes, said: str) -> None:
    assert _refusal(data).startswith(said)
    assert _refusal(data, TextParser()).startswith(said)


@pytest.mark.parametrize("encoding", ["iso-8859-2", "cp1250", "utf-32"])
def test_text_in_another_encoding_is_read_and_a_guess_is_said(encoding: str) -> None:
    text = "Rada portu w Gdyni uchwaliła wczoraj, że żurawie będą niebieskie; głosowało dziewięciu członków. " * 3
    parsed = TextParser().parse(text.encode(encoding))
    assert parsed.text == text
    assert bool(parsed.warnings) == (encoding != "utf-32")


@pytest.mark.parametrize(
    ("data", "charset"),
    [
        pytest.param("Žluťoučký kůň".encode("iso8859-2"), "iso8859-2", id="as declared"),
        pytest.param("Žluťoučký kůň".encode("cp1250"), "iso8859-2", id="as Windows means it"),
        pytest.param("Žluťoučký kůň".encode(), "iso8859-1", id="UTF-8, whatever is declared"),
    ],
)
def test_a_text_that_came_with_its_charset_is_not_guessed_at(data: bytes, charset: str) -> None:
    parsed = parser_for("a.txt", charset).parse(data)
    assert (parsed.text, parsed.warnings) == ("Žluťoučký kůň", ())


def test_front_matter_becomes_metadata_and_is_no_part_of_the_text() -> None:
    parsed = MarkdownParser().parse(
        _front("id: a\ntitle: 'A: B'\nsources: [ta, nfp]\ndate: 2026-02", "\n\n# Heading\n")
    )
    assert parsed.text == "# Heading\n"
    assert parsed.metadata == {"id": "a", "title": "A: B", "sources": ["ta", "nfp"], "date": "2026-02"}
    assert parsed.warnings == ()


def test_front_matter_is_taken_as_it_is_written() -> None:
    parsed = TextParser().parse(_front("language: no\ntitle: 1.10\ndate: 2026-02-20\nid: !!int 007\nurl: ~\nlicence:"))
    assert parsed.metadata == {"language": "no", "title": "1.10", "date": "2026-02-20", "id": "007"}


@pytest.mark.parametrize("front", ["---\n---\n", "---  \n# a comment\n---\t\n"])
def test_front_matter_may_be_empty(front: str) -> None:
    parsed = TextParser().parse(f"{front}Text.".encode())
    assert (parsed.text, parsed.metadata) == ("Text.", {})


@pytest.mark.parametrize(
    "text", ["---\ntitle: A\n\nText.", "Text.\n---\ntitle: A\n---\n", "----\nText.\n----\n", " ---\nid: a\n---\n"]
)
def test_what_is_no_front_matter_is_text(text: str) -> None:
    parsed = TextParser().parse(text.encode())
    assert (parsed.text, parsed.metadata) == (text, {})


def test_unknown_fields_are_named_and_left_out_of_nothing_else() -> None:
    parsed = MarkdownParser().parse(_front("titel: A\nid: a\nauthor: B\n3: C"))
    assert parsed.warnings == (
        "front matter field '3' is not known and was left out",
        "front matter field 'author' is not known and was left out",
        "front matter field 'titel' is not known and was left out",
    )
    assert parsed.metadata["id"] == "a"


@pytest.mark.parametrize(
    ("data", "title"),
    [
        (b"Text.\n\n## First ##\n\n# Second", "First"),
        (b"```\n# code\n```\n# Real", "Real"),
        (_front("title: Given", "# First"), "Given"),
        (_front("title:", "# First"), "First"),
        (b"No heading.", None),
    ],
    ids=["first heading", "not in code", "given", "given but empty", "none"],
)
def test_the_first_heading_is_the_title_where_none_is_given(data: bytes, title: str | None) -> None:
    assert MarkdownParser().parse(data).metadata.get("title") == title


def test_plain_text_has_no_headings() -> None:
    assert "title" not in TextParser().parse(b"# 1 in the list").metadata


@pytest.mark.parametrize(
    ("name", "parser"),
    [("a.md", "markdown/1"), ("A.MD", "markdown/1"), ("a.markdown", "markdown/1"), ("a.b.txt", "text/1")],
)
def test_the_suffix_decides_the_parser(name: str, parser: str) -> None:
    assert parser_for(name).name == parser


@pytest.mark.parametrize(("name", "suffix"), [("a.pages", ".pages"), ("README", "none"), (".md", "none")])
def test_an_unknown_suffix_is_refused_with_those_known(name: str, suffix: str) -> None:
    with pytest.raises(
        UnreadableFile, match=rf"^files of type {suffix} are not read; known are .*\.markdown, \.md.*\.txt"
    ):
        parser_for(name)


@pytest.mark.parametrize("suffix", sorted(READABLE))
def test_every_suffix_has_the_parser_that_says_so(suffix: str) -> None:
    assert suffix in parser_for(f"a{suffix.upper()}").suffixes
