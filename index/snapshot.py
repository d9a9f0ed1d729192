"""The snapshot of the vector index: what is in memory, in one file, so that opening need not make it anew."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from index.codes import BitCodes
from index.holdings import Holdings


@dataclass(frozen=True, slots=True)
class Stand:
    """What a snapshot is of: a generation of a library whose encoder has that fingerprint."""

    generation: int
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What will be in the file: a line of JSON, then arrays one after another, of the lengths that the line says."""

    stand: Stand
    arrays: tuple[NDArray[Any], ...]

    @classmethod
    def of(cls, stand: Stand, holdings: Holdings) -> Snapshot:
        """One that stays as it is whatever is done to the holdings."""
        return cls(stand, holdings.parts())

    def write(self, file: IO[bytes]) -> None:
        """Write it whole."""
        note = {**asdict(self.stand), "lengths": [len(array) for array in self.arrays]}
        file.write(json.dumps(note).encode() + b"\n")
        for array in self.arrays:
            array.tofile(file)


def read_snapshot(path: Path, fingerprint: str, dimension: int) -> tuple[Stand, Holdings] | None:
    """What a file holds; None where there is none, it is damaged, or of another encoder."""
    try:
        with path.open("rb") as file:
            note = json.loads(file.readline())
            stand = Stand(int(note["generation"]), str(note["fingerprint"]))
            passages, _, whole, codes = note["lengths"]
            shapes = ((passages,), (passages,), (whole, dimension), (codes,))
            dtypes = (np.int64, np.bool_, np.float32, np.uint8)
            sizes = [
                int(np.prod(shape)) * np.dtype(dtype).itemsize for shape, dtype in zip(shapes, dtypes, strict=True)
            ]
            if stand.fingerprint != fingerprint or os.fstat(file.fileno()).st_size != file.tell() + sum(sizes):
                return None
            ids, is_there, vectors, written = (
                np.fromfile(file, dtype, int(np.prod(shape))).reshape(shape)
                for shape, dtype in zip(shapes, dtypes, strict=True)
            )
        coded = BitCodes.from_bytes(dimension, written)
        if len(coded) + whole != passages:
            return None
        return stand, Holdings(ids, is_there, vectors, coded)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
