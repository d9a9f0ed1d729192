"""Proves how books, OpenDocument texts, mail messages and archives are read, and that their tricks come to nothing."""

from __future__ import annotations

import io
import zipfile
import zlib
from email.message import EmailMessage
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.errors import UnreadableFile
from corpus.files import File, find_files
from corpus.parsing.books import EpubParser, OpenDocumentParser
from corpus.parsing.contract import Parsed
from corpus.parsing.mail import MailParser
from tests.packages import epub, odt, zipped

_LAUGHS = "<!DOCTYPE x [<!ENTITY a 'ha'><!ENTITY b '&a;&a;&a;&a;'><!ENTITY c SYSTEM 'file:///etc/passwd'>]>"
_LOCKED = r"^it is locked, by a password or a shop; add a copy that is not$"


def bomb(name: str, gigabytes: int = 3) -> bytes:
    """An archive whose one member unpacks to gigabytes of zeros, from a few megabytes."""
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = packer.compress(bytes(1_000_000)) + packer.flush(zlib.Z_FULL_FLUSH)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr(name, piece * gigabytes * 1000)
        member = file.getinfo(name)
        member.compress_type, member.file_size = zipfile.ZIP_DEFLATED, gigabytes * 1_000_000_000
    return out.getvalue()


def locked(data: bytes) -> bytes:
    """The archive with every member marked as locked with a password."""
    marked = bytearray(data)
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = data.find(signature)
        while at >= 0:
            marked[at + offset] |= 1
            at = data.find(signature, at + 1)
    return bytes(marked)


def rewritten(book: bytes, old: str, new: str) -> bytes:
    """The book with a change in its table of members."""
    with zipfile.ZipFile(io.BytesIO(book)) as file:
        members = {each: file.read(each).decode() for each in file.namelist()}
    return zipped({**members, "OPS/book.opf": members["OPS/book.opf"].replace(old, new)})


def read_epub(data: bytes) -> Parsed:
    return EpubParser().parse(data)


def outcome(data: bytes) -> str:
    """The text of a book, or the one line with which it is refused."""
    try:
        return read_epub(data).text
    except UnreadableFile as refused:
        return str(refused) if "\n" not in str(refused) else ""


def read_odt(body: str, **more: str) -> Parsed:
    return OpenDocumentParser().parse(odt(body, **more))


def read_mail(message: EmailMessage | bytes) -> Parsed:
    return MailParser().parse(message if isinstance(message, bytes) else bytes(message))


def message(text: str = "High at noon.\n", **fields: str) -> EmailMessage:
    found = EmailMessage()
    for name, value in {"Subject": "Tides", "From": "Ola Sand <ola@harbour.example>", **fields}.items():
        found[name] = value
    found.set_content(text)
    return found


def files(folder: Path, data: bytes) -> list[File]:
    path = folder / "all.zip"
    path.write_bytes(data)
    return list(find_files([path]))


def test_chapters_stand_in_the_order_of_the_spine_and_each_is_a_page() -> None:
    parsed = read_epub(epub({"z.xhtml": "<h1>First</h1><p>Ebb.</p>", "a.xhtml": "<h2>Second</h2><p>Flood.</p>"}))
    assert parsed.text == "# First\n\nEbb.\n\n## Second\n\nFlood.\n"
    assert parsed.page_starts == (0, parsed.text.index("## Second"))


def test_lists_tables_breaks_and_quotations_of_a_book_are_blocks() -> None:
    body = (
        "<p>One<br/>line</p><ul><li>nine cranes<ul><li>a lamp</li></ul></li><li><p>a bench</p></li></ul>"
        "<table><tr><th>Lamp</th><td>4<br/>0</td></tr></table><blockquote><p>Said Ola.</p></blockquote>"
        "<dl><dt>Ebb</dt><dd>goes</dd></dl><script>no()</script>"
    )
    assert read_epub(epub({"a.xhtml": body})).text == (
        "One line\n\n- nine cranes\n- a lamp\n- a bench\n\n| Lamp | 4 0 |\n\nSaid Ola.\n\n- Ebb\n- goes\n"
    )


