"""Passages as readers get them, and what their findings quote."""

from __future__ import annotations

from corpus.model import Document, Passage, Source, Span
from index.search import Hit, Scores
from qa.reader import Finding


def hit(text: str, rank: int = 1, start: int = 0, *, cosine: float | None = 0.5, bm25: float | None = None) -> Hit:
    """A passage ``start`` code points into its document."""
    document = Document.of(f"d-{rank}", Source(f"Text {rank}"), f"{'·' * start}{text}")
    passage = Passage(document.id, document.version, Span(start, start + len(text)), text)
    return Hit(passage, document.source, rank, Scores(fused=1 / (60 + rank), cosine=cosine, bm25=bm25))


def cut(finding: Finding, span: Span | None = None) -> str:
    """The finding's quote, or another span of its document, as the passage has it."""
    own = (span or finding.quote).shift(-finding.hit.passage.span.start)
    return finding.hit.passage.text[own.start : own.end]
