"""The tables of a new library spread over the nodes of Citus, where the database has it: the one place that knows it.

What grows with the documents is distributed by the document's id and colocated, so that each document lies on one node,
keys and foreign keys hold within it, and what is joined by it is joined there. Postings are distributed by their term,
which a search knows. What is counted over the whole library, is locked, or is looked up by something else stays on the
coordinator. See docs/postgres.md for what was not run.
"""

from __future__ import annotations

from corpus.postgres.connecting import Connection

_HAS_CITUS = "SELECT 1 FROM pg_extension WHERE extname = 'citus'"

DISTRIBUTED = {
    "version": "document_id",
    "document": "id",
    "passage": "document_id",
    "retired": "document_id",
    "fingerprint": "document_id",
    "posted": "document_id",
    "posting": "term",
}
"""By which column; the first stands before those that refer to it, and those by document lie beside it."""

LOCAL = (
    *("krakow_qa", "manifest", "journal", "purged", "setting", "original", "waiting"),
    *("keywords", "segment", "vocabulary"),
)
"""Tables that stay on the coordinator."""


def distribute(db: Connection) -> None:
    """Distribute the tables, which are empty; nothing is done in a database without the extension."""
    if db.execute(_HAS_CITUS).fetchone() is not None:
        for statement in statements():
            db.execute(statement)


def statements() -> list[str]:
    """What distributes the tables, in order."""
    first = next(iter(DISTRIBUTED))
    beside = {table: first if table != first and column != "term" else "none" for table, column in DISTRIBUTED.items()}
    return [
        f"SELECT create_distributed_table('{table}', '{column}', colocate_with => '{beside[table]}')"
        for table, column in DISTRIBUTED.items()
    ]
