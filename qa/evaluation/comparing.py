"""Two runs beside each other: which metrics differ, by more than chance, and which questions changed sides, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from qa.evaluation.curves import Values
from qa.evaluation.folder import BadRun
from qa.evaluation.metrics import MEASURES, Measure, columns_of, figure
from qa.evaluation.records import Record
from qa.evaluation.run import Run
from qa.payload import answer_payload

_SHUFFLES = 2000


@dataclass(frozen=True, slots=True)
class MetricDifference:
    """A metric of the questions that two runs share.

    ``p`` is how often runs that differ by chance alone differ as much, from a paired randomisation test.
    """

    name: str
    one: float
    other: float
    p: float
    higher_is_better: bool

    @property
    def gain(self) -> float:
        """By how much the other run is better; negative where it is worse."""
        return self.other - self.one if self.higher_is_better else self.one - self.other


@dataclass(frozen=True, slots=True)
class Changed:
    """A question that came out otherwise; ``documents`` that either run quotes and that changed, a line each."""

    one: Record
    other: Record
    documents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What differs between two runs; ``shared`` counts the questions that both have."""

    shared: int
    metrics: tuple[MetricDifference, ...]
    changed: tuple[Changed, ...]
    settings: tuple[str, ...]
    documents: tuple[str, ...]

    def payload(self) -> dict[str, Any]:
        """What ``compare --json`` prints."""
        return {
            "questions": self.shared,
            "metrics": {each.name: _figures(each) for each in self.metrics},
            "settings": list(self.settings),
            "documents": list(self.documents),
            "changed": [
                {
                    "id": each.one.question.id,
                    "question": each.one.question.text,
                    "one": _outcome(each.one),
                    "other": _outcome(each.other),
                    "documents": list(each.documents),
                }
                for each in self.changed
            ],
        }

    def text(self) -> str:
        """The same to be read."""
        lines = [f"{self.shared} questions in both", "", f"{'':<20} {'one':>7} {'other':>7} {'gain':>8} {'p':>7}"]
        for each in self.metrics:
            one, other = figure(each.name, each.one), figure(each.name, each.other)
            gain = f"{'+' if each.gain >= 0 else '-'}{figure(each.name, abs(each.gain))}"
            lines.append(f"{each.name:<20} {one:>7} {other:>7} {gain:>8} {each.p:>7.3f}")
        for title, differing in (("Settings", self.settings), ("Documents", self.documents)):
            if differing:
                lines += ["", f"{title} that differ:", *(f"  {line}" for line in differing)]
        lines += ["", f"{len(self.changed)} questions changed sides"]
        for changed in self.changed:
            lines += ["", f"{changed.one.question.id}: {changed.one.question.text}"]
            lines += [f"  one: {_answer_line(changed.one)}", f"  other: {_answer_line(changed.other)}"]
            lines += [f"  {line}" for line in changed.documents]
        return "\n".join(lines)


def compare(one: Run, other: Run) -> Comparison:
    """The differences from one run to the other, over the questions that both asked; raises BadRun without any."""
    asked, asked_too = _places(one), _places(other)
    shared = [key for key in asked if key in asked_too]
    if not shared:
        raise BadRun(f"The runs of {one.header.set} and {other.header.set} have no question in common. Compare others")
    mine, theirs = _only(one, [asked[key] for key in shared]), _only(other, [asked_too[key] for key in shared])
    documents = one.header.other_documents(other.header)
    return Comparison(
        shared=len(shared),
        metrics=tuple(_metrics(mine, theirs)),
        changed=tuple(_changed(mine.records, theirs.records, documents)),
        settings=one.header.other_settings(other.header),
        documents=tuple(documents.values()),
    )


def _answer_line(record: Record) -> str:
    """What became of a question, and the first thing that was said or found."""
    answer = record.answer
    if answer is None:
        said = ", ".join((record.found or ())[:3])
    elif answer.quotes:
        said = f"{answer.quotes[0].text} [{answer.quotes[0].address}]"
    else:
        said = "no answer"
    return f"{record.verdict.value}: {said}"


def _metrics(one: Run, other: Run) -> Iterator[MetricDifference]:
    mine, theirs = (columns_of(run.records, run.latencies_ms) for run in (one, other))
    for measure in MEASURES:
        both = [np.column_stack([columns[name] for name in measure.columns]) for columns in (mine, theirs)]
        said = ~np.isnan(np.hstack(both)).any(axis=1)
        values = [measure.of(rows[said]) for rows in both]
        if not np.isnan(values).any():
            p = _chance(measure, both[0][said], both[1][said])
            yield MetricDifference(measure.name, values[0], values[1], p, measure.higher_is_better)


def _chance(measure: Measure, one: Values, other: Values) -> float:
    """The p value of a paired randomisation test (Smucker, Allan and Carterette 2007, section 2.1).

    Each question's outcomes are swapped between the runs or not; both have shape (questions, columns).
    """
    from scipy.stats import permutation_test

    if len(one) < 2:  # of one question nothing is more than chance
        return 1.0
    outcomes = np.concatenate([one, other])

    def gain(mine: Values, theirs: Values) -> float:
        return measure.of(outcomes[theirs.astype(int)]) - measure.of(outcomes[mine.astype(int)])

    test = permutation_test(
        (np.arange(len(one)), len(one) + np.arange(len(one))),  # rows of outcomes, which swap as one
        gain,
        permutation_type="samples",
        n_resamples=_SHUFFLES,
        rng=0,
    )
    return float(test.pvalue)


def _changed(one: Sequence[Record], other: Sequence[Record], documents: Mapping[str, str]) -> Iterator[Changed]:
    for mine, theirs in zip(one, other, strict=True):
        if mine.verdict is not theirs.verdict:
            about = dict.fromkeys([*_documents(mine), *_documents(theirs)])
            yield Changed(mine, theirs, tuple(documents[id] for id in about if id in documents))


def _documents(record: Record) -> list[str]:
    """Those that were quoted or found, and those that hold the evidence."""
    quotes = () if record.answer is None else record.answer.quotes + record.answer.closest
    evidence = [document for document, _ in record.question.places]
    return [*(quote.address.document_id for quote in quotes), *(record.found or ()), *evidence]


def _places(run: Run) -> dict[tuple[str, str], int]:
    """Where each question stands in a run, by id and text: a question that was reworded is another."""
    return {(record.question.id, record.question.text): place for place, record in enumerate(run.records)}


def _only(run: Run, places: Sequence[int]) -> Run:
    return Run(run.header, [run.records[place] for place in places], [run.latencies_ms[place] for place in places])


def _figures(difference: MetricDifference) -> dict[str, float | bool]:
    figures = {name: value for name, value in asdict(difference).items() if name != "name"}
    return {**{name: round(value, 4) for name, value in figures.items()}, "gain": round(difference.gain, 4)}


def _outcome(record: Record) -> dict[str, Any]:
    return {
        "verdict": record.verdict.value,
        "answer": None if record.answer is None else answer_payload(record.answer),
        "found": None if record.found is None else list(record.found),
    }
