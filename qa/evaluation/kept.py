"""The runs that are kept beside a library, and which of them a purge must take with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Iterator
from pathlib import Path

_RUNS, _HEADER, _RECORDS, _SET = "runs", "run.json", "records.jsonl", "set"


def runs_folder(library: Path) -> Path:
    """Where the runs of the library in a folder lie."""
    return library / _RUNS


def runs_in(folder: Path) -> list[Path]:
    """The folders in a folder that hold runs, the newest first."""
    headers = sorted(folder.glob(f"*/{_HEADER}"), key=lambda file: (file.stat().st_mtime, file.parent.name))
    return [file.parent for file in reversed(headers)]


def erase_runs(library: Path, id: str) -> list[str]:
    """Delete the runs that hold text of a document; their names."""
    telling = [run for run in runs_in(runs_folder(library)) if holds_text(run, id)]
    for run in telling:
        shutil.rmtree(run)
    return [run.name for run in telling]


def left_of_purged(library: Path, purges: Collection[str]) -> Iterator[tuple[Path, str]]:
    """The runs that hold text of purged documents, each with one of these."""
    for run in runs_in(runs_folder(library)):
        for id in documents(run):
            if id in purges and holds_text(run, id):
                yield run, id


def holds_text(run: Path, id: str) -> bool:
    """Whether a run quotes a document, or is unfinished and has a set beside it that may."""
    records = run / _RECORDS
    text = records.read_bytes() if records.exists() else b""
    if f'"document_id":"{id}"'.encode() in text or f'["{id}",{{'.encode() in text:
        return True
    return (run / _SET).exists() and id in documents(run)


def documents(run: Path) -> Iterator[str]:
    """The ids of the documents that there were when the run began; none where that cannot be read."""
    try:
        yield from json.loads((run / _HEADER).read_text("utf-8"))["documents"]
    except (OSError, ValueError, KeyError, TypeError):
        return
