"""The folder of a run: ``run.json``, ``records.jsonl``, ``timings.jsonl``; the first two are the same each time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter, ValidationError

from corpus.errors import KrakowQAError
from qa.evaluation.records import Record
from qa.evaluation.run import Header, Run

SCHEMA = 1
"""Of the folder; raised when what an older program wrote is read no more."""

_HEADER, _RECORDS, _TIMINGS = "run.json", "records.jsonl", "timings.jsonl"

_UNFINISHED = ".run.json"
"""What a run leaves that was killed before it began."""

_RECORD = TypeAdapter(Record)


class BadRun(KrakowQAError):
    """A folder that holds no run, or one that another run cannot go on with."""


class RunWriter:
    """Adds records to the folder of a run, each as soon as it is there: a killed run keeps what it had."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._records = (folder / _RECORDS).open("ab")
        self._timings = (folder / _TIMINGS).open("ab")

    def add(self, record: Record, latency_ms: float) -> None:
        """Append a record; its timing first, so that no record is without. Raises BadRun where the disk is full."""
        with self._told():
            for file, line in (
                (self._timings, json.dumps({"id": record.question.id, "latency_ms": latency_ms}).encode()),
                (self._records, _RECORD.dump_json(record)),
            ):
                file.write(line + b"\n")
                file.flush()

    def close(self) -> None:
        """Close the files, which tries once more to write what could not be written; raises BadRun."""
        with self._told(), self._timings, self._records:
            pass

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise BadRun(
                f"{self._folder} cannot be written any more ({error.strerror}). What it has is kept: see to the disk,"
                " and go on with the run"
            ) from error


@contextmanager
def new_run(folder: Path, header: Header) -> Iterator[RunWriter]:
    """Writes a run into a folder that is new or empty; raises BadRun."""
    require_room(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
        text = json.dumps({"schema": SCHEMA, **asdict(header)}, ensure_ascii=False, indent=1)
        (folder / _UNFINISHED).write_text(text + "\n", "utf-8")
        (folder / _UNFINISHED).rename(folder / _HEADER)
        writer = RunWriter(folder)
    except OSError as error:
        raise BadRun(f"{folder} cannot be written ({error.strerror}). Give another folder") from error
    try:
        yield writer
    finally:
        writer.close()


@contextmanager
def continued_run(folder: Path) -> Iterator[RunWriter]:
    """Goes on writing a run, after what was torn at its end is cut off."""
    kept = len(read_run(folder).records)
    for name in (_RECORDS, _TIMINGS):
        _keep_lines(folder / name, kept)
    writer = RunWriter(folder)
    try:
        yield writer
    finally:
        writer.close()


def require_room(folder: Path) -> None:
    """Raises BadRun unless the folder is new or empty."""
    if (folder / _HEADER).exists():
        raise BadRun(f"There is a run at {folder} already. Go on with it by --resume {folder}, or give another folder")
    if folder.exists() and (not folder.is_dir() or any(file.name != _UNFINISHED for file in folder.iterdir())):
        raise BadRun(f"{folder} holds something else. Give a folder that is new or empty")


def require_same(header: Header, folder: Path) -> Run:
    """The run in a folder, which must be one of what the header says; raises BadRun."""
    run = read_run(folder)
    differences = [*run.header.other_settings(header), *run.header.other_documents(header).values()]
    if differences:
        raise BadRun(
            f"{folder} is a run of something else: {'; '.join(differences[:5])}."
            " Begin a new one, with --out on the command line"
        )
    return run


def read_header(folder: Path) -> Header:
    """What the run in a folder was made of; raises BadRun."""
    if not (folder / _HEADER).is_file():
        raise BadRun(f"{folder} holds no run. Make one: krakow-qa evaluate SET --out {folder}")
    try:
        fields: dict[str, Any] = json.loads((folder / _HEADER).read_text("utf-8"))
        schema = fields.pop("schema", None)
        if schema != SCHEMA:
            raise BadRun(f"{folder} was written as schema {schema}, and schema {SCHEMA} is read. Run the set again")
        return TypeAdapter(Header).validate_python(fields)
    except (OSError, ValueError, TypeError, AttributeError, ValidationError) as error:
        raise _damaged(folder, error) from error


def read_run(folder: Path) -> Run:
    """The run in a folder; raises BadRun. A torn last line, as a killed run leaves it, is left out."""
    header = read_header(folder)
    try:
        records = [_RECORD.validate_json(line) for line in _lines(folder / _RECORDS)]
        timings = [json.loads(line) for line in _lines(folder / _TIMINGS)]
        latencies = [float(each["latency_ms"]) for each in timings]
    except (OSError, ValueError, KeyError, TypeError, AttributeError, ValidationError) as error:
        raise _damaged(folder, error) from error
    kept = min(len(records), len(latencies))
    if [record.question.id for record in records[:kept]] != [each.get("id") for each in timings[:kept]]:
        raise BadRun(f"{folder} holds a damaged run (its timings are of other questions). Run the set again")
    return Run(header, records[:kept], latencies[:kept])


def _damaged(folder: Path, error: Exception) -> BadRun:
    said = str(error).splitlines()[0]
    return BadRun(f"{folder} holds a damaged run ({said}). Run the set again, into another folder")


def _lines(file: Path) -> list[bytes]:
    """The whole lines; none where the file was not begun."""
    return file.read_bytes().split(b"\n")[:-1] if file.exists() else []


def _keep_lines(file: Path, count: int) -> None:
    """Cut a file behind so many lines."""
    length = sum(len(line) + 1 for line in _lines(file)[:count])
    if file.exists():
        os.truncate(file, length)
