"""The stages of training: what each learns from, for how long, and what comes out of it."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertForQuestionAnswering

from index.encoder import DEFAULT_ENCODER, Encoder, model_folder
from qa.evaluation.sets.squad import Paragraph, read_squad
from qa.readers.shipment import Shipment
from qa.readers.span_model import span_model_of
from qa.settings import OUR_READER
from qa.training.asking import Asked, Weight, asked_closed, asked_of_briefs, asked_open, least_alike
from qa.training.examples import Example, ExampleMaker
from qa.training.judging import Judged, fit, judged
from qa.training.learner import with_word_embeddings
from qa.training.mining import miner
from qa.training.trainer import Recipe, Trainer

HELD_BACK = 40
"""Articles of the training set that no model learns from: the judge is fitted on them."""

NEWS = Path(__file__).parent / "news.json"
"""Invented affairs such as ministries and news sites write about, with what people ask of them, in SQuAD's form."""

NEWS_HELD_BACK = 10
"""Affairs that no model learns from, for the same purpose."""

BASE = Recipe(steps=7250, decay_steps=0)
"""All of SQuAD 1.1 train but the articles held back, with made and mined negatives; the learning rate stays up."""

LAST = Recipe(steps=1100, decay_steps=1100, warm_up_steps=1)
"""Questions written to be unanswerable among twice as many of the base stage, while the learning rate falls to 0."""

_NEGATIVE_SHARE = 0.5
_OTHERS_PER_QUESTION = 2
_NEWS_REPEATED = 2
_JUDGED_OPEN, _JUDGED_CLOSED = 1300, 1300
_SQUAD_WEIGHS, _NEWS_WEIGHS, _BRIEFS_WEIGH = Weight(1, 0.2), Weight(3, 1), Weight(3, 20)
_LEFT_OUT_WEIGHS = Weight(0, 1)
"""How much a question counts for the judge: SQuAD's are worded more like their text than people's, and our own few are
most like what is asked. Chosen by cross-validation over these questions."""

Weights = Mapping[str, Tensor]
OnLine = Callable[[str], None]


