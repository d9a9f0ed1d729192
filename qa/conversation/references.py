"""Words of a question that point at something said before it: "she", "there", "that plan", "the French one"."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, auto

from corpus.model import Span
from qa.conversation.clauses import ASKING, AUXILIARIES, CLAUSES, OWNING, PREPOSITIONS, Clause


class To(Enum):
    """What a word can point at."""

    PERSON = auto()
    PLACE = auto()
    THING = auto()
    THINGS = auto()
    KIND = auto()


_POINTING = {
    **dict.fromkeys(("he", "she", "him", "her", "his"), To.PERSON),
    **dict.fromkeys(("it", "its", "this", "that"), To.THING),
    **dict.fromkeys(("they", "them", "their", "these", "those"), To.THINGS),
    "there": To.PLACE,
    "one": To.KIND,
}
_HERE = frozenset("year month week sources documents corpus library".split())
"""With these, "this" and "these" mean what is there for whoever asks."""

_SHOWING = frozenset("this that these those".split())


@dataclass(frozen=True, slots=True)
class Reference:
    """A pronoun of a question, with the noun that goes with "this" or "that", and where both stand in its text."""

    to: To
    span: Span
    noun: str = ""
    owns: bool = False

    def in_its_form(self, name: str) -> str:
        """What it stands for, as an owner where it is one."""
        return f"{name}'s" if self.owns else name


def references(clause: Clause) -> list[Reference]:
    """The pronouns that point at nothing within the question itself, the first of each kind."""
    found: dict[To, Reference] = {}
    for at, word in enumerate(clause.small):
        to = _POINTING.get(word)
        if to is None or to in found or not _points(clause, at) or _is_bound(clause, at):
            continue
        ends = _end_of_noun(clause, at) if word in _SHOWING else at + 1
        owns = word in OWNING and _has_noun(clause, at)
        span = Span(clause.words[at].span.start, clause.words[ends - 1].span.end)
        found[to] = Reference(to, span, clause.said(at + 1, ends), owns)
    return list(found.values())


def points_at_all(clause: Clause) -> bool:
    """Whether it asks something of all that was said: "When was that?", "Why did he do that?" """
    if clause.begins_asking is None or clause.auxiliary is None:
        return False
    rest = clause.small[clause.auxiliary + 1 :]
    return rest in {("that",), ("this",), ("it",), ("so",), ("that", "so"), ("this", "so"), ("it", "so")} or (
        len(rest) == 3 and rest[1:] in {("do", "that"), ("do", "this"), ("do", "it"), ("do", "so")}
    )


def _points(clause: Clause, at: int) -> bool:
    """Whether a word that has other uses is a pronoun here."""
    word, is_last = clause.small[at], at + 1 == len(clause.words)
    before = clause.small[at - 1] if at else ""
    if word == "there":
        return is_last or before not in AUXILIARIES
    if word == "it":
        following = clause.small[at + 1 : at + 4]
        is_empty = any(each in CLAUSES | ASKING for each in following) or "to" in following[1:]
        return before not in AUXILIARIES or not is_empty  # "Is it true that", "Was it decided to"
    if word in {"this", "these"} and clause.small[at + 1 : at + 2] and clause.small[at + 1] in _HERE:
        return False
    if word == "one":
        return at > 0 and is_last
    if word == "that":
        ends = _end_of_noun(clause, at)
        return is_last or before in AUXILIARIES | PREPOSITIONS or (ends > at + 1 and ends == len(clause.words))
    return True


def _is_bound(clause: Clause, at: int) -> bool:
    """Whether it points at what stands before it in the question.

    A pronoun never points at what stands in the same clause, but an owning one does (principle B: Chomsky, Lectures on
    Government and Binding, 1981).
    """
    named = [phrase for phrase in clause.phrases if phrase.start >= clause.asked_for or clause.auxiliary is None]
    if clause.small[at] in OWNING and _has_noun(clause, at):
        return any(phrase.end <= at for phrase in named)
    begins = max(
        (n for n in range(1, at) if clause.small[n] in CLAUSES or clause.small[n] in {"and", "but"}), default=0
    )
    return any(phrase.end <= begins for phrase in named)


def _has_noun(clause: Clause, at: int) -> bool:
    return at + 1 < len(clause.words) and (clause.words[at + 1].says_much or clause.small[at + 1] == "other")


def _end_of_noun(clause: Clause, at: int) -> int:
    ends = at + 1
    while ends < len(clause.words) and clause.words[ends].says_much and ends != clause.verb:
        ends += 1
    return ends
