"""The routes that measure: a question set is put to the library while its state can be asked for."""

from __future__ import annotations

import re
import shutil
import tempfile
import threading
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, BinaryIO

from fastapi import APIRouter, File, Form, Request, Response, UploadFile

from qa.evaluation.folder import BadRun
from qa.evaluation.sets.rows import BadQuestionSet
from qa.evaluation.task import SHIPPED
from qa.web.api import fields
from qa.web.api.changing import NothingSent
from qa.web.api.desk import Desk
from qa.web.corpus.batches import Stop
from qa.web.evaluation.running import Progress, Runner
from qa.web.evaluation.runs import Runs
from qa.web.requests import report
from qa.web.rights import API

_MOST_CHARACTERS = 80


@dataclass(slots=True)
class _Begun:
    """A run that was begun here: how far it is, and what hindered it."""

    progress: Progress
    stop: Stop
    failure: str | None = None


@dataclass(frozen=True, slots=True)
class Evaluations:
    """The runs that programs have begun in this server, each in a thread of its own."""

    desk: Desk
    begun: dict[str, _Begun] = field(default_factory=dict)

    def begin(self, set: Path, limit: int | None, copied: tempfile.TemporaryDirectory[str] | None) -> str:
        """Begin a run, and go on with it while its name is told; raises BadQuestionSet and Busy."""
        name: Future[str] = Future()
        context = copy_context()  # the audit log names who began it
        threading.Thread(
            target=context.run, args=(self._run, set, limit, copied, name), name="evaluation", daemon=True
        ).start()
        return name.result()

    def _run(
        self, set: Path, limit: int | None, copied: tempfile.TemporaryDirectory[str] | None, name: Future[str]
    ) -> None:
        opening, stop = self.desk.opening, Stop()
        try:
            with opening.work.begun():
                for progress in Runner(opening).begin(set, limit, stop):
                    self.begun.setdefault(progress.name, _Begun(progress, stop)).progress = progress
                    if not name.done():
                        name.set_result(progress.name)
        except BadQuestionSet as error:
            name.set_exception(BadQuestionSet(str(error).replace(f"{set.parent}/", "")))
        except Exception as error:  # noqa: BLE001 (whoever asks for the run is told)
            if name.done():
                self.begun[name.result()].failure = report(opening, error)
            else:
                name.set_exception(error)
        finally:
            if copied is not None:
                copied.cleanup()

    def told(self, name: str) -> fields.EvaluationFields:
        """How far a run is, whoever began it; raises BadRun."""
        runs, begun = Runs.of(self.desk.opening.folder), self.begun.get(name)
        if begun is not None and begun.progress.end is None and begun.failure is None:
            return _told(begun.progress, "running")
        run = runs.read(name)
        progress = Progress(name, run.header.set, len(run.records), run.header.questions)
        if run.complete:
            return {**_told(progress, "done"), "summary": runs.summary(name).payload()}
        if begun is None:
            return _told(progress, "unfinished")
        state = "failed" if begun.progress.end is None else begun.progress.end.value
        return {**_told(progress, state), "detail": begun.failure}

    def stop(self, name: str) -> None:
        """Have a run end after the question in hand; raises BadRun where none of that name was begun here."""
        if name not in self.begun:
            raise BadRun(f"No run {name!r} was begun through the API since the server was started. See its state first")
        self.begun[name].stop.asked = True


def serve_evaluating(router: APIRouter, desk: Desk) -> None:
    """Serve them to whoever may evaluate."""
    evaluations = Evaluations(desk)

    @router.post("/evaluations", status_code=202)
    async def evaluate(
        request: Request,
        response: Response,
        set: Annotated[str | None, Form(description=f"A set that we ship: {', '.join(SHIPPED)}.")] = None,
        file: Annotated[UploadFile | None, File(description="A set in our format, .jsonl or .csv.")] = None,
        limit: Annotated[int | None, Form(ge=1, description="Ask a sample of so many questions.")] = None,
    ) -> fields.EvaluationFields:
        """Put a question set to the library: one that we ship, or a file in our format, .jsonl or .csv.

        It goes on while you ask for its state at the `Location` that is given; one runs at a time.
        """

        def begun() -> fields.EvaluationFields:
            if (file is None) == (set is None):
                raise NothingSent(f"Send one set: a file, or the name of one that we ship: {', '.join(SHIPPED)}")
            if file is not None:
                copied = tempfile.TemporaryDirectory()
                return evaluations.told(
                    evaluations.begin(_copied(file.file, file.filename, Path(copied.name)), limit, copied)
                )
            if set not in SHIPPED:
                raise NothingSent(f"{set!r} is no set that we ship. There are {', '.join(SHIPPED)}")
            return evaluations.told(evaluations.begin(SHIPPED[set], limit, None))

        told = await desk.evaluate(request, begun)
        response.headers["Location"] = f"{API}/evaluations/{told['run']}"
        return told

    @router.get("/evaluations/{name}", name="evaluation")
    def evaluation(name: str) -> fields.EvaluationFields:
        """Say how far a run is, and where it is done, what it says."""
        return evaluations.told(name)

    @router.post("/evaluations/{name}/stop", name="stop")
    def stop(name: str) -> fields.EvaluationFields:
        """Have a run end after the question in hand; it is kept, and the page can go on with it."""
        evaluations.stop(name)
        return evaluations.told(name)


def _told(progress: Progress, state: str) -> fields.EvaluationFields:
    return {
        "run": progress.name,
        "set": progress.set,
        "state": state,
        "asked": progress.asked,
        "total": progress.total,
        "left_s": progress.left_s,
        "detail": None,
        "summary": None,
    }


def _copied(data: BinaryIO, name: str | None, folder: Path) -> Path:
    """The set in a file of its own name, as far as that names a file and nothing else."""
    own = re.sub(r"[^A-Za-z0-9._-]+", "-", (name or "").replace("\\", "/").rpartition("/")[2]).lstrip(".-")
    path = folder / (own[-_MOST_CHARACTERS:] or "set")
    with path.open("wb") as copy:
        shutil.copyfileobj(data, copy)
    return path
