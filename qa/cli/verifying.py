"""The command that proves an exported conversation: verify."""

from __future__ import annotations

from pathlib import Path

import click

from corpus.errors import KrakowQAError
from qa.cli.output import as_json, put
from qa.target import Target


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@click.pass_obj
def verify(target: Target, file: Path, as_json: bool) -> None:
    """Prove that each quote of an exported conversation stands in the library."""
    from qa.conversation.claims import BadExport, claims_of
    from qa.conversation.verifying import verified
    from qa.payload import verified_payload
    from qa.plain import verified_text

    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadExport(f"{file} cannot be opened ({error.strerror}). Give an exported conversation") from error
    found = verified(claims_of(data), target.library())
    put(verified_payload(found) if as_json else verified_text(found))
    if not found.stands:
        raise KrakowQAError(f"{file} does not stand as it is. See each address with krakow-qa show ADDRESS")
