"""The catalogue of public sources, and the briefs: what krakow-qa ships."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from corpus.library import Entry
from corpus.model import Kind, Reference


class Mark(StrEnum):
    """How far a source can be relied on, from the most on."""

    OFFICIAL = "official"
    PRESS = "press"
    COPY = "copy"
    WEAK = "weak"


@dataclass(frozen=True, slots=True)
class CatalogueEntry:
    """One public page; ``of`` names whose text a copy is."""

    id: str
    title: str
    publisher: str
    kind: Kind
    language: str
    url: str
    licence: str
    mark: Mark
    date: str | None = None
    of: str | None = None

    @property
    def reference(self) -> Reference:
        """The entry as a document cites it; a copy is named after whose text it is."""
        publisher = self.publisher if self.of is None else f"{self.of} (via {self.publisher})"
        return Reference(self.id, self.title, publisher, self.date, self.url)


Catalogue = Mapping[str, CatalogueEntry]


@cache
def shipped_catalogue() -> Catalogue:
    """The catalogue in ``corpus/sources.toml``, by id."""
    tables = tomllib.loads(files("corpus").joinpath("sources.toml").read_text("utf-8"))
    return {id: _entry(id, table) for id, table in tables.items()}


def held_sources(catalogue: Catalogue, documents: Iterable[Entry]) -> frozenset[str]:
    """The ids of the catalogue's sources that are among the documents, known by their ids or URLs."""
    known = {name for document in documents for name in (document.id, document.source.url)}
    return frozenset(id for id, entry in catalogue.items() if id in known or entry.url in known)


def shipped_briefs() -> list[Path]:
    """The files of ``corpus/briefs``, by name."""
    return sorted(Path(str(files("corpus").joinpath("briefs"))).glob("*.md"))


def _entry(id: str, table: dict[str, Any]) -> CatalogueEntry:
    return CatalogueEntry(
        id=id,
        title=table["title"],
        publisher=table["publisher"],
        kind=Kind(table["kind"]),
        language=table["language"],
        url=table["url"],
        licence=table["licence"],
        mark=Mark(table["mark"]),
        date=table.get("date"),
        of=table.get("of"),
    )