def test_a_book_in_utf8_that_says_so_only_in_its_xml_declaration_keeps_its_letters() -> None:
    data = epub({"a.xhtml": ""})
    book = zipped(
        {
            **{
                name: zipfile.ZipFile(io.BytesIO(data)).read(name)
                for name in ("META-INF/container.xml", "OPS/book.opf")
            },
            "OPS/a.xhtml": '<?xml version="1.0" encoding="utf-8"?><html><body><p>Zażółć gęślą jaźń.</p></body></html>',
        }
    )
    assert read_epub(book).text == "Zażółć gęślą jaźń.\n"


def test_marks_of_notes_are_taken_out_and_the_notes_are_read() -> None:
    body = '<p>It ebbs.<sup><a href="#n1">1</a></sup></p><aside id="n1"><p>Twice a day.</p></aside>'
    parsed = read_epub(epub({"a.xhtml": body}))
    assert parsed.text == "It ebbs.\n\nTwice a day.\n"
    assert list(parsed.mended.values()) == [1]


def test_what_a_book_says_of_itself_is_its_metadata() -> None:
    said = "<dc:title>Tides</dc:title><dc:publisher>Harbour</dc:publisher><dc:date>2026-03-01T00:00Z</dc:date>"
    parsed = read_epub(epub({"a.xhtml": "<p>Ebb.</p>"}, metadata=f"{said}<dc:language>pl</dc:language>"))
    assert parsed.metadata == {"title": "Tides", "publisher": "Harbour", "date": "2026-03-01", "language": "pl"}


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("<dc:date>2026</dc:date>", {"date": "2026"}),
        ("<dc:date>2026-03</dc:date>", {"date": "2026-03"}),
        ("<dc:date>2026-02-30</dc:date>", {}),
        ("<dc:date>May 2020</dc:date>", {}),
        ("<dc:date>20260301</dc:date>", {}),
        ("<dc:language>pl-PL</dc:language>", {"language": "pl"}),
        ("<dc:language>EN</dc:language>", {"language": "en"}),
        ("<dc:language>Polish</dc:language>", {}),
        ("<dc:title> High\n  water </dc:title>", {"title": "High water"}),
    ],
    ids=str,
)
def test_a_date_and_a_language_are_taken_where_they_are_written_in_the_usual_way(
    written: str, read: dict[str, str]
) -> None:
    assert read_epub(epub({"a.xhtml": "<p>Ebb.</p>"}, metadata=written)).metadata == read


def test_a_chapter_beside_the_reading_order_is_left_out_and_named() -> None:
    book = rewritten(
        epub({"a.xhtml": "<p>Ebb.</p>", "b.xhtml": "<p>Answers.</p>"}), 'idref="1"', 'idref="1" linear="no"'
    )
    parsed = read_epub(book)
    assert (parsed.text, parsed.page_starts) == ("Ebb.\n", (0,))
    assert parsed.left_out == ("OPS/b.xhtml, which is no part of the reading order",)


def test_a_picture_in_the_spine_is_no_chapter() -> None:
    book = epub({"cover.jpg": "no words", "a.xhtml": "<p>Ebb.</p>"})
    assert (
        read_epub(rewritten(book, 'cover.jpg" media-type="a"', 'cover.jpg" media-type="image/jpeg"')).text == "Ebb.\n"
    )


def test_every_page_of_a_book_begins_inside_its_text() -> None:
    parsed = read_epub(epub({"cover.xhtml": "", "a.xhtml": "<p>Ebb.</p>", "end.xhtml": ""}))
    assert parsed.page_starts == (0, 0)


@pytest.mark.parametrize("missing", ["chapter", "folder"])
def test_a_book_without_one_of_its_chapters_is_refused(missing: str) -> None:
    book = rewritten(epub({"a.xhtml": "<p>Ebb.</p>"}), 'href="a.xhtml"', f'href="../../{missing}.xhtml"')
    with pytest.raises(UnreadableFile, match=r"^it is not a whole EPUB book"):
        read_epub(book)


def test_a_book_from_a_shop_that_is_locked_is_refused() -> None:
    names = {"META-INF/encryption.xml": '<e><CipherReference URI="OPS/a.xhtml"/></e>'}
    with pytest.raises(UnreadableFile, match=_LOCKED):
        read_epub(epub({"a.xhtml": "<p>Ebb.</p>"}, **names))


