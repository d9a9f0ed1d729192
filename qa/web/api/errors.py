"""What the API says where something is wrong: one sentence as JSON, with the status that fits."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse

from corpus.errors import BadAddress, BadManifest, DocumentExists, DocumentNotFound, KrakowQAError, LibraryError
from index.errors import EncoderMismatch
from qa.answerer import BadQuestion
from qa.evaluation.folder import BadRun
from qa.evaluation.sets.rows import BadQuestionSet
from qa.web.api.desk import NotReady
from qa.web.evaluation.running import Busy
from qa.web.limits import TooMany
from qa.web.work import Stopping

STATUSES: Mapping[type[KrakowQAError], int] = {
    BadQuestion: 400,
    BadAddress: 400,
    BadManifest: 400,
    BadQuestionSet: 400,
    DocumentNotFound: 404,
    BadRun: 404,
    DocumentExists: 409,
    EncoderMismatch: 409,
    Busy: 409,
    TooMany: 429,
    NotReady: 503,
    Stopping: 503,
    LibraryError: 503,
    KrakowQAError: 400,
}
"""The status of each error, which subclasses share unless they have their own."""

_RETRY_S = 5.0


def tell_errors(app: FastAPI, folder: Path) -> None:
    """Have errors told so; none says where the library's folder lies."""

    def wrong(request: Request, error: Exception) -> JSONResponse:
        status = next(STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES)
        wait_s = error.retry_after_s if isinstance(error, TooMany) else _RETRY_S if status == 503 else None
        headers = None if wait_s is None else {"Retry-After": str(math.ceil(wait_s))}
        return JSONResponse({"detail": str(error).replace(f"{folder}/", "")}, status, headers)

    def misspelled(request: Request, error: Exception) -> JSONResponse:
        faults = error.errors() if isinstance(error, RequestValidationError) else []
        said = "; ".join(f"{'.'.join(map(str, each['loc']))}: {each['msg']}" for each in faults)
        return JSONResponse({"detail": f"{said}. See how it is called at /api/docs"}, 422)

    app.add_exception_handler(KrakowQAError, wrong)
    app.add_exception_handler(RequestValidationError, misspelled)
