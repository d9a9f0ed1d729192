"""How near a phrase is to others in meaning, told by the encoder."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from index.encoder import Vectors

Encode = Callable[[Sequence[str]], Vectors]
"""What an ``Encoder`` does with texts: float32 vectors of length 1."""


def likeness(phrase: str, others: Sequence[str], encode: Encode) -> list[float]:
    """The cosine of the phrase and each of the others, all encoded at once."""
    vectors = encode([phrase, *others])
    cosines: list[float] = (vectors[1:] * vectors[0]).sum(axis=1).tolist()  # ``@`` would set other threads to work
    return cosines
