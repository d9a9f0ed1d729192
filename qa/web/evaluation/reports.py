"""The reports of kept runs, for download: made when asked for, and never shown here."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

from fastapi import FastAPI, Response

from qa.evaluation.folder import BadRun
from qa.web.evaluation.runs import Runs
from qa.web.originals import NEVER_RUN


def report_path(name: str) -> str:
    """Where the report of a run is served."""
    return f"/runs/{quote(name, safe='')}/report"


def serve_reports(app: FastAPI, library: Path) -> None:
    """Serve the report of each run that is kept beside the library in a folder."""
    runs = Runs.of(library)

    def report(name: str) -> Response:
        from qa.evaluation.reporting.html import html_report

        try:
            html = html_report(runs.summary(name))
        except BadRun as error:
            return Response(f"{runs.said(error)}\n", 404, NEVER_RUN, "text/plain")
        saved = {"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}.html"}
        return Response(html.encode(errors="replace"), 200, {**NEVER_RUN, **saved}, "text/html")

    app.get("/runs/{name}/report")(report)
