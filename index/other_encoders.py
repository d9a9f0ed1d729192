"""Encoders other than the default one: any sentence-transformers model, in a folder or of the model hub."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from sentence_transformers import SentenceTransformer
from tokenizers import Tokenizer
from transformers.utils.logging import disable_progress_bar

from index.encoder import Vectors, compute_dtype, fingerprint, model_folder, normalized
from index.errors import EncoderUnavailable


class SentenceTransformerEncoder:
    """Any sentence-transformers model, in bfloat16 where the processor computes in it.

    Two loads of one model give cosines that differ by less than 0.01 between float32 and bfloat16 machines, and
    share a fingerprint.
    """

    languages: frozenset[str] | None = None

    def __init__(self, name: str, folder: Path, fingerprint: str) -> None:
        disable_progress_bar()  # type: ignore[no-untyped-call]
        self._model = SentenceTransformer(
            str(folder),
            device="cpu",
            local_files_only=True,
            model_kwargs={"dtype": compute_dtype()},
        )
        self._lock = threading.Lock()
        self._tokenizer: Tokenizer = Tokenizer.from_str(self._model.tokenizer.backend_tokenizer.to_str())
        self._tokenizer.no_truncation()
        self._tokenizer.no_padding()
        self.name = name
        self.fingerprint = fingerprint
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    @classmethod
    def load(cls, name: str) -> SentenceTransformerEncoder:
        """One in a folder, or of the model hub; raises EncoderUnavailable.

        The hub is asked only for a name that is no folder, and only for files that are not on this machine yet.
        """
        folder = model_folder(name)
        if Path(name).is_dir():
            name = str(Path(name).resolve())
        try:
            return cls(name, folder, fingerprint(folder))
        except (OSError, ValueError, KeyError) as error:
            raise EncoderUnavailable(f"{folder} holds no sentence-transformers model ({error})") from error

    def encode(self, texts: Sequence[str]) -> Vectors:
        if not texts:
            return np.empty((0, self.dimension), dtype=np.float32)
        with self._lock:  # one pass takes all cores, and a tokenizer cannot be borrowed twice
            encoded: Any = self._model.encode(
                list(texts), batch_size=32, convert_to_numpy=True, show_progress_bar=False
            )
        return normalized(encoded)

    def count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)
