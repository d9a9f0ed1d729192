"""Renders what was measured as Markdown: the systems beside each other, the limits, and what ours is to both."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from tests.benchmarks.peers import limits
from tests.benchmarks.peers.system import OURS, SYSTEMS

Figures = Mapping[str, Any]
"""Figures by the keys of columns; beside them ``versions``, or ``missing`` alone: why a system could not be run."""


@dataclass(frozen=True, slots=True)
class Column:
    """A figure: its key, its heading with the unit, how many decimals are shown, and which end is the good one."""

    key: str
    heading: str
    decimals: int = 0
    higher_is_better: bool = False

    def cell(self, figures: Figures) -> str:
        return f"{figures[self.key]:,.{self.decimals}f}" if self.key in figures else "–"


SIDE_BY_SIDE = (
    Column("filled_per_s", "reading in, passages/s", 1, higher_is_better=True),
    Column("found_p50_ms", "retrieving, p50 ms", 1),
    Column("found_p95_ms", "p95 ms", 1),
    Column("recall", "recall@10", 3, higher_is_better=True),
    Column("added_ms", "one added and found, ms", 1),
    Column("kept_ms", "the same and on disk, ms", 1),
    Column("first_s", "process start to first hits, s", 2),
    Column("memory_mb", "peak memory, MB"),
)
COMMANDS = (
    Column("command_filled_per_s", "`krakow-qa add FOLDER`, paragraphs/s", 1),
    Column("asked_p50_ms", "answering with the reader, p50 ms"),
    Column("asked_p95_ms", "p95 ms"),
    Column("asked_memory_mb", "peak memory with the reader, MB"),
    Column("command_ask_s", "`krakow-qa ask`, process start to answer, s", 2),
)
LIMITS = (
    Column("encoded_per_s", "passages/s, sorted by length", 1),
    Column("at_once", "texts a call"),
    Column("query_ms", "one query, p50 ms", 1),
)
LIMIT_OF = {"filled_per_s": "encoded_per_s", "found_p50_ms": "query_ms"}
"""For figures that the encoder alone bounds: its figure."""


def medians(rounds: Sequence[Figures]) -> Figures:
    """The median of each figure over rounds that have it; what is no figure is the last round's."""
    keys = dict.fromkeys(key for each in rounds for key in each)
    values = {key: [each[key] for each in rounds if key in each] for key in keys}
    return {
        key: statistics.median(found) if all(isinstance(value, int | float) for value in found) else found[-1]
        for key, found in values.items()
    }


def render(systems: Mapping[str, Figures], encoders: Mapping[str, Figures]) -> str:
    """All tables; ``systems`` and ``encoders`` hold the medians by name."""
    ran = {name: figures for name, figures in systems.items() if "missing" not in figures}
    bare = {name: figures for name, figures in encoders.items() if "missing" not in figures}
    rows = [[name, *(column.cell(figures) for column in SIDE_BY_SIDE)] for name, figures in ran.items()]
    if OURS in ran:
        best = [to_best_peer(column, ran) for column in SIDE_BY_SIDE]
        limit = [to_limit(column, ran[OURS], bare.get(limits.OURS, {})) for column in SIDE_BY_SIDE]
        rows += [[f"**{OURS} / best peer**", *best], [f"**{OURS} / its encoder alone**", *limit]]
    parts = [table(["", *(column.heading for column in SIDE_BY_SIDE)], rows)]
    if OURS in ran:
        parts.append(table([column.heading for column in COMMANDS], [[each.cell(ran[OURS]) for each in COMMANDS]]))
    alone = [[name, *(column.cell(figures) for column in LIMITS)] for name, figures in bare.items()]
    parts.append(table(["the encoder alone", *(column.heading for column in LIMITS)], alone))
    parts.append("\n".join(notes(systems, encoders)))
    return "\n\n".join(parts)


def to_best_peer(column: Column, systems: Mapping[str, Figures]) -> str:
    """Our figure as a multiple of the best among the others'."""
    peers = [each[column.key] for name, each in systems.items() if not SYSTEMS[name].is_ours and column.key in each]
    if not peers or column.key not in systems[OURS]:
        return "–"
    return multiple(systems[OURS][column.key] / (max(peers) if column.higher_is_better else min(peers)))


def to_limit(column: Column, ours: Figures, encoder: Figures) -> str:
    """Our figure as a multiple of what the encoder alone does, where that bounds it."""
    limit = LIMIT_OF.get(column.key)
    if limit is None or limit not in encoder or column.key not in ours:
        return ""
    return multiple(ours[column.key] / encoder[limit])


def multiple(ratio: float) -> str:
    return f"**{ratio:.2f}×**"


def notes(systems: Mapping[str, Figures], encoders: Mapping[str, Figures]) -> Iterator[str]:
    """How each system was set up, with its versions, and which were left out."""
    for name, figures in systems.items():
        if "missing" in figures:
            yield f"- {name}: left out ({figures['missing']})"
        else:
            versions = ", ".join(f"{each} {version}" for each, version in figures.get("versions", {}).items())
            yield f"- {name} ({versions}): {SYSTEMS[name].setup}"
    for name, figures in encoders.items():
        if "missing" in figures:
            yield f"- {name}: left out ({figures['missing']})"


def table(headings: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table whose first column is text and whose others are numbers."""
    headings = list(headings)
    rule = ["---", *("---:" for _ in headings[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in [headings, rule, *rows])
