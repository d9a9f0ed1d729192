"""The tables of a library in a PostgreSQL database: making them, and bringing those of an earlier format up to date."""

from __future__ import annotations

from importlib.resources import files

from corpus.errors import LibraryError, LibraryNotFound
from corpus.library import Manifest
from corpus.postgres.connecting import Connection, connected
from corpus.postgres.distribution import distribute
from corpus.postgres.dsn import Dsn

_HAS_FORMAT = """
    SELECT 1 FROM pg_class WHERE relname = 'krakow_qa' AND relnamespace = to_regnamespace(quote_ident(current_schema()))
"""


def make(dsn: Dsn, manifest: Manifest) -> None:
    """Make the tables of an empty library; raises LibraryError where there is one already, or none can be made."""
    with connected(dsn) as db, db.transaction():
        db.execute("SELECT pg_advisory_xact_lock(hashtext('krakow-qa init'))")
        if _format(db) is not None:
            raise LibraryError(f"There is a library at {dsn} already. See what it has: krakow-qa list")
        _bring_up(db, 0)
        distribute(db)
        db.execute(
            "INSERT INTO manifest (encoder, fingerprint, dimension, passage_tokens) VALUES (%s, %s, %s, %s)",
            (manifest.encoder, manifest.fingerprint, manifest.dimension, manifest.passage_tokens),
        )


def bring_up_to_date(db: Connection, dsn: Dsn) -> int:
    """Bring the tables to the present format in one transaction, and give it.

    Raises LibraryNotFound where there are none, and LibraryError for those of a newer format.
    """
    newest = len(_migrations())
    found = _require_format(db, dsn)
    if found > newest:
        raise LibraryError(
            f"{dsn} has library format {found}, and this krakow-qa reads {newest}; a newer krakow-qa made it:"
            " install that one"
        )
    if found < newest:
        with db.transaction():
            db.execute("SELECT 1 FROM krakow_qa FOR UPDATE")  # another process may be about it
            _bring_up(db, _require_format(db, dsn))
    return newest


def is_made(dsn: Dsn) -> bool:
    """Whether there is a library; raises LibraryError where the database cannot be reached."""
    with connected(dsn) as db:
        return _format(db) is not None


def library_id(dsn: Dsn) -> str:
    """The id of the library in a database; raises LibraryNotFound or LibraryError."""
    with connected(dsn) as db:
        _require_format(db, dsn)
        return id_of(db)


def id_of(db: Connection) -> str:
    """The id that tells the library from all others."""
    (row,) = db.execute("SELECT library FROM manifest")
    return str(row["library"])


def generation_of(db: Connection) -> int:
    """The number of the latest change."""
    (row,) = db.execute("SELECT generation FROM manifest")
    return int(row["generation"])


def _require_format(db: Connection, dsn: Dsn) -> int:
    found = _format(db)
    if found is None:
        raise LibraryNotFound(f"There is no library at {dsn}. Make one: krakow-qa --library '{dsn}' init")
    return found


def _format(db: Connection) -> int | None:
    """Of the library in a database; None where there is none."""
    if db.execute(_HAS_FORMAT).fetchone() is None:
        return None
    row = db.execute("SELECT format FROM krakow_qa").fetchone()
    return None if row is None else int(row["format"])


def _bring_up(db: Connection, found: int) -> None:
    for statements in _migrations()[found:]:
        db.execute(statements)
    if found < len(_migrations()):
        db.execute("UPDATE krakow_qa SET format = %s", (len(_migrations()),))


def _migrations() -> list[bytes]:
    """What makes the first format, and then the next one of each."""
    folder = files("corpus.postgres") / "migrations"
    return [file.read_bytes() for file in sorted(folder.iterdir(), key=lambda file: file.name)]
