"""Reads files into drafts of documents: text, metadata, id, and the report on how it was read."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date as calendar_date
from pathlib import PurePath
from typing import Any

from anyascii import anyascii

from corpus.catalogue import Catalogue, Mark
from corpus.errors import UnreadableFile
from corpus.files import File
from corpus.language import language_of
from corpus.library import Entry, Library, Provenance, Report
from corpus.model import ID_PATTERN, Document, Kind, Reference, Source, is_unicode
from corpus.parsing.child import parsers
from corpus.parsing.formats import READABLE, parser_for

_ENDINGS = {"markdown": ".md", "text": ".txt"}
"""Of parsers that are not named after the ending."""

_DATE = re.compile(r"[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?")


@dataclass(frozen=True, slots=True)
class Draft:
    """A document as read, before a library gives it its place.

    ``names_itself`` is True where the id is in the file; otherwise it is made from the file's name.
    """

    document: Document
    provenance: Provenance
    original: bytes | None
    names_itself: bool


def read_file(file: File, catalogue: Catalogue) -> Draft:
    """Read one file; raises UnreadableFile with what is wrong and what to do."""
    if not is_unicode(file.origin):
        raise UnreadableFile("its path is not UTF-8; rename it and add it again")
    data = file.data()
    parsed, parser = parsers().parse(file.name, data, file.charset)
    stem = PurePath(file.name).stem
    metadata = {**file.presumed, **parsed.metadata, **file.metadata}
    id = _id(metadata)
    source, unknown = _source(metadata, stem, catalogue)
    language = language_of(parsed.text)
    if source.language is None and language is not None:
        source = replace(source, language=language)
    document = Document.of(id or id_from(stem), source, parsed.text, parsed.page_starts)
    report = Report(
        len(parsed.page_starts), parsed.textless_pages, language, tuple(sorted(parsed.mended.items())),
        parsed.left_out, parsed.warnings + unknown, parsed.ocr_pages,
    )  # fmt: skip
    provenance = Provenance(file.origin, hashlib.sha256(data).hexdigest(), parser, report)
    return Draft(document, provenance, data, id is not None)


def as_version_of(entry: Entry, file: File) -> File:
    """The file as a new version of a document: it takes the document's id, and what it does not say of itself stays."""
    source = entry.source
    said = {
        "title": source.title,
        "publisher": source.publisher,
        "kind": source.kind.value,
        "date": source.date,
        "url": source.url,
        "speaker": source.speaker,
        "licence": source.licence,
        "sources": [reference.id for reference in source.references],
    }
    presumed = {name: value for name, value in said.items() if value}
    return replace(file, metadata={**file.metadata, "id": entry.id}, presumed=presumed)


def kept_file(entry: Entry, library: Library) -> File:
    """The file that a document was read from, to be read again: all that is known about the document stays.

    Its ``data`` raises UnreadableFile where it was not kept.
    """

    def data() -> bytes:
        kept = library.original(entry.provenance.file_digest)
        if kept is None:
            raise UnreadableFile("its file was not kept; add it once more from where it came")
        return kept

    version = as_version_of(entry, File(entry.provenance.origin, original_name(entry), data))
    return replace(version, metadata={**version.presumed, **version.metadata}, presumed={})


def original_name(entry: Entry) -> str:
    """A name for the file that a document was read from: its id, with the ending that tells the format."""
    ending = PurePath(entry.provenance.origin).suffix.lower()
    parser = entry.provenance.parser.partition("/")[0]
    return entry.id + (ending if ending in READABLE else _ENDINGS.get(parser, f".{parser}"))


def is_outdated(entry: Entry, name: str) -> bool:
    """Whether a file of that name would be read by another parser today, or another version of it."""
    return entry.provenance.parser.partition(",")[0] != parser_for(name).name


def id_from(name: str) -> str:
    """A document id made from a file name: "Rzeszów hub" gives "rzeszow-hub"."""
    return re.sub(r"[^a-z0-9]+", "-", anyascii(name).lower()).strip("-") or "document"


def _id(metadata: Mapping[str, Any]) -> str | None:
    id = _text(metadata, "id")
    if id is not None and ID_PATTERN.fullmatch(id) is None:
        raise UnreadableFile(
            f"its id {id!r} is not made of a-z, 0-9 and hyphens between them; write for instance {id_from(id)!r}"
        )
    return id


def _text(metadata: Mapping[str, Any], name: str) -> str | None:
    value = metadata.get(name)
    if value is not None and not (isinstance(value, str) and is_unicode(value)):
        raise UnreadableFile(f"its {name} is no text; write one text in quotes")
    return value


def _is_date(text: str) -> bool:
    """Whether it is YYYY-MM-DD, YYYY-MM or YYYY, and there was such a day, month or year."""
    try:
        calendar_date.fromisoformat(f"{text}-01-01"[:10])
    except ValueError:
        return False
    return _DATE.fullmatch(text) is not None


def _source(metadata: Mapping[str, Any], stem: str, catalogue: Catalogue) -> tuple[Source, tuple[str, ...]]:
    kind = _text(metadata, "kind") or Kind.DOCUMENT
    if kind not in list(Kind):
        raise UnreadableFile(f"its kind {kind!r} is not known; known are {', '.join(Kind)}")
    date = _text(metadata, "date")
    if date is not None and not _is_date(date):
        raise UnreadableFile(f"its date {date!r} is not a day, month or year; write YYYY-MM-DD, YYYY-MM or YYYY")
    ids = metadata.get("sources") or []
    if not isinstance(ids, list) or not all(isinstance(id, str) and is_unicode(id) for id in ids):
        raise UnreadableFile("its sources are no list of ids; write for instance 'sources: [ta, nfp]'")
    entries = sorted((catalogue[id] for id in ids if id in catalogue), key=lambda entry: list(Mark).index(entry.mark))
    unlisted = [id for id in ids if id not in catalogue]
    references = (*(entry.reference for entry in entries), *(Reference(id, id) for id in unlisted))
    unknown = tuple(f"source {id!r} is not in the catalogue" for id in unlisted)
    text = {name: _text(metadata, name) for name in ("title", "publisher", "language", "url", "speaker", "licence")}
    title = text.pop("title") or stem
    return Source(title, Kind(kind), date=date, references=references, **text), unknown
