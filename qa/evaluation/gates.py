"""Gates: bounds that metrics must keep, or the command exits with 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from qa.evaluation.comparing import Comparison
from qa.evaluation.metrics import MEASURES, Metric

_BY_NAME = {measure.name: measure for measure in MEASURES}


@dataclass(frozen=True, slots=True)
class Gate:
    """A metric's name and a number: the worst value that it may have, or by how much it may be worse."""

    name: str
    value: float

    @classmethod
    def parse(cls, text: str) -> Gate:
        """Read ``METRIC=VALUE``; raises ValueError."""
        name, equals, value = text.partition("=")
        if name not in _BY_NAME:
            raise ValueError(f"{name!r} is none of {', '.join(_BY_NAME)}")
        if not equals:
            raise ValueError(f"{text!r} has no value; write {name}=0.9")
        return cls(name, float(value))

    @property
    def higher_is_better(self) -> bool:
        """Whether the metric is good where it is high."""
        return _BY_NAME[self.name].higher_is_better


def failures(found: Mapping[str, Metric], gates: Sequence[Gate]) -> list[str]:
    """What fails, a line each: metrics beyond their bound, or not measured; and any quote that is not intact."""
    failed = []
    integrity = found.get("quote_integrity")
    if integrity is not None and integrity.value < 1:
        failed.append(f"quote_integrity is {integrity.value:.4f}: a quote is not what the library says at its address")
    for gate in gates:
        metric = found.get(gate.name)
        if metric is None:
            failed.append(f"{gate.name} cannot be measured with this set")
        elif (metric.value < gate.value) if gate.higher_is_better else (metric.value > gate.value):
            side = "under" if gate.higher_is_better else "over"
            failed.append(f"{gate.name} is {metric.value:.4g}, {side} {gate.value:g}")
    return failed


def worsened(comparison: Comparison, gates: Sequence[Gate]) -> list[str]:
    """The metrics that became worse by more than their gate's value, or that the runs do not both have, a line each."""
    gains = {each.name: each.gain for each in comparison.metrics}
    return [
        f"{gate.name} cannot be compared in these runs"
        if gate.name not in gains
        else f"{gate.name} is worse by {-gains[gate.name]:.4g}, more than {gate.value:g}"
        for gate in gates
        if not gains.get(gate.name, -np.inf) >= -gate.value
    ]
