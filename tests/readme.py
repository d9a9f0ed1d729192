"""The README's examples: found, run against a library with the briefs, and written back with their output.

    python -m tests.readme

puts the real output under every ``$ krakow-qa …`` of the README's console blocks, the figures of the shipped reader
into its model card, and all settings with their defaults into the page of operations.
"""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from unittest.mock import patch

from click.testing import CliRunner

from index.encoder import Encoder
from qa import KrakowQA
from qa.assembly import load_encoder, make_library
from qa.cli import cli
from qa.cli.settings import defaults_table
from qa.configuration import all_settings
from qa.conversation.exporting import Form, exported
from qa.conversation.kept import KeptTurn
from qa.conversation.model import Turn
from qa.conversation.reopening import reopened
from qa.readers.shipment import Shipment

README = Path(__file__).parents[1] / "README.md"
MODEL_CARD = README.parent / "docs" / "reader.md"
OPERATIONS = README.parent / "docs" / "operations.md"

_CONSOLE = re.compile(r"(?<=```console\n)(.*?)(?=```)", re.DOTALL)
_MARKDOWN = re.compile(r"(?<=```markdown\n)(.*?)(?=```)", re.DOTALL)
_TEXT = re.compile(r"(?<=```text\n)(.*?)(?=```)", re.DOTALL)
_FIGURES = re.compile(r"(?<=<!-- figures -->\n)(.*?)(?=<!-- /figures -->)", re.DOTALL)
_SETTINGS = re.compile(r"(?<=<!-- settings -->\n)(.*?)(?=<!-- /settings -->)", re.DOTALL)
_PYTHON = re.compile(r"(?<=```python\n)(.*?)(?=```)", re.DOTALL)

_CONVERSATION = ("Who represented NATO in Krakow?", "When is the first LEAP project due?")


def console_blocks(text: str) -> list[str]:
    """The console blocks of the README."""
    return [match[0] for match in _CONSOLE.finditer(text)]


def python_blocks(text: str) -> list[str]:
    """The Python blocks of the README."""
    return [match[0] for match in _PYTHON.finditer(text)]


def text_blocks(text: str) -> list[str]:
    """What the Python blocks print."""
    return [match[0] for match in _TEXT.finditer(text)]


def with_figures(text: str) -> str:
    """The model card with the figures that ship with the reader."""
    table = ["| measured on | questions | measure | value | from | to |", "|---|---|---|---|---|---|"]
    for name, measured in Shipment().card()["figures"].items():
        for metric, value in measured.items():
            if metric != "questions":
                numbers = " | ".join(f"{value[field]:.3f}" for field in ("value", "low", "high"))
                table.append(f"| {name} | {measured['questions']:,} | {metric} | {numbers} |")
    return _FIGURES.sub(lambda _: "\n".join(["", *table, "", ""]), text)


def with_settings(text: str) -> str:
    """The page of operations with all settings and their defaults."""
    return _SETTINGS.sub(lambda _: f"\n{defaults_table(all_settings(cli).values())}\n\n", text)


def played(block: str) -> str:
    """The block with what its commands print now, in the current folder."""
    lines: list[str] = []
    for command in commands(block):
        result = CliRunner().invoke(cli, shlex.split(command)[1:], catch_exceptions=False)
        lines += [f"$ {command}", *result.stdout.rstrip("\n").split("\n")]
    return "\n".join(lines) + "\n"


def commands(block: str) -> Iterator[str]:
    """The commands of a console block."""
    return (line[2:] for line in block.splitlines() if line.startswith("$ "))


def prepare(folder: Path, encoder: Encoder) -> dict[str, str]:
    """Make the library and the files that the examples use; the environment they need."""
    make_library(folder / "library", encoder)
    (minutes,) = _MARKDOWN.findall(README.read_text("utf-8"))
    (folder / "minutes.md").write_text(minutes, "utf-8")
    with KrakowQA.open(folder / "library") as krakow:
        turns = (Turn(question, question, krakow.ask(question)) for question in _CONVERSATION)
        kept = [reopened(KeptTurn.of(turn), krakow.parts.library) for turn in turns]
        (folder / "conversation.md").write_text(exported(kept, Form.MARKDOWN), "utf-8")
    return {"KRAKOW_QA_LIBRARY": str(folder / "library")}


def main() -> None:
    """Write the README anew."""
    encoder = load_encoder(None)
    text = README.read_text("utf-8")
    with TemporaryDirectory() as temporary, patch("qa.assembly.load_encoder", lambda *_: encoder):
        environment = prepare(Path(temporary), encoder)
        os.chdir(temporary)
        with patch.dict(os.environ, environment):
            for block in console_blocks(text):
                text = text.replace(block, played(block))
    README.write_text(text, "utf-8")
    MODEL_CARD.write_text(with_figures(MODEL_CARD.read_text("utf-8")), "utf-8")
    OPERATIONS.write_text(with_settings(OPERATIONS.read_text("utf-8")), "utf-8")


if __name__ == "__main__":
    main()
