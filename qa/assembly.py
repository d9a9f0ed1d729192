"""Puts the concrete parts together: the one place that knows which classes are used."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from corpus.errors import LibraryError
from corpus.postgres.dsn import Dsn
from corpus.sqlite import FILE_NAME, SqliteLibrary
from qa.acting import Who, at_the_command_line
from qa.audited import AuditedLibrary
from qa.places import Place, folder_of, is_made
from qa.settings import DEFAULT_PASSAGE_TOKENS, LEXICAL_READER, OUR_READER, Settings

if TYPE_CHECKING:
    from corpus.fetching.files import Fetches
    from corpus.library import Library, Manifest
    from index.encoder import Encoder
    from index.intake import Added, Intake
    from index.retriever import Retriever
    from index.search import KeywordIndex, VectorIndex
    from qa.answerer import Answerer
    from qa.reader import Reader

_UNFINISHED = ".making-"
"""How the name begins of the folder in which a library is made."""

OnDocument = Callable[[str, int, int], None]
"""Called with a name, how many are done, and of how many."""


def _new_fetcher() -> Fetches:
    from corpus.fetching.web import Fetcher

    return Fetcher()


@dataclass(frozen=True)
class Parts:
    """An open library with all that works on it; the reader and the intake are loaded when they are asked for.

    ``folder`` is the library's, where what belongs to it is kept. Each batch of pages gets a fetcher of its own, since
    one remembers what robots.txt said.
    """

    folder: Path
    library: Library
    encoder: Encoder
    vectors: VectorIndex
    keywords: KeywordIndex
    retriever: Retriever
    settings: Settings
    make_fetcher: Callable[[], Fetches] = _new_fetcher

    @cached_property
    def intake(self) -> Intake:
        """Takes files into the library."""
        return _intake(self.library, self.encoder)

    @cached_property
    def answerer(self) -> Answerer:
        """Answers with the reader of the settings; raises ReaderUnavailable."""
        from qa.answerer import Answerer
        from qa.guiding import Guide

        reader = load_reader(self.settings.reader, self.encoder)
        return Answerer(self.retriever, reader, self.settings, Guide(self.keywords, self.library))

    def warm_up(self) -> None:
        """Load the reader and answer a question, so that nobody's first one waits for it; raises ReaderUnavailable."""
        self.answerer.ask("What was agreed?")

    def refresh(self) -> None:
        """Bring the indexes up to the library, and write a snapshot where they have grown."""
        self.keywords.refresh()
        self.vectors.refresh()
        self.vectors.save_if_grown()

    def purge(self, id: str) -> list[str]:
        """Erase a document and everything derived from it; the names of the runs that went too, which quoted it.

        Raises DocumentNotFound.
        """
        from qa.evaluation.kept import erase_runs

        try:
            self.library.purge(id)
        finally:  # also where an earlier one was killed before it came to this
            self.refresh()
            erased = erase_runs(self.folder, id) if self.library.entry(id) is None else []
        return erased

    def check(self) -> list[str]:
        """How documents, passages, vectors, postings and runs disagree, a line each."""
        return [*self.library.check(), *self.vectors.check(), *self.keywords.check(), *self._check_runs()]

    def _check_runs(self) -> Iterator[str]:
        from qa.evaluation.kept import left_of_purged

        for run, id in left_of_purged(self.folder, self.library.purges()):
            yield f"the run {run.name} holds text of {id}, which was purged"


def default_folder() -> Path:
    """The library of this user: a folder of the per-user data folder."""
    from platformdirs import user_data_path

    return user_data_path("krakow-qa", appauthor=False) / "library"


def open_library(place: Place, who: Who = at_the_command_line) -> Library:
    """The library at a place, without encoder and indexes, which writes down who changes it.

    Raises LibraryNotFound or LibraryError.
    """
    if isinstance(place, Dsn):
        from qa.in_postgres import AuditedPostgresLibrary

        return AuditedPostgresLibrary(place, who)
    return AuditedLibrary(place / FILE_NAME, who)


def load_encoder(name: str | None, library: Library | None = None) -> Encoder:
    """The encoder of that name; where None, the one that the library was made with, or the default one."""
    from index.encoder import DEFAULT_ENCODER, model_folder

    if name is None:
        name = DEFAULT_ENCODER if library is None else library.manifest.encoder
    if name == DEFAULT_ENCODER:
        with ThreadPoolExecutor(1) as beside:
            beside.submit(model_folder, name)  # one core checks the weights while the other imports torch
            from index.bert_encoder import BertEncoder
        return BertEncoder.load()
    from index.other_encoders import SentenceTransformerEncoder

    return SentenceTransformerEncoder.load(name)


def load_reader(name: str, encoder: Encoder) -> Reader:
    """The reader of that name; raises ReaderUnavailable.

    Ours, one trained like ours in a folder, the lexical one, or one with any question-answering model, which our judge
    weighs as if it were ours.
    """
    if name == LEXICAL_READER:
        from qa.readers.lexical import LexicalReader

        return LexicalReader(encoder)
    from qa.readers.judge import Judge
    from qa.readers.shipment import Shipment
    from qa.readers.span_reader import SpanReader

    shipment = Shipment() if name == OUR_READER else Shipment(Path(name))
    if shipment.is_there or name == OUR_READER:
        from qa.readers.span_model import our_span_model

        return SpanReader(our_span_model(shipment), Judge.of(shipment.card()["judge"]), frozenset({"en"}))
    from qa.readers.other_models import load_span_model

    return SpanReader(load_span_model(name), Judge.of(Shipment().card()["judge"]))


