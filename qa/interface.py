"""The library as programs use it: ask, search, show, add, withdraw; the doors beyond Python stand on it too."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from qa.acting import Actor, at_the_command_line

if TYPE_CHECKING:
    from corpus.files import File
    from corpus.library import Entry, Filter
    from index.added import Added
    from index.search import Hit
    from qa.assembly import Parts
    from qa.model import Answer
    from qa.showing import Shown
    from qa.suggesting.suggestions import Suggestion


def _in_python() -> Actor:
    return replace(at_the_command_line(), how="Python")


class KrakowQA:
    """An open library; any number of threads may use it."""

    def __init__(self, parts: Parts) -> None:
        self.parts = parts

    @classmethod
    def open(cls, folder: Path | str | None = None, **settings: Any) -> Self:
        """The library in a folder or at a PostgreSQL URL, or this user's, which is made where it is missing.

        ``settings`` are fields of ``qa.settings.Settings``, such as ``strictness``. Raises KrakowQAError.
        """
        from qa.assembly import default_folder
        from qa.places import place_of
        from qa.target import Target

        where = default_folder() if folder is None else place_of(str(folder))
        return cls(Target(where, folder is not None, None, _in_python).renewed_parts(**settings))

    def ask(self, question: str, filter: Filter | None = None) -> Answer:
        """The quotes of documents that pass the filter, or an abstention with what came closest.

        Raises BadQuestion and BadFilter.
        """
        return self.parts.answerer.ask(question, filter)

    def search(self, query: str, k: int = 10, filter: Filter | None = None) -> list[Hit]:
        """The k passages that fit a query best, of the documents that pass the filter.

        Raises BadQuestion and BadFilter.
        """
        from qa.answerer import checked_question
        from qa.narrowing import checked_filter

        return self.parts.retriever.search(checked_question(query), k, checked_filter(filter))

    def suggest(self, n: int = 5) -> list[Suggestion]:
        """The first n questions that the library answers, each made of a sentence of it and proven by asking it."""
        from qa.suggesting.suggestions import suggestions

        return list(islice(suggestions(self.parts), n))

    def show(self, place: str) -> Shown:
        """What is at an address, or the document with an id; raises BadAddress and DocumentNotFound."""
        from qa.showing import show

        return show(self.parts.library, place)

    def documents(self) -> list[Entry]:
        """The documents that answer."""
        return self.parts.library.entries()

    def add(self, *places: Path | str, if_changed: str = "fail", dry_run: bool = False) -> list[Added]:
        """Add files, folders and URLs, or only read them; what became of each file.

        ``if_changed`` is what to do with a document that is there with another text: replace, keep or fail.
        """
        from corpus.fetching.files import fetch_files, is_url
        from corpus.files import find_files

        urls = [str(place) for place in places if is_url(str(place))]
        paths = [Path(place) for place in places if not is_url(str(place))]
        fetched = fetch_files(((url, {}) for url in urls), self.parts.make_fetcher())
        done = list(self.take_in(chain(find_files(paths), fetched), if_changed=if_changed, dry_run=dry_run))
        self.parts.refresh()
        return done

    def take_in(
        self, files: Iterable[File], *, if_changed: str = "fail", dry_run: bool = False, keep_originals: bool = True
    ) -> Iterator[Added]:
        """Add files that are at hand, or only read them, one after the other."""
        from index.added import IfChanged

        intake = self.parts.intake
        if dry_run:
            return intake.preview(files)
        return intake.add(files, IfChanged(if_changed), keep_originals=keep_originals)

    def withdraw(self, id: str) -> None:
        """Take a document out of answers; its history stays. Raises DocumentNotFound."""
        self.parts.library.withdraw(id)

    def close(self) -> None:
        """Close the library."""
        self.parts.library.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
