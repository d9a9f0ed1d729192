"""Fits the weights of the lexical reader on SQuAD 1.1 train, asked over all its sampled paragraphs at once.

    python -m tests.benchmarks.fit_lexical ../shared/data/squad/train-v1.1.json.gz

SQuAD's questions were written with the paragraph in sight and repeat its words; people who have not read a text do not.
So of each article only the questions are used that share the fewest words with their paragraph. Half of them are asked
with the passages that hold their answer taken out of the hits, so that they have none. Printed: the weights, and on
articles held back how well the best sentence's confidence tells the two halves apart.
"""

from __future__ import annotations

import gzip
import json
import random
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from corpus.library import Manifest, Provenance
from corpus.model import Document, Source
from corpus.sqlite import SqliteLibrary
from index.encoder import SentenceTransformerEncoder
from index.intake import cut_and_encode
from index.keywords import TantivyKeywords
from index.retriever import Retriever
from index.terms import query_terms, terms
from index.vectors import FaissVectors
from qa.lexical import LexicalReader

ARTICLES = 120
HELD_BACK = 40
QUESTIONS_PER_ARTICLE = 12
PASSAGES = 8


def shared(question: str, text: str) -> float:
    """The share of the question's terms that the text holds."""
    asked = query_terms(question)
    return len(set(asked) & set(terms(text))) / max(1, len(asked))


def main(path: Path) -> None:
    random.seed(0)
    articles = json.loads(gzip.decompress(path.read_bytes()))["data"]
    articles = random.sample(articles, ARTICLES)
    encoder = SentenceTransformerEncoder.load()
    with TemporaryDirectory() as folder:
        manifest = Manifest(encoder.name, encoder.fingerprint, encoder.dimension, 128)
        library = SqliteLibrary.create(Path(folder) / "library.db", manifest)
        for number, article in enumerate(articles):
            text = "\n\n".join(paragraph["context"] for paragraph in article["paragraphs"])
            document = Document.of(f"a-{number}", Source(article["title"]), text)
            passages, vectors = cut_and_encode(document, 128, encoder)
            library.add(document, passages, vectors, Provenance("", "", ""))
        vectors_index = FaissVectors(library, Path(folder))
        retriever = Retriever(library, encoder, vectors_index, TantivyKeywords(library, Path(folder)))
        reader = LexicalReader(encoder)
        rows, labels, groups, questions = [], [], [], []
        for number, article in enumerate(articles):
            pairs = [(p["context"], q) for p in article["paragraphs"] for q in p["qas"]]
            pairs.sort(key=lambda pair: shared(pair[1]["question"], pair[0]))
            for context, asked in pairs[:QUESTIONS_PER_ARTICLE]:
                answerable = random.random() < 0.5
                hits = retriever.search(asked["question"], PASSAGES + 4)
                answers = [answer["text"] for answer in asked["answers"]]
                if not answerable:
                    hits = [h for h in hits if not any(answer in h.passage.text for answer in answers)]
                for sentence, features in reader.features(asked["question"], hits[:PASSAGES]):
                    right = sentence.text in context and any(a in sentence.text for a in answers)
                    rows.append(features)
                    labels.append(int(right))
                    groups.append(number)
                    questions.append((number, asked["id"], answerable))
    X, y, group = np.array(rows), np.array(labels), np.array(groups)
    train = group >= HELD_BACK
    model = LogisticRegression(C=1e6, max_iter=1000).fit(X[train], y[train])
    weights = [model.intercept_[0], *model.coef_[0]]
    print("bias, cosine, passage_cosine, overlap, asked, reciprocal_rank")
    print(", ".join(f"{weight:.2f}" for weight in weights))
    chances = model.predict_proba(X[~train])[:, 1]
    by_question: dict[tuple[int, str, bool], list[tuple[float, int]]] = {}
    held = [question for question, keep in zip(questions, ~train, strict=True) if keep]
    for question, chance, label in zip(held, chances, y[~train], strict=True):
        by_question.setdefault(question, []).append((chance, label))
    best = {question: max(found) for question, found in by_question.items()}
    answerable = [question[2] for question in best]
    print(f"held back: {len(best)} questions")
    print(f"answerable AUROC {roc_auc_score(answerable, [chance for chance, _ in best.values()]):.3f}")
    first = [label for question, (_, label) in best.items() if question[2]]
    print(f"right sentence first {np.mean(first):.3f} of {len(first)} answerable")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
