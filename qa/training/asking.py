"""What the judge is fitted on: questions, each with the passages found for it and the places that answer it."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

from corpus.model import Document, Passage, Source, Span
from index.encoder import Encoder
from index.search import Hit, Scores
from index.terms import query_terms, terms
from qa.assembly import make_library, open_parts
from qa.evaluation.questions import Place
from qa.evaluation.sets.own import read_own
from qa.evaluation.sets.squad import Paragraph, SquadQuestion, squad_documents, squad_ids
from qa.evaluation.texts import retriever_over
from qa.settings import LEXICAL_READER, Settings
from qa.training.examples import Example, ExampleMaker

QUESTIONS = Path(__file__).parent / "questions.jsonl"
"""Questions of our own on the shipped briefs; none is in a set that scores are reported on."""

_MORE_HITS = 6
"""So many hits more are asked for, to have enough where those that hold the answer are taken away."""


class Weight(NamedTuple):
    """How much a question counts for which sentence answers, and for whether any does."""

    sentence: float = 1.0
    answer: float = 1.0


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, the passages found for it, and the places that answer it; none where nothing does.

    ``weight`` is how much it counts.
    """

    question: str
    hits: list[Hit]
    places: tuple[Place, ...]
    weight: Weight = field(default_factory=Weight)


def asked_closed(examples: Sequence[Example]) -> Iterator[Asked]:
    """Each question with its one passage."""
    for number, example in enumerate(examples):
        document = Document.of(f"example-{number}", Source("example"), example.passage)
        whole = Passage(document.id, document.version, Span(0, len(document.text)), document.text)
        hit = Hit(whole, document.source, rank=1, scores=Scores(fused=0.0))
        yield Asked(example.question, [hit], tuple((document.id, span) for span in example.answers))


def asked_open(
    maker: ExampleMaker,
    paragraphs: Sequence[Paragraph],
    questions: Sequence[tuple[int, SquadQuestion]],
    encoder: Encoder,
    seed: int,
) -> Iterator[Asked]:
    """Questions, each with the number of its paragraph, asked over all paragraphs.

    Two thirds of the answerable ones are asked as they are, a sixth changed so that nothing answers them, and a sixth
    with the passages taken away that hold their answer.
    """
    chance = random.Random(seed)  # noqa: S311
    ids = squad_ids(paragraphs)
    settings = Settings(reader=LEXICAL_READER)
    with retriever_over(squad_documents(paragraphs), encoder) as retriever:
        for number, question in questions:
            kind = chance.choice(("given",) * 4 + ("changed", "removed"))
            text: str | None = question.text
            if kind == "changed" and question.answers:
                text = maker.changed_question(number, question, chance)
            if text is None:
                continue
            hits = retriever.search(text, settings.passages + _MORE_HITS)
            if kind == "removed":
                hits = [hit for hit in hits if not _says(hit, question)]
            places = _places(ids[number], paragraphs[number], question) if kind == "given" else ()
            yield Asked(text, hits[: settings.passages], tuple(places))


def asked_of_briefs(encoder: Encoder) -> Iterator[Asked]:
    """Our own questions, worded as people do who have not read the briefs."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary, "library")
        make_library(folder, encoder)
        parts = open_parts(folder, Settings(reader=LEXICAL_READER), encoder=encoder)
        for question in read_own(QUESTIONS, parts.library):
            hits = parts.retriever.search(question.text, parts.settings.passages)
            yield Asked(question.text, hits, tuple(question.places))
        parts.library.close()


def least_alike(paragraphs: Sequence[Paragraph]) -> list[tuple[int, SquadQuestion]]:
    """The quarter of the questions that share the fewest terms with their paragraph, each with its number.

    SQuAD's questions were written with the paragraph in sight and repeat its words; people who have not read a text do
    not.
    """
    shares = []
    for number, paragraph in enumerate(paragraphs):
        here = set(terms(paragraph.text))
        for question in paragraph.questions:
            asked = set(query_terms(question.text))
            shares.append((len(asked & here) / max(len(asked), 1), number, question))
    shares.sort(key=lambda each: each[0])
    return [(number, question) for _, number, question in shares[: len(shares) // 4]]


def _places(document_id: str, paragraph: Paragraph, question: SquadQuestion) -> Iterator[Place]:
    return ((document_id, span) for span in question.spans_in(paragraph.text))


def _says(hit: Hit, question: SquadQuestion) -> bool:
    return any(answer.lower() in hit.passage.text.lower() for answer in question.answers)
