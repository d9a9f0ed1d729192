"""Misspelt and right questions put to the shipped briefs: whether what was meant is offered, and nothing else.

``python -m tests.misspelling`` prints each that comes out wrong, and how many do not.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from qa.assembly import Parts, assemble, make_library, open_library
from qa.guiding import Guide
from qa.settings import LEXICAL_READER, Settings
from tests.fakes import HashEncoder

QUESTIONS = Path(__file__).parent / "spelling"


@contextmanager
def briefs_at(folder: Path) -> Iterator[Parts]:
    """A library of the shipped briefs with a fake encoder, since nothing here goes by vectors."""
    make_library(folder, HashEncoder())
    parts = assemble(open_library(folder), folder, HashEncoder(), Settings(reader=LEXICAL_READER))
    yield parts
    parts.library.close()


def wrongly_offered(guide: Guide, name: str) -> tuple[list[str], int]:
    """The questions of a file for which not just what was meant is offered, with what is; and of how many."""
    asked = [json.loads(line) for line in (QUESTIONS / f"{name}.jsonl").read_text("utf-8").splitlines()]
    offered = [(each, guide.spelling(each["typed"])) for each in asked]
    return [f"{each['typed']} -> {offer}" for each, offer in offered if offer != each.get("meant")], len(asked)


def main() -> None:
    """Print what is offered wrongly, and how often."""
    with tempfile.TemporaryDirectory() as folder, briefs_at(Path(folder, "library")) as parts:
        guide = Guide(parts.keywords, parts.library)
        for name in ("misspelt", "right"):
            wrong, count = wrongly_offered(guide, name)
            print(*wrong, f"{name}: {count - len(wrong)} of {count} as they should be", sep="\n")


if __name__ == "__main__":
    main()
