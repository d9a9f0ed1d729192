"""The library in a PostgreSQL database as commands open it: what changes it is written down on this machine."""

from __future__ import annotations

from corpus.postgres.dsn import Dsn
from corpus.postgres.library import PostgresLibrary
from qa.acting import Who
from qa.audit import Audit
from qa.audited import Audited
from qa.places import folder_of_id


class AuditedPostgresLibrary(Audited, PostgresLibrary):
    """A ``Library`` in a database with an audit log in the folder that belongs to it."""

    def __init__(self, dsn: Dsn, who: Who) -> None:
        super().__init__(dsn)
        self.write_down_in(Audit(folder_of_id(self.id), who))
