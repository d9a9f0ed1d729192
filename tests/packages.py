"""Packages made for tests: ZIP archives, EPUB books, OpenDocument texts."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Mapping

_CONTAINER = '<container><rootfiles><rootfile full-path="OPS/book.opf"/></rootfiles></container>'
_DC = 'xmlns:dc="http://purl.org/dc/elements/1.1/"'
_ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in ("office", "text", "table", "draw")
)


def zipped(members: Mapping[str, str | bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        for name, content in members.items():
            file.writestr(name, content)
    return out.getvalue()


def epub(chapters: Mapping[str, str], *, prologue: str = "", metadata: str = "", **more: str) -> bytes:
    items = "".join(f'<item id="{n}" href="{name}" media-type="a"/>' for n, name in enumerate(chapters))
    spine = "".join(f'<itemref idref="{n}"/>' for n in range(len(chapters)))
    contents = f"<metadata>{metadata}</metadata><manifest>{items}</manifest><spine>{spine}</spine>"
    opf = f"{prologue}<package {_DC}>{contents}</package>"
    members = {
        f"OPS/{name}": f"<html><head><title>No</title></head><body>{body}</body></html>"
        for name, body in chapters.items()
    }
    return zipped({"META-INF/container.xml": _CONTAINER, "OPS/book.opf": opf, **members, **more})


def odt(body: str, *, prologue: str = "", meta: str | None = None, **more: str) -> bytes:
    text = f"<office:body><office:text>{body}</office:text></office:body>"
    content = f"{prologue}<office:document {_ODF}>{text}</office:document>"
    members = {"content.xml": content, **more}
    return zipped(members if meta is None else {**members, "meta.xml": f"<m {_DC}>{meta}</m>"})
