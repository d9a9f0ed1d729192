"""How an English question is built, told by its small words: what it asks for, its verb, and what it names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from corpus.model import Span

_WORD = re.compile(r"[\w€£$]+(?:['’.,\-&/]\w+)*%?")

ASKING = frozenset("who whom whose what which when where why how".split())
SUPPORT = frozenset("do does did will would can could may might shall should must".split())
"""After these a verb stands in its bare form."""

AUXILIARIES = SUPPORT | frozenset("is are was were has have had".split())
ARTICLES = frozenset("the a an".split())
PREPOSITIONS = frozenset(
    "about after against among as at before behind between by during for from in into near of on over since than"
    " through to under until with within without according".split()
)
CLAUSES = frozenset("that as if when while because before after although whether than so since until where".split())
"""What another clause may begin with."""

PRONOUNS = frozenset(
    "i we you he she it they him her them us me his its their our my there this that these those one same".split()
)
_ADVERBS = frozenset("not also only just even then already still again ever".split())
OWNING = frozenset("his her its their my our".split())
_OTHERS = frozenset(
    "and or but nor not no also only just too even then exactly else differently already still again ever so if"
    " because while although whether many much more most any some all each every both be been early late long far old"
    " often place part".split()
)
_SMALL = ASKING | AUXILIARIES | ARTICLES | PREPOSITIONS | PRONOUNS | _OTHERS

_JOINS_ALL = frozenset("of for between against".split())
_JOINS_THINGS = _JOINS_ALL | frozenset("in at on over".split())
"""What ties a thing to what it belongs to: "the meeting in London", but not "Pollard in London"."""

_PARTICIPLES = frozenset(
    "held set paid made kept given taken begun done left sent said met built found born known put led spent".split()
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a question and where it stands in it."""

    text: str
    span: Span

    @property
    def small(self) -> str:
        """The word in lower case."""
        return self.text.lower()

    @property
    def says_much(self) -> bool:
        """Whether it is a name, a number, or a word for a thing or a deed."""
        return self.small not in _SMALL

    @property
    def is_name(self) -> bool:
        """Whether it is written as names and numbers are."""
        return self.says_much and not self.text[0].islower()


@dataclass(frozen=True)
class Clause:
    """A question, or what there is of one. Places in it are numbers of words."""

    text: str

    @cached_property
    def words(self) -> tuple[Word, ...]:
        """All its words."""
        return tuple(Word(found[0], Span(*found.span())) for found in _WORD.finditer(self.text))

    @cached_property
    def small(self) -> tuple[str, ...]:
        """All its words in lower case."""
        return tuple(word.small for word in self.words)

    @cached_property
    def begins_asking(self) -> int | None:
        """Where its "who", "when" or "how" stands, at its beginning or after one preposition."""
        return next((at for at in (0, 1) if self.small[at : at + 1] and self._asks_at(at)), None)

    @cached_property
    def auxiliary(self) -> int | None:
        """Where its first auxiliary verb stands."""
        for at, word in enumerate(self.small):
            if word in AUXILIARIES:
                return at
            if word in CLAUSES and at > (self.begins_asking or 0):
                break
        return None

    @cached_property
    def verb(self) -> int | None:
        """Where its other verb stands: the last word before the first object where there is no auxiliary."""
        if self.auxiliary is None:
            return None if self.begins_asking is None else self._plain_verb(self.begins_asking)
        after = range(self.auxiliary + 1, len(self.words))
        if self.small[self.auxiliary] in SUPPORT:
            has = next((at for at in after if self.small[at] in AUXILIARIES), None)
            return self._bare_verb(after) if has is None else has
        return next((at for at in after if self._is_participle(at) and not self._goes_on(at)), None)

    @property
    def is_whole(self) -> bool:
        """Whether it has a verb."""
        return self.auxiliary is not None or self.verb is not None

    @cached_property
    def asked_for(self) -> int:
        """How many words, from the first, say what is asked for: "Who", "In which year", "How many soldiers"."""
        if self.begins_asking is None:
            return 0
        ends = self.auxiliary if self.auxiliary is not None else self.verb
        return len(self.words) if ends is None else ends

    @cached_property
    def phrases(self) -> tuple[Span, ...]:
        """What it names, each with its article: runs of words that say much."""
        found = []
        start = None
        for at in range(len(self.words) + 1):
            inside = at < len(self.words) and self.words[at].says_much and at != self.verb
            if start is not None and (not inside or self._is_apart(at)):
                has_article = start > 0 and self.small[start - 1] in ARTICLES
                found.append(Span(start - has_article, at))
                start = None
            if inside and start is None:
                start = at
        return tuple(found)

    @cached_property
    def topics(self) -> tuple[Span, ...]:
        """The same with what belongs to them: "the fifth meeting of the ministers in London"."""
        joined: list[Span] = []
        for phrase in self.phrases:
            if joined and self._ties(joined[-1], phrase):
                joined[-1] = Span(joined[-1].start, phrase.end)
            else:
                joined.append(phrase)
        return tuple(joined)

    def said(self, start: int, end: int | None = None) -> str:
        """The text of its words from one to before another, or to the last."""
        words = self.words[start:end]
        return self.text[words[0].span.start : words[-1].span.end] if words else ""

    def with_instead(self, words: Span, text: str) -> str:
        """The question with other words in the place of some."""
        start, end = self.words[words.start].span.start, self.words[words.end - 1].span.end
        return f"{self.text[:start]}{text}{self.text[end:]}"

    def _asks_at(self, at: int) -> bool:
        return self.small[at] in ASKING and (at == 0 or self.small[0] in PREPOSITIONS)

    def _plain_verb(self, asking: int) -> int | None:
        """The last word of the first run, which after "which" and "how many" begins with a noun."""
        run: list[int] = []
        for at in range(asking + 1, len(self.words)):
            if self.words[at].says_much and not self.words[at].is_name:
                run.append(at)
            elif self.small[at] in _ADVERBS:
                continue
            elif run or self.words[at].says_much:
                break
        has_noun = self.small[asking] in {"which", "how"}
        return run[-1] if len(run) > has_noun else None

    def _bare_verb(self, after: range) -> int | None:
        """The last word of a run that is no name and no plural, since a verb stands there in its bare form."""
        for at in after:
            word = self.words[at]
            is_bare = not word.small.endswith("s") or word.small.endswith("ss")
            if word.says_much and not word.is_name and is_bare and not self._goes_on(at):
                return at
        return None

    def _is_apart(self, at: int) -> bool:
        """Whether a comma stands before a word."""
        return "," in self.text[self.words[at - 1].span.end : self.words[at].span.start]

    def _is_participle(self, at: int) -> bool:
        word = self.words[at]
        return not word.is_name and (word.small.endswith("ed") or word.small in _PARTICIPLES)

    def _goes_on(self, at: int) -> bool:
        return at + 1 < len(self.words) and self.words[at + 1].says_much and not self.words[at + 1].is_name

    def _ties(self, one: Span, other: Span) -> bool:
        if other.start != one.end + 1:
            return False
        is_thing = not self.words[one.end - 1].is_name
        return self.small[one.end] in (_JOINS_THINGS if is_thing else _JOINS_ALL)


def names(clause: Clause) -> Iterator[Span]:
    """Runs of names and numbers within its phrases, without articles."""
    for phrase in clause.phrases:
        start = None
        for at in range(phrase.start, phrase.end + 1):
            inside = at < phrase.end and clause.words[at].is_name
            if inside and start is None:
                start = at
            elif not inside and start is not None:
                yield Span(start, at)
                start = None
