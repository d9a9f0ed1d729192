"""The libraries of ``tests/libraries``, one of each format that there ever was, made by the last program that wrote it.

    python -m tests.formats

writes the one of the present format. That is to be done once, before a new format is begun.
"""

from __future__ import annotations

import zipfile
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from corpus.files import File
from corpus.sqlite import FILE_NAME, FORMAT_VERSION
from corpus.sqlite.copying import copy_database
from index.intake import IfChanged
from qa.assembly import Parts, assemble, make_library, open_library
from qa.settings import LEXICAL_READER, Settings, kept_strictness
from tests.fakes import HashEncoder

FOLDER = Path(__file__).with_name("libraries")

COUNCIL = "# Minutes\n\nOla Nowak chaired the harbour council in Kraków 😀.\n\n"
MINUTES = (
    f"{COUNCIL}Nine cranes will be painted blue.\n",
    f"{COUNCIL}Eleven cranes will be painted red. The paint costs forty crowns.\n\n"
    "## Afterwards\n\nThe council meets again on the ninth of March.\n",
)
TIDES = "# Tides\n\nThe spring tide came at noon and flooded the lower quay.\n\nNo barge was lost.\n"
RUMOUR = "# Rumour\n\nThe lighthouse will be sold.\n"
SECRET = "# Secret\n\nThe quartermaster hid eleven zithers under the pier.\n"
STRICTNESS = 0.9


def opened(folder: Path) -> Parts:
    """A library with all its parts."""
    library = open_library(folder)
    settings = Settings.chosen({"reader": LEXICAL_READER}, library.settings())
    return assemble(library, folder, HashEncoder(), settings)


def make(folder: Path) -> None:
    """A document with two versions, one that stayed, one withdrawn, one purged, and a setting."""
    make_library(folder, HashEncoder(), empty=True, passage_tokens=20)
    parts = opened(folder)
    with closing(parts.library):
        for id, text in (("minutes", MINUTES[0]), ("minutes", MINUTES[1]), ("tides", TIDES), ("rumour", RUMOUR)):
            _put(parts, id, text)
        parts.library.withdraw("rumour")
        _put(parts, "secret", SECRET)
        parts.purge("secret")
        parts.library.store_setting(kept_strictness(LEXICAL_READER), str(STRICTNESS))
        parts.refresh()
        parts.vectors._save()


def unpack(format: int, folder: Path) -> None:
    """The library of a format, in a folder."""
    with zipfile.ZipFile(FOLDER / f"format-{format}.zip") as archive:
        archive.extractall(folder)


def _put(parts: Parts, id: str, text: str) -> None:
    said = f"---\nid: {id}\ntitle: {id.title()}\ndate: 2026-02-20\nlanguage: en\n---\n{text}".encode()
    (added,) = parts.intake.add([File(f"{id}.md", f"{id}.md", lambda: said)], IfChanged.REPLACE)
    if added.error is not None:
        raise ValueError(added.error)


def main() -> None:
    """Write the library of the present format."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "library")
        make(folder)
        copy_database(folder / FILE_NAME, Path(temporary, FILE_NAME))
        with zipfile.ZipFile(FOLDER / f"format-{FORMAT_VERSION}.zip", "w", zipfile.ZIP_DEFLATED) as archive:
            archive.write(Path(temporary, FILE_NAME), FILE_NAME)
            for file in sorted(folder.rglob("*")):
                if file.is_file() and not file.name.startswith(FILE_NAME):
                    archive.write(file, file.relative_to(folder).as_posix())


if __name__ == "__main__":
    main()
