"""Proves that of a saved web page the main text is read, and not what stands around it."""

from __future__ import annotations

import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.blocks import BlockKind, blocks
from corpus.errors import UnreadableFile
from corpus.parsing.contract import Parsed
from corpus.parsing.web import WebParser
from tests.pages import PAGES, Heading, Items, Page, Rows, said

_LEAST_F1 = 0.95
_BODY = "The harbour master read the tide tables aloud, and nobody in the hall dared to interrupt him."

every_page = pytest.mark.parametrize("page", PAGES, ids=[page.name for page in PAGES])


def parse(source: str | bytes) -> Parsed:
    return WebParser().parse(source if isinstance(source, bytes) else source.encode())


def page_of(body: str, head: str = "") -> str:
    return f"<!DOCTYPE html><html><head><title>Tides</title>{head}</head><body><article>{body}</article></body></html>"


def counted(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def f1(page: Page, text: str) -> float:
    """How well the words of a text are those of the page's main text; a headline above the text counts for nothing."""
    known = counted(" ".join(words for part in page.main for words in said(part)))
    got = counted(re.sub(rf"\A#+ {re.escape(page.article.title)}\n", "", text))
    return 2 * (known & got).total() / (known.total() + got.total())


def outcome(source: str | bytes) -> str:
    """The text, or the one line with which the page is refused."""
    try:
        return parse(source).text
    except UnreadableFile as refused:
        return str(refused) if "\n" not in str(refused) else ""


def contents(text: str, kind: BlockKind) -> list[str]:
    return [text[block.content.start : block.content.end] for block in blocks(text) if block.kind is kind]


def test_there_are_at_least_twenty_pages_of_which_some_are_polish() -> None:
    assert len({page.name for page in PAGES}) >= 20
    assert {page.article.language for page in PAGES} == {"en", "pl"}


@every_page
def test_the_main_text_is_read(page: Page) -> None:
    assert f1(page, parse(page.data).text) >= _LEAST_F1


@every_page
def test_menus_banners_and_comments_are_not_in_the_text(page: Page) -> None:
    text = parse(page.data).text
    assert len(page.furniture) > 5
    assert sorted(phrase for phrase in page.furniture if " ".join(phrase.split()) in text) == []


@every_page
def test_title_date_and_publisher_are_those_of_the_metadata(page: Page) -> None:
    metadata = parse(page.data).metadata
    found = (metadata.get("title"), metadata.get("date"), metadata.get("publisher"))
    assert found == (page.article.title, page.article.date, page.publisher)


@every_page
def test_headings_items_and_rows_are_blocks_of_their_own(page: Page) -> None:
    text = parse(page.data).text
    headings = [part.text for part in page.main if isinstance(part, Heading)]
    assert [each for each in contents(text, BlockKind.HEADING) if each in headings] == headings
    items = [words for part in page.main if isinstance(part, Items) for words in said(part)]
    assert [each for each in contents(text, BlockKind.ITEM) if each in items] == items
    rows = [f"| {' | '.join(row)} |" for part in page.main if isinstance(part, Rows) for row in part.rows]
    assert contents(text, BlockKind.ROW) == rows


def test_a_list_inside_a_list_gives_items_of_its_own() -> None:
    text = parse(page_of(f"<p>{_BODY}</p><ul><li>nine cranes<ul><li>a lamp</li></ul></li><li>a bench</li></ul>")).text
    assert contents(text, BlockKind.ITEM) == ["nine cranes", "a lamp", "a bench"]


def test_lists_and_divisions_in_a_cell_are_read_with_it() -> None:
    rows = (
        "<tr><th>Keepers</th><td><style>.x {}</style><ul><li>Mira Holt</li><li>Jan Sowa</li></ul></td></tr>"
        '<tr><th><div>Address</div></th><td>9 Pier Road, <div><a href="/r">Rozewie</a></div>, Poland</td></tr>'
    )
    text = parse(page_of(f"<p>{_BODY}</p><table>{rows}</table><p>{_BODY}</p>")).text
    assert contents(text, BlockKind.ROW) == [
        "| Keepers | Mira Holt; Jan Sowa |",
        "| Address | 9 Pier Road, Rozewie, Poland |",
    ]


def test_a_line_break_parts_words_and_a_stressed_part_does_not() -> None:
    assert parse(page_of(f"<p>{_BODY}</p><p>Ebb<br>and fl<b>oo</b>d.</p>")).text == f"{_BODY}\n\nEbb and flood.\n"


def test_marks_of_notes_are_taken_out_and_counted() -> None:
    parsed = parse(page_of(f'<p>{_BODY}<sup><a href="#n1">[1]</a></sup> So <a href="#x">they say</a>.</p>'))
    assert parsed.text == f"{_BODY} So they say.\n"
    assert parsed.mended == {"marks of notes taken out of sentences": 1}


def test_marks_of_references_are_taken_out_with_their_page_numbers() -> None:
    mark = '<sup class="reference"><a href="#n1">[1]</a></sup><sup class="reference nowrap"><span>: 108</span></sup>'
    assert parse(page_of(f"<p>{_BODY}{mark} So they say.</p>")).text == f"{_BODY} So they say.\n"


def test_text_around_a_list_in_a_paragraph_is_not_lost() -> None:
    text = parse(page_of(f"<p>{_BODY}</p><div>They need <ul><li>a lamp</li></ul> and <b>nine</b> cranes.</div>")).text
    assert text == f"{_BODY}\n\nThey need\n\n- a lamp\n\nand nine cranes.\n"


def test_empty_lines_part_paragraphs_of_text_that_has_no_tags() -> None:
    text = parse(page_of(f"{_BODY}<br>He paused.<br> <br>He read <i>on</i>.<br><br><br>It was noon.")).text
    assert text == f"{_BODY} He paused.\n\nHe read on.\n\nIt was noon.\n"


def test_a_table_in_a_table_only_places_what_is_in_it() -> None:
    inner = f"<table><tr><td>Menu</td><td><h2>Ebb</h2><p>{_BODY}</p><p>{_BODY[::-1]}</p></td></tr></table>"
    text = parse(f"<html><body><table><tr><td>Site</td><td>{inner}</td></tr></table></body></html>").text
    assert text == f"## Ebb\n\n{_BODY}\n\n{_BODY[::-1]}\n"


@pytest.mark.parametrize(("paragraphs", "is_read"), [(40, False), (1, True)], ids=["beside a text", "the whole page"])
def test_a_contact_box_is_left_out_unless_it_is_the_page(paragraphs: int, is_read: bool) -> None:
    box = '<div class="contact-box"><p>Ask the harbour office, which is open from nine to four on all days.</p></div>'
    texts = "".join(f"<p>{_BODY} {number}</p>" for number in range(paragraphs))
    assert ("harbour office" in parse(page_of(texts + box)).text) is is_read


def test_a_title_loses_the_name_of_the_site_and_no_part_of_its_own() -> None:
    page = f"<html><head><title>{{}}</title></head><body><article><h1>Ebb - and flood</h1><p>{_BODY}</p></article>"
    for title in ("Ebb - and flood", "Ebb - and flood - Harbour News", "Ebb - and flood | Harbour News"):
        assert parse(page.format(title)).metadata["title"] == "Ebb - and flood"


def test_that_something_was_left_out_is_said() -> None:
    assert parse(page_of(f"<p>{_BODY}</p>")).left_out == (
        "what is not the page's main text: menus, banners, comments, contact boxes, links",
    )


@pytest.mark.parametrize(
    ("head", "field", "value"),
    [
        ('<meta property="og:site_name" content="Harbour News">', "publisher", "Harbour News"),
        ('<meta property="og:title" content="High water">', "title", "High water"),
        ('<meta name="date" content="2026-03-02">', "date", "2026-03-02"),
        ('<meta property="article:published_time" content="2026-03-02T23:30:00+01:00">', "date", "2026-03-02"),
        (
            '<script type="application/ld+json">{"@context": "https://schema.org", "@type": "NewsArticle",'
            ' "headline": "High water", "datePublished": "2026-03-02"}</script>',
            "date",
            "2026-03-02",
        ),
        ('<link rel="canonical" href="https://harbour.example/tides">', "url", "https://harbour.example/tides"),
    ],
    ids=["OpenGraph site", "OpenGraph title", "meta date", "published time", "JSON-LD", "canonical link"],
)
def test_metadata_are_read_from_where_pages_have_them(head: str, field: str, value: str) -> None:
    assert parse(page_of(f"<p>{_BODY}</p>", head)).metadata[field] == value


def test_a_date_is_read_from_a_time_element() -> None:
    parsed = parse(page_of(f'<h1>Tides</h1><time datetime="2026-03-02">2 March</time><p>{_BODY}</p>'))
    assert parsed.metadata["date"] == "2026-03-02"


def test_a_page_that_names_no_date_has_none() -> None:
    assert "date" not in parse(page_of(f"<p>{_BODY} That was settled in 1998, on 4 May.</p>")).metadata


@pytest.mark.parametrize(
    ("declared", "real"),
    [
        ("utf-8", "utf-8"),
        ("iso-8859-1", "utf-8"),
        ("windows-1250", "windows-1250"),
        ("iso-8859-2", "iso-8859-2"),
        ("iso-8859-2", "windows-1250"),
        ("utf-16", "utf-8"),
        ("unicode_escape", "utf-8"),
        ("no-such-charset", "utf-8"),
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "form", ['<meta charset="{}">', '<meta http-equiv="Content-Type" content="text/html; charset={}">']
)
def test_letters_are_right_whatever_charset_is_declared(declared: str, real: str, form: str) -> None:
    said = "Zażółć „gęślą” jaźń" if real != "iso-8859-2" else "Zażółć gęślą jaźń"
    parsed = parse(page_of(f"<p>{said}. {_BODY}</p>", form.format(declared)).encode(real))
    assert parsed.text == f"{said}. {_BODY}\n"
    assert parsed.warnings == ()


def test_a_page_in_another_charset_than_it_declares_is_guessed_and_warned_of() -> None:
    said = "Zażółć gęślą jaźń, powiedział kapitan portu, i nikt mu nie przerwał, choć wszyscy słyszeli. " * 5
    parsed = parse(page_of(f"<p>{said}</p>", '<meta charset="utf-8">').encode("windows-1250"))
    assert "kapitan portu" in parsed.text
    assert len(parsed.warnings) == 1


def test_a_single_wrong_byte_does_not_spoil_the_other_letters() -> None:
    data = page_of(f"<p>Zażółć gęślą jaźń. {_BODY} @</p>").encode().replace(b"@", b"\xff")
    parsed = parse(data)
    assert parsed.text.startswith("Zażółć gęślą jaźń. ")
    assert parsed.warnings == ("1 of its bytes are not UTF-8 and stand as \ufffd; save it again if that matters",)


@pytest.mark.parametrize(
    "source",
    [
        f"<p>{_BODY}",
        f"<html><body><div><article><p>{_BODY}<p>{_BODY}</div></b></article>",
        f"<html><body><article><p>{_BODY}</p><table><tr><td>Lamp<tr><td>Bench",
        f"</div></div><p>{_BODY}</p><!-- never closed",
        f"<html><head><title>Tides<body><p>{_BODY}</p></title><article><p>{_BODY}</p></article>",
    ],
    ids=["one paragraph", "crossed tags", "open table", "open comment", "open title"],
)
def test_broken_html_gives_its_text(source: str) -> None:
    assert _BODY in parse(source).text


@pytest.mark.parametrize(
    "source",
    [
        b"",
        b"   \n",
        b"<html></html>",
        b"<html><head><title>Tides</title></head><body></body></html>",
        b"<html><body><script>document.write('The tides are high at noon, and low at six.')</script></body></html>",
        b'<html><body><div id="root"></div><noscript>You need to enable JavaScript.</noscript></body></html>',
        b"<html><body><nav><a href='/'>Home</a></nav></body></html>",
        b"<!-- only a comment -->",
    ],
    ids="no bytes|white space|no body|title only|scripts only|application|menu only|comment only".split("|"),
)
def test_a_page_without_main_text_is_refused_with_one_line(source: bytes) -> None:
    with pytest.raises(UnreadableFile) as refused:
        parse(source)
    assert str(refused.value) in (
        "no main text was found in it; save the page again after it has loaded, or print it as PDF",
        "its HTML cannot be made sense of; save the page again, or print it as PDF",
    )


def test_a_page_nested_a_hundred_thousand_deep_is_read_or_refused() -> None:
    assert outcome(f"<html><body>{'<div>' * 100_000}<p>{_BODY}</p>")


@settings(max_examples=50, deadline=None)
@given(st.sampled_from(PAGES), st.floats(0, 1), st.binary(max_size=20))
def test_a_page_that_is_cut_and_spoilt_is_read_or_refused(page: Page, where: float, noise: bytes) -> None:
    at = int(where * len(page.data))
    assert outcome(page.data[:at] + noise)
