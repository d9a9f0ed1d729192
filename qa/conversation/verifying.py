"""Whether the quotes of an exported conversation stand: each is looked up again in a library."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from corpus.errors import BadAddress, DocumentNotFound
from corpus.library import Library, State
from corpus.model import Address
from qa.conversation.claims import Claim, Claims

_SHOWN = 120


@dataclass(frozen=True, slots=True)
class Proof:
    """A claim, and what is wrong with it; None where the quote stands."""

    claim: Claim
    fault: str | None


@dataclass(frozen=True, slots=True)
class Verified:
    """All quotes of a file, and what else is wrong with it."""

    quotes: tuple[Proof, ...]
    faults: tuple[str, ...]

    @property
    def standing(self) -> int:
        """How many quotes stand."""
        return sum(proof.fault is None for proof in self.quotes)

    @property
    def stands(self) -> bool:
        """Whether nothing is wrong."""
        return self.standing == len(self.quotes) and not self.faults


def verified(claims: Claims, library: Library) -> Verified:
    """Look up every quote."""
    quotes = tuple(Proof(claim, _fault(claim, library)) for claim in claims.quotes)
    return Verified(quotes, tuple(_faults(claims)))


def _fault(claim: Claim, library: Library) -> str | None:
    try:
        address = Address.parse(claim.address)
        document, entry = library.resolve(address)
    except (BadAddress, DocumentNotFound) as error:
        return str(error)
    stored = document.slice(address.span)
    if stored != claim.text:
        return f"altered in the file: the document has {_shortened(stored)} there, and not {_shortened(claim.text)}"
    if entry.state is State.WITHDRAWN:
        return "withdrawn: its document was taken out of the library"
    if entry.state is State.SUPERSEDED:
        return f"changed: its document has another text by now, {_in_newer(library, address, stored)}"
    return None


def _in_newer(library: Library, address: Address, text: str) -> str:
    """Whether the current version says the same, word for word."""
    entry = library.entry(address.document_id)
    if entry is None or entry.state is not State.CURRENT:
        return "and was withdrawn"
    says_it = text in library.document(address.document_id).text
    return "which says this too" if says_it else "which does not say this"


def _faults(claims: Claims) -> Iterator[str]:
    for turn, short in claims.shorts.items():
        first = next((claim.text for claim in claims.quotes if claim.turn == turn), "")
        if " ".join(short.split()) not in " ".join(first.split()):
            yield f"the short answer {_shortened(short)} of question {turn} does not stand in its first quote"
    if not claims.is_sealed:
        yield (
            "the file was altered after it was exported: of what is no quote (questions, who said it, how sure it was)"
            " nothing is certain"
        )


def _shortened(text: str) -> str:
    text = " ".join(text.split())
    return f"“{text}”" if len(text) <= _SHOWN else f"“{text[:_SHOWN]}…”"