def test_a_book_with_locked_fonts_only_is_read() -> None:
    names = {"META-INF/encryption.xml": '<e><CipherReference URI="OPS/font.otf"/></e>'}
    assert read_epub(epub({"a.xhtml": "<p>Ebb.</p>"}, **names)).text == "Ebb.\n"


def test_an_opendocument_text_is_read_in_order() -> None:
    body = (
        '<text:h text:outline-level="2">Minutes</text:h><text:p>The<text:s/>council<text:line-break/>met.</text:p>'
        "<text:list><text:list-item><text:p>cranes</text:p><text:list><text:list-item><text:p>a lamp</text:p>"
        "</text:list-item></text:list></text:list-item></text:list><table:table><table:table-row><table:table-cell>"
        "<text:p>Lamp</text:p></table:table-cell><table:table-cell><text:p>4</text:p><text:p>0</text:p>"
        "</table:table-cell></table:table-row></table:table>"
    )
    assert read_odt(body).text == "## Minutes\n\nThe council met.\n\n- cranes\n- a lamp\n\n| Lamp | 4 0 |\n"


@pytest.mark.parametrize("outer", ["h", "p", "list-item"])
def test_notes_of_an_opendocument_text_follow_what_they_belong_to(outer: str) -> None:
    body = "<text:note-body><text:p>Twice.</text:p></text:note-body>"
    note = f"<text:note><text:note-citation>1</text:note-citation>{body}</text:note>"
    words = f"It ebbs{note}."
    body = (
        f"<text:list><text:list-item><text:p>{words}</text:p></text:list-item></text:list>"
        if outer == "list-item"
        else f"<text:{outer}>{words}</text:{outer}>"
    )
    mark = {"h": "# ", "p": "", "list-item": "- "}[outer]
    assert read_odt(f"{body}<text:p>End.</text:p>").text == f"{mark}It ebbs.\n\nTwice.\n\nEnd.\n"


def test_a_text_box_follows_the_paragraph_that_holds_it() -> None:
    box = "<draw:frame><draw:text-box><text:p>In a box.</text:p></draw:text-box></draw:frame>"
    assert read_odt(f"<text:p>It {box}ebbs.</text:p><text:p>End.</text:p>").text == "It ebbs.\n\nIn a box.\n\nEnd.\n"


def test_a_heading_in_a_list_is_a_heading() -> None:
    item = '<text:list-item><text:h text:outline-level="2">Costs</text:h></text:list-item>'
    assert read_odt(f"<text:list>{item}</text:list><text:p>None.</text:p>").text == "## Costs\n\nNone.\n"


def test_a_table_in_a_table_is_read_once() -> None:
    inner = (
        "<table:table><table:table-row><table:table-cell><text:p>Ebb</text:p></table:table-cell></table:table-row>"
        "</table:table>"
    )
    cells = f"<table:table-cell>{inner}</table:table-cell><table:table-cell><text:p>4</text:p></table:table-cell>"
    assert read_odt(f"<table:table><table:table-row>{cells}</table:table-row></table:table>").text == "| Ebb | 4 |\n"


def test_contents_and_running_lines_are_left_out_and_named() -> None:
    contents = "<text:table-of-content><text:p>Ebb 1</text:p></text:table-of-content>"
    lines = "<header><p>Harbour</p></header><footer><p>Page <page-number>1</page-number></p></footer>"
    parsed = read_odt(
        f"{contents}<text:p>Ebb.</text:p>", **{"styles.xml": f"<s><master-page>{lines}</master-page></s>"}
    )
    left_out = ("the table of contents", "running line: Harbour", "running line: Page 1")
    assert (parsed.text, parsed.left_out) == ("Ebb.\n", left_out)


def test_remarks_in_the_file_itself_are_no_text() -> None:
    assert (
        read_odt(
            "<!-- one --><text:list><!-- two --><text:list-item><text:p>a<!-- b -->c</text:p></text:list-item>"
            "</text:list>"
        ).text
        == "- ac\n"
    )
    assert read_epub(epub({"a.xhtml": "<p>Ebb<!-- no -->s.</p><p hidden=''>No.</p>"})).text == "Ebbs.\n"


