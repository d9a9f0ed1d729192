"""Proves that exact match and F1 are those of SQuAD's official script, which torchmetrics carries."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from qa.evaluation.scoring import exact_match, f1

Scores = Callable[[str, Sequence[str]], tuple[float, float]]

WORDS = (
    *("a", "an", "the", "The", "AN", "a.", "the-the", "theatre", "“the”", "Nowak", "nowak", "harbour", "of", "in"),
    *("1,200", "1200", "$5", "U.S.", "don't", "_", "—", "١٢", "１２", "😀", "\u00a0", "\u2028", "\x1c"),
    *("Kraków", "Krako\u0301w", "KRAKÓW", "İzmir", "ß", "SS", "Σίσυφος", "北京"),
)  # fmt: skip


@pytest.fixture(scope="module")
def official() -> Scores:
    """Exact match and F1 of one answer, both of 100."""
    from torchmetrics.functional.text import squad

    def scores(answer: str, accepted: Sequence[str]) -> tuple[float, float]:
        asked = {"id": "1", "answers": {"text": list(accepted), "answer_start": [0] * len(accepted)}}
        found = squad({"id": "1", "prediction_text": answer}, asked)
        return float(found["exact_match"]), float(found["f1"])

    return scores


def phrase(chance: random.Random) -> str:
    """None to six words, with white space of several kinds between and around them."""
    words = chance.choices(WORDS, k=chance.choice((0, 1, 1, 2, 3, 6)))
    return "".join(word + chance.choice((" ", " ", " ", "  ", "\t", "\n", ", ", "")) for word in words)


def like(chance: random.Random, text: str) -> str:
    """A text that has much in common with another."""
    words = text.split(" ")
    match chance.randrange(5):
        case 0:
            return text.upper()
        case 1:
            return f"the {text}!"
        case 2:
            chance.shuffle(words)
            return " ".join(words)
        case 3:
            return " ".join(words[chance.randrange(len(words)) :])
        case _:
            return f"{text} {phrase(chance)}"


def test_a_thousand_answers_score_as_in_the_official_script(official: Scores) -> None:
    chance = random.Random("answers")
    kinds = {"equal": 0, "like": 0, "other": 0, "empty": 0}
    for _ in range(1_000):
        answer = phrase(chance)
        accepted = [
            like(chance, answer) if chance.random() < 0.6 else phrase(chance) for _ in range(chance.randint(1, 4))
        ]
        ours = 100 * exact_match(answer, accepted), 100 * f1(answer, accepted)
        assert ours == pytest.approx(official(answer, accepted), rel=1e-5), (answer, accepted)
        kinds["equal" if ours[0] else "like" if ours[1] else "other"] += 1
        kinds["empty"] += not answer or "" in accepted
    assert min(kinds.values()) >= 100, kinds


@given(answer=st.text(), accepted=st.lists(st.text(), min_size=1, max_size=3))
def test_any_answer_scores_as_in_the_official_script(official: Scores, answer: str, accepted: list[str]) -> None:
    for given_answer in (answer, accepted[-1], f"The {accepted[0]}, {answer}"):
        ours = 100 * exact_match(given_answer, accepted), 100 * f1(given_answer, accepted)
        assert ours == pytest.approx(official(given_answer, accepted), rel=1e-5)
