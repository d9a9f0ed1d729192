"""Where a library lies: in a folder, or in a PostgreSQL database with a folder here for what belongs to it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from corpus.errors import LibraryError
from corpus.postgres.dsn import Dsn

Place = Path | Dsn


def place_of(text: str) -> Place:
    """The place that a user names; raises LibraryError where what it takes is not installed."""
    if not Dsn.is_one(text):
        return Path(text)
    if find_spec("psycopg") is None or find_spec("psycopg_pool") is None:
        raise LibraryError("A library in PostgreSQL takes an extra. Install it: pip install 'krakow-qa[postgres]'")
    return Dsn(text)


def is_made(place: Place) -> bool:
    """Whether there is a library; raises LibraryError where a database cannot be reached."""
    if isinstance(place, Dsn):
        from corpus.postgres.schema import is_made as is_made_there

        return is_made_there(place)
    from corpus.sqlite import FILE_NAME

    return (place / FILE_NAME).exists()


def folder_of(place: Place) -> Path:
    """Where what belongs to a library is kept: accounts, conversations, runs, the audit log.

    Of a library in a database it is a folder of this machine and user, named after the library's id, whatever the
    database is called and wherever it moves. Raises LibraryNotFound or LibraryError.
    """
    if isinstance(place, Dsn):
        from corpus.postgres.schema import library_id

        return folder_of_id(library_id(place))
    return place


def folder_of_id(library: str) -> Path:
    """The folder for what belongs to the library in a database with that id; it is made."""
    from platformdirs import user_data_path

    folder = user_data_path("krakow-qa", appauthor=False) / "postgresql" / library
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise LibraryError(
            f"{folder} cannot be made ({error.strerror}), where what belongs to the library is kept on this machine"
        ) from error
    return folder
