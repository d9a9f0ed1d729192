"""Tells in which language a text is."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

_LOOKED_AT = 5000
_LEAST_CHARACTERS = 60
_LEAST_SURE = 0.9


def language_of(text: str) -> str | None:
    """The ISO 639-1 code of a text's language; None where there is too little text, or doubt."""
    sample = text[:_LOOKED_AT]
    if sum(map(str.isalpha, sample)) < _LEAST_CHARACTERS:
        return None
    code, sure = _identifier().classify(sample)
    return str(code) if sure >= _LEAST_SURE else None


@lru_cache(maxsize=1)
def _identifier() -> Any:
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.nb_ptc = identifier.nb_ptc.astype(np.float32)  # each look-up would make it that of its rows
    return identifier
