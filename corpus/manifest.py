"""Manifests: what a CSV or TOML file says about the documents beside it, in the fields of front matter."""

from __future__ import annotations

import csv
import io
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import PurePosixPath
from typing import Any

from corpus.errors import BadManifest

NAMES = frozenset({"manifest.csv", "manifest.toml"})
"""What a manifest is called."""

FIELDS = ("id", "title", "kind", "publisher", "date", "language", "url", "speaker", "licence", "sources")

Said = dict[PurePosixPath, Mapping[str, Any]]
"""What is said about each file, by its path from the folder that the manifest is in."""


def read_manifest(origin: str, data: bytes) -> Said:
    """Read a manifest; raises BadManifest with the line or the table, and what to write instead."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadManifest(f"{origin}: it is not in UTF-8; save it as “CSV UTF-8”, or with that encoding") from error
    tables = _of_toml(origin, text) if origin.lower().endswith(".toml") else _of_csv(origin, text)
    said: Said = {}
    for place, name, fields in tables:
        path = PurePosixPath(name.replace("\\", "/"))
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise BadManifest(f"{origin}, {place}: {name!r} is not the name of a file beside it or in a folder there")
        if path in said:
            raise BadManifest(f"{origin}, {place}: {name!r} is described before; leave one of the two")
        unknown = [field for field in fields if field not in FIELDS]
        if unknown:
            raise BadManifest(f"{origin}, {place}: {unknown[0]!r} is no field; known are {', '.join(FIELDS)}")
        said[path] = fields
    return said


def _of_csv(origin: str, text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Place, file and fields of each row; separated by commas, semicolons or tabs, as the first line is."""
    header = text.partition("\n")[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=header.count), strict=True)
    names: list[str] = []
    try:
        for row in rows:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            place = f"line {rows.line_num}"
            if not names:
                names = [name.lower() for name in cells]
                if "file" not in names:
                    raise BadManifest(f"{origin}, {place}: no column is called “file”; name the columns in that line")
                twice = [name for name in names if name and names.count(name) > 1]
                if twice:
                    raise BadManifest(f"{origin}, {place}: two columns are called {twice[0]!r}; leave one of the two")
                continue
            if len(cells) > len(names):
                raise BadManifest(f"{origin}, {place}: it has {len(cells)} cells, and the first line {len(names)}")
            fields: dict[str, Any] = {name: cell for name, cell in zip(names, cells, strict=False) if cell}
            if "sources" in fields:
                fields["sources"] = fields["sources"].replace(";", " ").replace(",", " ").split()
            yield place, fields.pop("file", ""), fields
    except csv.Error as error:
        raise BadManifest(f"{origin}, line {rows.line_num}: it is no CSV ({error}); mend the quotes there") from error


def _of_toml(origin: str, text: str) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Place, file and fields of each table."""
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadManifest(f"{origin}: it is no TOML ({error})") from error
    for name, table in tables.items():
        place = f"table {name!r}"
        if not isinstance(table, dict):
            raise BadManifest(f'{origin}, {place}: it is no table; write for instance ["report.pdf"] above its fields')
        dated = {field: value.isoformat() if isinstance(value, date) else value for field, value in table.items()}
        yield place, name, dated
