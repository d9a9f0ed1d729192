"""The routes that change the corpus: add and withdraw."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, BinaryIO

from fastapi import APIRouter, Form, Request, UploadFile
from fastapi import File as Sent
from fastapi.responses import JSONResponse

from corpus.errors import KrakowQAError
from corpus.fetching.files import fetch_files, is_url
from corpus.files import File
from index.added import Added, IfChanged, Outcome
from qa.payload import added_payload
from qa.web.api import fields
from qa.web.api.desk import Desk
from qa.web.corpus.batches import Job, Stop, work_off
from qa.web.corpus.uploads import called
from qa.wording import whole_characters

_MOST_CHARACTERS = 200
"""So much of a file's name is kept."""


_ALL_TOLD: dict[int | str, dict[str, Any]] = {
    409: {"model": fields.TakenFields, "description": "The library has another text of a document"},
    422: {"model": fields.TakenFields, "description": "A file could not be read, or a field is wrong"},
}


class NothingSent(KrakowQAError):
    """A request to add nothing, or two things at once."""


def serve_changing(router: APIRouter, desk: Desk) -> None:
    """Serve them to whoever may change the corpus; who does so is written into the audit log."""

    @router.post("/documents", response_model=fields.TakenFields, responses=_ALL_TOLD)
    async def add(
        request: Request,
        *,
        file: Annotated[UploadFile | None, Sent(description="A document, or a ZIP archive of documents.")] = None,
        url: Annotated[str | None, Form(description="A page or file of the web, on a public host.")] = None,
        if_changed: Annotated[
            IfChanged, Form(description="What to do with a document that is there with another text.")
        ] = IfChanged.FAIL,
        dry_run: Annotated[bool, Form(description="Only say what would be read, and store nothing.")] = False,
        keep_original: Annotated[bool, Form(description="Keep the file beside its text.")] = True,
    ) -> JSONResponse:
        """Add a file, an archive of files, or a page of the web; it answers from then on.

        The status is 200 where all went well, 409 where the library has another text of a document and `if_changed`
        is `fail`, and else 422; what became of each file stands in `results` each time.
        """

        def done() -> Sequence[Added]:
            with _files(desk, file, url) as files:
                return _taken_in(desk, files, if_changed, dry_run=dry_run, keep_original=keep_original)

        return _told(await desk.change(request, done))

    @router.post("/documents/{id}/withdraw")
    async def withdraw(id: str, request: Request) -> fields.WithdrawnFields:
        """Take a document out of answers; its addresses still resolve, and adding it again brings it back."""
        await desk.change(request, lambda: desk.krakow().withdraw(id))
        return {"id": id, "state": "withdrawn"}


def _taken_in(
    desk: Desk, files: Sequence[File], if_changed: IfChanged, *, dry_run: bool, keep_original: bool
) -> Sequence[Added]:
    """Take files in as the page does: a server that stops ends after the file in hand."""
    krakow, stop = desk.krakow(), Stop()
    jobs = [Job(file.name, [file]) for file in files]
    with desk.opening.work.in_steps(stop):
        *_, batch = work_off(
            jobs,
            lambda given: krakow.take_in(given, if_changed=if_changed, dry_run=dry_run, keep_originals=keep_original),
            stop,
        )
    desk.opening.metrics.taken_in(added.outcome for added in batch.results)
    krakow.parts.refresh()
    return batch.results


@contextmanager
def _files(desk: Desk, file: UploadFile | None, url: str | None) -> Iterator[Sequence[File]]:
    """What was sent, or what a URL names, for as long as it is at hand; raises NothingSent."""
    if (file is None) == (url is None):
        raise NothingSent("Send one thing to add: a file, or a url")
    if url is not None:
        if not is_url(url):
            raise NothingSent(f"{url!r} is no URL. It begins with https:// or http://")
        yield list(fetch_files([(url, {})], desk.krakow().parts.make_fetcher()))
    elif file is not None:
        with tempfile.TemporaryDirectory() as folder:
            yield list(_uploaded(file.file, _own_name(file.filename), Path(folder)))


def _uploaded(data: BinaryIO, name: str, folder: Path) -> Iterator[File]:
    """The file, or those in an archive, under the name it came with, which names nothing on this machine."""
    suffix = PurePosixPath(name).suffix.lower()
    path = folder / f"upload{suffix if suffix.isascii() and suffix[1:].isalnum() else ''}"
    with path.open("wb") as copy:
        shutil.copyfileobj(data, copy)
    yield from called(path, name)


def _own_name(name: str | None) -> str:
    """What a file is called, without folders and without what cannot be shown."""
    last = whole_characters((name or "").replace("\\", "/").rpartition("/")[2])
    shown = "".join(char if char.isprintable() else "�" for char in last)
    return shown[-_MOST_CHARACTERS:] or "upload"


def _told(results: Sequence[Added]) -> JSONResponse:
    failed = [added for added in results if added.error is not None]
    taken: fields.TakenFields = {
        "results": [added_payload(added) for added in results],
        "detail": failed[0].error if failed else None,
    }
    if not failed:
        return JSONResponse(taken)
    return JSONResponse(taken, 409 if all(added.outcome is Outcome.CHANGED for added in failed) else 422)
