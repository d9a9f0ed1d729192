"""What a pronoun stands for, among the phrases of the questions before it and their short answers."""

from __future__ import annotations

from collections.abc import Sequence

from qa.conversation.clauses import ARTICLES, OWNING, Clause, names
from qa.conversation.likeness import Encode, likeness
from qa.conversation.model import Exchange
from qa.conversation.references import Reference, To

_BEING = frozenset("is are was were".split())


def antecedent(reference: Reference, before: Sequence[Exchange], encode: Encode) -> str | None:
    """What it most likely stands for, in the latest exchange that has such a thing; None where none has."""
    for exchange in reversed(before):
        clause = Clause(exchange.searched)
        found = _FINDERS[reference.to](clause, exchange.short_answer, reference, encode)
        if found is not None:
            return found
    return None


def _person(clause: Clause, answer: str | None, reference: Reference, encode: Encode) -> str | None:
    """Who was asked for; but where somebody was named to ask who that is, the one who was named."""
    named = next(
        (
            clause.said(phrase.start, phrase.end)
            for phrase in clause.phrases
            if all(word.is_name for word in clause.words[phrase.start : phrase.end])
        ),
        None,
    )
    asks_who = _asks(clause, "who", "whom")
    identifies = clause.auxiliary is not None and clause.small[clause.auxiliary] in _BEING
    if asks_who and not (identifies and named is not None):
        return None if answer is None else _name_in(answer)
    return named


def _place(clause: Clause, answer: str | None, reference: Reference, encode: Encode) -> str | None:
    topics = _topics(clause)
    place = answer if _asks(clause, "where") and answer is not None else topics[-1] if topics else None
    return None if place is None else f"{'in' if place[0].isupper() and ' ' not in place else 'at'} {place}"


def _thing(clause: Clause, answer: str | None, reference: Reference, encode: Encode) -> str | None:
    """What it is most like in meaning where it has a noun, else what the question before was about."""
    topics = _topics(clause)
    if reference.noun:
        candidates = [*topics, answer] if answer is not None and not _asks(clause, "who", "whom") else topics
        return _nearest(reference.noun, candidates, encode) if candidates else None
    talked_about = [topic for topic in topics if f" about {topic}" in clause.text]
    asked_for = clause.said(0, clause.asked_for)
    others = [topic for topic in topics if topic not in asked_for]
    return next(iter([*talked_about, *others, *topics]), answer)


def _things(clause: Clause, answer: str | None, reference: Reference, encode: Encode) -> str | None:
    if reference.noun:
        return _thing(clause, answer, reference, encode)
    if answer is not None and _asks(clause, "who", "whom", "which"):
        return answer
    topics = _topics(clause)
    many = [topic for topic in topics if topic.endswith("s") and topic[0].islower()]
    if not topics:
        return answer
    chosen = (many or topics)[0]
    return chosen if chosen.split()[0].lower() in ARTICLES else f"the {chosen}"


def _kind(clause: Clause, answer: str | None, reference: Reference, encode: Encode) -> str | None:
    """What kind of thing "the French one" is."""
    topic = next(iter(clause.topics), None)
    return None if topic is None else clause.said(topic.start, topic.end).rpartition("'s ")[2]


_FINDERS = {To.PERSON: _person, To.PLACE: _place, To.THING: _thing, To.THINGS: _things, To.KIND: _kind}


def _asks(clause: Clause, *words: str) -> bool:
    return clause.begins_asking is not None and clause.small[clause.begins_asking] in words


def _name_in(answer: str) -> str:
    """The longest name of an answer, without what somebody is: "State secretary Paweł Zalewski"."""
    clause = Clause(answer)
    return max((clause.said(name.start, name.end) for name in names(clause)), key=len, default=answer)


def _topics(clause: Clause) -> list[str]:
    """What a question is about; not what it says to be somebody's or something's."""
    return [
        clause.said(topic.start, topic.end)
        for topic in clause.topics
        if topic.start == 0 or clause.small[topic.start - 1] not in OWNING
    ]


def _nearest(noun: str, candidates: Sequence[str], encode: Encode) -> str:
    """The candidate that has the noun itself, or is nearest in meaning."""
    having = [candidate for candidate in candidates if noun.lower() in candidate.lower()]
    possible = having or candidates
    near = likeness(noun, possible, encode)
    return possible[near.index(max(near))]
