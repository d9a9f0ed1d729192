"""Pages of the web, and those of the catalogue, as files to be read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any, Protocol

from corpus.catalogue import Catalogue, CatalogueEntry, Mark
from corpus.errors import DocumentNotFound, FetchFailed
from corpus.fetching.web import Fetched
from corpus.files import File, refused

_SCHEMES = ("http://", "https://")


class Fetches(Protocol):
    """What gets a page; a ``Fetcher`` does."""

    def fetch(self, url: str) -> Fetched: ...


def is_url(text: str) -> bool:
    """Whether a text names a page of the web rather than a file."""
    return text.lower().startswith(_SCHEMES)


def fetch_files(wanted: Iterable[tuple[str, Mapping[str, Any]]], fetcher: Fetches) -> Iterator[File]:
    """Pages by URL, each with what is known about it; one that fails is a file whose ``data`` raises FetchFailed."""
    for url, metadata in wanted:
        try:
            fetched = fetcher.fetch(url)
        except FetchFailed as error:
            yield refused(url, url, error)
            continue
        known = {"url": fetched.url, **metadata}
        yield File(url, fetched.name, partial(bytes, fetched.data), known, charset=fetched.charset)


def catalogued(catalogue: Catalogue, ids: Iterable[str]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The pages of the catalogue with these ids, or all official and press ones; raises DocumentNotFound."""
    for id in tuple(ids) or [entry.id for entry in catalogue.values() if entry.mark in (Mark.OFFICIAL, Mark.PRESS)]:
        if id not in catalogue:
            raise DocumentNotFound(f"The catalogue has no source {id!r}. See what it has: krakow-qa catalogue")
        yield catalogue[id].url, _known(catalogue[id])


def _known(entry: CatalogueEntry) -> dict[str, Any]:
    known = {
        "id": entry.id,
        "title": entry.title,
        "publisher": entry.publisher,
        "kind": entry.kind.value,
        "date": entry.date,
        "language": entry.language,
        "url": entry.url,
        "licence": entry.licence,
    }
    return {name: value for name, value in known.items() if value}
