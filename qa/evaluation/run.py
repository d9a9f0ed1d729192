"""A run: a library of a set's own paragraphs where it brings some; every question asked, and scored."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from corpus.library import Library, Manifest
from corpus.model import Document, Passage, Source, Span
from corpus.sqlite import FILE_NAME, SqliteLibrary
from index.encoder import Encoder
from index.retriever import Retrieval
from index.search import Hit, Scores
from qa import assembly
from qa.answerer import Answerer, Finder
from qa.evaluation.metrics import Scored, exact_match, f1
from qa.evaluation.questions import Question, holds_evidence, squad_ids
from qa.evaluation.retrieval import PROVENANCE, Passages, Search, retriever_over
from qa.evaluation.squad import Paragraph
from qa.model import Answer, Quote
from qa.reader import Reader
from qa.settings import Settings

Ask = Callable[[Question], Answer]


@dataclass(frozen=True, slots=True)
class GoldParagraph:
    """A ``Finder`` that finds one passage, whatever is asked."""

    library: Library
    hit: Hit

    def search(self, question: str, k: int) -> list[Hit]:
        return [self.hit]


def run(questions: Sequence[Question], ask: Ask, library: Library) -> Iterator[Scored]:
    """Ask and score one question after the other."""
    for question in questions:
        yield score(question, ask(question), library)


def score(question: Question, answer: Answer, library: Library) -> Scored:
    """What an answer is worth, and how many of its quotes equal the text that the library has at their addresses.

    The short answer is taken to be the highlighted words of the first quote; for questions that want whole sentences
    the page does not repeat them above the quotes.
    """
    given = _highlighted(answer.quotes)
    accepted = question.answers if question.answerable else ("",)
    shown = answer.quotes + answer.closest
    return Scored(
        question,
        answer,
        next((n for n in range(1, len(answer.quotes) + 1) if holds_evidence(question, answer.quotes[:n])), None),
        exact_match(given, accepted) if accepted else None,
        f1(given, accepted) if accepted else None,
        len(shown),
        sum(library.resolve(quote.address)[0].slice(quote.address.span) == quote.text for quote in shown),
    )


@contextmanager
def closed(paragraphs: Sequence[Paragraph], reader: Reader, settings: Settings) -> Iterator[tuple[Ask, Library]]:
    """Asks with the paragraph that each question is about, whole, as the one passage found.

    Where all questions have an answer, none is refused.
    """
    if all(question.answers for paragraph in paragraphs for question in paragraph.questions):
        settings = replace(settings, strictness=1.0)
    with TemporaryDirectory(prefix="krakow-qa-") as folder:
        library = _closed_library(paragraphs, Path(folder))

        def ask(question: Question) -> Answer:
            document = library.document(question.document_id or "")
            hit = Hit(_whole(document), document.source, rank=1, scores=Scores(fused=0.0))
            return Answerer(GoldParagraph(library, hit), reader, settings).ask(question.text)

        yield ask, library
        library.close()


@contextmanager
def opened(
    paragraphs: Sequence[Paragraph],
    encoder: Encoder,
    settings: Settings,
    retrieval: Retrieval = Retrieval.HYBRID,
    passages: Passages = Passages.CUT,
) -> Iterator[tuple[Ask, Search]]:
    """Asks over all paragraphs; what searches them is given too."""
    with retriever_over(squad_documents(paragraphs), encoder, passages) as retriever:
        search = Search(retriever, retrieval)
        yield asking(search, encoder, settings), search


def asking(finder: Finder, encoder: Encoder, settings: Settings) -> Ask:
    """Asks of what a finder finds, with the reader of the settings."""
    answerer = Answerer(finder, assembly.load_reader(settings.reader, encoder), settings)
    return lambda question: answerer.ask(question.text)


def squad_documents(paragraphs: Sequence[Paragraph]) -> list[Document]:
    """A document for each paragraph."""
    return [
        Document.of(id, Source(paragraph.article.replace("_", " ")), paragraph.text)
        for id, paragraph in zip(squad_ids(paragraphs), paragraphs, strict=True)
    ]


def _closed_library(paragraphs: Sequence[Paragraph], folder: Path) -> SqliteLibrary:
    """A library of paragraphs, each a document and a passage, that is not to be searched."""
    library = SqliteLibrary.create(folder / FILE_NAME, Manifest("none", "none", 1, None))
    for document in squad_documents(paragraphs):
        library.add(document, [_whole(document)], np.ones((1, 1), dtype=np.float32), PROVENANCE)
    return library


def _whole(document: Document) -> Passage:
    return Passage(document.id, document.version, Span(0, len(document.text)), document.text)


def _highlighted(quotes: Sequence[Quote]) -> str:
    if not quotes or quotes[0].highlight is None:
        return ""
    return quotes[0].text[quotes[0].highlight.start : quotes[0].highlight.end]
