"""Errors of the index.

KrakowQAError
├── EncoderUnavailable   an encoder whose weights are missing or damaged
├── EncoderMismatch      a library made with another encoder than the one that was asked for
└── UnsupportedModel     weights of a kind that our own code does not run
"""

from corpus.errors import KrakowQAError


class EncoderUnavailable(KrakowQAError):
    """An encoder whose weights are missing or damaged."""


class EncoderMismatch(KrakowQAError):
    """A library made with another encoder than the one that was asked for."""


class UnsupportedModel(KrakowQAError):
    """Weights of a kind that our own code does not run."""
