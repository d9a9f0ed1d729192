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
from index.bert_encoder import BertEncoder
from index.encoding import cut_and_encoded
from index.keywords import TantivyKeywords
from index.retriever import Retriever
from index.terms import query_terms, terms
from index.vectors import FaissVectors
from qa.readers.lexical import Features, LexicalReader

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
    encoder = BertEncoder.load()
    with TemporaryDirectory() as folder:
        manifest = Manifest(encoder.name, encoder.fingerprint, encoder.dimension, 128)
        library = SqliteLibrary.create(Path(folder) / "library.db", manifest)
        texts = ("\n\n".join(paragraph["context"] for paragraph in article["paragraphs"]) for article in articles)
        documents = [
            Document.of(f"a-{number}", Source(article["title"]), text)
            for number, (article, text) in enumerate(zip(articles, texts, strict=True))
        ]
        for batch in cut_and_encoded(documents, 128, encoder):
            for document, passages, vectors in batch:
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
    features, right_ones, group = np.array(rows), np.array(labels), np.array(groups)
    train = group >= HELD_BACK
    model = LogisticRegression(C=1e6, max_iter=1000).fit(features[train], right_ones[train])
    print(f"bias {model.intercept_[0]:.2f}")
    print(", ".join(f"{name}={weight:.2f}" for name, weight in zip(Features._fields, model.coef_[0], strict=True)))

    best: dict[tuple[int, str, bool], tuple[float, int]] = {}
    for question, logit, label in zip(questions, model.decision_function(features), labels, strict=True):
        best[question] = max(best.get(question, (-np.inf, 0)), (logit, label))
    logits = np.array([[logit] for logit, _ in best.values()])
    answerable = np.array([question[2] for question in best])
    kept = np.array([question[0] >= HELD_BACK for question in best])
    sure = LogisticRegression(C=1e6).fit(logits[kept], answerable[kept])
    print(f"answerable: slope {sure.coef_[0][0]:.2f}, bias {sure.intercept_[0]:.2f} over the best logit")

    chances = sure.predict_proba(logits[~kept])[:, 1]
    truth = answerable[~kept]
    first = np.array([label for _, label in best.values()])[~kept]
    print(f"held back: {len(truth)} questions, answerable AUROC {roc_auc_score(truth, chances):.3f}")
    print(f"right sentence first {first[truth].mean():.3f} of {truth.sum()} answerable")
    print(f"at 0.5: false refusals {(chances[truth] < 0.5).mean():.3f}")
    print(f"at 0.5: false answers {(chances[~truth] >= 0.5).mean():.3f}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
