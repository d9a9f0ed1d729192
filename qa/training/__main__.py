"""Trains, cross-validates and measures the shipped reader: ``python -m qa.training --help``."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click
import torch

from qa.assembly import load_encoder, load_reader
from qa.evaluation.records import Record
from qa.readers.shipment import SHIPPED, Shipment
from qa.settings import Settings
from qa.training import stages
from qa.training.measuring import figures, measured_closed, measured_open
from qa.training.stages import Data

PART_A = "SQuAD 2.0 part A, closed, cross-validated by article"
CLOSED = "SQuAD 1.1 dev, articles outside part A, closed"
OPEN = "SQuAD 1.1 dev, articles outside part A, open over all paragraphs"


@click.command()
@click.option("--data", type=click.Path(exists=True, file_okay=False, path_type=Path), required=True)
@click.option("--work", type=click.Path(file_okay=False, path_type=Path), required=True, help="Where checkpoints go.")
@click.option("--out", type=click.Path(file_okay=False, path_type=Path), default=SHIPPED, show_default=True)
@click.option("--base-steps", type=int, default=stages.BASE.steps, show_default=True)
@click.option("--last-steps", type=int, default=stages.LAST.steps, show_default=True)
@click.option("--seed", type=int, default=1, show_default=True)
def main(data: Path, work: Path, out: Path, *, base_steps: int, last_steps: int, seed: int) -> None:
    """Train the reader, fit its judge, cross-validate it, and write weights and figures to be shipped.

    Run again after an interruption, it goes on from the last checkpoints in --work.
    """
    torch.manual_seed(seed)
    work.mkdir(parents=True, exist_ok=True)
    read = Data(data)
    base = stages.train_base(read, work / "base.pt", _say, replace(stages.BASE, steps=base_steps, seed=seed))
    recipe = replace(stages.LAST, steps=last_steps, decay_steps=last_steps, seed=seed)
    last = stages.train_last(read, base, read.part_a, work / "last.pt", _say, recipe=recipe)
    halved = replace(recipe, steps=last_steps // 2, decay_steps=last_steps // 2)
    folds = [
        stages.train_last(read, base, learnt, work / f"fold-{number}.pt", _say, recipe=halved)
        for number, learnt in enumerate(read.halves)
    ]
    unseen = read.halves[::-1]
    left_out = [stages.judge_left_out(half, weights) for half, weights in zip(unseen, folds, strict=True)]
    encoder = load_encoder(None)
    _say("finding passages for the judge's questions")
    asked = stages.questions_to_judge(read, encoder)
    shipment = stages.export(last, stages.fit_judge(asked, last, [*left_out[0], *left_out[1]]), out)
    _say("measuring")
    _note(shipment, CLOSED, measured_closed(read.dev_unseen, load_reader(str(out), encoder)))
    articles = frozenset(paragraph.article for paragraph in read.dev_unseen)
    _note(shipment, OPEN, measured_open(read.dev, articles, encoder, Settings(reader=str(out))))
    records = []
    for number, (half, weights) in enumerate(zip(unseen, folds, strict=True)):
        # The judge of a fold is fitted on the half that its model has learnt from, as the other fold's model sees it.
        judge = stages.fit_judge(asked, weights, left_out[1 - number])
        fold = stages.export(weights, judge, work / f"fold-{number}")
        records += measured_closed(half, load_reader(str(fold.folder), encoder))
    _note(shipment, PART_A, records)


def _note(shipment: Shipment, name: str, records: Sequence[Record]) -> None:
    found = figures(records)
    card = shipment.card()
    shipment.write_card({**card, "figures": {**card.get("figures", {}), name: found}})
    _say(f"{name}: {json.dumps(found)}")


def _say(line: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')} {line}", err=True)


if __name__ == "__main__":
    main()
