"""BERT's layers, in TorchScript: while they compute, other threads run Python, and no step waits for its turn.

Annotations are no strings in this module, since TorchScript reads them.
"""

import warnings
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional


class Linear(NamedTuple):
    """A product, whose weight may be ``packed`` as the processor's matrix unit reads it."""

    weight: Tensor
    bias: Tensor
    is_packed: bool


class Norm(NamedTuple):
    weight: Tensor
    bias: Tensor
    epsilon: float


class Layer(NamedTuple):
    """One encoder layer of Vaswani et al., "Attention is all you need" (2017), section 3.1.

    ``project`` gives queries, keys and values side by side in one product.
    """

    heads: int
    project: Linear
    merge: Linear
    norm_attended: Norm
    widen: Linear
    narrow: Linear
    norm: Norm


def _states(states: Tensor, norm: Norm, layers: list[Layer], lengths: list[int], tokens: list[int]) -> Tensor:
    """Embedded tokens through all layers; ``lengths`` and ``tokens`` are those of the runs."""
    states = _normed(states, norm)
    for layer in layers:
        attended = _attended(_linear(states, layer.project), layer.heads, lengths, tokens)
        states = _normed(_linear(attended, layer.merge).add_(states), layer.norm_attended)
        widened = functional.gelu(_linear(states, layer.widen))
        states = _normed(_linear(widened, layer.narrow).add_(states), layer.norm)
    return states


def _attended(projected: Tensor, heads: int, lengths: list[int], tokens: list[int]) -> Tensor:
    """Each sequence attends to itself alone; those of one length do so in one call, and the filler to nothing."""
    hidden = projected.shape[1] // 3
    parts = torch.split(projected, tokens)
    attended = [parts[-1][:, :hidden]]
    for part, length in zip(parts, lengths):  # noqa: B905 (TorchScript knows no strict)
        queries, keys, values = part.view(-1, length, 3, heads, hidden // heads).permute(2, 0, 3, 1, 4).unbind()
        of_run = functional.scaled_dot_product_attention(queries, keys, values)
        attended.insert(len(attended) - 1, of_run.transpose(1, 2).reshape(-1, hidden))
    return torch.cat(attended)


def linear(weight: Tensor, bias: Tensor) -> Linear:
    """The product; in bfloat16 its weight is packed once, where else each pass would do so, for a third of its time."""
    if weight.dtype is torch.bfloat16 and torch.backends.mkldnn.is_available():  # type: ignore[no-untyped-call]
        return Linear(torch.ops.mkldnn._reorder_linear_weight(weight), bias, is_packed=True)
    return Linear(weight, bias, is_packed=False)


def _linear(states: Tensor, layer: Linear) -> Tensor:
    if layer.is_packed:
        packed: Tensor = torch.ops.mkldnn._linear_pointwise(states, layer.weight, layer.bias, "none", [], "")
        return packed
    return functional.linear(states, layer.weight, layer.bias)


def _normed(states: Tensor, norm: Norm) -> Tensor:
    return functional.layer_norm(states, norm.weight.shape, norm.weight, norm.bias, norm.epsilon)


# Or else the first passes would be watched, to be made for their shapes alone, which others do not have: 45 ms each.
torch._C._jit_set_profiling_executor(False)

with warnings.catch_warnings():
    # torch would rather have torch.compile used, which needs a C++ compiler where it runs.
    warnings.filterwarnings("ignore", "`torch.jit.script` is deprecated", DeprecationWarning)
    states_of = torch.jit.script(_states)
