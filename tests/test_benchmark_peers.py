"""Proves what the comparison with other systems prints of the figures it has: medians, ratios, who was left out."""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from tests.benchmarks.peers import limits
from tests.benchmarks.peers.table import COMMANDS, SIDE_BY_SIDE, medians, render

HEADINGS = [column.heading for column in SIDE_BY_SIDE]


def rows(text: str) -> dict[str, dict[str, str]]:
    """The cells of the first table by row and heading."""
    lines = [
        [cell.strip() for cell in line.strip("|").split("|")] for line in text.split("\n\n", maxsplit=1)[0].splitlines()
    ]
    assert lines[0][1:] == HEADINGS
    return {first: dict(zip(HEADINGS, cells, strict=True)) for first, *cells in lines[2:]}


def rendered(systems: Mapping[str, Mapping[str, Any]], encoder: Mapping[str, Any] | None = None) -> dict[str, str]:
    """The cells of the row that compares ours with the best peer, or with its encoder where one is given."""
    what = "best peer" if encoder is None else "its encoder alone"
    return rows(render(systems, {limits.OURS: encoder or {}}))[f"**krakow-qa / {what}**"]


def test_the_best_peer_has_the_highest_rate_and_the_shortest_time() -> None:
    chance = random.Random(1)
    for _ in range(20):
        names = ["krakow-qa", "krakow-qa, dense", "txtai", "Haystack", "LangChain", "LlamaIndex"]
        systems = {name: {each.key: chance.uniform(1, 100) for each in SIDE_BY_SIDE} for name in names}
        ratios, peers = rendered(systems), [systems[name] for name in names[2:]]
        for column in SIDE_BY_SIDE:
            ours, theirs = systems["krakow-qa"][column.key], [each[column.key] for each in peers]
            best = max(theirs) if column.key in {"filled_per_s", "recall"} else min(theirs)
            assert ratios[column.heading] == f"**{ours / best:.2f}×**"


def test_ours_is_held_against_its_encoder_where_that_bounds_it() -> None:
    ratios = rendered(
        {"krakow-qa": {"filled_per_s": 95.0, "found_p50_ms": 6.0, "recall": 0.9}},
        {"encoded_per_s": 100.0, "query_ms": 3.0},
    )
    assert {heading: cell for heading, cell in ratios.items() if cell} == {
        HEADINGS[0]: "**0.95×**",
        HEADINGS[1]: "**2.00×**",
    }


def test_a_figure_that_nobody_has_is_not_made_up() -> None:
    text = render({"krakow-qa": {"recall": 0.9}, "txtai": {"filled_per_s": 40.0}}, {})
    cells = rows(text)
    assert cells["krakow-qa"]["recall@10"] == "0.900"
    assert cells["krakow-qa"][HEADINGS[0]] == cells["txtai"]["recall@10"] == "–"
    assert cells["**krakow-qa / best peer**"]["recall@10"] == cells["**krakow-qa / best peer**"][HEADINGS[0]] == "–"
    assert text.split("\n\n")[1].splitlines()[-1] == f"| {' | '.join('–' for _ in COMMANDS)} |"


def test_a_system_that_could_not_run_is_named_with_the_reason_and_counts_in_no_ratio() -> None:
    systems = {"krakow-qa": {"recall": 0.8}, "txtai": {"missing": "No module named 'txtai'"}}
    text = render(systems, {limits.FLOAT32: {"missing": "no torch"}})
    assert "- txtai: left out (No module named 'txtai')" in text.splitlines()
    assert f"- {limits.FLOAT32}: left out (no torch)" in text.splitlines()
    assert set(rows(text)) == {"krakow-qa", "**krakow-qa / best peer**", "**krakow-qa / its encoder alone**"}
    assert rendered(systems)["recall@10"] == "–"


def test_medians_are_over_the_rounds_that_have_the_figure() -> None:
    rounds = [
        {"recall": 0.9, "versions": {"a": "1"}},
        {"first_s": 5.0},
        {"recall": 0.7},
        {"recall": 0.8, "first_s": 1.0},
    ]
    assert medians(rounds) == {"recall": 0.8, "versions": {"a": "1"}, "first_s": 3.0}
