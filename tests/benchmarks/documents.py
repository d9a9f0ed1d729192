"""Reads every file below a folder as ``krakow-qa add`` would, and prints what becomes of each, as a Markdown table.

    python -m tests.benchmarks.documents ../shared/data/documents [--compare-pypdf]

With ``--compare-pypdf`` each PDF is read by pypdf as well, where that is installed: its pages and characters, its
seconds as a multiple of ours (both in one process, after a first reading), and how many words both have.
"""

from __future__ import annotations

import sys
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from corpus.errors import UnreadableFile
from corpus.files import File, find_files
from corpus.parsing.child import parsers
from corpus.parsing.contract import Parsed
from corpus.parsing.pdf import PdfParser

MOST_SECONDS = 20


def outcome(file: File) -> tuple[str, str, Parsed | None]:
    """Whether a file is read, or the one line that says why not; the time that took; and what was read."""
    start = time.perf_counter()
    try:
        parsed, _ = parsers().parse(file.name, file.data())
        said = "; ".join(("read", *parsed.warnings))
    except UnreadableFile as error:
        parsed, said = None, str(error)
    seconds = time.perf_counter() - start
    return said, "" if seconds < MOST_SECONDS else f"{seconds:.0f} s", parsed


def files(folder: Path) -> None:
    print("| file | outcome | pages | characters |")
    print("|---|---|---|---|")
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    for file in find_files(paths):
        said, late, parsed = outcome(file)
        name = Path(file.origin).relative_to(folder.resolve())
        pages, characters = (0, 0) if parsed is None else (len(parsed.page_starts), len(parsed.text))
        print(f"| {name} | {said} {late} | {pages or ''} | {characters or ''} |".replace("  ", " "), flush=True)


def timed(call: Callable[[], str]) -> tuple[str, float]:
    call()
    start = time.perf_counter()
    return call(), time.perf_counter() - start


def compared(folder: Path) -> None:
    import pypdf

    print(f"\n| file | pypdf {pypdf.__version__}: pages | characters | seconds, ours = 1 | words shared, of all |")
    print("|---|---|---|---|---|")
    for path in sorted(folder.rglob("*.pdf")):
        data = path.read_bytes()
        try:
            ours, our_seconds = timed(lambda data=data: PdfParser().parse(data).text)  # type: ignore[misc]
        except UnreadableFile:
            ours, our_seconds = "", 0.0
        try:
            pages = len(pypdf.PdfReader(path).pages)
            theirs, seconds = timed(
                lambda path=path: "\n".join(page.extract_text() for page in pypdf.PdfReader(path).pages)  # type: ignore[misc]
            )
        except Exception as error:  # noqa: BLE001, it is the other program's error, and a row of the table
            print(f"| {path.name} | {type(error).__name__}: {error} | | | |")
            continue
        mine, other = Counter(ours.split()), Counter(theirs.split())
        every = (mine | other).total()
        shared = f"{(mine & other).total() / every:.2f}" if every else ""
        ratio = f"{seconds / our_seconds:.1f}" if our_seconds else ""
        print(f"| {path.name} | {pages} | {len(theirs)} | {ratio} | {shared} |", flush=True)


if __name__ == "__main__":
    here = Path(next(each for each in sys.argv[1:] if not each.startswith("-")))
    files(here)
    if "--compare-pypdf" in sys.argv:
        compared(here)
