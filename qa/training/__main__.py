"""Trains, cross-validates and measures the shipped reader: ``python -m qa.training --help``."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from pathlib import Path

import click
import torch

from qa.assembly import load_encoder, load_reader
from qa.readers.shipment import SHIPPED, Shipment
from qa.settings import Settings
from qa.training import measuring, stages
from qa.training.stages import Data, Weights

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
    shipment = _exported(read, last, out)
    _measure(read, shipment)
    halved = replace(recipe, steps=last_steps // 2, decay_steps=last_steps // 2)
    scored = []
    for number, (learnt, left_out) in enumerate((read.halves, read.halves[::-1])):
        weights = stages.train_last(read, base, learnt, work / f"fold-{number}.pt", _say, recipe=halved)
        fold = _exported(read, weights, work / f"fold-{number}")
        scored += measuring.closed(left_out, load_reader(str(fold.folder), load_encoder(None)))
    _note(shipment, PART_A, measuring.figures(scored))


def _exported(data: Data, weights: Weights, folder: Path) -> Shipment:
    _say("fitting the judge")
    folder.mkdir(parents=True, exist_ok=True)
    shipment = Shipment(folder)
    stages.export(weights, stages.fit_judge(data, weights), shipment)
    return shipment


def _measure(data: Data, shipment: Shipment) -> None:
    encoder = load_encoder(None)
    name = str(shipment.folder)
    _say("measuring")
    unseen = [paragraph for paragraph in data.dev if paragraph.article not in data.part_a_articles]
    articles = frozenset(paragraph.article for paragraph in unseen)
    _note(shipment, CLOSED, measuring.figures(measuring.closed(unseen, load_reader(name, encoder))))
    opened = measuring.opened(data.dev, articles, encoder, Settings(reader=name))
    _note(shipment, OPEN, measuring.figures(opened))


def _note(shipment: Shipment, name: str, figures: dict[str, object]) -> None:
    card = shipment.card()
    shipment.write_card({**card, "figures": {**card.get("figures", {}), name: figures}})
    _say(f"{name}: {json.dumps(figures)}")


def _say(line: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')} {line}", err=True)


if __name__ == "__main__":
    main()
