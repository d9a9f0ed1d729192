"""``krakow-qa`` with a fake encoder, and the lexical reader in the place of ours, in a process of its own.

    python serving.py ARGUMENT...    as on the command line

Where ``REAL_MODELS`` is set, it is ``krakow-qa`` as it is.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from unittest.mock import patch

sys.path.insert(0, str(Path(__file__).parents[1]))

import qa.assembly
from corpus.library import Library
from index.encoder import Encoder
from qa import cli
from qa.assembly import load_reader
from qa.reader import Reader
from qa.settings import LEXICAL_READER
from tests.fakes import HashEncoder

REAL_MODELS = "REAL_MODELS" in os.environ


def encoder_in_use() -> Encoder:
    """The fake one, or the real one where that is asked for."""
    return qa.assembly.load_encoder(None) if REAL_MODELS else HashEncoder()


def load_fake(name: str | None, library: Library | None = None) -> Encoder:
    """The fake encoder, whatever is asked for."""
    return HashEncoder()


def load_lexical(name: str, encoder: Encoder) -> Reader:
    """The lexical reader, whatever is asked for."""
    return load_reader(LEXICAL_READER, encoder)


def main() -> None:
    """Run the command."""
    if REAL_MODELS:
        cli.main()
    with patch("qa.assembly.load_encoder", load_fake), patch("qa.assembly.load_reader", load_lexical):
        cli.main()


if __name__ == "__main__":
    main()