def test_comments_and_deleted_words_are_left_out_and_named() -> None:
    body = (
        "<text:tracked-changes><text:changed-region><text:deletion><text:p>Gone.</text:p></text:deletion>"
        "</text:changed-region></text:tracked-changes>"
        "<text:p>Ebb.<office:annotation><text:p>Sure?</text:p></office:annotation></text:p>"
    )
    parsed = read_odt(body)
    assert (parsed.text, parsed.left_out) == (
        "Ebb.\n", ("comments", "text that was deleted while changes were tracked"),
    )  # fmt: skip


def test_what_an_opendocument_text_says_of_itself_is_its_metadata_and_may_be_missing() -> None:
    meta = "<dc:title>Tides</dc:title><dc:date>2026-03-01T09:00:00</dc:date>"
    assert read_odt("<text:p>Ebb.</text:p>", meta=meta).metadata == {"title": "Tides", "date": "2026-03-01"}
    assert read_odt("<text:p>Ebb.</text:p>").metadata == {}


def test_an_opendocument_text_with_a_password_is_refused() -> None:
    with pytest.raises(UnreadableFile, match=_LOCKED):
        read_odt("", **{"META-INF/manifest.xml": "<m><encryption-data/></m>"})


def test_entities_are_neither_expanded_nor_fetched() -> None:
    text = read_odt("<text:p>Ebb&b;&c;.</text:p>", prologue=_LAUGHS).text
    assert text == "Ebb.\n"
    title = read_epub(epub({"a.xhtml": "<p>Ebb.</p>"}, prologue=_LAUGHS, metadata="<dc:title>T&b;&c;</dc:title>"))
    assert title.metadata == {"title": "T"}


@pytest.mark.parametrize("parser", [EpubParser(), OpenDocumentParser()], ids=["epub", "odt"])
@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "it is not a whole"),
        (zipped({"mimetype": "x"}), "it is not a whole"),
        (zipped({"META-INF/container.xml": "<a", "content.xml": "<a"}), "it is not a whole"),
        (bomb("content.xml"), "it unpacks to more than 200 MB"),
        (locked(zipped({"META-INF/container.xml": "<a/>", "content.xml": "<a/>"})), "it is locked"),
    ],
    ids=["empty", "without its parts", "broken xml", "bomb", "locked"],
)
def test_a_package_that_cannot_be_read_is_refused(
    parser: EpubParser | OpenDocumentParser, data: bytes, said: str
) -> None:
    with pytest.raises(UnreadableFile) as refused:
        parser.parse(data)
    assert str(refused.value).startswith(said)
    assert "\n" not in str(refused.value)


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 2000), st.integers(1, 255))
def test_a_book_with_a_changed_byte_is_read_or_refused(place: int, change: int) -> None:
    data = bytearray(epub({"a.xhtml": "<p>Ebb and flood.</p>"}))
    data[place % len(data)] ^= change
    assert outcome(bytes(data))


def test_a_plain_message_gives_its_paragraphs_and_fields() -> None:
    parsed = read_mail(message("High\nat noon.\n \nLow at six.\n", Date="Mon, 2 Mar 2026 10:00:00 +0000"))
    assert parsed.text == "High at noon.\n\nLow at six.\n"
    assert parsed.metadata == {"title": "Tides", "speaker": "Ola Sand", "date": "2026-03-02"}


def test_a_short_html_message_is_read_whole() -> None:
    mail = message()
    mail.set_content("<html><body><p>High at noon.</p><ul><li>ebb</li></ul></body></html>", subtype="html")
    assert read_mail(mail).text == "High at noon.\n\n- ebb\n"


def test_lists_and_quoted_lines_of_a_plain_message_are_read() -> None:
    quoted = "> High\n> at noon.\n>\n>> Was it?\n\n"
    parsed = read_mail(
        message(f"{quoted}We need:\n- nine\n  cranes\n* a lamp\n\nThe tower\n- dark for years - fell.\n")
    )
    assert parsed.text == (
        "High at noon.\n\nWas it?\n\nWe need:\n\n- nine cranes\n- a lamp\n\nThe tower - dark for years - fell.\n"
    )
    assert parsed.mended == {"marks of quoted lines taken out": 4}


