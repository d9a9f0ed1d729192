"""The runs that are kept beside a library: each a folder, named by its set and when it began, with the set in it."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path

from qa.evaluation.folder import BadRun, read_run
from qa.evaluation.summary import Summary
from qa.evaluation.task import Task
from qa.wording import readable_date

_FOLDER, _SET = "runs", "set"
_WHEN = "%Y-%m-%d-%H%M%S"
_NAME = re.compile(r"(.*)-(\d{4}-\d\d-\d\d)-(\d\d)(\d\d)(\d\d)")
_NOT_IN_NAMES = re.compile(r"[^A-Za-z0-9]+")


@dataclass(frozen=True)
class Runs:
    """The runs of the library in a folder."""

    library_folder: Path

    def names(self) -> list[str]:
        """The newest first."""
        folder = self.library_folder / _FOLDER
        runs = [each.parent for each in folder.glob("*/run.json")]
        return [run.name for run in sorted(runs, key=lambda run: (run.stat().st_mtime_ns, run.name), reverse=True)]

    def folder(self, name: str) -> Path:
        """Where a run lies; raises BadRun where there is none of that name."""
        if name not in self.names():
            raise BadRun(f"There is no run {name!r} any more. Choose another")
        return self.library_folder / _FOLDER / name

    def new_folder(self, task: Task) -> Path:
        """Where a run that begins now is to lie."""
        name = _NOT_IN_NAMES.sub("-", task.set.name.partition(".")[0]).strip("-") or "set"
        return self.library_folder / _FOLDER / f"{name}-{datetime.now(UTC):{_WHEN}}"

    def keep_set(self, task: Task, folder: Path) -> None:
        """Copy the set into its run's folder, so that the run can be gone on with."""
        (folder / _SET).mkdir()
        shutil.copyfile(task.set, folder / _SET / task.set.name)

    def task(self, name: str) -> Task:
        """What a run asks; raises BadRun."""
        folder = self.folder(name)
        header = read_run(folder).header
        file = folder / _SET / header.set
        if not file.is_file():
            raise BadRun(
                f"The set of {name} is not kept beside it. Go on with: krakow-qa evaluate SET --resume {folder}"
            )
        return Task(file, limit=header.settings["limit"], seed=header.settings["seed"])

    def summary(self, name: str) -> Summary:
        """What a run says, read again only when it has grown; raises BadRun."""
        folder = self.folder(name)
        return _summary(folder, (folder / "records.jsonl").stat().st_size)


def label(name: str) -> str:
    """A run as people tell it: its set and when it began; a folder of another name is told by that."""
    match = _NAME.fullmatch(name)
    if match is None:
        return name
    return f"{match[1]}, {readable_date(match[2])}, {match[3]}:{match[4]}:{match[5]} UTC"


@lru_cache(maxsize=8)
def _summary(folder: Path, size_bytes: int) -> Summary:
    return Summary(read_run(folder))