@dataclass(frozen=True)
class Data:
    """The data of all stages, read from a folder with ``squad/train-v1.1.json.gz`` and ``dev-v2.0-part-a.json.gz``."""

    folder: Path

    @cached_property
    def learnt(self) -> ExampleMaker:
        """The articles that the base stage learns from."""
        return _maker([each for each in self._train if each.article not in self._held_back])

    @cached_property
    def held_back(self) -> list[Paragraph]:
        """The articles that no stage learns from."""
        return [each for each in self._train if each.article in self._held_back]

    @cached_property
    def news(self) -> ExampleMaker:
        """The affairs of our own invented news that the last stage learns from."""
        return _maker([each for each in read_squad(NEWS) if each.article not in self._news_held_back])

    @cached_property
    def news_held_back(self) -> list[Paragraph]:
        """The affairs that no stage learns from."""
        return [each for each in read_squad(NEWS) if each.article in self._news_held_back]

    @cached_property
    def part_a(self) -> list[Paragraph]:
        """Half of the articles of SQuAD 2.0 dev."""
        return read_squad(self.folder / "squad" / "dev-v2.0-part-a.json.gz")

    @cached_property
    def part_a_articles(self) -> frozenset[str]:
        """The titles of part A; no model that learnt from it is measured on them."""
        return frozenset(each.article for each in self.part_a)

    @cached_property
    def dev(self) -> list[Paragraph]:
        """SQuAD 1.1 dev, which nothing learns from."""
        return read_squad(self.folder / "squad" / "dev-v1.1.json.gz")

    @property
    def dev_unseen(self) -> list[Paragraph]:
        """Its articles that are not those of part A either."""
        return [each for each in self.dev if each.article not in self.part_a_articles]

    @property
    def halves(self) -> tuple[list[Paragraph], list[Paragraph]]:
        """Part A in two halves by article, for cross-validation."""
        first = _chosen(self.part_a, len(self.part_a_articles) // 2)
        return [p for p in self.part_a if p.article in first], [p for p in self.part_a if p.article not in first]

    @cached_property
    def _train(self) -> list[Paragraph]:
        return read_squad(self.folder / "squad" / "train-v1.1.json.gz")

    @cached_property
    def _held_back(self) -> frozenset[str]:
        return _chosen(self._train, HELD_BACK)

    @cached_property
    def _news_held_back(self) -> frozenset[str]:
        return _chosen(read_squad(NEWS), NEWS_HELD_BACK)


def train_base(data: Data, checkpoint: Path, on_line: OnLine, recipe: Recipe = BASE) -> Weights:
    """The base stage, from the encoder's weights."""
    torch.manual_seed(recipe.seed)
    folder = model_folder(DEFAULT_ENCODER)
    model = BertForQuestionAnswering.from_pretrained(
        folder, attn_implementation="eager", hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    )
    return _train(model, lambda epoch: data.learnt.epoch(100 + epoch, _NEGATIVE_SHARE), recipe, checkpoint, on_line)


def train_last(
    data: Data,
    base: Weights,
    unanswerable: Sequence[Paragraph],
    checkpoint: Path,
    on_line: OnLine,
    *,
    recipe: Recipe = LAST,
) -> Weights:
    """The last stage, from the base stage's weights."""
    maker = _maker(unanswerable)

    def epoch(number: int) -> list[Example]:
        written = maker.epoch(200 + number, 0.0)
        news = [each for copy in range(_NEWS_REPEATED) for each in data.news.epoch(_NEWS_REPEATED * number + copy, 0.2)]
        others = data.learnt.epoch(200 + number, _NEGATIVE_SHARE)
        chance = random.Random(number)  # noqa: S311
        return written + news + chance.sample(others, min(len(others), _OTHERS_PER_QUESTION * len(written)))

    model = with_word_embeddings(base, model_folder(DEFAULT_ENCODER), attention="eager")
    return _train(model, epoch, recipe, checkpoint, on_line)


def questions_to_judge(data: Data, encoder: Encoder) -> list[Asked]:
    """Questions on what no stage learns from, with the passages that the encoder and the words find for them."""
    chance = random.Random(1)  # noqa: S311
    news, squad = _maker(data.news_held_back), _maker(data.held_back)
    examples = squad.epoch(1, _NEGATIVE_SHARE)
    closed = chance.sample(examples, min(len(examples), _JUDGED_CLOSED))
    wanted = least_alike(data.held_back)
    wanted = chance.sample(wanted, min(len(wanted), _JUDGED_OPEN))
    of_news = [(number, question) for number, p in enumerate(data.news_held_back) for question in p.questions]
    return [
        *_weighing(_SQUAD_WEIGHS, asked_closed(closed)),
        *_weighing(_SQUAD_WEIGHS, asked_open(squad, data.held_back, wanted, encoder, 1)),
        *_weighing(_NEWS_WEIGHS, asked_open(news, data.news_held_back, of_news, encoder, 1)),
        *_weighing(_BRIEFS_WEIGH, asked_of_briefs(encoder)),
    ]


def judge_questions(asked: Iterable[Asked], weights: Weights) -> list[Judged]:
    """What a model makes of questions."""
    return judged(span_model_of(weights), asked)


def judge_left_out(paragraphs: Sequence[Paragraph], weights: Weights) -> list[Judged]:
    """What a model that has not learnt from these paragraphs makes of their questions, each with its paragraph.

    Whether there is an answer in a paragraph can be learnt from it for any model of the same making; which sentence it
    is, the other questions teach.
    """
    questions = [
        Example(question.text, paragraph.text, tuple(question.spans_in(paragraph.text)))
        for paragraph in paragraphs
        for question in paragraph.questions
    ]
    return judge_questions(_weighing(_LEFT_OUT_WEIGHS, asked_closed(questions)), weights)


def fit_judge(asked: Sequence[Asked], weights: Weights, left_out: Sequence[Judged]) -> dict[str, Any]:
    """The judge for a model."""
    return fit([*judge_questions(asked, weights), *left_out])


def export(weights: Weights, judge: Mapping[str, Any], folder: Path) -> Shipment:
    """Write the weights in float16, without the encoder's word embeddings, and the card."""
    folder.mkdir(parents=True, exist_ok=True)
    shipment = Shipment(folder)
    data = save({name: tensor.half().contiguous() for name, tensor in sorted(weights.items())})
    shipment.write(data, {"name": OUR_READER, "judge": judge})
    return shipment


def _weighing(weight: Weight, asked: Iterable[Asked]) -> Iterator[Asked]:
    return (replace(each, weight=weight) for each in asked)


def _chosen(paragraphs: Sequence[Paragraph], size: int) -> frozenset[str]:
    articles = sorted({each.article for each in paragraphs})
    return frozenset(random.Random(1).sample(articles, size))  # noqa: S311


def _maker(paragraphs: Sequence[Paragraph]) -> ExampleMaker:
    return ExampleMaker(paragraphs, miner(paragraphs))


def _train(
    model: BertForQuestionAnswering,
    epoch: Callable[[int], Sequence[Example]],
    recipe: Recipe,
    checkpoint: Path,
    on_line: OnLine,
) -> Weights:
    tokenizer = Tokenizer.from_file(str(model_folder(DEFAULT_ENCODER) / "tokenizer.json"))
    return Trainer(model, tokenizer, epoch, recipe, checkpoint).run(on_line)