def test_of_an_html_message_only_what_is_seen_is_read_and_tables_that_place_it_are_none() -> None:
    mail = message()
    row = "<tr><td><h1>Tides</h1><p>High at noon.</p><p style='display:none'>Preview</p></td><td>&nbsp;</td></tr>"
    head = "<head><title>No</title><style>p { color: red }</style></head>"
    page = f"<!DOCTYPE html><html>{head}<body><table>{row}</table></body></html>"
    mail.set_content(page, subtype="html")
    assert read_mail(mail).text == "# Tides\n\nHigh at noon.\n"


def test_an_html_part_is_read_where_the_plain_one_is_empty() -> None:
    mail = message(" \n")
    mail.add_alternative("<p>Marked noon.</p>", subtype="html")
    assert read_mail(mail).text == "Marked noon.\n"


def test_of_a_message_in_two_forms_the_plain_one_is_read_and_attachments_are_named() -> None:
    mail = message("Plain noon.\n")
    mail.add_alternative("<p>Marked noon.</p>", subtype="html")
    mail.add_attachment(b"%PDF", maintype="application", subtype="pdf", filename="../../tides.pdf")
    parsed = read_mail(mail)
    assert parsed.text == "Plain noon.\n"
    assert parsed.left_out == ("attachment ../../tides.pdf; add it as a file of its own",)


@pytest.mark.parametrize("charset", ["utf-8", "iso-8859-2", "windows-1250"])
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_letters_are_read_in_the_charset_of_the_message(charset: str, kind: str) -> None:
    mail = message()
    mail.set_content("Zażółć gęślą jaźń\n", subtype=kind, charset=charset, cte="8bit")
    assert read_mail(mail).text == "Zażółć gęślą jaźń\n"


def test_encoded_headers_are_decoded() -> None:
    data = b"Subject: =?iso-8859-2?q?=B3=F3d=BC?=\r\nFrom: =?utf-8?b?xYF1a2E=?= <l@x.example>\r\n\r\nEbb.\r\n"
    assert read_mail(data).metadata == {"title": "łódź", "speaker": "Łuka"}


def test_letters_in_headers_that_name_no_charset_are_utf8_and_a_folded_header_is_one_line() -> None:
    data = "Subject: Żółw\r\n w porcie\r\nFrom: Łukasz <l@x.example>\r\n\r\nEbb.\r\n".encode()
    assert read_mail(data).metadata == {"title": "Żółw w porcie", "speaker": "Łukasz"}


@pytest.mark.parametrize("charset", ["us-ascii", "iso-8859-1", "windows-1252", "utf-8"])
def test_a_message_that_is_utf8_is_read_so_whatever_it_says(charset: str) -> None:
    data = f"Subject: Tides\r\nContent-Type: text/plain; charset={charset}\r\n\r\nZażółć gęślą.\r\n".encode()
    assert read_mail(data).text == "Zażółć gęślą.\n"


@pytest.mark.parametrize("charset", ["undefined", "idna", "unicode_escape", "rot13", "no-such", "utf-16"])
def test_a_charset_that_is_none_hinders_nothing(charset: str) -> None:
    data = f"Subject: Tides\r\nContent-Type: text/plain; charset={charset}\r\n\r\nEbb \\u0041.\r\n".encode()
    assert read_mail(data).text == "Ebb \\u0041.\n"


