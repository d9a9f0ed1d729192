"""Cuts a document into passages along headings, paragraphs and sentences, with spans proven."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from itertools import pairwise
from typing import Any

from langchain_text_splitters import RecursiveCharacterTextSplitter, TextSplitter

from corpus.blocks import Block, BlockKind, blocks, sentences_within, trim
from corpus.model import Document, Passage, Span

CountTokens = Callable[[str], int]


def cut(document: Document, passage_tokens: int | None, count_tokens: CountTokens) -> list[Passage]:
    """The passages of a document, in order; together they hold all its text but white space.

    ``passage_tokens`` is the most tokens a passage has, as ``count_tokens`` counts them; None makes the whole
    document one passage. A sentence is cut only where it alone is longer than that.
    """
    if passage_tokens is None:
        whole = trim(document.text, 0, len(document.text))
        return [] if whole is None else [_passage(document, whole, ())]
    splitter = SentenceSplitter(passage_tokens, count_tokens, document.source.language)
    return [
        _passage(document, span.shift(section.start), headings)
        for section, headings in _sections(document.text)
        for span in splitter.spans(document.slice(section))
    ]


class SentenceSplitter(TextSplitter):
    """A text splitter whose chunks end with a paragraph, or else a sentence, and join to the text again.

    langchain finds offsets by searching for the chunk, which repeated text defeats. Here no chunk overlaps or is
    stripped, so that offsets are running sums, and ``spans`` proves it.
    """

    def __init__(self, passage_tokens: int, count_tokens: CountTokens, language: str | None = None) -> None:
        @cache  # fitting and merging ask for the same text several times
        def length(text: str) -> int:
            # Text without tokens that had no length would stand in two chunks: langchain overlaps by what is free.
            return max(1, count_tokens(text)) if text else 0

        exact: dict[str, Any] = {
            "chunk_size": passage_tokens,
            "chunk_overlap": 0,
            "length_function": length,
            "strip_whitespace": False,
        }
        super().__init__(**exact)
        self._language = language
        self._words = RecursiveCharacterTextSplitter(separators=["\n", " ", ""], keep_separator="end", **exact)

    def split_text(self, text: str) -> list[str]:
        """Chunks whose concatenation is the text."""
        units = [unit for paragraph in _pieces(text, blocks(text)) for unit in self._units(paragraph)]
        return self._merge_splits(units, separator="")

    def spans(self, text: str) -> list[Span]:
        """The chunks as spans without outer white space."""
        chunks = self.split_text(text)
        if "".join(chunks) != text:
            raise AssertionError("the chunks of a text do not join to it again")
        starts = [0]
        for chunk in chunks:
            starts.append(starts[-1] + len(chunk))
        trimmed = (trim(text, start, end) for start, end in pairwise(starts))
        return [span for span in trimmed if span is not None]

    def _units(self, paragraph: str) -> Iterator[str]:
        """The paragraph where it fits, else its sentences, else parts of a sentence."""
        if self._fits(paragraph):
            yield paragraph
            return
        content = next((block.content for block in blocks(paragraph)), Span(0, len(paragraph)))
        found = list(sentences_within(paragraph, content, self._language)) or [content]
        for sentence, (start, end) in zip(
            found, pairwise([0, *(each.start for each in found[1:]), len(paragraph)]), strict=True
        ):
            unit = paragraph[start:end]
            if self._fits(unit):
                yield unit
                continue
            # A list marker or white space beside a sentence that fits alone is no reason to cut it.
            bounds = pairwise([start, sentence.start, sentence.end, end])
            for part in (paragraph[left:right] for left, right in bounds if left < right):
                yield from [part] if self._fits(part) else self._words.split_text(part)

    def _fits(self, text: str) -> bool:
        return self._length_function(text) <= self._chunk_size


def _sections(text: str) -> Iterator[tuple[Span, tuple[str, ...]]]:
    """Stretches between headings with the path of headings over each; headings without text join the next."""
    found = blocks(text)
    path: list[tuple[int, str]] = []
    start, has_text = 0, False
    for block in found:
        if block.kind is not BlockKind.HEADING:
            has_text = True
            continue
        line_start = text.rfind("\n", 0, block.content.start) + 1
        if has_text and line_start > start:
            yield Span(start, line_start), tuple(title for _, title in path)
            start, has_text = line_start, False
        path = [entry for entry in path if entry[0] < block.level]
        path.append((block.level, text[block.content.start : block.content.end]))
    if start < len(text):
        yield Span(start, len(text)), tuple(title for _, title in path)


def _pieces(text: str, found: list[Block]) -> Iterator[str]:
    """The text in pieces that each hold one block and all that stands before the next one's line."""
    starts = [text.rfind("\n", 0, block.content.start) + 1 for block in found]
    for start, end in pairwise([0, *starts[1:], len(text)]):
        yield text[start:end]


def _passage(document: Document, span: Span, headings: tuple[str, ...]) -> Passage:
    return Passage(document.id, document.version, span, document.slice(span), headings)
