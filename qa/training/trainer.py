"""The training loop: learns spans from examples, and goes on after an interruption where it stopped."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer
from torch import Tensor
from torch.nn.functional import log_softmax
from transformers import BertForQuestionAnswering

from qa.training.batches import Batch, group, tensors, with_lengths
from qa.training.examples import Example

_STEPS_BETWEEN_CHECKPOINTS = 250
_STEPS_BETWEEN_LINES = 50


@dataclass(frozen=True, slots=True)
class Recipe:
    """How long and how fast one stage learns.

    The learning rate rises over ``warm_up_steps``, stays, and falls to zero over the last ``decay_steps``. A batch
    has at most ``batch_tokens`` tokens, padding counted.
    """

    steps: int
    decay_steps: int
    warm_up_steps: int = 200
    learning_rate: float = 1e-4
    weight_decay: float = 0.01
    batch_tokens: int = 4096
    most_tokens: int = 224
    seed: int = 1

    def learning_rate_at(self, step: int) -> float:
        """The learning rate of a step, counted from 0."""
        rising = (step + 1) / self.warm_up_steps
        falling = (self.steps - step) / max(self.decay_steps, 1)
        return self.learning_rate * min(1.0, rising, falling)


class Trainer:
    """Trains a model in place: in bfloat16, with its weights kept in float32 beside; the word embeddings stay.

    ``epoch`` gives the examples of an epoch by its number; ``checkpoint`` is a file from which an interrupted training
    of the same recipe goes on.
    """

    def __init__(
        self,
        model: BertForQuestionAnswering,
        tokenizer: Tokenizer,
        epoch: Callable[[int], Sequence[Example]],
        recipe: Recipe,
        checkpoint: Path,
    ) -> None:
        self._model = model.bfloat16()
        self._tokenizer = with_lengths(tokenizer, recipe.most_tokens)
        self._epoch = epoch
        self._recipe = recipe
        self._checkpoint = checkpoint
        model.bert.embeddings.word_embeddings.weight.requires_grad_(False)
        self._coarse = {name: weights for name, weights in model.named_parameters() if weights.requires_grad}
        self._exact = {name: weights.detach().float() for name, weights in self._coarse.items()}
        self._optimizer = torch.optim.AdamW(self._exact.values(), weight_decay=recipe.weight_decay, fused=True)

    def run(self, on_line: Callable[[str], None]) -> Mapping[str, Tensor]:
        """Train to the end; the learnt weights by name, float32."""
        first, start = self._restore()
        self._model.train()
        pace = _Pace()
        for step, (place, batch) in enumerate(self._batches(start), start=first):
            if step == self._recipe.steps or (step > first and step % _STEPS_BETWEEN_CHECKPOINTS == 0):
                self._keep(step, place)
            if step == self._recipe.steps:
                break
            tensors_of = tensors(self._tokenizer, batch)
            pace.add(tensors_of, self._learn(tensors_of, self._recipe.learning_rate_at(step)))
            if (step + 1) % _STEPS_BETWEEN_LINES == 0:
                on_line(f"step {step + 1}/{self._recipe.steps} {pace.line()}")
                pace = _Pace()
        self._model.train(False)
        return self._exact

    def _batches(self, place: tuple[int, int]) -> Iterator[tuple[tuple[int, int], list[Example]]]:
        """Batches without end from a place on, each with its epoch and number."""
        epoch, first = place
        while True:
            seed = self._recipe.seed + epoch
            batches = group(self._tokenizer, self._epoch(epoch), self._recipe.batch_tokens, seed)
            for number in range(first, len(batches)):
                yield (epoch, number), batches[number]
            epoch, first = epoch + 1, 0

    def _learn(self, batch: Batch, learning_rate: float) -> float:
        loss = _loss(self._model, batch)
        loss.backward()  # type: ignore[no-untyped-call]
        for name, weights in self._coarse.items():
            self._exact[name].grad = None if weights.grad is None else weights.grad.float()
            weights.grad = None
        torch.nn.utils.clip_grad_norm_(self._exact.values(), 1.0)
        for settings in self._optimizer.param_groups:
            settings["lr"] = learning_rate
        self._optimizer.step()
        self._round()
        return loss.item()

    @torch.no_grad()
    def _round(self) -> None:
        for name, weights in self._coarse.items():
            weights.copy_(self._exact[name])

    def _keep(self, step: int, place: tuple[int, int]) -> None:
        kept = {"weights": self._exact, "optimizer": self._optimizer.state_dict(), "step": step, "place": place}
        beside = self._checkpoint.with_suffix(".writing")
        torch.save(kept, beside)
        os.replace(beside, self._checkpoint)

    def _restore(self) -> tuple[int, tuple[int, int]]:
        """The step and the place to go on from."""
        if not self._checkpoint.exists():
            return 0, (0, 0)
        kept: dict[str, Any] = torch.load(self._checkpoint, weights_only=True)
        for name, weights in kept["weights"].items():
            self._exact[name].copy_(weights)
        self._round()
        self._optimizer.load_state_dict(kept["optimizer"])
        epoch, number = kept["place"]
        return int(kept["step"]), (int(epoch), int(number))


def _loss(model: BertForQuestionAnswering, batch: Batch) -> Tensor:
    """Minus the log of the probability of all accepted places together (Clark and Gardner 2018, section 3.2)."""
    output = model(input_ids=batch.ids, token_type_ids=batch.segments, attention_mask=batch.mask)
    lowest = torch.finfo(torch.float32).min
    losses = []
    for logits, accepted in ((output.start_logits, batch.starts), (output.end_logits, batch.ends)):
        logs = log_softmax(logits.float().masked_fill(batch.mask == 0, lowest), dim=1)
        losses.append(-torch.logsumexp(logs.masked_fill(~accepted, lowest), dim=1))
    return torch.cat(losses).mean()


class _Pace:
    """Tokens a second, padding left out, and the mean loss, since it was made."""

    def __init__(self) -> None:
        self._start = time.perf_counter()
        self._tokens = 0
        self._losses: list[float] = []

    def add(self, batch: Batch, loss: float) -> None:
        self._tokens += int(batch.mask.sum())
        self._losses.append(loss)

    def line(self) -> str:
        seconds = time.perf_counter() - self._start
        return f"loss {sum(self._losses) / len(self._losses):.3f}, {self._tokens / seconds:.0f} tokens/s"
