"""What a question means that follows others: the question in full, made of its own words and theirs."""

from __future__ import annotations

import re
from collections.abc import Sequence

from corpus.model import Span
from qa.conversation.antecedents import antecedent
from qa.conversation.clauses import ARTICLES, AUXILIARIES, PREPOSITIONS, Clause, names
from qa.conversation.likeness import Encode, likeness
from qa.conversation.model import Exchange
from qa.conversation.references import Reference, points_at_all, references
from qa.settings import QUESTION_CHARACTERS

_OPENING = re.compile(r"(?:(?:and|but|or|so|then)\b[\s,]*)?(?:(?:what|how)\s+about\b\s*|(?:only|just)\b\s*)?", re.I)
_ORDINAL = re.compile(r"(?:fir|seco|thi|four|fif|six|seven|eigh|nin|ten)\w*(?:st|nd|rd|th)|\d+(?:st|nd|rd|th)", re.I)

_FRAGMENT_PHRASES = 2
"""What names more than these stands by itself, though no verb is seen in it."""


def understood(question: str, before: Sequence[Exchange], encode: Encode) -> str:
    """What a question asks in full: as it was typed where it stands by itself, or where nothing helps it.

    What it leaves open is taken from the question before, or that one's short answer; ``encode`` tells which of the
    phrases there it is most like.
    """
    if not before or len(question) > QUESTION_CHARACTERS:
        return question
    full = _in_full(question, before, encode)
    return full if len(full) <= QUESTION_CHARACTERS else question


def _in_full(question: str, before: Sequence[Exchange], encode: Encode) -> str:
    opening = _OPENING.match(question)
    opened = opening is not None and opening.end() > 0
    asked = Clause(question[opening.end() :] if opening is not None else question)
    last = before[-1]
    if not asked.words or not Clause(last.searched).words:
        return question
    if points_at_all(asked):
        return _asked_of(asked.said(0, asked.asked_for), last)
    loose = references(asked)
    if loose:
        asked = Clause(_filled(asked, loose, before, encode))
    if asked.begins_asking is not None and not asked.is_whole and len(asked.phrases) <= _FRAGMENT_PHRASES:
        return _asked_of(asked.said(0), last)
    if not asked.is_whole and asked.phrases and (opened or _is_one_name(asked)):
        return _with_another(asked, last, encode)
    return asked.text if loose else question


def _asked_of(asking: str, last: Exchange) -> str:
    """Something else asked of what the question before was about: "When?" """
    clause = Clause(last.searched)
    if clause.begins_asking is None:
        return _question(asking, _lowered(clause.said(0)))
    filler = _known(clause, last.short_answer) if _is_adverbial(asking) else ""
    at, verb = clause.auxiliary, clause.verb
    if at is None:
        return _question(asking, *(_passive(clause) or (filler, clause.said(clause.asked_for))))
    asks_for_its_subject = verb is None or not any(at < phrase.start < verb for phrase in clause.phrases)
    gap = at + 1 if verb is None or asks_for_its_subject else verb + 1
    return _question(asking, clause.said(at, gap), filler, clause.said(gap))


def _known(clause: Clause, answer: str | None) -> str:
    """What stands for what a question asks for: its noun, or the answer; nothing for a time, a place, a reason."""
    asking = clause.begins_asking or 0
    if clause.asked_for > asking + 1:
        noun = clause.said(asking + 1, clause.asked_for)
        return re.sub(r"^(?:many|much)\b\s*", "", noun)
    return answer or "" if clause.small[asking] in {"who", "whom", "which"} else ""


def _passive(clause: Clause) -> tuple[str, ...] | None:
    """ "Who hosted the meeting in Rome?" as "was the meeting in Rome hosted"."""
    verb = clause.verb
    if verb is None or not clause.small[verb].endswith("ed"):
        return None
    thing = next((topic for topic in clause.topics if topic.start == verb + 1), None)
    if thing is None:
        return None
    return "was", clause.said(thing.start, thing.end), clause.said(verb, verb + 1), clause.said(thing.end)


