"""The retriever: a question in, ranked passages out, from both indexes at once."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from enum import StrEnum

import numpy as np

from corpus.copies import Said
from corpus.library import Filter, Library, StoredPassage
from index.encoder import Encoder, Vectors, normalized
from index.errors import EncoderMismatch
from index.fusion import fuse
from index.search import Found, Hit, KeywordSearch, Scores, VectorSearch
from index.terms import query_words

_DEPTH = 50
"""How far down each ranking is read before they are fused."""

_COPY = 0.9
"""A passage is a copy of another where so much of it stands there word for word, wherever both are from."""


class Retrieval(StrEnum):
    """Which indexes are asked."""

    HYBRID = "hybrid"
    DENSE = "dense"
    KEYWORD = "keyword"


class Retriever:
    """Finds passages for a question, as the library stands at that moment."""

    def __init__(self, library: Library, encoder: Encoder, vectors: VectorSearch, keywords: KeywordSearch) -> None:
        """Raises EncoderMismatch where the library's vectors were made by another encoder."""
        self.library = library
        self.encoder = encoder
        self.vectors = vectors
        self.keywords = keywords
        # Words are looked up while the question is encoded.
        self._beside = ThreadPoolExecutor(thread_name_prefix="keywords")
        require_encoder(library, encoder)

    def search(
        self,
        question: str,
        k: int,
        filter: Filter | None = None,
        retrieval: Retrieval = Retrieval.HYBRID,
    ) -> list[Hit]:
        """The k best passages, best first; passages withdrawn at this moment are not among them."""
        require_encoder(self.library, self.encoder)
        depth = max(k, _DEPTH)
        beside: Future[list[Found]] | None = None
        if retrieval is not Retrieval.DENSE:
            beside = self._beside.submit(self.keywords.search, query_words(question), depth, filter)
        vector = self.encoder.encode([question])[0]
        dense = [] if retrieval is Retrieval.KEYWORD else self.vectors.search(vector, depth, filter)
        keyword = [] if beside is None else beside.result()
        fused = fuse([found.passage_id for found in ranking] for ranking in (dense, keyword))
        bm25 = {found.passage_id: found.score for found in keyword}
        scores = dict(fused)
        distinct = self._distinct(list(scores), k)
        return [
            Hit(
                passage=stored.passage,
                source=stored.source,
                rank=rank,
                scores=Scores(
                    fused=scores[stored.id],
                    cosine=cosine,
                    bm25=bm25.get(stored.id),
                ),
                copies=tuple((copy.passage, copy.source) for copy in copies),
            )
            for rank, ((stored, copies), cosine) in enumerate(
                zip(distinct, _cosines([stored for stored, _ in distinct], vector), strict=True), start=1
            )
        ]

    def _distinct(self, ids: Sequence[int], k: int) -> list[tuple[StoredPassage, list[StoredPassage]]]:
        """The first k of the passages that are not copies of one before, each with its copies."""
        kept: list[tuple[StoredPassage, list[StoredPassage]]] = []
        said: list[Said] = []
        for start in range(0, len(ids), k):
            some = ids[start : start + k]
            stored = self.library.passages(some)
            for passage in (stored[id] for id in some if id in stored):
                says = Said(passage.passage.text)
                original = next((n for n, before in enumerate(said) if says.repeats(before, _COPY)), None)
                if original is not None:
                    kept[original][1].append(passage)
                elif len(kept) < k:
                    kept.append((passage, []))
                    said.append(says)
            if len(kept) == k:
                break
        return kept


def _cosines(passages: Sequence[StoredPassage], vector: Vectors) -> list[float]:
    """Without ``@``, which would set other threads to work."""
    if not passages:
        return []
    rows = normalized(np.stack([stored.vector for stored in passages]))
    cosines: list[float] = (rows * vector).sum(axis=1).tolist()
    return cosines


def require_encoder(library: Library, encoder: Encoder) -> None:
    """Raises EncoderMismatch, with the command that mends it, unless the library's vectors are this encoder's."""
    manifest = library.manifest
    if manifest.fingerprint != encoder.fingerprint:
        raise EncoderMismatch(
            f"The library was made with the encoder {manifest.encoder} ({manifest.fingerprint[:12]}), and this is"
            f" {encoder.name} ({encoder.fingerprint[:12]})."
            f" Encode it anew, with the same --library: krakow-qa --encoder {encoder.name} reencode"
        )
