"""The benchmark's figures as Markdown: a table with a column for each size, and the ratios that the bars ask for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.benchmarks.growth.measuring import Figures

BySize = Mapping[int, Figures]


@dataclass(frozen=True, slots=True)
class Bar:
    """A bound on what is reckoned from the figures of the smallest library, a middle one and the largest."""

    says: str
    reckon: Callable[[BySize], float]
    bound: float
    at_least: bool = False

    def row(self, figures: BySize) -> str:
        """The bar and how it is met; "not measured" where a figure is missing."""
        try:
            value = self.reckon(figures)
        except KeyError:
            return f"| {self.says} | not measured | |"
        met = value >= self.bound if self.at_least else value <= self.bound
        sign = "at least" if self.at_least else "at most"
        return f"| {self.says} | {number(value)} | {sign} {number(self.bound)}{'' if met else ': missed'} |"


def growth(name: str, smallest: int | None = None) -> Callable[[BySize], float]:
    """A figure at the largest size, over that at the smallest or at a given one."""
    return lambda figures: figures[max(figures)][name] / figures[smallest or min(figures)][name]


def growth_of_change(what: str) -> Callable[[BySize], float]:
    """The same of a change until it is in effect, without the search that shows it, which has a bar of its own."""

    def change_ms(figures: Figures) -> float:
        return figures[f"{what}, ms"] - figures[f"{what}: search, ms"]

    return lambda figures: change_ms(figures[max(figures)]) / change_ms(figures[min(figures)])


def worst(name: str, over: str) -> Callable[[BySize], float]:
    """The highest ratio of two figures at any size."""
    return lambda figures: max(each[name] / each[over] for each in figures.values())


BARS = (
    Bar("hybrid, largest over 20,000", growth("hybrid, ms", 20_000), 4),
    Bar(
        "hybrid at the largest, over one question encoded as documented",
        lambda figures: (
            figures[max(figures)]["hybrid, ms"] / figures[max(figures)]["one question encoded as documented, ms"]
        ),
        4,
    ),
    Bar("hybrid, p95 over p50, at worst", worst("hybrid, p95, ms", "hybrid, ms"), 2),
    Bar(
        "recall@10 of exact hybrid, at worst",
        lambda figures: min(each["recall@10: hybrid"] for each in figures.values()),
        0.97,
        at_least=True,
    ),
    Bar(
        "answer, over the bare reader and retrieval, at worst",
        lambda figures: max(
            each["answer, ms"] / (each["the reader bare, ms"] + each["retrieval for it, ms"])
            for each in figures.values()
        ),
        1.15,
    ),
    Bar("one added, over an answer, at worst", worst("one added, ms", "answer, ms"), 1),
    Bar("one withdrawn, over an answer, at worst", worst("one withdrawn, ms", "answer, ms"), 1),
    Bar("one added, without the search after it, largest over smallest", growth_of_change("one added"), 1.5),
    Bar("one replaced, without the search after it, largest over smallest", growth_of_change("one replaced"), 1.5),
    Bar("one withdrawn, without the search after it, largest over smallest", growth_of_change("one withdrawn"), 1.5),
    Bar("opening, largest over smallest", growth("opening, ms"), 1.5),
    Bar("memory at the largest, MB", lambda figures: figures[max(figures)]["memory: after all questions, MB"], 2500),
    Bar("disk at the largest, MB", lambda figures: figures[max(figures)]["disk: in all, MB"], 4000),
)


def table(figures: BySize) -> str:
    """Sizes as columns, and how many times the smallest's figure the largest one's is."""
    names = dict.fromkeys(name for each in figures.values() for name in each)
    rows = (_cells([name, *_values(name, figures)]) for name in names)
    return "\n".join([*_head(["passages", *(f"{size:,}" for size in figures), "ratio"]), *rows])


def bars(figures: BySize) -> str:
    """The ratios that the bars ask for, each with its bound."""
    return "\n".join([*_head(["bar", "measured", "bound"]), *(bar.row(figures) for bar in BARS)])


def side_by_side(columns: Mapping[str, Figures]) -> str:
    """Figures of libraries that are to be alike, beside each other."""
    names = dict.fromkeys(name for each in columns.values() for name in each)
    rows = (_cells([name, *(_cell(each.get(name)) for each in columns.values())]) for name in names)
    return "\n".join([*_head(["", *columns]), *rows])


def number(value: float) -> str:
    """Three digits, or all before the point."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def _values(name: str, figures: BySize) -> Iterator[str]:
    yield from (_cell(each.get(name)) for each in figures.values())
    smallest, largest = figures[min(figures)].get(name), figures[max(figures)].get(name)
    yield f"{largest / smallest:.2f}" if smallest and largest is not None else ""


def _cell(value: float | None) -> str:
    return "" if value is None else number(value)


def _head(names: list[str]) -> list[str]:
    return [_cells(names), "|".join(["", "---", *["---:"] * (len(names) - 1), ""])]


def _cells(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |"
