"""Mail messages (.eml): subject, sender, date and the text of the body."""

from __future__ import annotations

import contextlib
import email
import re
from collections.abc import Iterator
from email.errors import MessageError
from email.message import EmailMessage, MIMEPart
from email.policy import default
from email.utils import parsedate_to_datetime
from typing import cast

from corpus.errors import UnreadableFile
from corpus.parsing.contract import Parsed
from corpus.parsing.markup import Builder, add_blocks, html_body
from corpus.parsing.mending import Mender
from corpus.parsing.web import read_html

_UNQUOTED = "marks of quoted lines taken out"
_QUOTED = re.compile(r"^(?:>[ \t]?)+", re.MULTILINE)
_BULLET = re.compile(r"[ \t]*[-*•][ \t]+(?=\S)")


class MailParser:
    """A message as mail programs save it. Attachments are named in the report, and not read."""

    name = "eml/1"
    suffixes = frozenset({".eml"})

    def parse(self, data: bytes) -> Parsed:
        try:
            message = email.message_from_bytes(data, policy=default)
            body = _body(message)
            attached = [_clean(part.get_filename() or part.get_content_type()) for part in message.iter_attachments()]
            metadata = _metadata(message)
        except (MessageError, ValueError, KeyError, AttributeError, TypeError, LookupError) as error:
            raise UnreadableFile("it is not a mail message; save it again in its program") from error
        if body is None or not message.keys():
            raise UnreadableFile("it is not a mail message with text; save it again in its program")
        is_html = body.get_content_subtype() == "html"
        text, warnings = read_html(_content(body), body.get_content_charset() or ("" if is_html else "utf-8"))
        mender = Mender()
        builder = Builder(mender)
        if is_html:
            if (page := html_body(text)) is not None:
                add_blocks(page, builder)
        else:
            text, mender.mended[_UNQUOTED] = _QUOTED.subn("", text)
            for paragraph in re.split(r"\n[ \t]*\n", text):
                for is_item, said in _chunks(paragraph.split("\n")):
                    (builder.item if is_item else builder.paragraph)(said)
        left_out = tuple(f"attachment {name}; add it as a file of its own" for name in attached)
        return builder.parsed(metadata, left_out, warnings=warnings)


def _body(message: EmailMessage) -> MIMEPart | None:
    """The part that is the message's text: the plain one, where there is something in it."""
    plain = message.get_body(("plain",))
    return plain if plain is not None and _content(plain).strip() else message.get_body(("html", "plain"))


def _content(part: MIMEPart) -> bytes:
    return cast(bytes, part.get_payload(decode=True) or b"")


def _chunks(lines: list[str]) -> Iterator[tuple[bool, str]]:
    """The items and the other text of a paragraph, each with whether it is an item.

    A line with a bullet begins an item at the paragraph's start, after an item, and after a colon; elsewhere it is a
    dash that happens to begin a line.
    """
    chunk: list[str] = []
    is_item = False
    for line in lines:
        bullet = _BULLET.match(line)
        if bullet is not None and (not chunk or is_item or chunk[-1].rstrip().endswith(":")):
            yield is_item, " ".join(chunk)
            chunk, is_item = [line[bullet.end() :]], True
        else:
            chunk.append(line)
    yield is_item, " ".join(chunk)


def _metadata(message: EmailMessage) -> dict[str, str]:
    found = {"title": _clean(str(message.get("Subject", ""))), "speaker": _clean(_sender(message))}
    with contextlib.suppress(ValueError, TypeError):
        found["date"] = parsedate_to_datetime(str(message["Date"])).date().isoformat()
    return {name: value for name, value in found.items() if value}


def _sender(message: EmailMessage) -> str:
    addresses = getattr(message["From"], "addresses", ())
    return next((each.display_name or each.addr_spec for each in addresses), "")


def _clean(header: str) -> str:
    """A header on one line; letters that were sent without saying their charset are UTF-8."""
    return " ".join(header.encode("utf-8", "surrogateescape").decode("utf-8", "replace").split())
