"""The removed passages that are still in tantivy's files, as its own lists of deletions tell."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import tantivy
from numpy.typing import NDArray

Places = NDArray[np.intp]
"""Numbers that tantivy gives the passages of a segment, ascending."""

_HEADER_BYTES = 4


@dataclass(frozen=True, slots=True)
class Removed:
    """The removed passages of one segment, how many terms they have, and how many of them hold each term."""

    places: Places
    terms: int
    holding: Counter[str]


def places_of_removed(folder: Path, meta: bytes) -> dict[str, Places]:
    """The places of removed passages by segment, in tantivy's order, as ``meta.json`` has them.

    A list of deletions is a bit for each passage of the segment, set while it is there, after their number in 32 bits.
    Raises FileNotFoundError where the segments have changed meanwhile.
    """
    found = {}
    for segment in json.loads(meta)["segments"]:
        name, passages, deletes = segment["segment_id"].replace("-", ""), segment["max_doc"], segment["deletes"]
        found[name] = np.empty(0, dtype=np.intp)
        if deletes is not None:
            data = (folder / f"{name}.{deletes['opstamp']}.del").read_bytes()
            bits = np.frombuffer(data, np.uint8, -(-passages // 8), _HEADER_BYTES)
            found[name] = np.flatnonzero(np.unpackbits(bits, count=passages, bitorder="little") == 0)
            if len(found[name]) != deletes["num_deleted_docs"]:
                raise ValueError(f"the deletions of {name} are not written as tantivy 0.27 writes them")
    return found


def terms_of_removed(
    searcher: tantivy.Searcher, places: Mapping[str, Places], known: Mapping[str, Removed]
) -> dict[str, Removed]:
    """The terms of removed passages by segment, where there are any; what is ``known`` is not read again."""
    found = {}
    for ordinal, (segment, removed) in enumerate(places.items()):
        before = known.get(segment, Removed(removed[:0], 0, Counter()))
        new = np.setdiff1d(removed, before.places, assume_unique=True)
        if len(new) > 0:
            holding = before.holding.copy()
            length = before.terms
            for place in new.tolist():
                terms = searcher.doc(tantivy.DocAddress(ordinal, place))["terms"][0].split()
                length += len(terms)
                holding.update(set(terms))
            found[segment] = Removed(removed, length, holding)
        elif len(removed) > 0:
            found[segment] = before
    return found
