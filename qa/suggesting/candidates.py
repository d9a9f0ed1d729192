"""Questions that documents may answer, each with the sentence that it was made of, in an order that varies them."""

from __future__ import annotations

import heapq
import re
from collections import Counter, deque
from collections.abc import Iterator
from dataclasses import dataclass

from corpus.blocks import sentences
from corpus.errors import DocumentNotFound
from corpus.library import Entry, Library
from corpus.model import Address, Document, Source
from qa.suggesting.people import People
from qa.suggesting.rules import questions, said_about
from qa.suggesting.statements import plain, statement

MOST_DOCUMENTS = 40
"""Of so many documents, the newest, questions are made; a library may have a hundred thousand."""

_MOST_CHARACTERS = 30_000
"""So much of each document is read, from its beginning."""

_QUESTION_CHARACTERS = 100
"""A longer question is no suggestion, but a sentence to be worked out."""

_LANGUAGES = frozenset([None, "en"])


@dataclass(frozen=True, slots=True)
class Candidate:
    """A question that a sentence may answer, and where that stands."""

    question: str
    address: Address
    source: Source

    @property
    def asks(self) -> str:
        """What it asks by: "who", "how many"."""
        return " ".join(self.question.lower().split()[: 2 if self.question.startswith("How") else 1])


def candidates(library: Library) -> Iterator[Candidate]:
    """The candidates of a library, each question once: the newest documents in turn, each by what was asked least."""
    unread = deque(_newest(library))
    waiting: deque[list[Candidate]] = deque()
    asked: Counter[str] = Counter()
    given: set[str] = set()
    while unread or waiting:
        # A document is read when it is its turn, so that the first questions are there soon.
        of_document = list(candidates_of(unread.popleft())) if unread else waiting.popleft()
        if not of_document:
            continue
        chosen = min(of_document, key=lambda each: asked[each.asks])
        of_document.remove(chosen)
        waiting.append(of_document)
        if chosen.question not in given:
            given.add(chosen.question)
            asked[chosen.asks] += 1
            yield chosen


def candidates_of(document: Document) -> Iterator[Candidate]:
    """The candidates of a document, in the order of their sentences."""
    text = document.text[:_MOST_CHARACTERS]
    people, is_name = People(text), _Names(text)
    for span in sentences(text, "en"):
        sentence = text[span.start : span.end]
        short = (each for each in _questions(sentence, people, is_name) if len(each) <= _QUESTION_CHARACTERS)
        for question in short:
            yield Candidate(question, Address.of(document.id, document.version, span), document.source)


def _questions(sentence: str, people: People, is_name: _Names) -> Iterator[str]:
    said = plain(sentence)
    about = None if said is None else said_about(said)
    if about is not None:
        yield about
        return
    stated = statement(sentence, is_name)
    if stated is not None:
        yield from questions(stated, people)


def _newest(library: Library) -> Iterator[Document]:
    english = (entry for entry in library.entries() if entry.source.language in _LANGUAGES)
    for entry in heapq.nlargest(MOST_DOCUMENTS, english, key=_age):
        try:
            yield library.document(entry.id, entry.version)
        except DocumentNotFound:  # it was purged meanwhile
            continue


def _age(entry: Entry) -> tuple[str, str]:
    return entry.source.date or "", entry.added_at


class _Names:
    """Tells whether a word that opens a sentence is a name, by how the text writes it elsewhere."""

    def __init__(self, text: str) -> None:
        self._inside = frozenset(re.findall(r"(?<=[a-z,] )[A-Z][\w-]*", text))
        self._small = frozenset(re.findall(r"\b[a-z][\w-]*", text))

    def __call__(self, word: str) -> bool | None:
        word = re.sub(r"['’]s?$", "", word)
        if re.search(r"[A-Z0-9].*[A-Z0-9]", word):
            return True
        is_name, is_word = word in self._inside, word.lower() in self._small
        return None if is_name is is_word else is_name
