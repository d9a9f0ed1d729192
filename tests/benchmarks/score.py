"""Scores our question sets: evidence in the first quote and in any, false refusals, right abstentions.

    python -m tests.benchmarks.score briefs
    python -m tests.benchmarks.score article ../shared/corpus/ta-krakow.txt

The first asks a library with our briefs, the second an empty one to which the article was added. ``-v`` lists where the
evidence stands for each question that is not right at once.
"""

from __future__ import annotations

import argparse
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from sklearn.metrics import roc_auc_score

from qa.assembly import load_encoder, make_library, open_parts
from qa.model import Answer
from qa.settings import Settings
from tests.question_sets import Question, is_evidence, read_questions

STRICTNESSES = (0.2, 0.35, 0.5, 0.65, 1.0)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, its answer when nothing is refused, and at which quote its evidence is complete."""

    question: Question
    answer: Answer
    position: int | None


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("set", choices=["article", "briefs"])
    parser.add_argument("document", nargs="?", type=Path)
    parser.add_argument("-v", action="store_true", dest="verbose")
    chosen = parser.parse_args()
    encoder = load_encoder(None)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "library"
        make_library(folder, encoder, empty=chosen.set == "article")
        parts = open_parts(folder, Settings(strictness=1.0), encoder=encoder)
        if chosen.document is not None:
            list(parts.intake.add([chosen.document]))
        asked, encoding_ms, exact, quotes = [], [], 0, 0
        for question in read_questions(chosen.set, parts.library):
            answer = parts.answerer.ask(question.question)
            start = time.perf_counter()
            encoder.encode([question.question])
            encoding_ms.append(1000 * (time.perf_counter() - start))
            asked.append(Asked(question, answer, position(question, answer)))
            quotes += len(answer.quotes)
            exact += sum(
                parts.library.resolve(quote.address)[0].slice(quote.address.span) == quote.text
                for quote in answer.quotes
            )
    report(chosen.set, asked, verbose=chosen.verbose)
    print(f"quotes equal to the stored text: {exact} of {quotes}")
    answering_ms = statistics.median(each.answer.timings_ms["total"] for each in asked)
    print(f"median of an answer {answering_ms:.0f} ms")
    print(f"median of encoding the question alone {statistics.median(encoding_ms):.0f} ms")


def position(question: Question, answer: Answer) -> int | None:
    """How many quotes, from the first, it takes to hold the evidence; None where they never do."""
    return next((n for n in range(1, len(answer.quotes) + 1) if is_evidence(question, answer.quotes[:n])), None)


def report(name: str, asked: list[Asked], *, verbose: bool) -> None:
    """Print the scores at several strictnesses."""
    answerable = [each for each in asked if each.question.answerable]
    others = [each for each in asked if not each.question.answerable]
    if verbose:
        for each in asked:
            print(f"{each.question.id} {each.answer.confidence:.2f} {each.position or '-'} {each.question.question}")
    print(f"{name}: {len(answerable)} answerable questions, {len(others)} that are not")
    print("strictness | evidence in the first quote | in any quote | false refusals | right abstentions")
    for strictness in STRICTNESSES:
        given = [each for each in answerable if each.answer.confidence >= 1 - strictness]
        first = sum(each.position == 1 for each in given) / len(answerable)
        anywhere = sum(each.position is not None for each in given) / len(answerable)
        refused = 1 - len(given) / len(answerable)
        right = sum(each.answer.confidence < 1 - strictness for each in others) / len(others)
        print(f"{strictness:.2f} | {first:.2f} | {anywhere:.2f} | {refused:.2f} | {right:.2f}")
    truth = [each.question.answerable for each in asked]
    print(f"answerable AUROC {roc_auc_score(truth, [each.answer.confidence for each in asked]):.2f}")


if __name__ == "__main__":
    main()
