"""What a task's questions are put to: the library in use, or one of the set's own texts, and a reader over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from itertools import chain

from corpus.library import Library
from corpus.model import Document
from index.retriever import Retrieval, Retriever
from index.search import Hit, Scores
from qa import assembly
from qa.answerer import Answerer
from qa.assembly import Parts
from qa.evaluation.questions import Question
from qa.evaluation.sets.beir import read_beir
from qa.evaluation.sets.own import check_own, read_own
from qa.evaluation.sets.squad import Paragraph, read_squad, squad_documents, squad_questions
from qa.evaluation.task import Format, Passages, Task
from qa.evaluation.texts import OnText, retriever_over, unsearched, whole
from qa.model import Answer
from qa.reader import Reader
from qa.settings import DEFAULT_PASSAGE_TOKENS, Settings
from qa.target import Target

_DEPTH = 50
"""How many passages are searched for, so that there are ten documents among them."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Questions, the library that they are put to, and how: answered, their documents ranked, or both."""

    questions: Sequence[Question]
    library: Library
    settings: Settings
    answer: Callable[[Question], Answer] | None = None
    rank: Callable[[Question], tuple[str, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A ``Finder`` that asks the chosen indexes."""

    retriever: Retriever
    retrieval: Retrieval = Retrieval.HYBRID

    @property
    def library(self) -> Library:
        return self.retriever.library

    def search(self, question: str, k: int) -> list[Hit]:
        return self.retriever.search(question, k, retrieval=self.retrieval)

    def documents(self, question: Question) -> tuple[str, ...]:
        """The documents in the order of their best passages; copies of a passage come right behind it."""
        hits = self.search(question.text, _DEPTH)
        passages = chain.from_iterable((hit.passage, *(copy for copy, _ in hit.copies)) for hit in hits)
        return tuple(dict.fromkeys(passage.document_id for passage in passages))


@dataclass(frozen=True, slots=True)
class GoldParagraph:
    """A ``Finder`` that finds one document, whole, whatever is asked."""

    library: Library
    document: Document

    def search(self, question: str, k: int) -> list[Hit]:
        return [Hit(whole(self.document), self.document.source, rank=1, scores=Scores(fused=0.0))]


@contextmanager
def set_up(task: Task, target: Target, settings: Settings, on_text: OnText) -> Iterator[Setup]:
    """What a task needs; all of the set is read before anything is made. Raises BadQuestionSet."""
    format = task.checked_format()
    match format:
        case Format.BEIR:
            documents, judged = read_beir(task.set)
            with retriever_over(documents, target.load_encoder(), _tokens(task), on_text) as retriever:
                search = Search(retriever, task.retrieval)
                yield Setup(task.sample(judged), search.library, settings, rank=search.documents)
        case Format.SQUAD:
            paragraphs = read_squad(task.set)
            questions = task.sample(squad_questions(paragraphs))
            encoder = target.load_encoder()
            reader = assembly.load_reader(settings.reader, encoder)
            if task.closed:
                with closed(paragraphs, questions, reader, settings) as setup:
                    yield setup
            else:
                texts = squad_documents(paragraphs)
                with retriever_over(texts, encoder, _tokens(task), on_text) as retriever:
                    yield opened(Search(retriever, task.retrieval), questions, reader, settings)
        case _:
            check_own(task.set, is_csv=format is Format.CSV)
            yield over_library(task, target.parts(**asdict(settings)))


def over_library(task: Task, parts: Parts) -> Setup:
    """Asks the questions of a set of our own of an open library; raises BadQuestionSet."""
    questions = read_own(task.set, parts.library, is_csv=task.checked_format() is Format.CSV)
    answerer = parts.answerer
    if task.retrieval is not Retrieval.HYBRID:
        reader = assembly.load_reader(parts.settings.reader, parts.encoder)
        answerer = Answerer(Search(parts.retriever, task.retrieval), reader, parts.settings)
    return Setup(task.sample(questions), parts.library, parts.settings, _asking(answerer))


@contextmanager
def closed(
    paragraphs: Sequence[Paragraph], questions: Sequence[Question], reader: Reader, settings: Settings
) -> Iterator[Setup]:
    """Asks with the paragraph that each question is about, whole, as the one passage found.

    Where all questions of the paragraphs have an answer, none is refused.
    """
    if all(question.answers for paragraph in paragraphs for question in paragraph.questions):
        settings = replace(settings, strictness=1.0)
    with unsearched(squad_documents(paragraphs)) as library:

        def answer(question: Question) -> Answer:
            finder = GoldParagraph(library, library.document(question.document_id or ""))
            return Answerer(finder, reader, settings).ask(question.text)

        yield Setup(questions, library, settings, answer)


def opened(search: Search, questions: Sequence[Question], reader: Reader, settings: Settings) -> Setup:
    """Asks over all that a search finds, and ranks it too."""
    answerer = Answerer(search, reader, settings)
    return Setup(questions, search.library, settings, _asking(answerer), search.documents)


def _asking(answerer: Answerer) -> Callable[[Question], Answer]:
    return lambda question: answerer.ask(question.text)


def _tokens(task: Task) -> int | None:
    return DEFAULT_PASSAGE_TOKENS if task.passages is Passages.CUT else None