@pytest.mark.parametrize("data", [b"", b"\r\n\r\n", b"\xff\xfe\x00", b"Subject: x\r\n\r\n"])
def test_what_is_no_message_is_refused(data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        read_mail(data)


@pytest.mark.parametrize(
    "name", ["../../x.md", "/etc/x.md", "..\\..\\x.md", "C:\\x.md", "a/../../x.md"],
    ids=["parents", "absolute", "backslashes", "drive", "parents inside"],
)  # fmt: skip
def test_a_hostile_name_is_only_a_label(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "in" / "side"
    folder.mkdir(parents=True)
    (file,) = files(folder, zipped({name: "Ebb."}))
    assert (file.name, file.data()) == ("x.md", b"Ebb.")
    assert file.origin.endswith(f"all.zip!{name}")
    assert [each for each in tmp_path.rglob("*") if each.is_file()] == [folder / "all.zip"]


def test_characters_in_a_name_that_nobody_sees_are_shown(tmp_path: Path) -> None:
    (file,) = files(tmp_path, zipped({"a\n\x1b[2Jb.md": "Ebb."}))
    assert (file.name, file.origin.rpartition("!")[2]) == ("a\ufffd\ufffd[2Jb.md",) * 2
    assert file.data() == b"Ebb."


def test_a_name_in_utf8_that_does_not_say_so_keeps_its_letters(tmp_path: Path) -> None:
    data = bytearray(zipped({"port/żuraw.md": "Ebb."}))
    for signature, offset in ((b"PK\x03\x04", 7), (b"PK\x01\x02", 9)):
        data[data.find(signature) + offset] &= ~8
    (file,) = files(tmp_path, bytes(data))
    assert (file.name, file.data()) == ("żuraw.md", b"Ebb.")


def test_a_member_without_a_name_is_passed_over(tmp_path: Path) -> None:
    data = zipped({"nameless.md": "Flood.", "a.md": "Ebb."}).replace(b"nameless", b"\0ameless")
    assert [file.name for file in files(tmp_path, data)] == ["a.md"]


def test_members_that_no_parser_reads_and_hidden_ones_are_passed_over(tmp_path: Path) -> None:
    members = {"b.md": "b", "a.exe": "", ".x/c.md": "", "__MACOSX/._b.md": "", "sub/a.txt": "a"}
    assert [file.name for file in files(tmp_path, zipped(members))] == ["b.md", "a.txt"]


def test_an_archive_in_an_archive_is_not_opened_and_says_so(tmp_path: Path) -> None:
    found = files(tmp_path, zipped({"a.md": "Ebb.", "inner/more.zip": zipped({"b.md": "Flood."})}))
    assert found[0].data() == b"Ebb."
    assert found[1].origin.endswith("all.zip!inner/more.zip")
    with pytest.raises(UnreadableFile, match=r"^it is an archive in an archive, which is not opened; unpack the outer"):
        found[1].data()


def test_an_archive_that_unpacks_to_gigabytes_is_refused_whole(tmp_path: Path) -> None:
    (file,) = files(tmp_path, bomb("zeros.txt", gigabytes=3))
    with pytest.raises(UnreadableFile, match=r"^it unpacks to more than 2000 MB, which is not read; split it$"):
        file.data()


def test_one_bad_member_does_not_hinder_the_others(tmp_path: Path) -> None:
    data = zipped({"a.md": "first here", "b.md": "second here", "c.md": "third here"})
    found = files(tmp_path, data.replace(b"second here", b"secund here"))
    assert [found[0].data(), found[2].data()] == [b"first here", b"third here"]
    with pytest.raises(UnreadableFile, match=r"^it is damaged; unpack the archive and add the folder$"):
        found[1].data()


def test_a_member_that_is_too_large_does_not_hinder_the_others(tmp_path: Path) -> None:
    out = io.BytesIO(bomb("zeros.txt", gigabytes=1))
    with zipfile.ZipFile(out, "a") as file:
        file.writestr("a.md", "first")
    first, zeros = files(tmp_path, out.getvalue())
    assert first.data() == b"first"
    with pytest.raises(UnreadableFile, match=r"^it unpacks to more than 200 MB, which is not read; split it$"):
        zeros.data()


def test_a_locked_member_is_refused(tmp_path: Path) -> None:
    (file,) = files(tmp_path, locked(zipped({"a.md": "Ebb."})))
    with pytest.raises(UnreadableFile, match=r"^it is locked with a password; unpack the archive and add the folder$"):
        file.data()


def test_a_member_packed_in_an_unknown_way_is_damaged_and_not_locked(tmp_path: Path) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("a.md", "Ebb.")
        archive.getinfo("a.md").compress_type = 99
    (file,) = files(tmp_path, out.getvalue())
    with pytest.raises(UnreadableFile, match=r"^it is damaged"):
        file.data()


@pytest.mark.parametrize(
    "data", [b"", b"PK\x03\x04", zipped({"a.md": "Ebb."})[:-9], zipped({}), zipped({"a.exe": ""})],
    ids=["no bytes", "a beginning", "cut off", "no members", "nothing that is read"],
)  # fmt: skip
def test_a_damaged_or_useless_archive_is_one_file_that_is_refused(tmp_path: Path, data: bytes) -> None:
    (file,) = files(tmp_path, data)
    with pytest.raises(UnreadableFile, match=r"^it (is not a whole ZIP archive|holds no file that is read)"):
        file.data()
