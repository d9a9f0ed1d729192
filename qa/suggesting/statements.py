"""Sentences that state one thing plainly, taken apart: who or what, the verb, and what is said; or left alone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from corpus.model import Span
from qa.conversation.clauses import ARTICLES, ASKING, AUXILIARIES, CLAUSES, OWNING, PREPOSITIONS, PRONOUNS, Clause
from qa.differing.dates import dates
from qa.differing.values import amounts
from qa.suggesting.verbs import BASE_OF_PAST, BASE_OF_THIRD, BASES, BE, HAVE, PAST_OF_PARTICIPLE

_LEAST_CHARACTERS, _MOST_CHARACTERS = 25, 320
_SUBJECT_WORDS = 12
_PARTICIPLE_WITHIN = 3
_WORDS_BEFORE_PLACE = 8

_ODD = re.compile(r"[\n\t|*_#<>\[\]{}\\/“”„\"‘…?!:]|\s-\s|\w-\s")
"""Marks of lists, tables, quotations and links: what they do to a sentence is not told by its words."""

_TERM = re.compile(r"\*\*[^*]+\*\*(?::|\.| [-–—]) ?")
_ASIDE = re.compile(r"\s\([^()]*\)")
_ACCORDING = re.compile(r"^According to [^,]+, ")
_CITING = re.compile(
    r"(?:,? according to\b.*|,? as .{2,60} (?:reported|put it|wrote|said)"
    r"|, [^,]{2,60} (?:reported|reports|wrote|writes|adds|added|said|says|announced)(?: (?:in|on|of) [^,]+)?)$"
)
_ALIAS = re.compile(r"^([^,]+), (?:or|in full|short for|also (?:called|known as))\b[^,]+,(?= )")
_BESIDE = re.compile(r"^([^,]{2,70}), [^,]{2,90},(?= ([a-z]+) )")
_CAPITALS = r"(?:[A-Z][\w’'-]+|\d{1,4})"
_LED = re.compile(rf"^((?:In|On|At) (?:the )?{_CAPITALS}(?: {_CAPITALS}){{0,4}})(?:, | )(?=[\w’'-]+ [a-z])")
"""A place or a date that opens a sentence."""

_FURTHER = re.compile(
    r"(?:;| [–—] |, (?:which|where|who|whose|when|while|whereas|but|so|as|after|before|because|with|including|such"
    r"|together|not|rather|thus|one|two|three|a|an|the|and is|and was)\b| (?:while|whereas|although|but)\b).*$"
)
_RELATIVE = re.compile(r" (?:(?:in|from|under|with|by|through) which|that|which|who|whom)\b.*$")
_LIST = re.compile(r",[^,]+(?:,[^,]+)*,? (?:and|or) ")
_THOUSANDS = re.compile(r"\d,\d")
_AND = re.compile(r",? and (?:also |then )?(?P<next>[a-z]+)\b")

_UNTOLD = frozenset(
    "today yesterday tomorrow now ago recently later earlier previously next here there no not never nor neither none"
    " instead however then thus meanwhile moreover despite unlike besides above below following further example same"
    " respectively".split()
)
"""What says nothing, or says it of something that a question would not tell."""

_NO_SUBJECTS = frozenset(
    "this these those it some one another several many most few each every both all either much more less such other"
    " others six nothing nobody everyone among".split()
)


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence as a subject, a finite verb in lower case, and the rest.

    ``subject`` is written as inside of a sentence, and ``is_term`` tells that a glossary explains it. Citations of who
    says it, asides and further clauses are left out.
    """

    subject: str
    verb: str
    rest: str
    is_term: bool = False

    @property
    def base(self) -> str:
        """The verb's bare form; empty for an auxiliary."""
        return BASE_OF_PAST.get(self.verb) or BASE_OF_THIRD.get(self.verb, "")

    @property
    def counts(self) -> str | None:
        """What a number at its start counts: "Nineteen states" gives "states"."""
        counted = next((each for each in amounts(self.subject) if each.counted and each.span.start == 0), None)
        return None if counted is None else self.subject[counted.span.end :].strip()

    def asking(self, word: str, rest: str | None = None) -> str | None:
        """What is asked of it: "When" gives "When did Ola Nowak open the bridge?"; None where that is not known."""
        rest = self.rest if rest is None else rest
        if self.verb in BE or self.verb == "will":
            return question(word, self.verb, self.subject, rest)
        if self.base:
            return question(word, "did" if self.verb in BASE_OF_PAST else "does", self.subject, self.base, rest)
        return None


def question(*parts: str) -> str:
    """The parts as one question."""
    text = " ".join(" ".join(parts).split())
    return f"{text[0].upper()}{text[1:]}?"


