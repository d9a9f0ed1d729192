"""Words and names of a question that stand nowhere in the sources."""

from __future__ import annotations

import re
from collections.abc import Iterator

from corpus.errors import DocumentNotFound
from corpus.library import Library
from corpus.model import Span
from index.terms import folded, words
from qa.conversation.clauses import Clause, names
from qa.guiding.english import is_english, is_ordinary
from qa.guiding.vocabulary import Vocabulary

_REQUESTS = frozenset("tell give show list name explain describe please say said mean meant happen happened".split())
"""With these something is asked for, and they are not what it is about."""

_POSSESSIVE = re.compile(r"['’]s?$")

_LOOKED_THROUGH = 20
"""In so many passages at most, and the documents around them, a name is looked for."""


class Lacking:
    """Tells which words and names of a question no current source has, as far as that can be told."""

    def __init__(self, vocabulary: Vocabulary, library: Library) -> None:
        self._vocabulary = vocabulary
        self._library = library

    def missing(self, question: str) -> tuple[str, ...] | None:
        """Those that stand in no source in any form, as they were typed and in their order.

        A name is told whole, and so are words that stand side by side. None where the question does not seem to be
        English, whose small words are known.
        """
        clause = Clause(question)
        asked = [(at, word) for at, word in enumerate(clause.words) if word.says_much and word.small not in _REQUESTS]
        lacking = {at for at, word in asked if not self._vocabulary.holding(word.text, 1)}
        strange = sum(at in lacking and not is_ordinary(folded(word.text)) for at, word in asked)
        if not asked or not is_english(set(clause.small), strange):
            return None
        named = [
            name for name in _names(clause) if lacking.intersection(_places(name)) or self._stands_nowhere(clause, name)
        ]
        told = [*named, *_runs(clause, lacking.difference(*map(_places, named)))]
        return tuple(
            _POSSESSIVE.sub("", clause.said(span.start, span.end)) for span in sorted(told, key=lambda span: span.start)
        )

    def _stands_nowhere(self, clause: Clause, name: Span) -> bool:
        """Whether no passage has all words of a name, and no document has the name where two of its passages meet.

        The documents are looked through that have its rarest word; False where those are too many.
        """
        text = clause.said(name.start, name.end)
        if self._vocabulary.holding(text, 1):
            return False
        parts = clause.words[name.start : name.end]
        ids = min((self._vocabulary.holding(part.text, _LOOKED_THROUGH + 1) for part in parts), key=len)
        if len(ids) > _LOOKED_THROUGH:
            return False
        sought = " ".join(map(folded, words(text)))
        return not any(sought in text for text in self._texts(ids))

    def _texts(self, ids: list[int]) -> Iterator[str]:
        """The texts of the documents of passages, as folded words."""
        documents = {stored.passage.document_id for stored in self._library.passages(ids).values()}
        for id in documents:
            try:
                text = self._library.document(id).text
            except DocumentNotFound:  # purged at this moment
                continue
            yield " ".join(map(folded, words(text)))


def _names(clause: Clause) -> Iterator[Span]:
    """The names in a question; an ordinary word at its beginning has its capital from there."""
    for name in names(clause):
        start = name.start + (name.start == 0 and is_ordinary(clause.small[0]))
        if start < name.end:
            yield Span(start, name.end)


def _runs(clause: Clause, lacking: set[int]) -> Iterator[Span]:
    """Words that stand side by side, with nothing but white space between them."""
    start = None
    for at in range(len(clause.words) + 1):
        if start is not None and (at not in lacking or not _follows(clause, at)):
            yield Span(start, at)
            start = None
        if at in lacking and start is None:
            start = at


def _follows(clause: Clause, at: int) -> bool:
    return clause.text[clause.words[at - 1].span.end : clause.words[at].span.start].isspace()


def _places(span: Span) -> range:
    return range(span.start, span.end)
