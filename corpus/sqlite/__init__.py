"""The library in one SQLite file; the only folder that imports sqlite3."""

from corpus.sqlite.library import FILE_NAME, SqliteLibrary
from corpus.sqlite.schema import FORMAT_VERSION

__all__ = ["FILE_NAME", "FORMAT_VERSION", "SqliteLibrary"]
