"""Proves that made examples are what they claim, and that training learns, repeats itself and survives interruption."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer
from transformers import BertConfig, BertForQuestionAnswering

from corpus.model import Span
from index.encoder import DEFAULT_ENCODER, model_folder
from qa.evaluation.sets.squad import Paragraph, SquadQuestion
from qa.training.batches import group, tensors, with_lengths
from qa.training.examples import Example, ExampleMaker
from qa.training.mining import miner
from qa.training.trainer import Recipe, Trainer

HARBOUR = (
    "The harbour council of Gdynia was founded in 1926. Its first chair was Ola Nowak. In 1931 the council moved to"
    " Hel. Nine cranes were painted blue by order of Adam Lis."
)
SHIPS = "The Dar Pomorza sailed from Gdynia in 1934. Adam Lis was its oldest sailor. It came back after 300 days."
LIGHTS = "The lighthouse of Rozewie was lit in 1822. Its keeper slept by day. Fog was its worst enemy."


def asked(text: str, *answers: str) -> SquadQuestion:
    return SquadQuestion(text, text, answers)


PARAGRAPHS = [
    Paragraph("Harbours", HARBOUR, (asked("Who was the first chair in Gdynia?", "Ola Nowak"),)),
    Paragraph("Harbours", SHIPS, (asked("Who was the oldest sailor in 1934?", "Adam Lis"), asked("Who sank it?"))),
    Paragraph("Lights", LIGHTS, (asked("When was the lighthouse of Rozewie lit?", "1822"),)),
] * 12


@pytest.fixture(scope="module")
def maker() -> ExampleMaker:
    return ExampleMaker(PARAGRAPHS, miner(PARAGRAPHS))


def test_an_epoch_asks_every_question_and_repeats_for_a_seed(maker: ExampleMaker) -> None:
    examples = maker.epoch(1, 1.0)
    assert examples == maker.epoch(1, 1.0) != maker.epoch(2, 1.0)
    given = maker.epoch(1, 0.0)
    assert [example.question for example in given] == [q.text for p in PARAGRAPHS for q in p.questions]
    assert [bool(example.answers) for example in given] == [bool(q.answers) for p in PARAGRAPHS for q in p.questions]


def test_answers_stand_where_examples_say(maker: ExampleMaker) -> None:
    accepted = {question.text: question.answers for paragraph in PARAGRAPHS for question in paragraph.questions}
    for example in maker.epoch(3, 0.0):
        for span in example.answers:
            assert example.passage[span.start : span.end] in accepted[example.question]


def test_an_example_made_to_have_no_answer_has_another_question_or_lacks_its_evidence(maker: ExampleMaker) -> None:
    by_question = {question.text: (p, question) for p in PARAGRAPHS for question in p.questions}
    made = [each for each in maker.epoch(4, 1.0) if not each.answers and each.question != "Who sank it?"]
    changed = [each for each in made if each.question not in by_question]
    assert len(made) >= 20
    assert changed
    assert all(each.passage in {p.text for p in PARAGRAPHS} for each in changed)
    for example in made:
        if example.question in by_question:
            paragraph, question = by_question[example.question]
            says = any(answer in example.passage for answer in question.answers)
            assert not says or example.passage != paragraph.text


def test_a_long_passage_is_cut_to_whole_sentences_around_an_answer() -> None:
    text = "The tide was low. " * 60 + "Nowak chaired it. " + "The tide was high. " * 60
    paragraph = Paragraph("Tides", text.strip(), (asked("Who chaired it?", "Nowak"), asked("Who sank it?")))
    for seed in range(20):
        positive, negative = ExampleMaker([paragraph] * 20, miner([paragraph] * 20)).epoch(seed, 0.0)[:2]
        (span,) = positive.answers
        assert positive.passage[span.start : span.end] == "Nowak"
        for example in (positive, negative):
            assert len(example.passage) <= 640
            assert example.passage in text
            assert example.passage[0].isupper()
            assert example.passage[-1] == "."


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    return Tokenizer.from_file(str(model_folder(DEFAULT_ENCODER) / "tokenizer.json"))


def test_a_batch_marks_the_first_and_last_token_of_each_answer(tokenizer: Tokenizer) -> None:
    at = HARBOUR.index("Ola Nowak")
    examples = [Example("Who?", HARBOUR, (Span(at, at + 9),)), Example("Who sank it?", SHIPS, ())]
    batch = tensors(with_lengths(tokenizer, 224), examples)
    assert batch.ids.shape == batch.mask.shape == batch.starts.shape
    assert batch.ids.shape[1] % 16 == 0
    (start,), (end,) = batch.starts[0].nonzero().tolist(), batch.ends[0].nonzero().tolist()
    assert tokenizer.decode(batch.ids[0, start[0] : end[0] + 1].tolist()) == "ola nowak"
    assert batch.starts[1].nonzero().tolist() == batch.ends[1].nonzero().tolist() == [[0]]


def test_an_example_whose_answer_is_cut_off_is_left_out(tokenizer: Tokenizer) -> None:
    at = HARBOUR.index("Adam Lis")
    examples = [Example("Who?", HARBOUR, (Span(at, at + 8),)), Example("Who?", SHIPS, ())]
    assert len(tensors(with_lengths(tokenizer, 24), examples).ids) == 1


def test_batches_hold_every_example_once_and_keep_to_their_size(tokenizer: Tokenizer, maker: ExampleMaker) -> None:
    examples = maker.epoch(5, 1.0)
    cut = with_lengths(tokenizer, 224)
    batches = group(cut, examples, 512, seed=1)
    assert sorted(map(repr, (each for batch in batches for each in batch))) == sorted(map(repr, examples))
    assert all(tensors(cut, batch).ids.numel() <= 512 for batch in batches)
    assert batches == group(cut, examples, 512, seed=1) != group(cut, examples, 512, seed=2)


def small_model() -> BertForQuestionAnswering:
    torch.manual_seed(0)
    sizes = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 64}
    return BertForQuestionAnswering(
        BertConfig(**sizes, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, attn_implementation="eager")
    )


def trained(
    folder: Path, tokenizer: Tokenizer, examples: Sequence[Example], *, steps: int, name: str = "a"
) -> tuple[dict[str, torch.Tensor], list[str]]:
    recipe = Recipe(steps=steps, decay_steps=0, warm_up_steps=1, learning_rate=3e-3, batch_tokens=512)
    lines: list[str] = []
    trainer = Trainer(small_model(), tokenizer, lambda epoch: examples, recipe, folder / f"{name}.pt")
    return dict(trainer.run(lines.append)), lines


def test_training_lowers_the_loss(tmp_path: Path, tokenizer: Tokenizer, maker: ExampleMaker) -> None:
    _, lines = trained(tmp_path, tokenizer, maker.epoch(6, 0.0)[:24], steps=100)
    losses = [float(line.split("loss ")[1].split(",")[0]) for line in lines]
    assert losses[1] < losses[0] / 2


def test_an_interrupted_training_ends_as_one_that_was_not(
    tmp_path: Path, tokenizer: Tokenizer, maker: ExampleMaker
) -> None:
    examples = maker.epoch(7, 1.0)
    whole, _ = trained(tmp_path, tokenizer, examples, steps=40)
    trained(tmp_path, tokenizer, examples, steps=23, name="b")
    resumed, _ = trained(tmp_path, tokenizer, examples, steps=40, name="b")
    assert whole.keys() == resumed.keys()
    assert all(torch.equal(weights, resumed[name]) for name, weights in whole.items())
    assert not any("word_embeddings" in name for name in whole)


def test_the_learning_rate_rises_stays_and_falls_to_nothing() -> None:
    recipe = Recipe(steps=100, decay_steps=40, warm_up_steps=10, learning_rate=1.0)
    rates = [recipe.learning_rate_at(step) for step in range(100)]
    assert rates[0] == pytest.approx(0.1)
    assert set(rates[9:60]) == {1.0}
    assert rates[80] == pytest.approx(0.5)
    assert rates[99] == pytest.approx(1 / 40)
    assert rates[60:] == sorted(rates[60:], reverse=True)
