"""The keyword index: BM25 with tantivy, on disk and shared by all processes; the only folder that imports tantivy."""

from index.keywords.search import TantivyKeywords

__all__ = ["TantivyKeywords"]
