"""Writes the reports of a run into a folder, each whole or not at all."""

from __future__ import annotations

from pathlib import Path

from qa.evaluation.folder import BadRun
from qa.evaluation.reporting.html import html_report
from qa.evaluation.reporting.markdown import markdown_report
from qa.evaluation.run import Run
from qa.evaluation.summary import Summary


def write_report(run: Run, folder: Path) -> list[Path]:
    """The files that were written, ``report.html`` and ``report.md``; raises BadRun where none can be."""
    summary = Summary(run)
    written = []
    for name, report in (("report.html", html_report), ("report.md", markdown_report)):
        beside = folder / f".{name}"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            beside.write_text(report(summary), "utf-8", errors="replace")
            written.append(beside.replace(folder / name))
        except OSError as error:
            raise BadRun(f"{folder} cannot be written ({error.strerror}). Give another folder with --out") from error
    return written
