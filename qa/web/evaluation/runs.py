"""The runs that are kept beside the library: what they are called, and the sets that unfinished ones go on with."""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path

from corpus.errors import KrakowQAError
from corpus.reading import id_from
from index.retriever import Retrieval
from qa.evaluation.folder import BadRun, read_header, read_run
from qa.evaluation.kept import runs_folder, runs_in
from qa.evaluation.run import Run
from qa.evaluation.summary import Summary
from qa.evaluation.task import SHIPPED, FollowUps, Task
from qa.wording import readable_date

_NAME = re.compile(r"(.+)-(\d{4}-(?:0[1-9]|1[0-2])-\d\d)-(\d{6})(-\d+)?")
"""What ``new`` makes of a set and a time."""

_SET = "set"
"""The folder in a run's that keeps an uploaded set until all of it is asked."""


@dataclass(frozen=True, slots=True)
class Runs:
    """The runs in a folder, each in one of its own and called like that."""

    folder: Path

    @classmethod
    def of(cls, library: Path) -> Runs:
        """Those of the library in a folder."""
        return cls(runs_folder(library))

    def choices(self) -> list[tuple[str, str]]:
        """How people tell each run, and its name; the newest first."""
        return [(label(name), name) for name in self.names()]

    def names(self) -> list[str]:
        """The newest first."""
        return [folder.name for folder in runs_in(self.folder)]

    def path(self, name: str) -> Path:
        """The folder of a run; raises BadRun where there is none of that name."""
        if name not in self.names():
            raise BadRun(f"There is no run {name!r} any more. Choose another")
        return self.folder / name

    def read(self, name: str) -> Run:
        """A run, maybe unfinished; raises BadRun."""
        return read_run(self.path(name))

    def summary(self, name: str) -> Summary:
        """What a run says on the whole, computed once for as long as it stays the same; raises BadRun."""
        folder = self.path(name)
        return _summary(folder, max(file.stat().st_mtime_ns for file in folder.iterdir()))

    def earlier(self, name: str) -> str | None:
        """The newest run of the same set before another one."""
        names, set = self.names(), self._set_of(name)
        before = names[names.index(name) + 1 :] if name in names else []
        return next((each for each in before if self._set_of(each) == set), None)

    def said(self, error: KrakowQAError) -> str:
        """An error in words that name runs, and not where they lie."""
        return str(error).replace(f"{self.folder}/", "")

    def new(self, set: Path, now: datetime) -> Path:
        """A folder that is not there yet, named after a set and the time."""
        name = f"{id_from(set.name.partition('.')[0])[:40]}-{now:%Y-%m-%d-%H%M%S}"
        taken = (number for number in range(2, 10_000) if not (self.folder / f"{name}-{number}").exists())
        return self.folder / (f"{name}-{next(taken)}" if (self.folder / name).exists() else name)

    def keep_set(self, run: Path, set: Path) -> None:
        """Copy an uploaded set to its run, which cannot be gone on with without."""
        (run / _SET).mkdir(exist_ok=True)
        shutil.copyfile(set, run / _SET / set.name)

    def forget_set(self, run: Path) -> None:
        """Delete the copy, where there is one: the records of a whole run hold all its questions."""
        shutil.rmtree(run / _SET, ignore_errors=True)

    def task(self, name: str) -> Task:
        """What an unfinished run is a run of; raises BadRun where its set is not at hand."""
        folder = self.path(name)
        header = read_header(folder)
        kept = folder / _SET / header.set
        set = kept if kept.is_file() else SHIPPED.get(header.set)
        if set is None:
            raise BadRun(
                f"The questions of {header.set} were not kept with the run. Run the set again, or go on with it on the"
                " command line: krakow-qa evaluate SET --resume RUN_DIR"
            )
        given = header.settings
        try:
            return Task(
                set,
                retrieval=Retrieval(given["retrieval"]),
                limit=given["limit"],
                seed=given["seed"],
                follow_ups=FollowUps(given["follow_ups"]),
            )
        except (KeyError, ValueError) as error:
            raise BadRun(f"{folder} does not say how its set was asked ({error}). Run the set again") from error

    def _set_of(self, name: str) -> str | None:
        """None where the run is damaged."""
        try:
            return read_header(self.folder / name).set
        except BadRun:
            return None


def label(name: str) -> str:
    """A run as people tell it: its set and when it began; a folder that was named by hand, by that name."""
    match = _NAME.fullmatch(name)
    if match is None:
        return name
    set, date, time, again = match.groups()
    which = f" ({again[1:]})" if again else ""
    return f"{set}, {readable_date(date)}, {time[:2]}:{time[2:4]}:{time[4:]} UTC{which}"


@lru_cache(maxsize=4)
def _summary(folder: Path, changed_ns: int) -> Summary:
    return Summary(read_run(folder))
