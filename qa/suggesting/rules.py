"""Rules that make questions of a statement, each where it is sure of their grammar: who, what, when, where, how."""

from __future__ import annotations

import re
from collections.abc import Iterator

from qa.conversation.clauses import AUXILIARIES, OWNING, PREPOSITIONS, Clause
from qa.differing.dates import dates
from qa.differing.names import names
from qa.differing.quantities import Unit
from qa.differing.values import amounts
from qa.suggesting.people import People, is_body, is_office
from qa.suggesting.statements import Statement, finite_verb, question
from qa.suggesting.verbs import (
    BASE_OF_PAST,
    BE,
    DOING,
    HAPPENING,
    HAVE,
    MEETING,
    PAST_OF_PARTICIPLE,
    REPORTING,
    SAYING,
    TAKING,
)

_MONTHS = "January|February|March|April|May|June|July|August|September|October|November|December"
_AT = re.compile(rf"(?:^| )(?:in|at|near) (?:the )?(?P<place>(?!(?:{_MONTHS})\b)[A-Z][\w’'-]*(?: [A-Z][\w’'-]*)*)")
_PLACED = re.compile(rf"\b(?:at|near|inside|beneath|under)\b|\bin (?!\d|{_MONTHS})")
_ON = re.compile(r"(?:^| )(?:on|in)(?: early| late)? $")
_GOES_ON = re.compile(r"$| (?:in|on|at|by|with|to|from|for|during|over|under) ")
_UNTIL = re.compile(r"\b(?:until|since|before|after|from|between)\b")
_BECAUSE = re.compile(r" because (?:of )?.*$")
_CALLED = re.compile(r"called [^,]+?(?P<how> in [A-Z]\w+)?$")
_CALLS = re.compile(r"(?P<whom>(?:the |[A-Z]).+?) (?:a|an) ")
_AS = re.compile(r"(?P<what>(?:the |[A-Z]).+?) as ")
_SHORT_FOR = re.compile(r"(?:short|an abbreviation) for ")
_A = re.compile(r"(?:a|an|the|one of) ")
_OF = re.compile(r"the (?:[a-z-]+ ){1,3}of ")
_ABOUT = frozenset(["", "about", "around", "some", "more than", "over", "up to", "at least", "at most", "exactly"])
_THINGS = re.compile(r"(?P<things>(?:[a-z-]+ ){0,3}(?:[a-z-]+s|people))(?P<rest>(?: [a-z]+ .*)?)")
_SAYS = re.compile(r"(?P<who>[^,]{2,60}?) (?:also )?(?P<says>[a-z]+)(?P<where> in [A-Z][\w-]+)? that (?P<what>.+)")


def questions(stated: Statement, people: People) -> Iterator[str]:
    """The questions that a sentence answers, one by each rule that fits it; each names something."""
    if stated.counts is not None:
        asked = [question("how many", stated.counts, stated.verb, stated.rest)]
    else:
        rules = (_who_is, _who_did, _by_whom, _how_many, _how_much, _why, _where, _when, _called, _calls, _describes)
        asked = [what for rule in rules if (what := rule(stated, people)) is not None]
    yield from (each for each in asked if names(each.split(" ", 1)[1]))
    defined = _what_is(stated, people)
    if defined is not None:
        yield defined


def said_about(plain: str) -> str | None:
    """As "What did Ola Nowak say about the new cranes?", of the plain text of a sentence."""
    told = _SAYS.match(plain)
    if told is None or told["says"] not in SAYING or not _is_named(told["who"]):
        return None
    clause = Clause(told["what"])
    at = finite_verb(clause)
    about = None if at is None else clause.said(0, at)
    if about is None or _refers(about) or not _tells_what(about):
        return None
    does = "did" if told["says"] in BASE_OF_PAST else "does"
    return question("what", does, told["who"], "say about", about, told["where"] or "")


