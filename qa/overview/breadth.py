"""Whether a question is too broad for one answer, told by its form: it asks for all that there is, maybe on a topic."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property

from index.terms import query_words, terms
from qa.conversation.clauses import ASKING, AUXILIARIES, PREPOSITIONS

DEEDS = frozenset(
    terms(
        "agree agreed agreement decide decided decision adopt adopted sign signed launch launched confirm confirmed"
        " announce announced commit committed commitment promise promised pledge pledged declare declared reaffirm"
    )
)
"""The terms for what those who meet do."""

_ANY_DEEDS = "what was agreed, decided, adopted, committed to and confirmed"

_LONGEST = 200
"""A question of more characters tells what it wants."""

_MOST_WORDS = 3
"""What names more than so many things asks for something in particular; a date counts as none."""

_MOST_WORDS_ALONE = 2
"""The same where nothing but a phrase was typed."""

_DATE = (
    r"(?:(?:\d{1,2} )?(?:January|February|March|April|May|June|July|August|September|October|November|December)"
    r"(?: \d{4})?|\d{4}(?:-\d\d)*)"
)
_WHERE = rf"(?: (?:in|at|during) (?P<topic>.+?)| there| then)?(?: on (?P<date>{_DATE}))?"
_OF_WHAT = rf"(?: (?:of|from|in|at) (?P<topic>.+?)| there| then)?(?: on (?P<date>{_DATE}))?"
_ABOUT = r"(?: (?:of|on|about|from|for) (?P<topic>.+))?"
_ALL = r"(?: (?:all|actually|really|finally|exactly|jointly|together|so far))*"
_DONE = (
    r"(?:agreed|decided|adopted|settled|concluded|achieved|promised|announced|discussed|debated|said|planned|confirmed)"
)
_DO = r"(?:agree|decide|adopt|settle|conclude|achieve|promise|announce|discuss|debate|say|plan|confirm|commit)"
_PARTIES = (
    r"(?:they|the (?:five|E5)|(?:all )?(?:the )?(?:(?:[a-z]+|[A-Z]*\d+|[A-Z]{2,5}) ){0,3}(?:ministers|countries|states"
    r"|parties|sides|participants|delegat(?:es|ions)|leaders|governments|nations|members|partners|allies|signatories))"
)
"""All who took part; one of them has a name, which no word here may be."""

_PAPERS = (
    r"(?:statement|declaration|document|text|report|agreement|communiqu[eé]|letter|brief|article|source|treaty|deal|paper"
    r"|announcement|release|file)s?|minutes|library"
)
_THE_PAPER = rf"(?P<topic>(?:(?:the|this|these|those|your|our|all) )?(?:[\w-]+ ){{0,3}}(?:{_PAPERS}))"
_SOURCES = r"(?:(?:the|these|those|your|our|all) )*(?:sources|documents|articles|reports|briefs|texts|files|library)"
_OVERVIEW = (
    r"(?:(?:an?|the|some|your) )?(?:[a-z]+ )?(?:overview|summary|synopsis|outline|rundown|recap|digest|gist"
    r"|introduction|picture)"
)
_MAIN = r"(?:main|key|most important|central|essential|major|principal|chief|big|biggest|core|overall)"
_POINTS = (
    r"(?:points?|facts?|results?|outcomes?|takeaways?|messages?|findings?|conclusions?|highlights?|developments?|news)"
)
_MUCH = r"(?:something|everything|anything|all|more|a bit|a little)(?: (?:more|there is))?"

_OF_DEEDS = (
    rf"what (?:(?:was|were|is|has been|have been|had been|got){_ALL} {_DONE}{_ALL}"
    rf"|(?:was|has been) (?:talked|spoken) about){_WHERE}",
    rf"what (?-i:(?:did|have|had|do) {_PARTIES}){_ALL} {_DO}(?:t?ed|d)?{_ALL}"
    rf"(?: (?:themselves )?(?:on|upon|to|about))?{_ALL}{_WHERE}",
    rf"what (?:(?:all )?happened|has happened|went on|is going on|took place|is new|came out){_ALL}{_WHERE}",
    r"what (?:came|has come|resulted) (?:out )?(?:of|from) (?P<topic>.+)",
    rf"(?:what (?:is|are|was|were) )?(?:the )?{_MAIN} {_POINTS}{_OF_WHAT}",
    rf"what (?:is|are|was|were) (?:the )?(?:results?|outcomes?|takeaways?|highlights?|upshot|gist){_OF_WHAT}",
)
_OF_A_TOPIC = (
    rf"what (?:is|stands) in {_THE_PAPER}",
    rf"what (?:does|do|did) {_THE_PAPER}{_ALL} (?:say|contain|cover|include|state|provide|deal with|lay down|set out)",
    rf"what (?:is|are|was|were) {_THE_PAPER}{_ALL} (?:all )?about",
    rf"what (?:does|do) {_SOURCES} (?:say|tell(?: me| us)?|have|contain) (?:about|on|of) (?P<topic>.+)",
    rf"(?:(?:give|show|get|write|make|provide)(?: (?:me|us))? |i (?:need|want|would like) )?{_OVERVIEW}{_ABOUT}",
    r"(?:summari[sz]e|sum up|outline|recap|recapitulate|describe)(?: (?P<topic>.+))?",
    rf"tell (?:me|us) (?:{_MUCH} )?(?:about|of) (?P<topic>.+)",
    rf"(?:{_MUCH}|information|background|facts) (?:about|on) (?P<topic>.+)",
    r"what (?:do|can|could) you (?:know|tell (?:me|us)|say) (?:about|on) (?P<topic>.+)",
    r"what (?:do|should|must) (?:i|we) (?:need to |have to )?know(?: about (?P<topic>.+))?",
    r"what is (?:already )?known (?:about|of) (?P<topic>.+)",
    rf"i (?:would like|want|wish) to (?:know|learn|hear|read)(?: {_MUCH})? about (?P<topic>.+)",
    r"(?:(?:bring|get) (?:me|us) up to (?:speed|date)|catch (?:me|us) up)(?: (?:on|about|with) (?P<topic>.+))?",
)
_FORMS = [
    (re.compile(form, re.IGNORECASE), asks_for_deeds)
    for forms, asks_for_deeds in ((_OF_DEEDS, True), (_OF_A_TOPIC, False))
    for form in forms
]
_TELLS = re.compile(r"(?:tell|explain to) (?:me|us) (?P<asked>what .+)", re.IGNORECASE)
_PHRASE = re.compile(r"(?:the |a |an )?[^\W_][\w-]*(?: [\w-]+){0,3}")
_CLAUSE = re.compile(r"(?:who|whom|whose|what|which|when|where|why|how|whether|if|that)\b", re.IGNORECASE)
_OWNED = re.compile(r"\w['’]s?\b")

_BEFORE = re.compile(
    r"(?:(?:please|hi|hello|hey|ok|okay|so|well|now|and|then|just|briefly)\b[ ,!]*"
    r"|(?:can|could|would|will) you (?:(?:please|just|briefly) )?)+",
    re.IGNORECASE,
)
_AFTER = re.compile(
    r"[ ,]*(?:(?:please|briefly|in short|in brief|in a few words|thanks|thank you)[ ,]*)*[ ?.!…]*$", re.I
)
_SHORTENED = ((re.compile(r"^(what)['’]?s\b", re.I), r"\1 is"), (re.compile(r"^(i)['’]d\b", re.I), r"\1 would"))

_ONE_THING = frozenset(
    terms(
        "date day time year deadline cost price budget sum amount number share percentage size length age name title"
        " address place venue location colour color capital population meaning definition reason cause difference"
        " reaction vote members minister president secretary spokesman spokeswoman spokesperson representative chief"
        " head leader chair chairman host delegate ambassador commander author owner first second third last next"
        " latest earliest cheapest"
    )
)
"""Who names one of these asks for it alone."""

_VAGUE = frozenset(
    terms(
        "meeting talks agreement event discussion negotiation conference thing matter topic subject source document"
        " article text report brief library file these those this all what happened me you your our against about with"
        " over between"
    )
)
"""Words that narrow nothing: they stand for whatever the sources are about."""

_OPENING = frozenset("only just not no also yes".split())
"""What goes on from something before it begins so, and no phrase that stands by itself."""


@dataclass(frozen=True)
class Broad:
    """A question for all that the sources have, or all that they have on a topic.

    ``topic`` is as it was typed, "" where any will do; ``asks_for_deeds`` tells that it asks what was agreed or done.
    """

    topic: str
    asks_for_deeds: bool

    @property
    def query(self) -> str:
        """What is searched for."""
        return f"{_ANY_DEEDS} {self.topic}".strip() if self.asks_for_deeds else self.topic

    @cached_property
    def words(self) -> tuple[tuple[str, ...], ...]:
        """What a passage on the topic holds, each as the terms it may stand as."""
        return tuple(_telling(self.topic))


def breadth(question: str) -> Broad | None:
    """What a question is about that is too broad by its form; None where it asks for something in particular."""
    asked = " ".join(question.split())
    if len(asked) > _LONGEST:
        return None
    asked = _AFTER.sub("", asked)
    opening = _BEFORE.match(asked)
    asked = asked if opening is None else asked[opening.end() :]
    for shortened, full in _SHORTENED:
        asked = shortened.sub(full, asked)
    for form, asks_for_deeds in _FORMS:
        if found := form.fullmatch(asked):
            said = found.groupdict()
            return _of_topic(said.get("topic") or "", said.get("date") or "", _MOST_WORDS, asks_for_deeds)
    if told := _TELLS.fullmatch(asked):
        return breadth(told["asked"])
    return _of_topic(asked, "", _MOST_WORDS_ALONE, False) if _is_phrase(asked) else None


def _of_topic(topic: str, date: str, most_words: int, asks_for_deeds: bool) -> Broad | None:
    """The question on a topic; None where that is narrow."""
    if _CLAUSE.match(topic):
        return breadth(topic)
    telling = _telling(topic)
    if len(telling) > most_words or not _ONE_THING.isdisjoint(terms(topic)) or _OWNED.search(topic):
        return None
    return Broad(" ".join(filter(None, (topic, date))), asks_for_deeds or not telling)


def _is_phrase(text: str) -> bool:
    """Whether nothing but a thing is named."""
    words = text.lower().split()
    is_one = _PHRASE.fullmatch(text) is not None and words[0] not in PREPOSITIONS | _OPENING
    return is_one and _telling(text) != [] and (AUXILIARIES | ASKING).isdisjoint(words)


def _telling(topic: str) -> list[tuple[str, ...]]:
    return [word for word in query_words(topic) if word[0] not in _VAGUE]