def _is_adverbial(asking: str) -> bool:
    words = asking.lower().split()
    return words[0] in PREPOSITIONS or words[0] in {"when", "where", "why"} or words == ["how"]


def _with_another(asked: Clause, last: Exchange, encode: Encode) -> str:
    """The question before with another phrase in the place of one that is like it: "And Italy?" """
    clause = Clause(last.searched)
    text = asked.said(0)
    if asked.small[0] in PREPOSITIONS:
        places = [
            Span(at, phrase.end)
            for at in range(clause.asked_for, len(clause.words))
            if clause.small[at] == asked.small[0]
            for phrase in clause.phrases
            if phrase.start > at
        ]
        places = list({place.start: place for place in reversed(places)}.values())  # each with its first phrase
    else:
        places = _parts(clause)
    if not places:
        return _question(clause.said(0), text)
    place = _most_like(text, clause, places, encode)
    return clause.with_instead(*_fitted(clause, place, asked))


def _parts(clause: Clause) -> list[Span]:
    """What may be replaced in a question: its phrases, the names in them, its ordinals."""
    ordinals = [Span(at, at + 1) for at, word in enumerate(clause.words) if _ORDINAL.fullmatch(word.text)]
    return list(dict.fromkeys([*clause.phrases, *names(clause), *ordinals]))


def _fitted(clause: Clause, place: Span, asked: Clause) -> tuple[Span, str]:
    """The place and the text with one article, or none where names have none."""
    text = asked.said(0)
    before = clause.small[place.start - 1] if place.start else ""
    if asked.small[0] in ARTICLES:
        if before in ARTICLES:
            return Span(place.start - 1, place.end), text
        if clause.small[place.start] not in ARTICLES and place not in clause.phrases:
            return place, asked.said(1)
    elif before in ARTICLES and any(place.end == phrase.end for phrase in clause.phrases):
        return Span(place.start - 1, place.end), text
    return place, text


def _most_like(text: str, clause: Clause, places: Sequence[Span], encode: Encode) -> Span:
    """The part of a question that is nearest in meaning, among those of the same kind where there are any."""
    ends = {phrase.end for phrase in clause.phrases}
    kind = _kind(text)
    same = [
        place
        for place in places
        if _kind(clause.said(place.start, place.end)) == kind and (kind == "ordinal" or place.end in ends)
    ]
    possible = places if kind == "thing" or not same else same
    near = likeness(text, [clause.said(place.start, place.end) for place in possible], encode)
    return possible[near.index(max(near))]


def _kind(text: str) -> str:
    """What a phrase is by the way it is written: a date is no name, and a name no thing."""
    bare = text.removeprefix("the ").removeprefix("a ").removeprefix("an ")
    if _ORDINAL.fullmatch(bare):
        return "ordinal"
    if any(sign.isdigit() for sign in bare):
        return "number"
    if bare.isupper():
        return "acronym"
    return "name" if all(word[0].isupper() for word in bare.split()) else "thing"


def _filled(asked: Clause, loose: Sequence[Reference], before: Sequence[Exchange], encode: Encode) -> str:
    """The question with what its pronouns stand for."""
    text = asked.text
    for reference in reversed(loose):
        found = antecedent(reference, before, encode)
        if found is not None:
            span = reference.span
            text = f"{text[: span.start]}{reference.in_its_form(found)}{text[span.end :]}"
    return text[:1].upper() + text[1:]


def _is_one_name(asked: Clause) -> bool:
    return len(asked.phrases) == 1 and all(word.is_name or word.small in ARTICLES for word in asked.words)


def _question(*parts: str) -> str:
    text = " ".join(part for part in parts if part)
    return f"{text[:1].upper()}{text[1:]}?"


def _lowered(text: str) -> str:
    first = text.split(maxsplit=1)[0]
    return text[:1].lower() + text[1:] if first.lower() in AUXILIARIES else text