def _what_is(stated: Statement, people: People) -> str | None:
    """As "What is an effector?" and "What was the venue of the Gdynia talks?"."""
    subject, told = stated.subject, stated.rest
    if stated.verb == "means" and len(subject.split()) <= 3:
        return question("what does", subject, "mean")
    if stated.verb in BE and _SHORT_FOR.match(told):
        return stated.asking("what", "short for")
    if stated.verb not in BE or any(map(is_office, (subject, told))) or people.any_in(subject):
        return None
    return question("what", stated.verb, subject) if _defines(stated) or _identifies(stated) else None


def _who_is(stated: Statement, people: People) -> str | None:
    """As "Who was the host of the Krakow meeting?" and "Who is Ola Nowak?"."""
    subject, told = stated.subject, stated.rest
    holds = is_office(subject) and people.any_in(told) and bool(names(subject))
    is_told = is_office(told) and (_A.match(told) is not None or told[0].isupper())
    is_somebody = holds or (not is_office(subject) and people.is_one(subject) and is_told)
    return question("who", stated.verb, subject) if stated.verb in BE and is_somebody else None


def _defines(stated: Statement) -> bool:
    """Whether it says what sort of thing something is."""
    words = Clause(stated.subject).small
    is_simple = len(words) <= 5 and set(words).isdisjoint({*PREPOSITIONS - {"of"}, "and", "or"})
    is_known = not stated.subject.startswith("the ") or stated.is_term or bool(names(stated.subject))
    given = _A.match(stated.rest) is not None or stated.is_term
    return stated.verb in {"is", "are"} and is_simple and is_known and given and "'s " not in stated.subject


def _identifies(stated: Statement) -> bool:
    """Whether it says which one something is: "The venue of the Gdynia talks was the town hall"."""
    named = names(stated.rest)
    is_given = _A.match(stated.rest) is not None or (bool(named) and named[0].span.start == 0)
    return is_given and _OF.match(stated.subject) is not None and bool(names(stated.subject))


def _called(stated: Statement, people: People) -> str | None:
    """As "What is the host city called in Polish?"."""
    found = _CALLED.fullmatch(stated.rest) if stated.verb in BE else None
    if found is None:
        return None
    return question("what", stated.verb, stated.subject, "called", found["how"] or "")


def _calls(stated: Statement, people: People) -> str | None:
    """As "What did Ola Nowak call the bridge?"."""
    found = _CALLS.match(stated.rest) if stated.base == "call" else None
    return None if found is None else stated.asking("what", found["whom"])


def _describes(stated: Statement, people: People) -> str | None:
    """As "How does Ola Nowak describe the bridge?"."""
    found = _AS.match(stated.rest) if stated.base == "describe" else None
    return None if found is None else stated.asking("how", found["what"])


def _who_did(stated: Statement, people: People) -> str | None:
    """As "Who vetoed the SAFE law?"."""
    if stated.verb not in BASE_OF_PAST or stated.base not in DOING or _refers(stated.rest):
        return None
    if not (people.is_one(stated.subject) or is_body(stated.subject)):
        return None
    return question("who", stated.verb, stated.rest) if len(stated.rest.split()) > 1 else None


def _by_whom(stated: Statement, people: People) -> str | None:
    """As "Who represented France in Krakow?" of "France was represented in Krakow by Catherine Vautrin"."""
    participle, _, rest = stated.rest.partition(" ")
    past = PAST_OF_PARTICIPLE.get(participle)
    if stated.verb not in {"was", "were"} or past is None:
        return None
    before, by, agent = f" {rest}".partition(" by ")
    end = re.search(r" (?:in|on|at|during|after|before) ", agent)
    doer, after = (agent, "") if end is None else (agent[: end.start()], agent[end.start() :])
    if not by or not (people.any_in(doer) or is_body(doer)) or _refers(before + after):
        return None
    return question("who", past, stated.subject, before, after)


