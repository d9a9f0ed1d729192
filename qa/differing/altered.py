"""What near copies of a passage say in the place of a finding: a reprint may give another number than its original."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from corpus.blocks import sentences
from corpus.model import Span
from index.terms import terms
from qa.reader import Finding

_SAME_SHARE = 0.7
"""So many terms of the finding stand in the sentence that a copy has in its place."""


def altered_in_copies(finding: Finding) -> Iterator[Finding]:
    """The finding as each copy of its passage words it, where the words around what is highlighted are the same."""
    if finding.highlight is None:
        return
    quote = finding.text
    highlight = finding.highlight.shift(-finding.quote.start)
    words = set(terms(quote))
    for copy, source in finding.hit.copies:
        for span in sentences(copy.text, source.language):
            said = copy.text[span.start : span.end]
            marked = _in_its_place(quote, highlight, said)
            if said != quote and marked is not None and len(words & set(terms(said))) >= _SAME_SHARE * len(words):
                start = span.start + copy.span.start
                yield replace(
                    finding,
                    hit=replace(finding.hit, passage=copy, source=source, copies=()),
                    quote=span.shift(copy.span.start),
                    highlight=marked.shift(start),
                )


def _in_its_place(quote: str, highlight: Span, said: str) -> Span | None:
    """What stands between the same words as the highlight; None where they are not the same."""
    before, after = quote[: highlight.start], quote[highlight.end :]
    end = len(said) - len(after)
    if not said.startswith(before) or not said.endswith(after) or end <= highlight.start:
        return None
    return Span(highlight.start, end)
