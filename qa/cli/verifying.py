"""The command that proves an exported conversation: verify."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from corpus.errors import KrakowQAError
from qa.cli.output import as_json, put
from qa.target import Target

if TYPE_CHECKING:
    from qa.conversation.verifying import Verified


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@as_json
@click.pass_obj
def verify(target: Target, file: Path, as_json: bool) -> None:
    """Prove that each quote of an exported conversation stands in the library."""
    from qa.conversation.claims import BadExport, claims_of
    from qa.conversation.verifying import verified

    try:
        data = file.read_bytes()
    except OSError as error:
        raise BadExport(f"{file} cannot be opened ({error.strerror}). Give an exported conversation") from error
    found = verified(claims_of(data), target.library())
    put(_payload(found) if as_json else _text(found))
    if not found.stands:
        raise KrakowQAError(f"{file} does not stand as it is. See each address with krakow-qa show ADDRESS")


def _payload(verified: Verified) -> dict[str, Any]:
    """What ``verify --json`` prints."""
    return {
        "stands": verified.stands,
        "quotes": [
            {
                "question": proof.claim.turn,
                "address": proof.claim.address,
                "text": proof.claim.text,
                "stands": proof.fault is None,
                "fault": proof.fault,
            }
            for proof in verified.quotes
        ],
        "faults": list(verified.faults),
    }


def _text(verified: Verified) -> str:
    """What does not stand, a line each, and how many quotes do."""
    lines = [
        f"question {proof.claim.turn}, {proof.claim.address or 'a quote without an address'}: {proof.fault}"
        for proof in verified.quotes
        if proof.fault is not None
    ]
    count = len(verified.quotes)
    stand = "quote stands" if count == 1 else "quotes stand"
    return "\n".join([*lines, *verified.faults, f"{verified.standing} of {count} {stand}"])
