"""The command that shows the audit log, and proves that nobody altered it."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from typing import TYPE_CHECKING

import click

from corpus.errors import KrakowQAError
from qa.cli.output import as_json, put
from qa.target import Target

if TYPE_CHECKING:
    from qa.audit import Audit


@click.command()
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), metavar="DATE", help="From this day on, UTC: 2026-11-28.")
@click.option("--user", metavar="NAME", help="What this user did.")
@click.option("--check", is_flag=True, help="Prove that no line was altered, and print the digest of the newest one.")
@as_json
@click.pass_obj
def audit(target: Target, *, since: datetime | None, user: str | None, check: bool, as_json: bool) -> None:
    """Show who changed what, when, how and with what outcome."""
    from qa.audit import Audit

    target.library()
    log = Audit(target.folder)
    if check:
        _check(log, as_json=as_json)
        return
    deeds = log.deeds(None if since is None else since.date().isoformat(), user)
    if as_json:
        put({"deeds": [asdict(deed) for deed in deeds]})
        return
    for deed in deeds:
        put(f"{deed.number}  {deed.at}  {deed.user}  {deed.how}: {deed.act} {deed.subject}  {deed.outcome}")
    if not deeds:
        put("Nothing is written down of that")


def _check(log: Audit, *, as_json: bool) -> None:
    altered = log.check()
    if as_json:
        put({"agrees": not altered, "altered": altered, "head": log.head()})
    else:
        put("\n".join(altered) or f"All lines are as they were written; the newest one's digest is {log.head()}")
    if altered:
        raise KrakowQAError("The audit log was altered. Compare it with the one in a backup")
