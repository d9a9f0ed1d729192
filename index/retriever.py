"""The retriever: a question in, ranked passages out, from both indexes at once."""

from __future__ import annotations

from enum import StrEnum

from corpus.library import Filter, Library
from index.encoder import Encoder, normalized
from index.errors import EncoderMismatch
from index.fusion import fuse
from index.search import Found, Hit, KeywordSearch, Scores, VectorSearch
from index.terms import query_terms

_DEPTH = 50
"""How far down each ranking is read before they are fused."""


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
        vector = self.encoder.encode([question])[0]
        depth = max(k, _DEPTH)
        dense: list[Found] = []
        keyword: list[Found] = []
        if retrieval is not Retrieval.KEYWORD:
            dense = self.vectors.search(vector, depth, filter)
        if retrieval is not Retrieval.DENSE:
            keyword = self.keywords.search(query_terms(question), depth, filter)
        fused = fuse([found.passage_id for found in ranking] for ranking in (dense, keyword))
        bm25 = {found.passage_id: found.score for found in keyword}
        stored = self.library.passages([id for id, _ in fused[:k]])
        present = [(id, score) for id, score in fused[:k] if id in stored]
        return [
            Hit(
                passage=stored[id].passage,
                source=stored[id].source,
                rank=rank,
                scores=Scores(
                    fused=score,
                    cosine=float(normalized(stored[id].vector) @ vector),
                    bm25=bm25.get(id),
                ),
            )
            for rank, (id, score) in enumerate(present, start=1)
        ]


def require_encoder(library: Library, encoder: Encoder) -> None:
    """Raises EncoderMismatch, with the command that mends it, unless the library's vectors are this encoder's."""
    manifest = library.manifest
    if manifest.fingerprint != encoder.fingerprint:
        raise EncoderMismatch(
            f"The library was made with the encoder {manifest.encoder} ({manifest.fingerprint[:12]}), and this is"
            f" {encoder.name} ({encoder.fingerprint[:12]})."
            f" Encode it anew, with the same --library: krakow-qa --encoder {encoder.name} reencode"
        )
