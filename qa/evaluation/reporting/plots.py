"""Plots of a run as SVG that stands in a page: its text stays text, its colours are the page's, its bytes repeat."""

from __future__ import annotations

import io
import re
import warnings
from collections.abc import Iterator
from html import escape

import matplotlib as mpl
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from qa.evaluation.curves import reliability, risk_coverage
from qa.evaluation.summary import Summary

mpl.rcParams.update(mpl.rcParamsDefault)  # whatever this user has set
mpl.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "krakow-qa", "font.size": 10})

_INK, _FILL, _FAINT = "#010203", "#040506", "#070809"
_COLOURS = {_INK: "currentColor", _FILL: "var(--plot, #2563eb)", _FAINT: "var(--faint, #94a3b8)"}
"""Colours that no plot has by itself, and what each is in the page."""

_WIDTH_IN, _HEIGHT_IN = 5.2, 3.4
_TAG_HEIGHT_IN = 0.24
_LABEL_CHARACTERS = 24
_BY_TAG = ("evidence@1", "f1", "exact_match", "ndcg@10", "false_answer_rate")
"""What the bars are of: the first that the run has."""

_LEFT_OUT = re.compile(r"^.*?(?=<svg)|<metadata>.*?</metadata>\s*|<style.*?</style>\s*", re.DOTALL)
"""What stands before the drawing, what is said of it, and rules that would hold for the whole page."""

_NAMES = re.compile(r'(\bid="|href="#|url\(#)')


def plots(summary: Summary) -> dict[str, str]:
    """SVG by title, of what the run can support; each says in its label what it shows."""
    return {
        title: _svg(figure, f"{title}. {said}", number) for number, (title, figure, said) in enumerate(_all(summary))
    }


def _all(summary: Summary) -> Iterator[tuple[str, Figure, str]]:
    if "ece" in summary.metrics:
        yield "Reliability", *_reliability(summary)
    if "aurc" in summary.metrics:
        yield "Risk and coverage", *_risk(summary)
    name = next((name for name in _BY_TAG if name in summary.metrics), None)
    if name is not None and summary.by_tag:
        yield f"{name} by tag", *_tags(summary, name)
    if "latency_ms_p50" in summary.metrics:
        yield "Latency", *_latency(summary)


def _reliability(summary: Summary) -> tuple[Figure, str]:
    """How often questions of a confidence are answerable; on the diagonal, the confidence says so itself."""
    points = reliability(*_known(summary, "answerable", "confidence"))
    figure, axes = _figure("confidence that the sources answer", "share that is answerable")
    axes.plot([0, 1], [0, 1], color=_FAINT, linestyle="--", linewidth=1)
    sure, true, count = (np.array(each) for each in zip(*points, strict=True))
    axes.plot(sure, true, color=_FILL, linewidth=1)
    axes.scatter(sure, true, s=20 + 200 * count / count.max(), color=_FILL, alpha=0.6)
    axes.set(xlim=(0, 1), ylim=(-0.03, 1.03))
    said = "; ".join(f"confidence {s:.2f}: {t:.2f} of {c} questions answerable" for s, t, c in points)
    return figure, f"The greater a point, the more questions. {said}"


def _risk(summary: Summary) -> tuple[Figure, str]:
    """How often the first quote fails where only the surest questions are answered."""
    coverages, risks = risk_coverage(*_known(summary, "right_first", "confidence"))
    figure, axes = _figure("share of questions that are answered, surest first", "share of these that are wrong")
    axes.plot(coverages, risks, color=_FILL, linewidth=1.5)
    axes.set(xlim=(0, 1), ylim=(0, max(0.05, float(risks.max()) * 1.1)))
    at = [min(int(share * len(risks)), len(risks) - 1) for share in (0.25, 0.5, 0.75, 1)]
    said = "; ".join(f"{coverages[place]:.0%} answered, {risks[place]:.2f} wrong" for place in at)
    return figure, f"Area {summary.metrics['aurc'].value:.3f}. {said}"


def _tags(summary: Summary, name: str) -> tuple[Figure, str]:
    found = {tag: metrics[name] for tag, metrics in summary.by_tag.items() if name in metrics}
    figure, axes = _figure(name, "", height_in=max(_HEIGHT_IN, 0.8 + _TAG_HEIGHT_IN * len(found)))
    places = np.arange(len(found))[::-1]
    values = np.array([metric.value for metric in found.values()])
    ends = np.array([(metric.value - metric.low, metric.high - metric.value) for metric in found.values()]).T
    axes.barh(places, values, height=0.62, color=_FILL, alpha=0.55)
    axes.errorbar(values, places, xerr=np.nan_to_num(ends).clip(0), fmt="none", ecolor=_INK, elinewidth=1)
    axes.set_yticks(places, [_label(tag) for tag in found])
    axes.set(xlim=(0, 1), ylim=(-0.7, len(found) - 0.3))
    said = "; ".join(
        f"{tag} {metric.value:.2f} ({metric.low:.2f} to {metric.high:.2f})" for tag, metric in found.items()
    )
    return figure, f"With 95% intervals. {said}"


def _latency(summary: Summary) -> tuple[Figure, str]:
    (milliseconds,) = _known(summary, "latency_ms")
    figure, axes = _figure("milliseconds", "questions")
    counts, edges, _ = axes.hist(milliseconds, bins=min(30, max(5, len(milliseconds) // 5)), color=_FILL, alpha=0.55)
    half, most = (summary.metrics[f"latency_ms_p{q}"].value for q in (50, 95))
    for place, label in ((half, "half"), (most, "95%")):
        axes.axvline(place, color=_INK, linewidth=1, linestyle=":")
        axes.annotate(f" {label}", (place, float(np.max(counts))), color=_INK, va="top")
    said = f"Between {edges[0]:.0f} and {edges[-1]:.0f} ms; half took at most {half:.0f}, 95% at most {most:.0f}."
    return figure, said


def _known(summary: Summary, *names: str) -> list[np.ndarray[tuple[int, ...], np.dtype[np.float64]]]:
    """Columns of the questions in which none of them is missing."""
    rows = np.column_stack([summary.columns[name] for name in names])
    return list(rows[~np.isnan(rows).any(axis=1)].T)


def _label(tag: str) -> str:
    """A tag as it stands at an axis: not too long, and no formula."""
    line = " ".join(tag.split())
    cut = line if len(line) <= _LABEL_CHARACTERS else line[: _LABEL_CHARACTERS - 1] + "…"
    return cut.replace("$", r"\$")


def _figure(across: str, up: str, height_in: float = _HEIGHT_IN) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(_WIDTH_IN, height_in), layout="constrained", facecolor="none")
    axes = figure.add_subplot(facecolor="none")
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(_FAINT)
    axes.tick_params(color=_FAINT, labelcolor=_INK)
    axes.set_xlabel(across, color=_INK)
    axes.set_ylabel(up, color=_INK)
    return figure, axes


def _svg(figure: Figure, label: str, number: int) -> str:
    """The figure as an element that can stand beside others: names of its parts are its own."""
    drawn = io.StringIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a letter that its fonts lack: the text stays text, and the page has others
        figure.savefig(drawn, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    svg = _NAMES.sub(rf"\1plot{number}-", _LEFT_OUT.sub("", drawn.getvalue()))
    for colour, of_page in _COLOURS.items():
        svg = svg.replace(colour, of_page)
    return svg.replace("<svg ", f'<svg role="img" class="plot" aria-label="{escape(label)}" ', 1).strip()
