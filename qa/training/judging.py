"""Fits the judge: how the reader's evidence, the words and the ranks weigh against each other, as probabilities."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from corpus.model import Document, Passage, Source, Span
from index.encoder import Encoder
from index.search import Hit, Scores
from index.terms import query_terms, terms
from qa.assembly import assemble, make_library, open_parts
from qa.evaluation.questions import read_questions, squad_ids
from qa.evaluation.run import open_library
from qa.evaluation.squad import Paragraph, SquadQuestion, occurrences
from qa.readers.judge import AnswerFeatures, Judge, Logistic, SentenceFeatures, answer_features
from qa.readers.span_reader import Evaluated, SpanReader
from qa.settings import LEXICAL_READER, Settings
from qa.training.examples import Example, ExampleMaker

QUESTIONS = Path(__file__).parent / "questions.jsonl"

_MORE_HITS = 6
"""So many hits more are asked for, to have enough where those that hold the answer are taken away."""

_UNTRAINED = Judge(
    Logistic(0.0, (1.0,) + (0.0,) * (len(SentenceFeatures._fields) - 1)),
    Logistic(0.0, (1.0,) + (0.0,) * (len(AnswerFeatures._fields) - 1)),
)
"""Trusts the model alone; what it says is not used, only the features are."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What was asked and seen, and which of the sentences are right: none where the passages do not answer."""

    question: str
    seen: Evaluated
    right: NDArray[np.bool_]


def fit(judged: Sequence[Judged]) -> dict[str, Any]:
    """Both regressions, in the form in which they are shipped."""
    rows = np.concatenate([each.seen.features for each in judged])
    right = np.concatenate([each.right for each in judged])
    sentence = _regression(rows, right, SentenceFeatures._fields)
    logistic = Logistic.of(sentence, SentenceFeatures._fields)
    answers = np.concatenate([_answer(each, logistic) for each in judged])
    answerable = np.array([bool(each.right.any()) for each in judged])
    return {"sentence": sentence, "answer": _regression(answers, answerable, AnswerFeatures._fields)}


def untrained(model: Any) -> SpanReader:
    """A reader to collect features with."""
    return SpanReader(model, _UNTRAINED)


def asked_closed(reader: SpanReader, examples: Sequence[Example]) -> Iterator[Judged]:
    """Each question asked with its one passage."""
    for number, example in enumerate(examples):
        document = Document.of(f"example-{number}", Source("example"), example.passage)
        whole = Passage(document.id, document.version, Span(0, len(document.text)), document.text)
        seen = reader.evaluate(example.question, [Hit(whole, document.source, rank=1, scores=Scores(fused=0.0))])
        if seen.found:
            yield Judged(example.question, seen, _right(seen, [(document.id, span) for span in example.answers]))


def asked_open(
    reader: SpanReader, encoder: Encoder, maker: ExampleMaker, paragraphs: Sequence[Paragraph], *, size: int, seed: int
) -> Iterator[Judged]:
    """Questions asked over all paragraphs: two thirds as they are, a sixth changed so that nothing answers them, and a
    sixth with the passages taken away that hold their answer.

    SQuAD's questions were written with the paragraph in sight and repeat its words; people who have not read a text do
    not. So only the quarter of the questions is asked that shares the fewest words with its paragraph.
    """
    chance = random.Random(seed)  # noqa: S311
    pairs = _least_alike(paragraphs)
    with TemporaryDirectory() as temporary:
        library = open_library(paragraphs, Path(temporary), encoder)
        settings = Settings(reader=LEXICAL_READER)
        retriever = assemble(library, Path(temporary), encoder, settings).retriever
        ids = squad_ids(paragraphs)
        for number, question in chance.sample(pairs, min(size, len(pairs))):
            kind = chance.choice(("given", "given", "given", "given", "changed", "removed"))
            text: str | None = question.text
            if kind == "changed":
                text = maker.changed_question(number, question, chance)
            if text is None:
                continue
            hits = retriever.search(text, settings.passages + _MORE_HITS)
            if kind == "removed":
                hits = [hit for hit in hits if not _says(hit, question)]
            seen = reader.evaluate(text, hits[: settings.passages])
            accepted = [] if kind != "given" else _places(ids[number], paragraphs[number], question)
            if seen.found:
                yield Judged(text, seen, _right(seen, accepted))
        library.close()


def asked_of_briefs(reader: SpanReader, encoder: Encoder) -> Iterator[Judged]:
    """Questions of our own on the shipped briefs, worded as people do who have not read them; none is in a set that
    scores are reported on."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "library")
        make_library(folder, encoder)
        parts = open_parts(folder, Settings(reader=LEXICAL_READER), encoder=encoder)
        for question in read_questions(QUESTIONS, parts.library):
            seen = reader.evaluate(question.text, parts.retriever.search(question.text, parts.settings.passages))
            places = [place for alternative in question.evidence for part in alternative for place in part]
            yield Judged(question.text, seen, _right(seen, places))
        parts.library.close()


def _least_alike(paragraphs: Sequence[Paragraph]) -> list[tuple[int, SquadQuestion]]:
    """The quarter of the questions that share the fewest terms with their paragraph, each with its number."""
    shares = []
    for number, paragraph in enumerate(paragraphs):
        here = set(terms(paragraph.text))
        for question in paragraph.questions:
            asked = set(query_terms(question.text))
            shares.append((len(asked & here) / max(len(asked), 1), number, question))
    shares.sort(key=lambda each: each[0])
    return [(number, question) for _, number, question in shares[: len(shares) // 4]]


def _answer(judged: Judged, sentence: Logistic) -> NDArray[np.float64]:
    seen = judged.seen
    logits = sentence.logits(seen.features)
    return answer_features(judged.question, seen.found, seen.evidence, seen.features, logits)


def _regression(rows: NDArray[np.float64], truth: NDArray[np.bool_], names: Sequence[str]) -> dict[str, float]:
    spread = rows.std(axis=0)
    spread[spread == 0] = 1
    model = LogisticRegression(C=10.0, max_iter=2000).fit(rows / spread, truth)
    weights = model.coef_[0] / spread
    return {
        "bias": round(float(model.intercept_[0]), 4),
        **{name: round(float(weight), 4) for name, weight in zip(names, weights, strict=True)},
    }


def _right(seen: Evaluated, accepted: Sequence[tuple[str, Span]]) -> NDArray[np.bool_]:
    return np.array(
        [
            any(
                document == each.hit.passage.document_id and span in each.quote.shift(each.hit.passage.span.start)
                for document, span in accepted
            )
            for each in seen.found
        ],
        dtype=bool,
    )


def _places(document_id: str, paragraph: Paragraph, question: SquadQuestion) -> list[tuple[str, Span]]:
    return [(document_id, span) for answer in question.answers for span in occurrences(answer, paragraph.text)]


def _says(hit: Hit, question: SquadQuestion) -> bool:
    return any(answer.lower() in hit.passage.text.lower() for answer in question.answers)