def statement(sentence: str, is_name: Callable[[str], bool | None]) -> Statement | None:
    """The sentence taken apart; None where it is not plain enough.

    ``is_name`` tells of a word with a capital that opens a sentence whether it is a name; None where that is unknown.
    """
    text = plain(sentence)
    if text is None:
        return None
    led = _LED.match(text)
    clause = Clause(text if led is None else text[led.end() :])
    at = finite_verb(clause)
    if at is None:
        return None
    subject, verb = clause.said(0, at).removesuffix(" also"), clause.small[at]
    rest = _first_clause(clause.text[clause.words[at].span.end :], is_copula=verb in BE)
    if rest is None or not _is_told(Clause(subject), Clause(rest)) or _is_participle(verb, rest):
        return None
    inside = as_inside(subject, is_name)
    if inside is None:
        return None
    if led is not None and len(rest.split()) <= _WORDS_BEFORE_PLACE:
        rest = f"{rest} {led[1][0].lower()}{led[1][1:]}"
    return Statement(inside, verb, rest.strip(), _TERM.match(sentence) is not None)


def plain(sentence: str) -> str | None:
    """The sentence without its full stop, the term that a glossary sets before it, asides, and who says it."""
    text = _ASIDE.sub("", _TERM.sub("", sentence, count=1))
    if not text.endswith(".") or not _LEAST_CHARACTERS <= len(text) <= _MOST_CHARACTERS or _ODD.search(text):
        return None
    text = _ALIAS.sub(r"\1", _CITING.sub("", _ACCORDING.sub("", text[:-1])))
    beside = _BESIDE.match(text)
    return text if beside is None or not _is_finite(beside[2]) else beside[1] + text[beside.end() :]


def finite_verb(clause: Clause) -> int | None:
    """The number of the word that is the finite verb, behind what can be a subject; None where there is no such."""
    counts = bool(amounts(clause.said(0, 2)))
    for at, word in enumerate(clause.small[: _SUBJECT_WORDS + 1]):
        if at and (_is_finite(word) or (counts and at > 1 and word in BASES)):
            return at if "," not in clause.said(0, at) else None
        if word in CLAUSES | ASKING | PRONOUNS - OWNING or (at == 0 and word in PREPOSITIONS | _NO_SUBJECTS | OWNING):
            return None
    return None


def as_inside(subject: str, is_name: Callable[[str], bool | None]) -> str | None:
    """The subject as it is written inside of a sentence; None where that is not known."""
    first, _, following = subject.partition(" ")
    lowered = subject[0].lower() + subject[1:]
    if first.lower() in ARTICLES:
        return lowered
    if following[:1].isupper() or not first[0].isupper():
        return subject
    told = is_name(first)
    return None if told is None else subject if told else lowered


def _is_finite(word: str) -> bool:
    return word in AUXILIARIES or word in BASE_OF_PAST or word in BASE_OF_THIRD


def _first_clause(rest: str, *, is_copula: bool) -> str | None:
    """What follows a verb, up to the end of its clause; None where it goes on as a list."""
    rest = rest.strip().removeprefix("also ")
    held = [*(date.span for date in dates(rest)), *(Span(*found.span()) for found in _THOUSANDS.finditer(rest))]
    if is_copula:
        rest = _RELATIVE.sub("", rest)
    rest = _cut(rest, _FURTHER, held)
    further = next((found for found in _AND.finditer(rest) if _is_finite(found["next"])), None)
    rest = rest if further is None else rest[: further.start()]
    bare = _without_commas(rest, held)
    head, comma, _ = bare.partition(",")
    if (comma and not head) or (_LIST.search(bare) and " by " not in head):
        return None
    return rest[: len(head)] if comma else rest


def _cut(text: str, where: re.Pattern[str], but: list[Span]) -> str:
    found = next((each for each in where.finditer(text) if not any(_holds(span, each.start()) for span in but)), None)
    return text if found is None else text[: found.start()]


def _without_commas(text: str, within: list[Span]) -> str:
    """The text with a space for each comma inside of the spans."""
    return "".join(" " if each == "," and any(_holds(s, at) for s in within) else each for at, each in enumerate(text))


def _holds(span: Span, at: int) -> bool:
    return span.start <= at < span.end


def _is_told(subject: Clause, rest: Clause) -> bool:
    """Whether both can be understood where they are asked about, and nothing in them has a verb of its own."""
    before, after = set(subject.small), {word.text for word in rest.words}  # "May" is no auxiliary
    return before.isdisjoint(_UNTOLD | OWNING) and after.isdisjoint(
        _UNTOLD | (PRONOUNS - OWNING) | AUXILIARIES | ASKING | {"if", "others"}
    )


def _is_participle(verb: str, rest: str) -> bool:
    """Whether what looks like the finite verb belongs to another: "the plan adopted by", "had adopted"."""
    following = rest.lower().split()[:_PARTICIPLE_WITHIN]
    if verb in HAVE:
        return not PAST_OF_PARTICIPLE.keys().isdisjoint(following) or "been" in following
    return verb in BASE_OF_PAST and following[:1] == ["by"]
