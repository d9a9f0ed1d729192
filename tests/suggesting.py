"""How many questions are made of the shipped briefs, and which of them are kept.

``python -m tests.suggesting`` asks with the real models and prints each: + where it would be suggested, - where not.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

from qa.assembly import assemble, load_encoder, make_library, open_library
from qa.settings import Settings
from qa.suggesting.candidates import candidates
from qa.suggesting.suggestions import Answering, is_answered, suggestions


def kept_of(parts: Answering) -> dict[str, bool]:
    """The candidates of a library, and whether each is answered by its own sentence."""
    return {each.question: is_answered(each, parts.answerer.ask(each.question)) for each in candidates(parts.library)}


def main() -> None:
    """Print the candidates, and how many are kept and suggested."""
    with tempfile.TemporaryDirectory() as scratch:
        folder, encoder = Path(scratch, "library"), load_encoder(None)
        make_library(folder, encoder)
        parts = assemble(open_library(folder), folder, encoder, Settings())
        kept = kept_of(parts)
        for question, is_kept in kept.items():
            print("+" if is_kept else "-", question)
        suggested = sum(1 for _ in suggestions(parts))
        print(f"{sum(kept.values())} of {len(kept)} are answered by their own sentence; {suggested} are suggested")
        parts.library.close()


if __name__ == "__main__":
    main()
