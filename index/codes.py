"""What faiss computes: dot products, and codes of one bit a dimension that are scanned many times as fast."""

from __future__ import annotations

import faiss
import numpy as np
from numpy.typing import NDArray

from index.encoder import Vectors


class BitCodes:
    """Unit vectors as RaBitQ codes, 56 bytes each for 384 dimensions, and their cosines with a query, estimated.

    J. Gao, C. Long, "RaBitQ", SIGMOD 2024, with the centre left at zero: so a code depends on nothing but its vector,
    and what is found on nothing but the vectors that are there. One thread scans for a query.
    """

    def __init__(self, dimension: int) -> None:
        self._index = faiss.IndexRaBitQFastScan(dimension, faiss.METRIC_INNER_PRODUCT)
        self._index.train(np.zeros((1, dimension), dtype=np.float32))

    def __len__(self) -> int:
        return int(self._index.ntotal)

    def add(self, vectors: Vectors) -> None:
        """Code vectors, in the places after the last."""
        self._index.add(np.ascontiguousarray(vectors))

    def nearest(self, query: Vectors, count: int) -> tuple[NDArray[np.int64], Vectors]:
        """The places that seem nearest, at most ``count``, and the estimated cosines; the best first."""
        estimates, places = self._index.search(query[np.newaxis], count)
        is_place = places[0] >= 0
        return places[0][is_place], estimates[0][is_place]

    def blank(self, places: range) -> None:
        """Overwrite codes with zeros, so that nothing of their vectors is kept."""
        packer = self._index.get_CodePacker()
        blocks = faiss.rev_swig_ptr(self._index.codes.data(), self._index.codes.size()).reshape(-1, packer.block_size)
        nothing = np.zeros(packer.code_size, dtype=np.uint8)
        for place in places:
            packer.pack_1(nothing, place % packer.nvec, blocks[place // packer.nvec :])

    def holds(self, place: int, vector: Vectors) -> bool:
        """Whether the code in a place is that of a vector."""
        coded = self._index.sa_decode(self._index.sa_encode(vector[np.newaxis]))
        return bool(np.array_equal(self._index.reconstruct(place), coded[0]))

    def to_bytes(self) -> NDArray[np.uint8]:
        """All codes, in faiss's own format."""
        written: NDArray[np.uint8] = faiss.serialize_index(self._index)
        return written

    @classmethod
    def from_bytes(cls, dimension: int, written: NDArray[np.uint8]) -> BitCodes:
        """What ``to_bytes`` gave; raises ValueError where it was something else."""
        try:
            index = faiss.deserialize_index(written)
        except RuntimeError as error:
            raise ValueError("these are no codes") from error
        if not isinstance(index, faiss.IndexRaBitQFastScan) or index.d != dimension:
            raise ValueError(f"these are no codes of {dimension} dimensions")
        codes = cls(dimension)
        codes._index = index
        return codes


def dot_products(rows: Vectors, query: Vectors) -> Vectors:
    """Of each row with the query, in float32; equal rows have equal ones, and no other thread is set to work."""
    rows, query = np.ascontiguousarray(rows), np.ascontiguousarray(query)
    products = np.empty(len(rows), dtype=np.float32)
    faiss.fvec_inner_products_ny(
        faiss.swig_ptr(products), faiss.swig_ptr(query), faiss.swig_ptr(rows), len(query), len(rows)
    )
    return products
