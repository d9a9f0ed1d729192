"""What a task's questions are put to: the library in use, or one of the set's own texts, and a reader over it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from corpus.library import Filter, Library
from corpus.model import Document
from index.retriever import Retrieval, Retriever
from index.search import Hit, Scores
from qa import assembly
from qa.answerer import Answerer
from qa.assembly import Parts
from qa.conversation.asking import Asker
from qa.conversation.model import Exchange
from qa.evaluation.conversing import Conversation
from qa.evaluation.questions import Question
from qa.evaluation.sets.beir import read_beir
from qa.evaluation.sets.own import check_own, read_own
from qa.evaluation.sets.rows import BadQuestionSet
from qa.evaluation.sets.squad import read_squad, squad_documents, squad_questions
from qa.evaluation.task import Format, Passages, Task
from qa.evaluation.texts import OnText, retriever_over, unsearched, whole
from qa.model import Answer
from qa.reader import Reader
from qa.settings import DEFAULT_PASSAGE_TOKENS, NO_READER, Settings
from qa.target import Target

_DEPTH = 50
"""How many passages are searched for, so that there are ten documents among them."""


@dataclass(frozen=True, slots=True)
class Setup:
    """Questions, the library that they are put to, and how: answered, their documents ranked, or both.

    ``before`` asks what precedes a question in its conversation, None where each is asked by itself.
    """

    questions: Sequence[Question]
    library: Library
    settings: Settings
    answer: Callable[[Question, tuple[Exchange, ...]], Answer] | None = None
    rank: Callable[[Question], tuple[str, ...]] | None = None
    before: Callable[[Question], tuple[Exchange, ...]] | None = None


@dataclass(frozen=True, slots=True)
class Search:
    """A ``Finder`` that asks the chosen indexes."""

    retriever: Retriever
    retrieval: Retrieval = Retrieval.HYBRID

    @property
    def library(self) -> Library:
        return self.retriever.library

    def search(self, question: str, k: int, filter: Filter | None = None) -> list[Hit]:
        return self.retriever.search(question, k, filter, retrieval=self.retrieval)

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

    def search(self, question: str, k: int, filter: Filter | None = None) -> list[Hit]:
        return [Hit(whole(self.document), self.document.source, rank=1, scores=Scores(fused=0.0))]


@contextmanager
def set_up(task: Task, target: Target, given: Mapping[str, Any], on_text: OnText) -> Iterator[Setup]:
    """What a task needs; all of the set is read before anything is made. Raises BadQuestionSet.

    ``given`` are settings as the user gave them; a library in use fills them up with those that it keeps.
    """
    format = task.checked_format()
    if format.is_own:
        yield asked_of(target, task, given)
        return
    settings = Settings.chosen(given)
    if format is Format.BEIR:
        documents, questions = read_beir(task.set)
        encoder, reader = target.load_encoder(), None
    else:
        paragraphs = read_squad(task.set)
        documents, questions = squad_documents(paragraphs), squad_questions(paragraphs)
        encoder = target.load_encoder()
        reader = None if settings.reader == NO_READER else assembly.load_reader(settings.reader, encoder)
    if task.closed:
        if reader is None:
            raise BadQuestionSet(f"{task.set} --closed is for a reader, and there is none. Leave one of both out")
        with closed(documents, questions, reader, settings) as setup:
            yield replace(setup, questions=task.sample(questions))
        return
    with retriever_over(documents, encoder, _tokens(task), on_text) as retriever:
        yield opened(Search(retriever, task.retrieval), task.sample(questions), reader, settings)


def asked_of(target: Target, task: Task, given: Mapping[str, Any]) -> Setup:
    """The same of a set of our own, which is read before a library is made or opened; changed briefs are renewed."""
    check_own(task.set, is_csv=_own_format(task) is Format.CSV)
    return over_library(task, target.renewed_parts(**given))


def over_library(task: Task, parts: Parts) -> Setup:
    """Asks the questions of a set of our own of an open library; raises BadQuestionSet."""
    if parts.settings.reader == NO_READER:
        raise BadQuestionSet(f"{task.set} is scored on answers, and there is no reader. Give a --reader")
    questions = read_own(task.set, parts.library, is_csv=_own_format(task) is Format.CSV)
    answerer = parts.answerer
    if task.retrieval is not Retrieval.HYBRID:
        reader = assembly.load_reader(parts.settings.reader, parts.encoder)
        answerer = Answerer(Search(parts.retriever, task.retrieval), reader, parts.settings)
    conversation = Conversation(Asker(answerer.ask, parts.encoder.encode), task.follow_ups)
    return Setup(task.sample(questions), parts.library, parts.settings, conversation.answer, before=conversation.before)


@contextmanager
def closed(
    documents: Sequence[Document], questions: Sequence[Question], reader: Reader, settings: Settings
) -> Iterator[Setup]:
    """Asks with the document that each question is about, whole, as the one passage found.

    Where all questions have an answer, none is refused.
    """
    if all(question.answerable for question in questions):
        settings = replace(settings, strictness=1.0)
    with unsearched(documents) as library:

        def answer(question: Question, _: tuple[Exchange, ...]) -> Answer:
            finder = GoldParagraph(library, library.document(question.document_id or ""))
            return Answerer(finder, reader, settings).ask(question.text)

        yield Setup(questions, library, settings, answer)


def opened(search: Search, questions: Sequence[Question], reader: Reader | None, settings: Settings) -> Setup:
    """Asks over all that a search finds, and ranks it too; only the latter without a reader."""
    if reader is None:
        return Setup(questions, search.library, settings, rank=search.documents)
    answerer = Answerer(search, reader, settings)
    return Setup(questions, search.library, settings, lambda question, _: answerer.ask(question.text), search.documents)


def _own_format(task: Task) -> Format:
    format = task.checked_format()
    if not format.is_own:
        raise BadQuestionSet(f"{task.set} brings its own texts. Give a set in our own format, .jsonl or .csv")
    return format


def _tokens(task: Task) -> int | None:
    return DEFAULT_PASSAGE_TOKENS if task.passages is Passages.CUT else None
