"""Training examples: questions with passages that answer them, and with passages that do not."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from corpus.blocks import sentences
from corpus.model import Span
from index.terms import terms
from qa.evaluation.sets.squad import Paragraph, SquadQuestion

_WINDOW_CHARACTERS = 640
"""A longer passage is cut to whole sentences of so many characters: about 140 tokens."""

_NAME = re.compile(r"\b[A-Z][\w’'-]*[a-z][\w’'-]*(?: (?:of |the |de |von )?[A-Z][\w’'-]*)*")
_NUMBER = re.compile(r"\b\d[\d,.]*\d\b|\b\d\b")
_QUESTION_WORDS = frozenset(
    "What Which Who Whom Whose When Where Why How In On At By For From To Of The A An Is Are Was Were Do Does Did"
    " According Along As Besides During If Name With".split()
)
_OPPOSITES = tuple(
    pair.split("/")
    for pair in (
        "first/last largest/smallest biggest/smallest highest/lowest most/least more/fewer before/after north/south"
        " northern/southern east/west eastern/western oldest/newest earliest/latest increase/decrease"
        " increased/decreased rise/fall won/lost accepted/rejected allowed/banned began/ended start/stop started/ended"
        " gain/lose gained/lost support/oppose supported/opposed always/never old/new early/late male/female"
        " maximum/minimum longest/shortest best/worst winning/losing agreed/refused joined/left true/false"
        " positive/negative major/minor legal/illegal public/private similar/different same/different"
        " can/cannot is/isn't was/wasn't are/aren't were/weren't did/didn't does/doesn't could/couldn't has/hasn't"
    ).split()
)
_OPPOSITE = {one: other for left, right in _OPPOSITES for one, other in ((left, right), (right, left))}


@dataclass(frozen=True, slots=True)
class Example:
    """A question, a passage, and the spans of the passage that answer it, each alone; none where it does not."""

    question: str
    passage: str
    answers: tuple[Span, ...]


Mine = Callable[[Sequence[SquadQuestion]], list[Sequence[int]]]
"""For each question the numbers of the paragraphs that are most like it, best first."""


class ExampleMaker:
    """Makes the examples of an epoch from the paragraphs of SQuAD files, repeatably for a seed."""

    def __init__(self, paragraphs: Sequence[Paragraph], mine: Mine) -> None:
        self._paragraphs = paragraphs
        self._mine = mine
        self._sentences = [tuple(sentences(paragraph.text)) for paragraph in paragraphs]
        self._of_article: dict[str, list[int]] = defaultdict(list)
        for number, paragraph in enumerate(paragraphs):
            self._of_article[paragraph.article].append(number)
        self._names = {
            article: sorted({name for n in numbers for name in _NAME.findall(paragraphs[n].text)})
            for article, numbers in self._of_article.items()
        }
        self._numbers = {
            article: sorted({found for n in numbers for found in _NUMBER.findall(paragraphs[n].text)})
            for article, numbers in self._of_article.items()
        }

    def epoch(self, seed: int, negative_share: float) -> list[Example]:
        """Every question once, and for ``negative_share`` of the answerable ones another without an answer."""
        chance = random.Random(seed)  # noqa: S311, repeatability is wanted
        examples: list[Example] = []
        to_mine: list[tuple[int, SquadQuestion]] = []
        kinds = (self._without_answer, self._question_changed, self._passage_changed, self._neighbour)
        for number, paragraph in enumerate(self._paragraphs):
            for question in paragraph.questions:
                examples.append(self._as_given(number, question, chance))
                if not question.answers or chance.random() >= negative_share:
                    continue
                kind = chance.choices((None, *kinds), (25, 25, 25, 12, 13))[0]
                if kind is None:
                    to_mine.append((number, question))
                    continue
                made = kind(number, question, chance) or self._neighbour(number, question, chance)
                if made is not None:
                    examples.append(made)
        examples.extend(self._mined(to_mine, chance))
        return examples

    def changed_question(self, number: int, question: SquadQuestion, chance: random.Random) -> str | None:
        """The question with another name or number of the article, or with an opposite; None where it has neither."""
        changed = self._swap(number, question.text, question, chance)
        if changed is not None:
            return changed
        words = [match for match in re.finditer(r"\w+", question.text) if match[0].lower() in _OPPOSITE]
        if not words:
            return None
        word = chance.choice(words)
        opposite: str = _OPPOSITE[word[0].lower()]
        opposite = opposite.capitalize() if word[0][0].isupper() else opposite
        return question.text[: word.start()] + opposite + question.text[word.end() :]

    def _as_given(self, number: int, question: SquadQuestion, chance: random.Random) -> Example:
        paragraph = self._paragraphs[number]
        found = question.spans_in(paragraph.text)
        if question.answers and not found:  # answers that begin or end inside a word
            found = [
                Span(start, start + len(answer))
                for answer in question.answers
                if (start := paragraph.text.find(answer)) >= 0
            ]
        return self._cut(number, question.text, found, chance)

    def _cut(self, number: int, question: str, answers: Sequence[Span], chance: random.Random) -> Example:
        """The passage, or of a long one whole sentences around an answer."""
        text = self._paragraphs[number].text
        if len(text) <= _WINDOW_CHARACTERS + len(text) // 8:
            return Example(question, text, tuple(answers))
        wanted = chance.choice(answers) if answers else None
        found = self._sentences[number]
        anchor = next((n for n, s in enumerate(found) if wanted and s.end > wanted.start), None)
        first = last = chance.randrange(len(found)) if anchor is None else anchor
        while True:
            ways = [(first - 1, last)] * (first > 0) + [(first, last + 1)] * (last + 1 < len(found))
            ways = [way for way in ways if found[way[1]].end - found[way[0]].start <= _WINDOW_CHARACTERS]
            if not ways:
                break
            first, last = chance.choice(ways)
        window = Span(found[first].start, max(found[last].end, wanted.end if wanted else 0))
        inside = tuple(span.shift(-window.start) for span in answers if span in window)
        return Example(question, text[window.start : window.end], inside)

    def _without_answer(self, number: int, question: SquadQuestion, chance: random.Random) -> Example | None:
        """The passage with the sentences left out that hold an answer."""
        text = self._paragraphs[number].text
        kept = [
            text[span.start : span.end]
            for span in self._sentences[number]
            if not _says(text[span.start : span.end], question)
        ]
        if not kept or len(kept) == len(self._sentences[number]):
            return None
        while len(kept) > 1 and sum(map(len, kept)) > _WINDOW_CHARACTERS:
            kept.pop(chance.choice((0, -1)))
        return Example(question.text, " ".join(kept), ())

    def _neighbour(self, number: int, question: SquadQuestion, chance: random.Random) -> Example | None:
        """A passage near by in the same article that does not hold an answer."""
        near = [
            other
            for other in self._of_article[self._paragraphs[number].article]
            if 0 < abs(other - number) <= 3 and not _says(self._paragraphs[other].text, question)
        ]
        return self._cut(chance.choice(near), question.text, (), chance) if near else None

    def _question_changed(self, number: int, question: SquadQuestion, chance: random.Random) -> Example | None:
        """The same passage, but another question."""
        changed = self.changed_question(number, question, chance)
        return None if changed is None else Example(changed, self._as_given(number, question, chance).passage, ())

    def _passage_changed(self, number: int, question: SquadQuestion, chance: random.Random) -> Example | None:
        """The same question, but a name or number that it shares with the passage is another one there."""
        given = self._as_given(number, question, chance)
        found = [each for each in _mentions(question.text) if _has(given.passage, each[0])]
        found = [each for each in found if not any(each[0] in answer for answer in question.answers)]
        if not found:
            return None
        mention, is_name = chance.choice(found)
        other = self._other(number, mention, is_name, question, chance)
        if other is None:
            return None
        return Example(question.text, re.sub(rf"(?<!\w){re.escape(mention)}(?!\w)", lambda _: other, given.passage), ())

    def _swap(self, number: int, text: str, question: SquadQuestion, chance: random.Random) -> str | None:
        mentions = list(_mentions(text))
        if not mentions:
            return None
        mention, is_name = chance.choice(mentions)
        other = self._other(number, mention, is_name, question, chance)
        return None if other is None else text.replace(mention, other, 1)

    def _other(
        self, number: int, mention: str, is_name: bool, question: SquadQuestion, chance: random.Random
    ) -> str | None:
        """Another name or number, of the passage rather than only of the article, and no part of an answer."""
        paragraph = self._paragraphs[number]
        here: list[str] = (_NAME if is_name else _NUMBER).findall(paragraph.text)
        anywhere = (self._names if is_name else self._numbers)[paragraph.article]
        same = set(terms(mention))
        for candidates in (here, anywhere) if chance.random() < 0.6 else (anywhere, here):
            fitting = [
                each
                for each in candidates
                if not same & set(terms(each))
                and each not in question.text
                and each.split()[0] not in _QUESTION_WORDS
                and (is_name or len(each) == len(mention))
                and not any(each in answer or answer in each for answer in question.answers)
            ]
            if fitting:
                return chance.choice(fitting)
        return None

    def _mined(self, asked: Sequence[tuple[int, SquadQuestion]], chance: random.Random) -> Iterator[Example]:
        """Passages that a search finds for a question and that do not hold an answer."""
        for (_, question), similar in zip(asked, self._mine([question for _, question in asked]), strict=True):
            others = [each for each in similar if not _says(self._paragraphs[each].text, question)]
            if others:
                yield self._cut(chance.choice(others[:4]), question.text, (), chance)


def _mentions(question: str) -> Iterator[tuple[str, bool]]:
    """The names and numbers in a question, and whether each is a name."""
    for match in _NAME.finditer(question):
        mention = match[0]
        first, _, rest = mention.partition(" ")
        if match.start() == 0 or first in _QUESTION_WORDS:
            mention = rest if first in _QUESTION_WORDS else ""
        mention = re.sub(r"[’']s$", "", mention)
        if mention:
            yield mention, True
    for match in _NUMBER.finditer(question):
        yield match[0], False


def _says(text: str, question: SquadQuestion) -> bool:
    return any(_has(text, answer) for answer in question.answers)


def _has(text: str, words: str) -> bool:
    return words.lower() in text.lower()