def _how_many(stated: Statement, people: People) -> str | None:
    """As "How many cranes did the port of Gdynia buy?"."""
    counted = [each for each in amounts(stated.rest) if each.unit == Unit.COUNT and each.counted]
    if len(counted) != 1 or not counted[0].amount.is_integer() or stated.verb in AUXILIARIES - HAVE:
        return None
    span = counted[0].span
    things = _THINGS.fullmatch(stated.rest[span.end :].strip())
    if things is None or stated.rest[: span.start].strip() not in _ABOUT:
        return None
    if things["rest"] and things["rest"].split()[0] not in PREPOSITIONS:
        return None
    return stated.asking(f"how many {things['things']}", things["rest"])


def _how_much(stated: Statement, people: People) -> str | None:
    """As "How much was the fee?" and "How much does EDIP provide in EU grants?"."""
    sums = [each for each in amounts(stated.rest) if each.is_sum]
    if len(sums) != 1 or stated.rest[: sums[0].span.start].strip() not in _ABOUT:
        return None
    after = stated.rest[sums[0].span.end :].strip()
    if (after and after.split()[0] not in PREPOSITIONS) or (stated.verb not in BE and stated.base not in TAKING):
        return None
    return stated.asking("how much", after)


def _when(stated: Statement, people: People) -> str | None:
    """As "When was LEAP launched in Krakow?"."""
    found = dates(stated.rest)
    if len(found) != 1 or (found[0].year is None and found[0].month is None) or not _has_time(stated):
        return None
    before, after = stated.rest[: found[0].span.start], stated.rest[found[0].span.end :]
    led = _ON.search(before)
    if led is None or not _GOES_ON.match(after) or _UNTIL.search(before):
        return None
    rest = f"{before[: led.start()]} {after}".strip()
    return None if stated.verb in AUXILIARIES and not rest else stated.asking("when", rest)


def _where(stated: Statement, people: People) -> str | None:
    """As "Where did the leaders of the five countries meet?"."""
    deed = stated.rest.split(" ", 1)[0]
    happens = (
        BASE_OF_PAST.get(PAST_OF_PARTICIPLE.get(deed, "")) in HAPPENING
        if stated.verb in BE
        else stated.base in MEETING or (stated.base == "take" and deed == "place")
    )
    places = list(_AT.finditer(stated.rest))
    if not happens or not _has_time(stated) or len(places) != 1 or places[0]["place"].isupper():
        return None
    before, after = stated.rest[: places[0].start()], stated.rest[places[0].end() :]
    is_placed = _PLACED.search(before + after) is not None
    return stated.asking("where", f"{before} {after}".strip()) if _GOES_ON.match(after) and not is_placed else None


def _has_time(stated: Statement) -> bool:
    """Whether it tells of one thing that was done or happened, which has a time and a place of its own."""
    if stated.subject.startswith(("a ", "an ")) or dates(stated.subject) or stated.verb in REPORTING | HAVE:
        return False
    return stated.verb not in BE or not PAST_OF_PARTICIPLE.keys().isdisjoint(stated.rest.split()[:2])


def _why(stated: Statement, people: People) -> str | None:
    """As "Why did the talks fail?"."""
    reason = _BECAUSE.search(f" {stated.rest}")
    return None if reason is None else stated.asking("why", stated.rest[: max(reason.start() - 1, 0)])


def _tells_what(topic: str) -> bool:
    """Whether a topic is known by itself: it names something, or is a longer phrase."""
    first, *others = topic.split()
    if first in {"a", "an", "neither", "both", "every", "all", "some", "many", "any", "no", "each"}:
        return False
    return bool(others) and (bool(names(topic)) or len(others) > 2)


def _is_named(text: str) -> bool:
    named = names(text)
    return len(named) == 1 and named[0].span.end == len(text) and not text.startswith(("The ", "In ", "On ", "At "))


def _refers(text: str) -> bool:
    return not set(Clause(text).small).isdisjoint(OWNING)
