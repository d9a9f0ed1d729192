"""Gates: bounds that metrics must keep, or the command exits with 3."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

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
