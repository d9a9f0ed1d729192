"""The reports of runs, for download."""

from __future__ import annotations

from fastapi import FastAPI, Response

from qa.evaluation.folder import BadRun
from qa.web.evaluation.runs import Runs
from qa.web.originals import NEVER_RUN


def report_path(name: str) -> str:
    """Where a run's report is served."""
    return f"/runs/{name}/report"


def serve_reports(app: FastAPI, runs: Runs) -> None:
    """Serve the report of each run, to be saved and not to be shown."""

    def report(name: str) -> Response:
        from qa.evaluation.reporting.html import html_report

        try:
            page = html_report(runs.summary(name))
        except BadRun as error:
            return Response(f"{error}\n", 404, NEVER_RUN, "text/plain")
        saved = {"Content-Disposition": f'attachment; filename="{name}.html"'}
        return Response(page.encode(errors="replace"), 200, {**NEVER_RUN, **saved}, "application/octet-stream")

    app.get(report_path("{name}"))(report)
