"""Scores our question sets: evidence in the first quote, in any quote, right abstentions.

    python -m tests.benchmarks.score briefs
    python -m tests.benchmarks.score article ../shared/corpus/ta-krakow.txt

The first asks a library with our briefs, the second an empty one to which the article was added. ``-v`` lists the
misses; ``--strictness 1`` refuses nothing.
"""

from __future__ import annotations

import argparse
import statistics
from pathlib import Path
from tempfile import TemporaryDirectory

from qa.assembly import load_encoder, make_library, open_parts
from qa.settings import Settings
from tests.questions import is_evidence, read_questions


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("set", choices=["article", "briefs"])
    parser.add_argument("document", nargs="?", type=Path)
    parser.add_argument("--strictness", type=float, default=0.5)
    parser.add_argument("-v", action="store_true", dest="verbose")
    chosen = parser.parse_args()
    encoder = load_encoder(None)
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "library"
        make_library(folder, encoder, empty=chosen.set == "article")
        parts = open_parts(folder, Settings(strictness=chosen.strictness), encoder=encoder)
        if chosen.document is not None:
            list(parts.intake.add([chosen.document]))
        first = anywhere = refused = refused_wrongly = quotes = exact = 0
        times: list[float] = []
        questions = read_questions(chosen.set, parts.library)
        answerable = [question for question in questions if question.answerable]
        for question in questions:
            answer = parts.answerer.ask(question.question)
            times.append(answer.timings_ms["total"])
            shown = answer.quotes or answer.closest
            quotes += len(shown)
            exact += sum(
                parts.library.resolve(quote.address)[0].slice(quote.address.span) == quote.text for quote in shown
            )
            if not question.answerable:
                refused += not answer.answered
                note = "answered" if answer.answered else ""
            else:
                position = next(
                    (n for n in range(1, len(answer.quotes) + 1) if is_evidence(question, answer.quotes[:n])), None
                )
                first += position == 1
                anywhere += position is not None
                refused_wrongly += not answer.answered
                note = "" if position == 1 else f"position {position}" if answer.answered else "refused"
                if chosen.verbose and question.id in {"a-001", "a-002", "a-003", "a-004", "a-005"}:
                    print(f"{question.id} position {position}: {question.question}")
            if chosen.verbose and note:
                said = shown[0].text if shown else ""
                print(f"{question.id} {note} ({answer.confidence:.2f}): {question.question}\n      {said}")
        unanswerable = len(questions) - len(answerable)
        print(f"{chosen.set}: {len(questions)} questions, {len(answerable)} answerable")
        print(f"evidence in the first quote {first}/{len(answerable)} = {first / len(answerable):.2f}")
        print(f"evidence in any quote       {anywhere}/{len(answerable)} = {anywhere / len(answerable):.2f}")
        print(
            f"false refusals              {refused_wrongly}/{len(answerable)} = {refused_wrongly / len(answerable):.2f}"
        )
        print(f"right abstentions           {refused}/{unanswerable} = {refused / unanswerable:.2f}")
        print(f"quotes equal to their text  {exact}/{quotes}")
        print(f"median of an answer         {statistics.median(times):.0f} ms")


if __name__ == "__main__":
    main()