def open_parts(
    place: Place, settings: Settings, encoder_name: str | None = None, encoder: Encoder | None = None
) -> Parts:
    """The library at a place with all its parts; raises LibraryError, EncoderMismatch, EncoderUnavailable."""
    library = open_library(place)
    return assemble(library, folder_of(place), encoder or load_encoder(encoder_name, library), settings)


def assemble(library: Library, folder: Path, encoder: Encoder, settings: Settings) -> Parts:
    """All parts over an open library; ``folder`` is where what belongs to it is kept, and indexes their files.

    A library in a database is searched there.
    """
    from index.retriever import Retriever

    vectors, keywords = _indexes(library, folder)
    retriever = Retriever(library, encoder, vectors, keywords)
    return Parts(folder, library, encoder, vectors, keywords, retriever, settings)


def _indexes(library: Library, folder: Path) -> tuple[VectorIndex, KeywordIndex]:
    if isinstance(library, SqliteLibrary):
        from index.keywords import TantivyKeywords
        from index.vectors import FaissVectors

        return FaissVectors(library, folder), TantivyKeywords(library, folder)
    from corpus.postgres.library import PostgresLibrary
    from index.in_postgres import PostgresKeywords, PostgresVectors

    if not isinstance(library, PostgresLibrary):
        raise TypeError(f"no indexes are known for {type(library).__name__}")
    return PostgresVectors(library), PostgresKeywords(library)


def make_library(
    place: Place,
    encoder: Encoder,
    *,
    empty: bool = False,
    passage_tokens: int | None = DEFAULT_PASSAGE_TOKENS,
    on_document: OnDocument = lambda name, done, total: None,
) -> None:
    """Make a library, with the briefs unless ``empty``.

    In a folder the whole of it appears at once, or nothing; in a database all briefs come at once, after the tables.
    Raises LibraryError where there is something already.
    """
    from corpus.catalogue import shipped_briefs
    from corpus.library import Manifest

    manifest = Manifest(encoder.name, encoder.fingerprint, encoder.dimension, passage_tokens)
    briefs = [] if empty else shipped_briefs()

    def fill(library: Library) -> None:
        from corpus.files import find_files

        for done, added in enumerate(_intake(library, encoder).add(find_files(briefs)), start=1):
            _require_done(added)
            on_document(added.path, done, len(briefs))

    if isinstance(place, Dsn):
        with closing(_begun_in_database(place, manifest)) as library, library.together():
            fill(library)
    else:
        _make_in_folder(place, manifest, fill)


def _begun_in_database(dsn: Dsn, manifest: Manifest) -> Library:
    """A new library, or one whose making was broken off; raises LibraryError where there is any other."""
    from corpus.postgres.library import PostgresLibrary

    try:
        return PostgresLibrary.create(dsn, manifest)
    except LibraryError:
        library = PostgresLibrary(dsn)
        if library.generation() == 0 and library.manifest == manifest:
            return library
        library.close()
        raise


def _make_in_folder(folder: Path, manifest: Manifest, fill: Callable[[Library], None]) -> None:
    """Make a library beside the folder's file and link it in when it is filled; raises LibraryError."""
    _require_room(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=_UNFINISHED, dir=folder) as unfinished:
            file = Path(unfinished, FILE_NAME)
            with closing(SqliteLibrary.create(file, manifest)) as library:
                fill(library)
            (folder / FILE_NAME).hardlink_to(file)
    except FileExistsError as error:
        raise _there_already(folder) from error
    except OSError as error:
        raise LibraryError(f"{folder} cannot be made ({error.strerror}). Give another folder") from error


def make_like(place: Place, manifest: Manifest) -> None:
    """Make an empty library for a copy of one with that manifest; raises LibraryError where there is something."""
    if isinstance(place, Dsn):
        _begun_in_database(place, manifest).close()
    else:
        _make_in_folder(place, manifest, lambda _: None)


def ensure_library(place: Place, encoder: Encoder, on_document: OnDocument) -> bool:
    """Make the library unless it is there; whether it was made. Two processes at once make one."""
    try:
        make_library(place, encoder, on_document=on_document)
    except LibraryError:
        if is_made(place):
            return False
        raise
    return True


def _intake(library: Library, encoder: Encoder) -> Intake:
    from corpus.catalogue import shipped_catalogue
    from index.intake import Intake

    return Intake(library, encoder, shipped_catalogue())


def _require_room(folder: Path) -> None:
    """Raises LibraryError unless the folder is new or holds nothing but what an interrupted making left."""
    if (folder / FILE_NAME).exists():
        raise _there_already(folder)
    if folder.exists() and not folder.is_dir():
        raise LibraryError(f"{folder} is a file. Give a folder that is new or empty")
    if folder.exists() and not all(each.name.startswith(_UNFINISHED) for each in folder.iterdir()):
        raise LibraryError(f"{folder} holds something else. Give a folder that is new or empty")


def _there_already(folder: Path) -> LibraryError:
    return LibraryError(f"There is a library at {folder} already. See what it has: krakow-qa list")


def _require_done(added: Added) -> None:
    if added.error is not None:
        raise LibraryError(added.error)
